//! A backup before a run: taken, read through, named, restored; and nothing is migrated without it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Fixture, Store, for_each_store, wait_for};

for_each_store!(
    a_command_takes_it,
    a_command_that_fails_stops_the_run,
    a_signal_ends_what_takes_it,
    the_history_keeps_where_each_batch_began;
    sql: nothing_to_do_needs_none,
);

/// What there is in the directory, hidden or not.
fn backups(fixture: &Fixture) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(fixture.path("backups"));
    entries.into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

fn only_backup(fixture: &Fixture) -> PathBuf {
    let found = backups(fixture);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn attempts(fixture: &Fixture) -> Vec<serde_json::Value> {
    let history = fixture.run(&["history", "--json"]).exits(0).json();
    history[0]["attempts"].as_array().expect("a list").clone()
}

#[test]
fn it_comes_first_and_is_named_and_restores_what_was_there() {
    for store in Store::with_programs() {
        let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b").var("ENV", "staging");
        fixture.run(&["migrate", "--yes"]).exits(0).says_nothing_of("backed up");
        fixture.database().execute("INSERT INTO a VALUES (7)");

        let ran = fixture.run(&["rollback", "--yes", "--backup"]).exits(0).says("backed up");
        let file = only_backup(&fixture);
        let name = file.file_name().expect("a name").to_str().expect("text").to_owned();
        assert!(name.starts_with("main-2"), "{name}");
        assert_eq!((mode(&file), mode(&fixture.path("backups"))), (0o600, 0o700));
        assert!(!fixture.database().has("a"));
        ran.says("the last backup of store main is of").says(&name);
        let attempts = attempts(&fixture);
        let backup = attempts.iter().find(|attempt| attempt["outcome"] == "backed_up").expect("a row");
        assert!(backup["detail"].as_str().expect("a place").ends_with(&name), "{backup}");
        fixture.run(&["history"]).exits(0).says("backed up").says(&name);

        // Another rollback, and a migration that fails, name it too.
        fixture.run(&["migrate", "--yes", "--step", "1"]).exits(0);
        fixture.run(&["plan", "--rollback"]).exits(0).says(&name);
        fixture.run(&["rollback", "--yes"]).exits(0).says(&name);
        fixture.set("VERSIONS", "m1_a,m2_broken");
        fixture.run(&["migrate", "--yes"]).exits(1).says("the last backup of store main").says(&name);
        let ran = fixture.run(&["migrate", "--yes", "--json"]).exits(1);
        let lines = ran.json_lines();
        let restore = lines.last().expect("a line")["report"]["backups"][0]["restore"].clone();
        let restore = restore.as_str().expect("a command").to_owned();
        fixture.run(&["migrate", "--yes"]).exits(1).says(&restore);

        let restored = Command::new("sh")
            .args(["-c", &restore])
            .env("DATABASE_URL", fixture.home.url())
            .output()
            .unwrap();
        assert!(restored.status.success(), "{restore}: {restored:?}");
        assert_eq!(fixture.database().lines("SELECT CAST(id AS TEXT) AS line FROM a"), ["7"]);
        assert_eq!(fixture.database().batches(), ["m1_a@1", "m2_b@1"]);
        fixture.set("VERSIONS", "m1_a,m2_b,m3_c");
        fixture.run(&["migrate", "--yes", "--wait-for-lock", "0s"]).exits(0).says("1 migration applied");
    }
}

fn nothing_to_do_needs_none(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("UPDOWN_BACKUP_COMMAND", "false");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["migrate", "--backup"]).exits(0).says("nothing to do");
    fixture.run(&["rollback", "--backup", "--dry-run"]).exits(2);
    assert!(backups(&fixture).is_empty());
}

