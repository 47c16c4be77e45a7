//! `examples/axum` as a process, over HTTP, on a real PostgreSQL: while it migrates, beside another one, and when the
//! database goes away and comes back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::Value;

use crate::support::postgres::{Cluster, Options, create_database, drop_database, fixture_or_skip, on};
use crate::support::{Ran, SECRET, full};

/// It is built once, beside what these tests are built of.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "axum-example", "--features", "postgres"]);
        if cfg!(feature = "bundled") {
            build.args(["--features", "updown/bundled"]);
        }
        let built = build
            .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
            .status()
            .expect("cargo runs");
        assert!(built.success());
        let deps = std::env::current_exe().expect("this test has a path");
        deps.parent().and_then(Path::parent).expect("target/debug/deps").join("axum-example")
    })
}

fn command(url: &str) -> Command {
    let mut command = Command::new(program());
    for name in ["FORCE_MIGRATION", "AUTO_MIGRATE", "RUST_LOG"] {
        command.env_remove(name);
    }
    // Nothing of this repository's own `.env`.
    command.current_dir(std::env::temp_dir()).stdin(Stdio::null());
    command.env("DATABASE_URL", url).env("ENV", "development").env("SERVICE", "videos-svc");
    command.env("LISTEN", "127.0.0.1:0");
    command
}

fn migrate_up(url: &str) -> Ran {
    Ran::of(command(url).arg("--migrate-up").output().expect("the example runs"))
}

/// A server that answers.
struct Server {
    child: Child,
    address: String,
    log: Receiver<String>,
}

impl Server {
    fn start(url: &str) -> Self {
        Self::told(url, &[])
    }

