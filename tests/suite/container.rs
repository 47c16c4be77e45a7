//! In a container: the entry point of an image, and signals to the first of all processes.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Fixture, Ran, Store, for_each_store, wait_for};

for_each_store! {
    the_command_becomes_the_process,
    without_a_command_it_migrates_and_ends,
    where_it_does_not_migrate_nothing_starts;
    sql: a_signal_ends_the_running_migration_within_seconds,
}

const ENTRY_POINT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/docker-entrypoint.sh");

/// Who is sent the signal.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Process {
    /// One of many.
    Any,
    /// The first one, as in a container: it has no default action, and nobody beside it.
    First,
}

const EACH: [Process; 2] = [Process::Any, Process::First];

/// What makes a process the first one; `None` where the system does not let us, which is said.
fn namespace() -> Option<Vec<&'static str>> {
    const NEW: [&str; 4] = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    for with in [&[][..], &["--user", "--map-root-user"]] {
        let words = [&["unshare"], with, &NEW].concat();
        let tried = Command::new(words[0]).args(&words[1..]).arg("true").stderr(Stdio::null()).status();
        if tried.is_ok_and(|status| status.success()) {
            return Some(words);
        }
    }
    let is_needed = std::env::var("CI").is_ok_and(|ci| ci == "true") && rustix::process::getuid().is_root();
    assert!(!is_needed, "`unshare --pid` does not work, and the tests as process 1 need it");
    eprintln!("SKIPPED: signals to process 1 (`unshare` of util-linux, as root or with user namespaces)");
    None
}

struct Started {
    child: Child,
    pid: Pid,
}

/// A command with the fixture's environment, and the fixture as `migrate` on the PATH, as in an image.
fn start(fixture: &Fixture, process: Process, words: &[&str]) -> Option<Started> {
    let model = fixture.command(&[]);
    let bin = fixture.path("bin");
    fs::create_dir_all(&bin).unwrap();
    if !bin.join("migrate").exists() {
        symlink(model.get_program(), bin.join("migrate")).unwrap();
    }
    let mut all = match process {
        Process::Any => Vec::new(),
        Process::First => namespace()?,
    };
    all.extend(words);
    let mut path = OsString::from(&bin);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    // Found by its own PATH, not by that of the tests.
    let mut command = Command::new("env");
    command.args(&all).current_dir(fixture.directory.path()).stdin(Stdio::null());
    for (name, value) in model.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("PATH", path).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let pid = match process {
        Process::Any => Pid::from_child(&child),
        Process::First => only_child(child.id()),
    };
    Some(Started { child, pid })
}

