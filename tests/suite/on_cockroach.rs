//! What is CockroachDB's alone, on a simulated one: a proxy before PostgreSQL plays what is different.

use std::time::Duration;

use crate::support::cockroach::{Simulated, Slow, simulated_or_skip};
use crate::support::postgres::fixture_or_skip;
use crate::support::{Fixture, Ran, full};

/// A project on it. What one sees of its database is seen around the proxy.
fn fixture(simulated: &Simulated, project: &str) -> Fixture {
    Fixture::beside(simulated.direct(), project)
        .var("DATABASE_URL", simulated.url())
        .var("FIXTURE_COCKROACH", "1")
}

fn steps(simulated: &Simulated, steps: &[&str]) -> Fixture {
    fixture(simulated, "statements").var("STEPS", &steps.join("\n"))
}

const INDEX: &str = "CREATE INDEX good_id ON good (id)";

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

/// Whether a job goes on.
const GOES_ON: &str = "SELECT count(*) AS number FROM crdb_simulated.jobs WHERE status = 'running' AND job_type <> 'SCHEMA CHANGE GC'";

/// Starts a run whose index is built by a job that waits, and kills it there.
fn killed_in_a_job(simulated: &Simulated) -> Fixture {
    let fixture = steps(simulated, &[INDEX, "INSERT INTO good VALUES (1)"]);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    simulated.slow("CREATE INDEX", Slow::UntilReleased);
    let mut child = fixture.start(&["migrate"]);
    wait_until(|| fixture.database().number(GOES_ON) == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    fixture.database().expire_lease();
    fixture
}

fn wait_until(done: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed().as_secs() < 60, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_job_that_goes_on_after_its_run_was_killed_is_waited_for() {
    let simulated = simulated_or_skip!();
    let fixture = killed_in_a_job(&simulated);
    let mut again = fixture.start(&["migrate"]);
    let looks = || simulated.count("[SHOW JOBS]");
    let before = looks();
    wait_until(|| looks() > before + 3);
    assert!(again.try_wait().unwrap().is_none(), "it waits");
    simulated.release();
    Ran::of(again.wait_with_output().unwrap()).exits(0);
    assert_eq!(simulated.count("CREATE INDEX"), 1, "no other one was started");
    assert_eq!(fixture.database().rows(), ["good: (1)"]);
    fixture.run(&["status", "--check"]).exits(0);
}

#[test]
fn a_job_that_failed_after_its_run_was_killed_is_begun_again() {
    let simulated = simulated_or_skip!();
    let fixture = steps(&simulated, &["CREATE UNIQUE INDEX good_id ON good (id)"]);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    fixture
        .database()
        .execute("ALTER TABLE good DROP CONSTRAINT good_pkey; INSERT INTO good VALUES (1), (1)");
    simulated.slow("CREATE UNIQUE INDEX", Slow::UntilReleased);
    let mut child = fixture.start(&["migrate"]);
    wait_until(|| fixture.database().number(GOES_ON) == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    fixture.database().expire_lease();
    simulated.release();
    // It is tried, and what stands against it is told.
    fixture.run(&["migrate"]).exits(1).says("could not create unique index");
    assert_eq!(simulated.count("CREATE UNIQUE INDEX"), 2);
    fixture.database().execute("DELETE FROM good");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_job_that_is_paused_is_named() {
    let simulated = simulated_or_skip!();
    let fixture = killed_in_a_job(&simulated);
    fixture.database().execute("UPDATE crdb_simulated.jobs SET status = 'paused' WHERE status = 'running' AND job_type <> 'SCHEMA CHANGE GC'");
    fixture.run(&["migrate"]).exits(1).says("is paused").says("RESUME JOB");
    simulated.release();
    wait_until(|| fixture.database().schema().iter().any(|line| line.contains("good_id")));
    fixture.database().execute("UPDATE crdb_simulated.jobs SET status = 'succeeded' WHERE status = 'paused'");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(simulated.count("CREATE INDEX"), 1);
}

#[test]
fn what_lost_against_another_transaction_is_tried_again() {
    let simulated = simulated_or_skip!();
    let fixture = fixture(&simulated, "example");
    simulated.retries(2);
    let ran = fixture.run(&["migrate"]).exits(0).says("6 migrations applied");
    assert!(ran.stderr.contains("another transaction was first"), "{ran:#?}");
    simulated.retries(0);
    assert_eq!(fixture.database().history().len(), 6, "each is told of once");
    simulated.retries(3);
    fixture.run(&["rollback"]).exits(0);
    simulated.retries(0);
    assert!(!fixture.database().has("videos"));
    // A change of the schema as well, and the claim of the lease, and the beginning of a transaction.
    for text in ["CREATE TABLE videos", "FOR UPDATE SKIP LOCKED", "WITH held AS"] {
        simulated.retry(text, 2);
        fixture.run(&["migrate"]).exits(0);
        assert!(simulated.is_done(), "{text}");
        fixture.run(&["rollback"]).exits(0);
    }
    // But not for ever.
    let before = simulated.count("INSERT INTO video_uploads");
    simulated.retry("INSERT INTO video_uploads", 100);
    fixture
        .run(&["migrate", "--lock-retries", "2"])
        .exits(1)
        .says("m0006_fill_video_slug failed")
        .says("restart transaction");
    assert_eq!(simulated.count("INSERT INTO video_uploads") - before, 3);
}

#[test]
fn a_commit_of_which_nobody_knows_is_read() {
    for committed in [true, false] {
        for nth in 1..=6 {
            let simulated = simulated_or_skip!();
            let fixture = steps(&simulated, &["INSERT INTO good VALUES (1)", INDEX]);
            fixture.run(&["migrate", "--step", "1"]).exits(0);
            simulated.ambiguous(nth, committed);
            let ran = fixture.run(&["migrate"]).exits(0);
            let mut database = fixture.database();
            assert_eq!(database.rows(), ["good: (1)"], "{committed} {nth}: {ran:#?}");
            assert_eq!(database.history(), ["m1_good applied", "m2_statements applied"], "{committed} {nth}");
            assert_eq!(simulated.count("CREATE INDEX"), 1);
        }
    }
}

#[test]
fn a_change_of_the_schema_of_which_nobody_knows_is_looked_for() {
    for committed in [true, false] {
        let simulated = simulated_or_skip!();
        let fixture = steps(&simulated, &[INDEX]);
        simulated.ambiguous_at("CREATE INDEX", committed);
        fixture.run(&["migrate"]).exits(0);
        assert_eq!(simulated.count("CREATE INDEX"), if committed { 1 } else { 2 });
    }
    let simulated = simulated_or_skip!();
    let fixture = steps(&simulated, &[INDEX]);
    simulated.lose_answer("CREATE INDEX");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(simulated.count("CREATE INDEX"), 1);
    assert_eq!(fixture.database().history(), ["m1_good applied", "m2_statements applied"]);
}

#[test]
fn a_change_of_the_schema_that_was_given_up_is_told_as_such() {
    let simulated = simulated_or_skip!();
    let fixture = steps(&simulated, &["CREATE UNIQUE INDEX good_id ON good (id)"]);
    simulated.aborts("CREATE UNIQUE INDEX", 1, None);
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("the change of the schema was not finished: transaction committed but schema change aborted")
        .says("SHOW JOBS");
    // Nothing of it is there: it is tried again, or another one is.
    fixture.run(&["migrate"]).exits(0);

    let simulated = simulated_or_skip!();
    let fixture = steps(&simulated, &["ALTER TABLE good ADD COLUMN a INT, ADD COLUMN b INT UNIQUE"]);
    simulated.aborts("ALTER TABLE good", 1, Some("ALTER TABLE good ADD COLUMN a INT"));
    fixture.run(&["migrate"]).exits(1).says("was not finished");
    // A part of it is there: neither done nor not.
    fixture.run(&["migrate"]).exits(1).says("which only a person can judge");
    fixture.database().execute("ALTER TABLE good DROP COLUMN a");
    fixture.run(&["resolve", "m2_statements", "--step", "again", "--reason", "cleaned up"]).exits(0);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().columns("good"), ["id", "a", "b"]);
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
    assert_eq!(fixture.database().history().len(), 6, "each was applied once");
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

/// At the Nth round trip for every N, up and down: before the server hears of it, and when it has answered.
fn killed_at_every_round_trip(command: &[&str]) {
    let Some(undisturbed) = Simulated::new() else { return };
    let wanted = {
        let fixture = fixture(&undisturbed, "steps");
        fixture.run(&["migrate"]).exits(0);
        fixture.run(command).exits(0);
        fixture.database().dump()
    };
    let every = if full() { 1 } else { 4 };
    for after in [false, true] {
        for n in (1..).step_by(every) {
            let Some(simulated) = Simulated::new() else { return };
            let fixture = fixture(&simulated, "steps");
            if command[0] == "rollback" {
                fixture.run(&["migrate"]).exits(0);
            }
            if after {
                simulated.kill_after(n);
            } else {
                simulated.kill_before(n);
            }
            let child = fixture.start(command);
            simulated.kills(&child);
            let first = Ran::of(child.wait_with_output().unwrap());
            if fixture.database().has("schema_migrations_lease") {
                fixture.database().expire_lease();
            }
            if first.code != Some(0) {
                assert_eq!(first.code, None, "killed at {n}, not failed: {first:#?}");
                fixture.run(command).exits(0);
            }
            assert_eq!(fixture.database().dump(), wanted, "{command:?}, killed at {n}, after: {after}");
            if first.code == Some(0) {
                assert!(n > 50, "the killer kills: {n}");
                break;
            }
        }
    }
}

#[test]
fn killed_at_every_round_trip_up() {
    killed_at_every_round_trip(&["migrate"]);
}

#[test]
fn killed_at_every_round_trip_down() {
    killed_at_every_round_trip(&["rollback", "--all"]);
}
