//! What goes wrong on CockroachDB, and what becomes of it, on a simulated one: jobs that go on without their
//! run, or fail; transactions that lose; answers that say nothing.

use crate::on_cockroach::{INDEX, fixture, steps, wait_until};
use crate::support::cockroach::{Simulated, Slow, simulated_or_skip};
use crate::support::{Fixture, Ran};

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
    let ran = fixture.run(&["migrate"]).exits(0).says("7 migrations applied");
    assert!(ran.stderr.contains("another transaction was first"), "{ran:#?}");
    simulated.retries(0);
    assert_eq!(fixture.database().history().len(), 7, "each is told of once");
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