/// The process behind `unshare`.
fn only_child(of: u32) -> Pid {
    let began = Instant::now();
    loop {
        let children = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
        if let Some(pid) = children.split_whitespace().next().and_then(|pid| pid.parse().ok()) {
            return Pid::from_raw(pid).expect("a process");
        }
        assert!(began.elapsed() < Duration::from_secs(60), "unshare has started nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Started {
    fn ends(self) -> Ran {
        Ran::of(self.child.wait_with_output().expect("its output"))
    }

    /// With SIGTERM, before Docker would kill it.
    #[track_caller]
    fn ends_by_sigterm(self) -> Ran {
        let began = Instant::now();
        kill_process(self.pid, Signal::TERM).unwrap();
        let ran = self.ends();
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}: {ran:#?}", began.elapsed());
        ran.exits(143)
    }
}

fn run(fixture: &Fixture, words: &[&str]) -> Ran {
    start(fixture, Process::Any, words).expect("it needs nothing").ends()
}

fn the_command_becomes_the_process(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users");
    let command = "echo I am $$; exit 7";
    let started = start(&fixture, Process::Any, &[ENTRY_POINT, "sh", "-c", command]).unwrap();
    let said = format!("I am {}\n", started.child.id());
    let ran = started.ends().exits(7).says("applied     m1_users").says(&said);
    assert!(ran.stdout.ends_with(&said), "{ran:#?}");
    assert_eq!(fixture.database().batches(), ["m1_users@1"]);
}

fn without_a_command_it_migrates_and_ends(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users");
    run(&fixture, &[ENTRY_POINT]).exits(0).says("store main is ready").says("applied     m1_users");
    run(&fixture, &[ENTRY_POINT]).exits(0).says_nothing_of("applied     m1_users");
    assert_eq!(fixture.database().batches(), ["m1_users@1"]);
}

fn where_it_does_not_migrate_nothing_starts(store: Store) {
    let start = [ENTRY_POINT, "sh", "-c", "echo started"];
    let broken = store.fixture("tables").var("VERSIONS", "m1_users,m2_broken");
    run(&broken, &start).exits(1).says("m2_broken").says_nothing_of("started");
    let newer = store.fixture("tables").var("VERSIONS", "m1_users,m2_posts");
    run(&newer, &start).exits(0).says("started");
    let older = newer.var("VERSIONS", "m1_users").var("UPDOWN_REFUSE_NEWER_DATABASE", "true");
    run(&older, &start).exits(5).says("newer than this program").says_nothing_of("started");
    let usage = older.var("WAIT_TIMEOUT", "soon");
    run(&usage, &start).exits(2).says_nothing_of("started");
}

/// A migration whose statement takes for ever, and what is around it.
fn endless(store: Store) -> Fixture {
    let endless = store.either(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT pg_sleep(600)",
    );
    store.fixture("bad").var("BAD", endless)
}

/// Whether the statement runs in the server.
const RUNS: &str = "SELECT count(*) AS number FROM pg_stat_activity \
     WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()";

fn a_signal_ends_the_running_migration_within_seconds(store: Store) {
    for process in EACH {
        for words in
            [&["migrate", "startup"][..], &["migrate", "migrate"], &[ENTRY_POINT, "sh", "-c", "echo started"]]
        {
            let fixture = endless(store);
            let Some(started) = start(&fixture, process, words) else { return };
            let began = Instant::now();
            let runs = |fixture: &Fixture| match store {
                // A file says nothing of that: it has begun, once the one before is applied.
                Store::Sqlite => {
                    !fixture.home.is_untouched()
                        && fixture.database().has("schema_migrations")
                        && fixture.database().batches() == ["m1_good@1"]
                }
                _ => fixture.database().number(RUNS) == 1,
            };
            while !runs(&fixture) {
                assert!(began.elapsed() < Duration::from_secs(60), "{words:?} did not begin");
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_millis(100));
            started.ends_by_sigterm().says("stopped by a signal").says_nothing_of("started");
            let mut database = fixture.database();
            assert_eq!(database.batches(), ["m1_good@1"], "{process:?} {words:?}");
            assert!(!database.has("half"), "{process:?} {words:?}");
            if store == Store::Postgres {
                assert_eq!(database.number(RUNS), 0, "{process:?} {words:?}");
            }
            // That a process of another namespace is gone cannot be seen: there its lock ends by itself.
            if store == Store::Postgres || process == Process::Any {
                fixture.run(&["lock"]).exits(0).says("main: free");
            }
        }
    }
}

#[test]
fn the_application_gets_the_signals() {
    for process in EACH {
        let fixture = Fixture::new("tables").var("VERSIONS", "m1_users");
        let application = "trap 'echo ended cleanly; exit 9' TERM; echo > up; while :; do sleep 0.05; done";
        let words = [ENTRY_POINT, "sh", "-c", application];
        let Some(started) = start(&fixture, process, &words) else { return };
        wait_for(&fixture.path("up"));
        kill_process(started.pid, Signal::TERM).unwrap();
        started.ends().exits(9).says("ended cleanly");
    }
}

#[cfg(feature = "postgres")]
mod unreachable {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn nothing_starts() {
        let fixture = Fixture::new("tables").var("DATABASE_URL", "postgres://127.0.0.1:1/app");
        let fixture = fixture.var("WAIT_TIMEOUT", "300ms");
        let ran = run(&fixture, &[ENTRY_POINT, "sh", "-c", "echo started"]).exits(1);
        ran.says("after 300 ms there is no login to store main").says_nothing_of("started");
    }

    #[test]
    fn a_signal_ends_the_wait_for_a_database() {
        for process in EACH {
            for words in
                [&["migrate", "wait"][..], &["migrate", "startup"], &[ENTRY_POINT, "echo", "started"]]
            {
                let fixture = Fixture::new("tables").var("DATABASE_URL", "postgres://127.0.0.1:1/app");
                let Some(mut started) = start(&fixture, process, words) else { return };
                // It listens, and tries again and again.
                let mut said = String::new();
                let mut lines = BufReader::new(started.child.stderr.take().unwrap());
                while !said.contains("waiting for store main") {
                    assert!(lines.read_line(&mut said).unwrap() > 0, "{words:?}: {said}");
                }
                started.ends_by_sigterm().says_nothing_of("started");
            }
        }
    }

    #[cfg(feature = "scylla")]
    #[test]
    fn a_signal_ends_the_wait_for_a_node_that_does_not_answer() {
        for process in EACH {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("scylla://{}/app", listener.local_addr().unwrap());
            let fixture = Fixture::new("tables").var("DATABASE_URL", &url);
            let Some(started) = start(&fixture, process, &["migrate", "startup"]) else { return };
            let (_kept, _) = listener.accept().unwrap();
            std::thread::sleep(Duration::from_millis(300));
            started.ends_by_sigterm();
        }
    }

    /// As behind a firewall, or a proxy whose server is gone.
    #[test]
    fn a_signal_ends_the_wait_for_one_that_does_not_answer() {
        for process in EACH {
            for words in [
                &["migrate", "wait"][..],
                &["migrate", "startup"],
                &["migrate", "migrate", "--yes"],
                &[ENTRY_POINT, "echo", "started"],
            ] {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let url = format!("postgres://{}/app?sslmode=disable", listener.local_addr().unwrap());
                let fixture = Fixture::new("tables").var("DATABASE_URL", &url).var("ENV", "uat");
                let fixture = fixture.var("FORCE_MIGRATION", "true");
                let Some(started) = start(&fixture, process, words) else { return };
                let (_kept, _) = listener.accept().unwrap();
                std::thread::sleep(Duration::from_millis(300));
                let began = Instant::now();
                if words[1] == "migrate" {
                    // What it plans is asked about before it listens: nothing has begun, and it just ends.
                    kill_process(started.pid, Signal::TERM).unwrap();
                    let code = started.ends().code;
                    assert_eq!(code, (process == Process::First).then_some(143));
                } else {
                    started.ends_by_sigterm().says_nothing_of("started");
                }
                assert!(began.elapsed() < Duration::from_secs(8), "{process:?} {words:?}");
            }
        }
    }

    /// A command that only reads has nothing to end, and no handler but the one of the first process.
    #[test]
    fn a_signal_ends_what_only_reads() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://{}/app?sslmode=disable", listener.local_addr().unwrap());
        let fixture = Fixture::new("tables").var("DATABASE_URL", &url);
        let Some(started) = start(&fixture, Process::First, &["migrate", "status"]) else { return };
        let (_kept, _) = listener.accept().unwrap();
        started.ends_by_sigterm();
    }
}