#[test]
fn a_run_of_every_day_can_have_one_by_its_configuration() {
    let fixture = Fixture::new("tables")
        .var("VERSIONS", "m1_a,m2_b")
        .var("UPDOWN_BACKUP", "true")
        .var("SERVICE", "shop")
        .var("UPDOWN_BACKUP_DIR", "elsewhere/deep");
    for command in [&["migrate"][..], &["redo"], &["goto", "m1_a"], &["fresh"]] {
        fixture.run(command).exits(0).says("backed up");
    }
    let found: Vec<_> = std::fs::read_dir(fixture.path("elsewhere/deep")).unwrap().collect();
    assert_eq!(found.len(), 4, "{found:?}");
    let name = found[0].as_ref().unwrap().file_name();
    assert!(name.to_str().expect("text").starts_with("main-shop-2"), "{name:?}");
    fixture.run(&["status"]).exits(0);
    let fixture = fixture.var("UPDOWN_BACKUP", "perhaps");
    fixture.run(&["migrate"]).exits(2).says("write `true` or `false`");
}

fn a_command_takes_it(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var(
        "UPDOWN_BACKUP_COMMAND",
        "echo \"$UPDOWN_STORE $UPDOWN_ENVIRONMENT $DATABASE_URL\" > \"$UPDOWN_BACKUP_FILE\"",
    );
    fixture.run(&["migrate", "--backup"]).exits(0).says("backed up");
    let file = only_backup(&fixture);
    let text = std::fs::read_to_string(&file).expect("text");
    assert_eq!(text, format!("main development {}\n", fixture.home.url()));
    assert_eq!(mode(&file), 0o600);
    // One that has a place of its own.
    let mut fixture = fixture.var("UPDOWN_BACKUP_COMMAND", "true snapshot");
    fixture.set("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate", "--backup"]).exits(0).says("true snapshot");
    assert_eq!(backups(&fixture).len(), 1);
    fixture.set("VERSIONS", "m1_a,m2_b,m3_broken");
    fixture.set("UPDOWN_BACKUP", "false");
    fixture.run(&["migrate"]).exits(1).says("true snapshot").says("taken by a command of yours");
    assert_eq!(fixture.database().batches(), ["m1_a@1", "m2_b@2"]);
}

fn a_command_that_fails_stops_the_run(store: Store) {
    for (command, why) in [
        ("echo no room on the tape >&2; echo half > \"$UPDOWN_BACKUP_FILE\"; exit 3", "no room on the tape"),
        ("echo \"$UPDOWN_BACKUP_FILE\"; exit 3", "ended with exit code 3"),
        (": > \"$UPDOWN_BACKUP_FILE\"", "wrote nothing"),
        ("true \"$UPDOWN_BACKUP_FILE\"", "wrote nothing"),
        ("kill -9 $$", "was ended by a signal"),
    ] {
        let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("UPDOWN_BACKUP_COMMAND", command);
        let ran = fixture.run(&["migrate", "--backup"]).exits(1);
        ran.says(why).says("nothing was changed").says("hint: ");
        assert!(backups(&fixture).is_empty(), "{command}");
        assert!(fixture.database().schema().is_empty(), "{command}");
        fixture.run(&["lock"]).exits(0).says("main: free");
        let lines = fixture.run(&["migrate", "--backup", "--json"]).exits(1).json_lines();
        let last = lines.last().expect("a line");
        assert_eq!((&last["event"], &last["store"]), (&"error".into(), &"main".into()));
    }
}

fn a_signal_ends_what_takes_it(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var(
        "UPDOWN_BACKUP_COMMAND",
        "echo half > \"$UPDOWN_BACKUP_FILE\"; sleep 600 & echo $! > child.new; mv child.new child; wait",
    );
    let mut running = fixture.start(&["migrate", "--backup"]);
    wait_for(&fixture.path("child"));
    let child = std::fs::read_to_string(fixture.path("child")).expect("its number");
    let process = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it is ours");
    assert_eq!(running.wait().expect("it is ours").code(), Some(143));
    assert!(!PathBuf::from(format!("/proc/{}/exe", child.trim())).exists(), "its child went with it");
    assert!(backups(&fixture).is_empty());
    assert!(fixture.database().schema().is_empty());
}

