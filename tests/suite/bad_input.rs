//! What bad input gets: a clear error, the documented exit code, and nothing lost.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Fixture, Ran, Store, for_each_store};

for_each_store! {
    reading_a_database_that_is_not_there_yet,
    an_irreversible_one_is_refused_before_anything_is_undone,
    a_body_that_fails_half_way,
    the_error_points_at_the_line_of_the_module,
    a_body_that_panics,
    another_tools_ledger_is_left_alone,
    a_name_that_does_not_exist,
    fresh_needs_an_environment_that_somebody_named,
    a_signal_ends_the_running_migration_and_nothing_follows,
    a_second_signal_ends_at_once;
    real: what_was_applied_was_edited_deleted_or_overtaken, a_weaker_environment_leaves_the_ledger_alone;
    // There is no lock but the lease, and no way to write but that of a role.
    sql: a_database_that_can_only_be_read, a_database_that_another_process_keeps_locked;
    // There are no transactions.
    sql: a_body_that_leaves_its_transaction, a_transaction_inside_a_body_is_a_savepoint,
        the_error_points_at_the_line_of_a_body,
}

#[test]
fn urls_that_make_no_sense() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    let directory = format!("sqlite://{}", fixture.directory.path().display());
    for (url, code, message) in [
        ("sqllite:///tmp/never.db", 2, "did you mean `sqlite:`?"),
        ("frobnicate://x", 2, "unknown scheme `frobnicate`"),
        ("never.db", 2, "it has no scheme"),
        ("sqlite:never/there.db", 1, "its directory does not exist"),
        (&directory, 1, "it is a directory"),
        ("sqlite:", 2, "it names no file"),
        ("sqlite:x.db?mode=wo", 2, "unknown parameter"),
    ] {
        let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("DATABASE_URL", url);
        fixture.run(&["migrate"]).exits(code).says("error: ").says("hint: ").says(message);
        assert_eq!(
            std::fs::read_dir(fixture.directory.path()).unwrap().count(),
            0,
            "{url} created something"
        );
    }
}

#[test]
fn production_without_a_url() {
    let fixture =
        Fixture::new("tables").var("VERSIONS", "m1_a").var("DATABASE_URL", "").var("ENV", "production");
    fixture.run(&["migrate", "--yes"]).exits(2).says("DATABASE_URL is not set");
    assert_eq!(std::fs::read_dir(fixture.directory.path()).unwrap().count(), 0);
}

#[test]
fn a_shipped_program_without_a_url_makes_no_dev_db() {
    // Not in a workspace: nobody said that this is development.
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("DATABASE_URL", "").var("ENV", "");
    fixture.run(&["migrate"]).exits(2).says("DATABASE_URL is not set");
    assert_eq!(std::fs::read_dir(fixture.directory.path()).unwrap().count(), 0);
}

#[test]
fn a_misspelt_environment() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("ENV", "prodution");
    fixture.run(&["migrate"]).exits(2).says("did you mean `ENV=production`?");
    fixture.run(&["migrate", "--env", "developmnt"]).exits(2).says("did you mean `ENV=development`?");
}

#[test]
fn a_file_that_is_no_database() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    let text =
        "this is a letter, not a database; it is long enough to have a header of its own, and more than that"
            .repeat(3);
    std::fs::write(fixture.path("x.db"), &text).unwrap();
    for command in ["migrate", "status", "rollback"] {
        fixture.run(&[command]).exits(1).says("it is not an SQLite database");
    }
    assert_eq!(std::fs::read_to_string(fixture.path("x.db")).unwrap(), text);
}

fn a_database_that_can_only_be_read(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b");
    let read_only = fixture.home.read_only();
    fixture.set("DATABASE_URL", &read_only);
    fixture.run(&["migrate"]).exits(1).says("the database is read-only");
    fixture.run(&["status"]).exits(0).says("applied");
}

