//! What is CockroachDB's alone, on a simulated one: a proxy before PostgreSQL plays what is different.

use std::time::Duration;

use crate::support::cockroach::{Simulated, simulated_or_skip};
use crate::support::postgres::fixture_or_skip;
use crate::support::{Fixture, Ran};

/// A project on it. What one sees of its database is seen around the proxy.
pub fn fixture(simulated: &Simulated, project: &str) -> Fixture {
    Fixture::beside(simulated.direct(), project)
        .var("DATABASE_URL", simulated.url())
        .var("FIXTURE_COCKROACH", "1")
}

pub fn steps(simulated: &Simulated, steps: &[&str]) -> Fixture {
    fixture(simulated, "statements").var("STEPS", &steps.join("\n"))
}

pub const INDEX: &str = "CREATE INDEX good_id ON good (id)";

#[test]
fn it_is_told_by_its_version_whatever_the_scheme_says() {
    let simulated = simulated_or_skip!();
    for scheme in ["postgres", "postgresql", "cockroachdb"] {
        let url = simulated.url().replacen("postgres", scheme, 1);
        let fixture = fixture(&simulated, "body").var("DATABASE_URL", &url);
        fixture.var("BAD", "CREATE TABLE t (id INT)").run(&["migrate"]).exits(1).says("in a transaction");
    }
    // And a PostgreSQL is one under that name, too.
    let (fixture, mut database) = fixture_or_skip!("tables");
    let url = fixture.get("DATABASE_URL").replacen("postgres", "cockroachdb", 1);
    fixture.var("DATABASE_URL", &url).var("VERSIONS", "m1_a").run(&["migrate"]).exits(0);
    assert!(database.has("a"));
}

#[test]
fn nothing_is_asked_of_it_that_it_does_not_have() {
    let simulated = simulated_or_skip!();
    let mut fixture = fixture(&simulated, "example");
    for command in [
        &["status"][..],
        &["migrate", "--dry-run"],
        &["migrate", "--step", "3"],
        &["migrate"],
        &["status"],
        &["history"],
        &["verify"],
        &["lock"],
        &["redo", "--step", "2"],
        &["rollback", "--step", "1", "--dry-run"],
        &["fresh"],
        &["lock", "--release", "--yes"],
        &["resolve", "m0006_fill_video_slug", "--rolled-back", "--reason", "why not"],
        &["migrate", "--dry-run"],
    ] {
        fixture.run(command).exits(0);
    }
    fixture.set("SERVICE", "another");
    fixture.set("FIXTURE", "steps");
    fixture.run(&["migrate", "--ledger-schema", "elsewhere"]).exits(0);
    fixture.run(&["rollback", "--all", "--ledger-schema", "elsewhere"]).exits(0);
    // The one question by which PostgreSQL is told from it.
    let missing: Vec<String> =
        simulated.missing().into_iter().filter(|sql| !sql.contains("pg_stat_get_activity")).collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(simulated.count("advisory"), 0);
}

#[test]
fn the_ledger_has_the_columns_that_people_know() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let columns = fixture.database().lines(
        "SELECT concat(column_name, ' ', data_type, ' ', is_nullable) AS line FROM information_schema.columns
         WHERE table_name = 'schema_migrations' ORDER BY ordinal_position LIMIT 5",
    );
    let wanted = [
        "id bigint NO",
        "name text NO",
        "hash text NO",
        "applied_at timestamp without time zone NO",
        // The proxy makes of INT what it is there: 64 bits.
        "batch_no bigint NO",
    ];
    assert_eq!(columns, wanted);
    assert_eq!(
        fixture.database().number(
            "SELECT count(*) AS number FROM schema_migrations WHERE applied_at BETWEEN (now() AT TIME ZONE 'UTC') - interval '1 minute' AND (now() AT TIME ZONE 'UTC')"
        ),
        1,
        "in UTC"
    );
}

#[test]
fn a_change_of_the_schema_in_a_transaction_is_refused_and_undone() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "body")
        .var("BAD", "INSERT INTO good VALUES (1); /* why */ CREATE TABLE other (id INT)");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("migration m2_body failed")
        .says("`CREATE TABLE other (id INT)` was not sent")
        .says("impl Up<Steps<'_, …>>")
        .says("--> fixture/m2_body.rs");
    assert_eq!(simulated.count("CREATE TABLE other"), 0);
    let mut database = fixture.database();
    assert_eq!(database.rows(), [""; 0], "what came before it is undone");
    assert_eq!(database.history(), ["m1_good applied", "m2_body failed"]);
    // What changes data alone is a transaction, with its row in the ledger.
    let fixture = fixture.var("BAD", "INSERT INTO good VALUES (1); UPDATE good SET id = 2");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.rows(), ["good: (2)"]);
}

#[test]
fn no_transaction_is_committed_by_a_change_of_the_schema() {
    let simulated = simulated_or_skip!();
    let body = "raw:BEGIN; INSERT INTO good VALUES (1); CREATE TABLE other (id INT); ROLLBACK";
    let fixture = steps(&simulated, &[body]);
    fixture.run(&["migrate"]).exits(0);
    let mut database = fixture.database();
    assert!(!database.has("other"));
    assert_eq!(database.rows(), [""; 0], "the session has no autocommit_before_ddl");
}