fn the_history_keeps_where_each_batch_began(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b,m3_broken");
    fixture.run(&["migrate"]).exits(1);
    fixture.run(&["rollback"]).exits(0);
    let rows = attempts(&fixture);
    let begun: Vec<(String, bool, bool)> = rows
        .iter()
        .rev()
        .map(|row| {
            let before = &row["before"];
            (
                row["name"].as_str().expect("a name").to_owned(),
                before.is_object(),
                before["wal_position"].is_string(),
            )
        })
        .collect();
    let has_log = store == Store::Postgres;
    let first = |name: &str| (name.to_owned(), true, has_log);
    let other = |name: &str| (name.to_owned(), false, false);
    assert_eq!(begun, [first("m1_a"), other("m2_b"), first("m3_broken"), first("m2_b"), other("m1_a")]);
    for row in &rows {
        if let Some(at) = row["before"]["at"].as_str() {
            assert!(at <= row["at"].as_str().expect("a time"), "{row}");
        }
    }
    // The error of the one that failed is what it was.
    let failed = rows.iter().find(|row| row["outcome"] == "failed").expect("a row");
    assert!(!failed["detail"].as_str().expect("an error").contains("before this batch"), "{failed}");
    fixture.run(&["history"]).exits(0).says("before this batch: ");
}

/// CockroachDB and Cassandra have a way of their own.
#[cfg(feature = "postgres")]
#[test]
fn what_has_a_way_of_its_own_is_refused_before_anything_runs() {
    if !crate::support::postgres::is_there() {
        return;
    }
    let fixture = Store::Cockroach.fixture("tables").var("VERSIONS", "m1_a");
    let ran = fixture.run(&["migrate", "--backup"]).exits(5);
    ran.says("CockroachDB has a way of its own").says("BACKUP INTO").says("UPDOWN_BACKUP_COMMAND");
    assert!(fixture.home.is_untouched());
}

#[cfg(feature = "scylla")]
#[test]
fn a_snapshot_is_named_for_cassandra() {
    if !crate::support::cassandra::is_there() {
        return;
    }
    let fixture = Store::Cassandra.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate", "--backup"]).exits(5).says("nodetool snapshot");
    assert!(fixture.home.is_untouched());
}

#[cfg(feature = "postgres")]
mod pg_dump {
    use super::*;
    use crate::support::postgres::fixture_or_skip;
    use crate::support::{Ran, SECRET};