fn a_database_that_another_process_keeps_locked(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b");
    let mut other = fixture.database();
    other.execute(store.either("BEGIN EXCLUSIVE", "BEGIN; UPDATE schema_migrations_lease SET fence = fence"));
    fixture
        .run(&["migrate", "--wait-for-lock", "300ms"])
        .exits(4)
        .says("is locked by")
        .says("--wait-for-lock");
    other.execute("ROLLBACK");
    fixture.run(&["migrate"]).exits(0);
}

fn reading_a_database_that_is_not_there_yet(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    for (args, code) in [
        (&["status"][..], 0),
        (&["status", "--check"], 3),
        (&["plan"], 0),
        (&["verify"], 0),
        (&["history"], 0),
        (&["lock"], 0),
        (&["lock", "--release", "--yes"], 0),
        (&["rollback"], 0),
        (&["migrate", "--to", "m9_typo"], 2),
        (&["migrate", "--dry-run"], 0),
    ] {
        fixture.run(args).exits(code);
        assert!(fixture.home.is_untouched(), "{args:?} wrote something");
    }
}

fn what_was_applied_was_edited_deleted_or_overtaken(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m3_c");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    for (versions, environment, code, message) in [
        ("m1_a*,m3_c", "development", 5, "m1_a changed after it was applied"),
        ("m3_c", "development", 5, "m1_a is applied in store main, but not in the list"),
        ("m1_a,m2_b,m3_c", "production", 5, "m2_b stands before m3_c"),
        ("m1_a", "production", 5, "is newer than this program"),
        ("m1_a", "test", 0, "warning: the database of store main is newer than this program"),
    ] {
        fixture.set("VERSIONS", versions);
        fixture.set("ENV", environment);
        fixture.run(&["migrate", "--yes"]).exits(code).says(message);
        assert_eq!(fixture.database().dump(), before);
    }
    fixture.set("VERSIONS", "m1_a,m2_b,m3_c");
    fixture.set("ENV", "development");
    fixture.run(&["migrate"]).exits(0).says("warning: m2_b stands before m3_c");
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m3_c").var("ENV", "production");
    fixture.run(&["migrate", "--yes"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b,m3_c");
    fixture.run(&["migrate", "--yes", "--allow-out-of-order"]).exits(0);
}

fn an_irreversible_one_is_refused_before_anything_is_undone(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a!,m2_b");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    fixture.run(&["rollback"]).exits(5).says("m1_a cannot be rolled back: the data is gone");
    assert_eq!(fixture.database().dump(), before);
}

fn a_body_that_fails_half_way(store: Store) {
    let bad = store.in_sql_or_cql("INSERT INTO nowhere VALUES (1)", "INSERT INTO nowhere (id) VALUES (1)");
    let fixture = store.fixture("bad").var("BAD", bad);
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("error: migration m2_bad failed in store main")
        .says("--> fixture/m2_bad.rs")
        .says(&format!("| {bad}"))
        // Where it is, Cassandra does not say.
        .says(store.in_sql_or_cql("            ^", ""))
        .says(store.each(
            "caused by: no such table: nowhere",
            "caused by: relation \"nowhere\" does not exist",
            "caused by: table nowhere does not exist",
        ))
        .says("1 migration applied before stay applied")
        .says(store.whole_or_in_steps("hint: everything of it was undone", "hint: its finished steps stay"));
    let mut database = fixture.database();
    assert_eq!(database.batches(), ["m1_good@1"]);
    assert_eq!(database.has("half"), !store.has_transactions());
    assert_eq!(database.history(), ["m1_good applied", "m2_bad failed"]);
}

fn the_error_points_at_the_line_of_the_module(store: Store) {
    // The example's third migration cannot make its table: it is there already.
    let fixture = store.fixture("example");
    fixture.run(&["migrate", "--step", "2"]).exits(0);
    fixture.database().execute("CREATE TABLE user_preferences (id INT PRIMARY KEY)");
    let source = include_str!("../../migrations/main/m0003_create_user_preferences.rs");
    let line = 1 + source.lines().position(|line| line.contains("schema.create_table(")).unwrap();
    fixture
        .run(&["migrate"])
        .exits(1)
        .says(&store.whole_or_in_steps(
            format!("--> migrations/main/m0003_create_user_preferences.rs:{line}"),
            "--> fixture/m0003_create_user_preferences.sql:1".to_owned(),
        ))
        .says(store.whole_or_in_steps(
            "caused by: there is a table user_preferences already",
            store.in_sql_or_cql(
                "caused by: relation \"user_preferences\" already exists",
                "caused by: Cannot add already existing table \"user_preferences\"",
            ),
        ));
}

fn the_error_points_at_the_line_of_a_body(store: Store) {
    let fixture = store.fixture("example");
    fixture.run(&["migrate", "--to", "m0005_add_video_slug"]).exits(0);
    fixture.database().execute("ALTER TABLE videos RENAME COLUMN title TO name");
    let source = include_str!("../../migrations/main/m0006_fill_video_slug.rs");
    let line = 1 + source.lines().position(|line| line.contains(".load(conn)?")).unwrap();
    fixture
        .run(&["migrate"])
        .exits(1)
        .says(&format!("--> migrations/main/m0006_fill_video_slug.rs:{line}"))
        .says("videos.title");
}

fn a_body_that_panics(store: Store) {
    for (bad, message) in
        [("panic", "the body panicked: boom 7"), ("panic in transaction", "the body panicked: deep")]
    {
        if bad == "panic in transaction" && !store.has_transactions() {
            continue;
        }
        let mut fixture = store.fixture("bad").var("BAD", bad);
        fixture.run(&["migrate"]).exits(1).says(message);
        assert_eq!(fixture.database().has("half"), !store.has_transactions(), "{bad}");
        assert_eq!(fixture.database().history(), ["m1_good applied", "m2_bad failed"], "{bad}");
        fixture.set("BAD", "");
        fixture.run(&["migrate"]).exits(0);
    }
}

fn a_body_that_leaves_its_transaction(store: Store) {
    for bad in ["commit", "commit; begin", "rollback", "rollback; begin"] {
        let fixture = store.fixture("bad").var("BAD", bad);
        fixture
            .run(&["migrate"])
            .exits(1)
            .says("the body ended its own transaction")
            .says("take COMMIT, ROLLBACK and BEGIN out");
        assert_eq!(fixture.database().batches(), ["m1_good@1"], "{bad}");
        assert_eq!(fixture.database().history(), ["m1_good applied", "m2_bad failed"], "{bad}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

fn a_transaction_inside_a_body_is_a_savepoint(store: Store) {
    let fixture = store.fixture("bad").var("BAD", "nested");
    fixture.run(&["migrate"]).exits(0);
    assert!(fixture.database().has("nested"));
}

#[test]
fn foreign_keys_are_checked_where_they_were_off() {
    let fixture = Fixture::new("steps");
    fixture.run(&["migrate", "--to", "m2_steps"]).exits(0);
    fixture.database().execute("PRAGMA foreign_keys = OFF; DELETE FROM items WHERE id = 3");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("foreign keys do not hold: a row of parts refers to a missing one of items");
    let mut database = fixture.database();
    assert_eq!(database.batches().len(), 2);
    assert!(!database.has("items_new"));
    database.execute("DELETE FROM parts WHERE id = 3");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(
        database.number("SELECT count(*) AS number FROM parts"),
        9,
        "dropping the old table deleted no parts"
    );
}

#[test]
fn a_disk_that_is_full() {
    let mut fixture = Fixture::new("bad").var("BAD", "full");
    fixture.run(&["migrate"]).exits(1).says("database or disk is full");
    let mut database = fixture.database();
    assert_eq!(database.batches(), ["m1_good@1"], "the ledger is readable");
    assert!(!database.has("half"));
    drop(database);
    fixture.set("BAD", "");
    fixture.run(&["migrate"]).exits(0);
}

fn another_tools_ledger_is_left_alone(store: Store) {
    for (columns, tool) in [
        ("version BIGINT PRIMARY KEY, dirty BOOLEAN", "golang-migrate"),
        ("version TEXT PRIMARY KEY", "Rails"),
        ("id INT PRIMARY KEY, migration TEXT, batch INT", "Laravel"),
        ("id INT PRIMARY KEY, migration_name TEXT", "a migration script"),
    ] {
        if store == Store::Cassandra && ["Rails", "Laravel"].contains(&tool) {
            continue;
        }
        let fixture = store.fixture("tables").var("VERSIONS", "m1_a");
        fixture.database().execute(&format!("CREATE TABLE schema_migrations ({columns})"));
        let before = fixture.database().columns("schema_migrations");
        for command in ["migrate", "status", "rollback", "plan"] {
            fixture.run(&[command]).exits(5).says(tool).says("hint: ");
        }
        let mut database = fixture.database();
        assert_eq!(database.columns("schema_migrations"), before);
        assert!(database.schema().is_empty() && !database.has("schema_migrations_journal"));
    }
}

fn a_name_that_does_not_exist(store: Store) {
    let fixture = store.fixture("example");
    fixture
        .run(&["migrate", "--to", "m0009_create_videos"])
        .exits(2)
        .says("did you mean `m0002_create_videos`?");
    fixture.run(&["rollback", "--batch", "7"]).exits(2).says("nothing is applied in batch 7");
    fixture.run(&["rollback", "--to", "1", "--all"]).exits(2);
    fixture.run(&["rollback", "--step", "0"]).exits(2);
}

fn a_weaker_environment_leaves_the_ledger_alone(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("ENV", "production");
    fixture.run(&["migrate"]).exits(5).says("nobody is there to confirm it").says("--yes");
    assert!(fixture.home.is_untouched());
    fixture.run(&["migrate", "--yes"]).exits(0);
    for environment in ["development", "test", ""] {
        fixture.set("ENV", environment);
        fixture.run(&["rollback"]).exits(5).says("belongs to production");
        fixture.run(&["fresh"]).exits(5);
        fixture.run(&["status"]).exits(0).says("applied");
    }
    fixture.set("ENV", "production");
    fixture.run(&["fresh", "--yes"]).exits(5).says("is not done in production");
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);
    // Used once in a stronger one, it belongs there.
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("ENV", "staging");
    fixture.run(&["redo", "--yes"]).exits(0);
    fixture.set("ENV", "development");
    fixture.run(&["redo"]).exits(5).says("belongs to staging");
}

fn fresh_needs_an_environment_that_somebody_named(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("ENV", "");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["fresh"]).exits(5).says("nobody said that this is development");
}

/// Stops the program in the middle of a transaction and reads how it ended.
fn stopped_by(signal: rustix::process::Signal, fixture: &Fixture) -> Ran {
    let mut child = fixture.start(&["migrate"]);
    fixture.reached();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, signal).unwrap();
    // Between its statements: the next one is not sent.
    std::thread::sleep(std::time::Duration::from_millis(50));
    fixture.go();
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ran { code: child.wait().unwrap().code(), stdout, stderr }
}

fn a_signal_ends_the_running_migration_and_nothing_follows(store: Store) {
    for (signal, code) in [(rustix::process::Signal::INT, 130), (rustix::process::Signal::TERM, 143)] {
        let fixture = store.fixture("slow").meeting();
        stopped_by(signal, &fixture)
            .exits(code)
            .says("stopped by a signal")
            .says("1 migration applied before stay applied");
        let mut database = fixture.database();
        assert_eq!(database.batches(), ["m1_good@1"]);
        assert_eq!(database.has("slow"), !store.has_transactions());
        fixture.run(&["lock"]).exits(0).says("main: free");
        fixture.run(&["migrate"]).exits(0);
        assert_eq!(database.batches().len(), 3);
    }
}

fn a_second_signal_ends_at_once(store: Store) {
    let fixture = store.fixture("slow").meeting();
    let mut child =
        fixture.command(&["migrate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    fixture.reached();
    let pid = rustix::process::Pid::from_child(&child);
    for _ in 0..2 {
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    fixture.holder_is_gone();
    fixture.go();
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().batches().len(), 3);
}