    fn told(url: &str, vars: &[(&str, &str)]) -> Self {
        let mut child =
            command(url).envs(vars.iter().copied()).stderr(Stdio::piped()).spawn().expect("the example runs");
        let stderr = BufReader::new(child.stderr.take().expect("its log"));
        let (line, log) = channel();
        std::thread::spawn(move || {
            for text in stderr.lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        let mut server = Self { child, address: String::new(), log };
        let listening = server.logged("listening");
        server.address = listening["address"].as_str().expect("an address").to_owned();
        server
    }

    /// Waits for the event with that message.
    #[track_caller]
    fn logged(&self, message: &str) -> Value {
        let mut before = Vec::new();
        while let Ok(line) = self.log.recv_timeout(Duration::from_secs(30)) {
            assert!(!line.contains(SECRET), "{line}");
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if event["message"].as_str().is_some_and(|text| text.contains(message)) {
                return event;
            }
            before.push(line);
        }
        panic!("{message:?} was never said: {before:#?}");
    }

    /// The status and the body of an answer.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers in time");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        (status, body.to_owned())
    }

    fn status(&self) -> Value {
        let (code, body) = self.get("/status");
        assert_eq!(code, 200, "{body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// Asks until it is ready, or is not; and returns the last body.
    #[track_caller]
    fn becomes(&self, code: u16, reason: &str) -> String {
        let began = Instant::now();
        loop {
            assert_eq!(
                self.get("/health/live"),
                (200, "live".to_owned()),
                "it lives, whatever becomes of the database"
            );
            let asked = Instant::now();
            let (status, body) = self.get("/health/ready");
            assert!(asked.elapsed() < Duration::from_secs(10), "{:?} for {body}", asked.elapsed());
            assert!(!body.contains(SECRET), "{body}");
            if status == code && body.contains(reason) {
                return body;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "still {status}: {body}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What a shell's `kill` does.
    fn terminate(mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it is ours");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps every index from being made until there is a row in `go`.
const HOLD: &str = "CREATE TABLE go (id INT);
CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  WHILE NOT EXISTS (SELECT 1 FROM public.go) LOOP PERFORM pg_sleep(0.02); END LOOP;
END $$;
CREATE EVENT TRIGGER hold ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION hold()";

#[test]
fn two_servers_are_ready_when_one_has_migrated() {
    let (fixture, _database) = fixture_or_skip!("empty");
    let url = fixture.get("DATABASE_URL");
    let mut hands = PgConnection::establish(&url).expect("the server answers");
    hands.batch_execute(HOLD).expect("a trigger");
    let (one, other) = (Server::start(&url), Server::start(&url));
    for server in [&one, &other] {
        let reason = server.becomes(503, "m0002_index_videos_by_title is pending");
        assert!(reason.contains("is at work since"), "{reason}");
    }
    let status = one.status();
    assert_eq!((&status["service"], &status["stores"][0]["pending"]), (&"videos-svc".into(), &1.into()));
    assert_eq!(status["stores"][0]["current"], "m0001_create_videos");
    assert!(status["stores"][0]["holder"]["by"].is_string(), "{status}");
    // A third one only migrates, and is told who does so.
    let mut third = command(&url).arg("--migrate-up").stderr(Stdio::piped()).spawn().expect("it runs");
    assert!(third.try_wait().expect("it is ours").is_none(), "it waits");
    hands.batch_execute("INSERT INTO go VALUES (1)").expect("a row");
    for server in [&one, &other] {
        assert_eq!(server.becomes(200, ""), "ready");
    }
    let third = Ran::of(third.wait_with_output().expect("it ends")).exits(0);
    third.says("Starting migration up for service: videos-svc");
    let status = other.status();
    assert_eq!((&status["stores"][0]["pending"], &status["stores"][0]["holder"]), (&0.into(), &Value::Null));
    let batches: Vec<_> = status["stores"][0]["migrations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|migration| &migration["batch_no"])
        .collect();
    assert_eq!(batches, [1, 1], "each was applied once");
    assert_eq!(one.terminate(), Some(0));
}

/// Five replicas on an empty database, again and again.
#[test]
fn five_replicas_start_at_once() {
    for _ in 0..if full() { 20 } else { 4 } {
        let Some(url) = create_database() else { return };
        let servers: Vec<Server> = (0..5).map(|_| Server::start(&url)).collect();
        for server in &servers {
            server.becomes(200, "ready");
        }
        let status = servers[0].status();
        assert_eq!(status["stores"][0]["pending"], 0, "{status}");
        let mut hands = PgConnection::establish(&url).expect("the server answers");
        let history = "SELECT FROM schema_migrations_history WHERE outcome = 'applied'";
        assert_eq!(hands.execute_returning_count(&diesel::sql_query(history)).expect("a history"), 2);
        for server in servers {
            assert_eq!(server.terminate(), Some(0));
        }
        drop(hands);
        drop_database(&url);
    }
}

#[test]
fn a_server_migrates_in_production_where_it_is_told_to() {
    let Some(url) = create_database() else { return };
    let server = Server::told(&url, &[("ENV", "production")]);
    server.logged("nothing is migrated; in production it takes FORCE_MIGRATION=true");
    server.becomes(503, "2 migrations are pending");
    assert_eq!(server.terminate(), Some(0));
    let server = Server::told(&url, &[("ENV", "production"), ("FORCE_MIGRATION", "true")]);
    server.becomes(200, "ready");
    assert_eq!(server.terminate(), Some(0));
    drop_database(&url);
}

#[test]
fn the_database_goes_away_and_comes_back() {
    let Some(mut cluster) = Cluster::start(&Options::default()) else { return };
    let (fixture, _database) = on(&cluster.url("{}"), "empty");
    let url = fixture.get("DATABASE_URL");
    // As people call it: `server --migrate-up && server`.
    migrate_up(&url).exits(0);
    let server = Server::start(&url);
    server.becomes(200, "ready");
    // Whoever starts while there is none says why it does not.
    server.logged("No pending migrations");
    cluster.crash();
    server.becomes(503, "cannot open");
    let (code, body) = server.get("/status");
    assert_eq!(code, 503, "{body}");
    migrate_up(&url).exits(1).says("cannot open");
    cluster.recover();
    server.becomes(200, "ready");
    assert_eq!(server.status()["stores"][0]["pending"], 0);
}

#[test]
fn its_log_is_json_with_what_is_known() {
    let Some(url) = create_database() else { return };
    let ran = migrate_up(&url).exits(0);
    let events: Vec<Value> = ran
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let messages: Vec<&str> = events.iter().filter_map(|event| event["message"].as_str()).collect();
    assert_eq!(
        messages,
        [
            "[videos-svc-migrations] Starting migration up for service: videos-svc",
            "[videos-svc-migrations] Found 2 pending migrations",
            "[videos-svc-migrations] Successfully applied migration m0001_create_videos",
            "[videos-svc-migrations] Successfully applied migration m0002_index_videos_by_title",
            "[videos-svc-migrations] All migrations completed successfully",
        ]
    );
    let applied = &events[2];
    for (field, value) in [
        ("target", "updown"),
        ("service", "videos-svc"),
        ("store", "main"),
        ("migration", "m0001_create_videos"),
        ("direction", "up"),
    ] {
        assert_eq!(applied[field], value, "{applied}");
    }
    assert_eq!(applied["batch"], 1);
    assert!(applied["duration_ms"].is_u64(), "{applied}");
    let spans: Vec<_> =
        applied["spans"].as_array().expect("spans").iter().map(|span| &span["name"]).collect();
    assert_eq!(spans, ["migration_run", "migration"]);
    assert_eq!(applied["spans"][0]["environment"], "development");
    assert_eq!(applied["spans"][1]["batch"], 1);
    drop_database(&url);
}