    /// With a `pg_dump` that is a script, before the others.
    fn with_stub(fixture: Fixture, script: &str) -> Fixture {
        let directory = fixture.path("stubs");
        std::fs::create_dir(&directory).expect("a directory");
        let stub = directory.join("pg_dump");
        std::fs::write(&stub, format!("#!/bin/sh\n{script}\n")).expect("a script");
        std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).expect("its rights");
        let path = std::env::var("PATH").expect("PATH");
        fixture.var("PATH", &format!("{}:{path}", directory.display())).var("REAL_PATH", &path)
    }

    fn nothing_happened(fixture: &Fixture, ran: Ran) {
        let ran = ran.exits(1);
        ran.says("nothing was changed").says("hint: ");
        assert_eq!(fixture.database().batches(), ["m1_a@1"]);
        assert!(backups(fixture).is_empty());
        fixture.run(&["lock"]).exits(0).says("main: free");
    }

    fn prepared() -> Option<Fixture> {
        let (mut fixture, mut database) = crate::support::postgres::fixture("tables")?;
        fixture.set("VERSIONS", "m1_a");
        fixture.run(&["migrate"]).exits(0);
        database.execute("INSERT INTO a SELECT * FROM generate_series(1, 100000)");
        fixture.set("VERSIONS", "m1_a,m2_b");
        Some(fixture)
    }

    #[test]
    fn one_that_is_not_there_or_fails_or_is_too_old_stops_the_run() {
        let Some(fixture) = prepared() else { return };
        let fixture = fixture.var("PATH", "/nonexistent");
        let ran = fixture
            .run(&["migrate", "--backup"])
            .says("`pg_dump` cannot be started")
            .says("postgresql-client");
        nothing_happened(&fixture, ran);
        for (script, said) in [
            (
                "echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1",
                "the server is newer than `pg_dump`",
            ),
            ("echo 'pg_dump: error: permission denied for table x' >&2; exit 1", "pg_read_all_data"),
            ("PATH=$REAL_PATH pg_dump \"$@\" | head -c 20000", "cannot be read"),
            ("PATH=$REAL_PATH pg_dump \"$@\" | head -c 3", "cannot be read"),
            ("true", "cannot be read"),
        ] {
            let fixture = with_stub(prepared().expect("it was there"), script);
            let ran = fixture.run(&["migrate", "--backup"]).says(said);
            nothing_happened(&fixture, ran);
        }
    }

    #[test]
    fn its_password_is_no_argument_and_is_not_repeated() {
        let (fixture, _database) = fixture_or_skip!("tables");
        let script = "printf '%s\\n' \"$@\" > arguments; echo \"$PGPASSWORD\" > password; \
                      echo \"pg_dump: error: no password $PGPASSWORD\" >&2; exit 1";
        let fixture = with_stub(fixture.var("VERSIONS", "m1_a"), script);
        // The tests' server trusts everybody.
        let (scheme, rest) = fixture.home.url().split_once("://").expect("a URL");
        let (user, host) = rest.split_once('@').unwrap_or(("postgres", rest));
        let user = user.split(':').next().expect("a user");
        let url = format!("{scheme}://{user}:{SECRET}%21@{host}");
        let fixture = fixture.var("DATABASE_URL", &url);
        fixture.run(&["migrate", "--backup"]).exits(1).says("no password ***");
        let read = |name: &str| std::fs::read_to_string(fixture.path(name)).expect("it was run");
        assert_eq!(read("password"), format!("{SECRET}!\n"));
        assert!(read("arguments").contains("--no-password") && !read("arguments").contains(SECRET));
    }

    #[test]
    fn a_role_that_may_not_see_the_log_migrates_without_its_position() {
        let (mut fixture, mut database) = fixture_or_skip!("tables");
        let role = format!("updown_blind_{}", std::process::id());
        database.execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}; \
             REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM PUBLIC"
        ));
        let url = fixture.home.url().to_owned();
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let host = rest.split_once('@').map_or(rest, |(_, host)| host);
        fixture.set("DATABASE_URL", &format!("{scheme}://{role}@{host}"));
        fixture.set("VERSIONS", "m1_a");
        fixture.run(&["migrate"]).exits(0);
        let rows = attempts(&fixture);
        database.execute(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
        assert!(rows[0]["before"].is_object() && rows[0]["before"]["wal_position"].is_null(), "{rows:?}");
    }
}

#[test]
fn no_store_is_changed_where_one_has_no_backup() {
    let fixture = Fixture::new("stores");
    let extra = fixture.another("extra");
    let mut fixture = fixture
        .var("EXTRA_URL", extra.url())
        .var("UPDOWN_BACKUP_COMMAND", "test $UPDOWN_STORE = main && echo x > \"$UPDOWN_BACKUP_FILE\"");
    fixture.run(&["migrate", "--backup"]).exits(1).says("the backup of store extra failed");
    assert!(fixture.database().schema().is_empty() && extra.database().schema().is_empty());
    // That of the other one is there, and is known.
    assert_eq!(backups(&fixture).len(), 1);
    fixture.run(&["history"]).exits(0).says("backed up");
    fixture.set("UPDOWN_BACKUP_COMMAND", "");
    fixture.run(&["migrate", "--backup"]).exits(0);
    assert_eq!(backups(&fixture).len(), 3);
    assert_eq!(fixture.database().batches(), ["m1_one@2", "m2_two@2"]);
}
