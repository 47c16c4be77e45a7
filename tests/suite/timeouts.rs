//! A run, and a migration, that take longer than they may: ended in the database, too.

use std::time::{Duration, Instant};

#[cfg(feature = "postgres")]
use crate::support::postgres::fixture_or_skip;
use crate::support::{Fixture, Ran, Store};

crate::support::for_each_store! {
    a_body_that_waits_is_stopped_at_its_next_statement,
    waiting_for_the_lease_counts;
    sql: a_statement_that_takes_too_long,
}

/// More than a slow machine needs for the statements before.
const LIMIT: &str = "2s";
const BEHIND_IT: Duration = Duration::from_millis(2300);

/// Lets the body of `slow` go on when the limit has passed.
fn slowly(fixture: &Fixture, args: &[&str]) -> Ran {
    let child = fixture.start(args);
    fixture.reached();
    std::thread::sleep(BEHIND_IT);
    fixture.go();
    let ran = Ran::of(child.wait_with_output().unwrap());
    for file in ["reached", "go"] {
        std::fs::remove_file(fixture.path(file)).unwrap();
    }
    ran
}

fn a_body_that_waits_is_stopped_at_its_next_statement(store: Store) {
    let mut fixture = store.fixture("slow").meeting();
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    slowly(&fixture, &["migrate", "--migration-timeout", LIMIT])
        .exits(1)
        .says("migration m2_slow failed in store main")
        .says("it was stopped at its limit of 2s")
        .says(store.whole_or_in_steps("everything of it was undone", "its finished steps stay"))
        .says("give it more time with `--migration-timeout`");
    let mut database = fixture.database();
    assert_eq!(database.has("slow"), !store.has_transactions());
    assert_eq!(database.history(), ["m1_good applied", "m2_slow failed"]);
    fixture.run(&["history"]).exits(0).says("it was stopped at its limit of 2s");
    fixture.run(&["lock"]).exits(0).says("main: free");
    // By the environment, and of the whole run.
    fixture.set("UPDOWN_TIMEOUT", LIMIT);
    let lines = slowly(&fixture, &["migrate", "--json"]).exits(1).json_lines();
    let error = lines.last().unwrap();
    assert_eq!(error["migration"], "m2_slow");
    assert!(
        error["caused_by"].as_str().unwrap().contains("the run was stopped at its limit of 2s"),
        "{error}"
    );
    assert!(error["hint"].as_str().unwrap().contains("`--timeout` (UPDOWN_TIMEOUT)"), "{error}");
    fixture.set("UPDOWN_TIMEOUT", "");
    fixture.go();
    fixture
        .run(&["migrate", "--timeout", "1h", "--migration-timeout", "0"])
        .exits(0)
        .says("2 migrations applied");
}

fn waiting_for_the_lease_counts(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut database = fixture.database();
    database.hold_lease("another run");
    let began = Instant::now();
    fixture
        .run(&["migrate", "--timeout", "1s"])
        .exits(1)
        .says("the run was stopped at its limit of 1s, while it waited for store main, which is locked by another run")
        .says("give it more time with `--timeout`");
    assert!(began.elapsed() < Duration::from_secs(30), "it may wait for 60 s otherwise");
    database.free_lease();
    assert_eq!(database.batches(), ["m1_a@1"]);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
}

fn a_statement_that_takes_too_long(store: Store) {
    // SQLite cannot be told to stop in the middle of one; its end is waited for.
    let long = store.either(
        "INSERT INTO half WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT i FROM n",
        "SELECT pg_sleep(60)",
    );
    let mut fixture = store.fixture("bad").var("BAD", long);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let began = Instant::now();
    let ran = fixture.run(&["migrate", "--migration-timeout", "200ms"]).exits(1);
    assert!(began.elapsed() < Duration::from_secs(50), "{ran:#?}");
    let ran = ran.says("it was stopped at its limit of 200ms").says("everything of it was undone");
    if store == Store::Postgres {
        ran.says("canceling statement due to user request").says("SELECT pg_sleep(60)");
        let running = "SELECT count(*) AS number FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep%'";
        assert_eq!(fixture.database().number(running), 0, "it does not go on in the server");
    }
    assert!(!fixture.database().has("half"));
    assert_eq!(fixture.database().history(), ["m1_good applied", "m2_bad failed"]);
    // In a rehearsal, too, of which nothing is written.
    fixture
        .run(&["migrate", "--dry-run", "--timeout", "200ms"])
        .exits(1)
        .says("stopped at its limit of 200ms");
    assert_eq!(fixture.database().history().len(), 2);
    fixture.set("UPDOWN_MIGRATION_TIMEOUT", "200ms");
    fixture.run(&["migrate"]).exits(1).says("stopped at its limit of 200ms");
    fixture.set("UPDOWN_MIGRATION_TIMEOUT", "soon");
    fixture.run(&["migrate"]).exits(2).says("UPDOWN_MIGRATION_TIMEOUT=soon makes no sense");
    fixture.set("UPDOWN_MIGRATION_TIMEOUT", "");
    fixture.set("BAD", "");
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
}

#[cfg(feature = "postgres")]
#[test]
fn the_server_ends_the_transaction_of_a_body_that_does_something_else() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let fixture = fixture.meeting();
    let child = fixture.start(&["migrate", "--migration-timeout", LIMIT]);
    fixture.reached();
    let open = "SELECT count(*) AS number FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(database.number(open), 1);
    let began = Instant::now();
    while database.number(open) > 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "it keeps its locks");
        std::thread::sleep(Duration::from_millis(50));
    }
    fixture.go();
    Ran::of(child.wait_with_output().unwrap()).exits(1).says("it was stopped at its limit of 2s");
    assert_eq!(database.history(), ["m1_good applied", "m2_slow failed"]);
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
}

#[cfg(feature = "postgres")]
#[test]
fn steps_go_on_where_a_limit_stopped_them() {
    let (fixture, mut database) = fixture_or_skip!("pg chunks");
    let ran = fixture.run(&["migrate", "--timeout", "1500ms"]).exits(1);
    ran.says("the run was stopped at its limit of 1500ms").says("its finished steps stay");
    let done = database.number("SELECT count(*) AS number FROM good");
    assert!((1..8).contains(&done), "{done}");
    fixture.run(&["status"]).says("m2_chunks");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.number("SELECT count(*) AS number FROM good"), 8, "no chunk was done twice");
    // A statement that cannot run in a transaction is cancelled as well.
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    let steps = "CREATE INDEX CONCURRENTLY good_id ON good (id)";
    let fixture = fixture.var("STEPS", steps);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    other.execute("BEGIN; INSERT INTO good VALUES (1)");
    let began = Instant::now();
    fixture
        .run(&["migrate", "--migration-timeout", "1s"])
        .exits(1)
        .says("it was stopped at its limit of 1s")
        .says("its finished steps stay");
    assert!(began.elapsed() < Duration::from_secs(30));
    let running = "SELECT count(*) AS number FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active' AND query LIKE '%good_id%' AND pid <> pg_backend_pid()";
    assert_eq!(database.number(running), 0);
    other.execute("COMMIT");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(
        database.number(
            "SELECT count(*) AS number FROM pg_index WHERE indexrelid = 'good_id'::regclass AND indisvalid"
        ),
        1
    );
}