#[test]
fn what_relies_on_postgresql_is_warned_of() {
    let simulated = simulated_or_skip!();
    let fixture = steps(
        &simulated,
        &[
            "CREATE TABLE numbered (id SERIAL PRIMARY KEY, n INT)",
            "CREATE INDEX CONCURRENTLY numbered_n ON numbered (n)",
            "raw:BEGIN; ALTER TABLE good ADD COLUMN fresh INT; UPDATE good SET fresh = 1; COMMIT",
            "raw:BEGIN; SELECT 1; SAVEPOINT here; ALTER TABLE good ADD COLUMN other INT; ROLLBACK TO SAVEPOINT here; COMMIT",
        ],
    );
    let ran = fixture.run(&["migrate"]).exits(1);
    for warning in [
        "warning: `CREATE TABLE numbered (id SERIAL PRIMARY KEY, n INT)`: on CockroachDB SERIAL",
        "warning: `CREATE INDEX CONCURRENTLY numbered_n ON numbered (n)`: on CockroachDB CONCURRENTLY does nothing",
        "warning: `UPDATE good SET fresh = 1` uses fresh",
        "warning: `ROLLBACK TO SAVEPOINT here` comes after `ALTER TABLE good ADD COLUMN other INT`",
    ] {
        assert!(ran.stderr.contains(warning), "{warning} is not in {ran:#?}");
    }
    ran.says("not yet supported after DDL");
}

#[test]
fn several_changes_of_the_schema_are_several_steps() {
    let simulated = simulated_or_skip!();
    let fixture = steps(&simulated, &["CREATE TABLE one (id INT); CREATE TABLE two (id INT)"]);
    fixture.run(&["migrate"]).exits(1).says("is a step of its own");
    assert!(!fixture.database().has("one"));
    // What was refused leaves nothing in the way of the right one.
    let fixture = fixture.var("STEPS", "CREATE TABLE one (id INT)");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_statement_that_was_refused_may_be_another_one_the_next_time() {
    let simulated = simulated_or_skip!();
    simulated.may_be_refused("TABEL");
    for wrong in [
        "CREATE TABEL other (id INT)",
        "CREATE INDEX i ON good (nothing)",
        "ALTER TABLE nowhere ADD COLUMN a INT",
    ] {
        let fixture = steps(&simulated, &["CREATE TABLE first (id INT)", wrong]);
        fixture.run(&["migrate"]).exits(1);
        let fixture = fixture.var("STEPS", &format!("CREATE TABLE first (id INT)\n{INDEX}"));
        fixture.run(&["migrate"]).exits(0);
        fixture.database().execute("DROP INDEX good_id; DROP TABLE first");
        fixture.run(&["rollback"]).exits(0);
    }
    assert_eq!(simulated.count("CREATE TABLE first"), 3);
}

pub fn wait_until(done: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed().as_secs() < 60, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_lease_ends_by_expiry_alone() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "slow").meeting();
    let mut holder = fixture.start(&["migrate"]);
    fixture.reached();
    holder.kill().unwrap();
    holder.wait().unwrap();
    fixture.go();
    fixture.run(&["migrate", "--wait-for-lock", "1s"]).exits(4).says("is locked by");
    fixture.database().expire_lease();
    fixture.run(&["migrate", "--wait-for-lock", "10s"]).exits(0);
}

#[test]
fn a_statement_is_cancelled_in_the_server() {
    let simulated = simulated_or_skip!();
    for (project, sql) in [("statements", "SELECT pg_sleep(600)"), ("body", "SELECT pg_sleep(600)")] {
        let fixture = fixture(&simulated, project).var("STEPS", sql).var("BAD", sql);
        let child = fixture.start(&["migrate"]);
        let sleeps = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()";
        wait_until(|| fixture.database().number(sleeps) == 1);
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        Ran::of(child.wait_with_output().unwrap()).exits(143);
        assert_eq!(fixture.database().number(sleeps), 0, "{project}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

#[test]
fn ten_first_starts_at_once() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "example");
    let children: Vec<_> = (0..10).map(|_| fixture.start(&["migrate"])).collect();
    for child in children {
        Ran::of(child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(fixture.database().history().len(), 7, "each was applied once");
}

#[test]
fn what_is_simulated_is_said_and_never_used_in_production() {
    let (fixture, _database) = fixture_or_skip!("tables");
    let url = format!("{}?updown_simulate=cockroachdb", fixture.get("DATABASE_URL"));
    let mut fixture = fixture.var("DATABASE_URL", &url).var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0).says("CockroachDB is simulated");
    fixture.set("ENV", "production");
    fixture.run(&["migrate", "--yes"]).exits(2).says("is for trying out");
    fixture.set("DATABASE_URL", &url.replace("=cockroachdb", "=mysql"));
    fixture.run(&["migrate"]).exits(2).says("`updown_simulate=mysql` is nothing");
}

/// Also where the lease has expired, and its holder is in the middle of a transaction.
#[test]
fn who_waits_for_the_lease_waits_outside_the_database() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let fixture = fixture.var("VERSIONS", "m1_a,m2_b");
    let mut database = fixture.database();
    database.hold_lease("another run");
    database.expire_lease();
    let mut holder = database.another();
    holder.execute("BEGIN; UPDATE schema_migrations_lease SET fence = fence");
    let waiting = fixture.start(&["migrate", "--wait-for-lock", "2s"]);
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_millis(1500) {
        assert_eq!(database.waiting(), 0);
        std::thread::sleep(Duration::from_millis(20));
    }
    Ran::of(waiting.wait_with_output().unwrap()).exits(4);
    holder.execute("ROLLBACK");
    fixture.run(&["migrate"]).exits(0);
}
