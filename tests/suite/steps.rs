//! Migrations outside a transaction: what the journal skips, what it resumes, and where it stops.

use crate::support::{Fixture, wait_for};

/// Starts the migration that waits inside `raw`, and kills it there.
fn killed_inside_raw() -> Fixture {
    let fixture = Fixture::new("pause");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let mut child = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::write(fixture.path("go"), "").unwrap();
    fixture
}

#[test]
fn every_kind_of_step() {
    let fixture = Fixture::new("steps");
    fixture.run(&["migrate"]).exits(0).says("3 migrations applied");
    let mut database = fixture.database();
    assert_eq!(
        database.number("SELECT count(*) AS number FROM items WHERE n = 1 AND label = 'item ' || id"),
        10
    );
    assert_eq!(
        database.number("SELECT count(*) AS number FROM schema_migrations_journal"),
        0,
        "nothing is left of it"
    );
    fixture.run(&["rollback", "--step", "2"]).exits(0);
    assert_eq!(database.number("SELECT count(*) AS number FROM items WHERE n = 0"), 10);
    fixture.run(&["rollback"]).exits(0);
    assert_eq!(database.schema(), [""; 0]);
}

#[test]
fn what_was_killed_inside_raw_is_settled_by_a_person() {
    let fixture = killed_inside_raw();
    fixture.run(&["status"]).exits(0).says("interrupted").says("half applied: step 2, wait");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("which only a person can judge")
        .says("updown resolve m2_pause --step done --reason");
    fixture.run(&["rollback"]).exits(5).says("m2_pause is half applied");
    fixture.run(&["resolve", "m2_pause", "--step", "done", "--reason", "the table is there"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert!(fixture.database().has("inside") && fixture.database().has("after"));

    let fixture = killed_inside_raw();
    fixture.run(&["resolve", "m2_pause", "--step", "again", "--reason", "it may run twice"]).exits(0);
    fixture.run(&["migrate"]).exits(0);

    let fixture = killed_inside_raw();
    fixture.run(&["resolve", "m2_pause", "--rolled-back", "--reason", "cleaned up"]).exits(0);
    fixture.database().execute("DROP TABLE before; DROP TABLE inside");
    fixture.run(&["migrate"]).exits(0);

    let fixture = killed_inside_raw();
    fixture.run(&["resolve", "m2_pause", "--applied", "--reason", "finished by hand"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
    assert_eq!(fixture.database().batches().len(), 3);
}

#[test]
fn a_repeated_run_with_other_steps_stops_and_says_so() {
    let fixture = killed_inside_raw();
    fixture.database().execute(
        "UPDATE schema_migrations_journal SET digest = 'another', what = 'CREATE TABLE other' WHERE step = 1",
    );
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("step 1 is not the one that the interrupted run journaled")
        .says("CREATE TABLE other");
}

#[test]
fn a_body_that_lost_a_step_stops() {
    let fixture = killed_inside_raw();
    fixture.database().execute(
        "UPDATE schema_migrations_journal SET state = 'done';
         INSERT INTO schema_migrations_journal SELECT service, name, direction, 9, digest, 'gone', state, next_key, chunks, at
         FROM schema_migrations_journal WHERE step = 1",
    );
    fixture.run(&["migrate"]).exits(1).says("had a step 9 (gone) that the body does not have any more");
}

#[test]
fn a_step_that_fails_is_repeated_and_the_ones_before_it_are_not() {
    let fixture = Fixture::new("steps");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    fixture.database().execute("CREATE TABLE items_label (id INTEGER)");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("there is already a table named items_label")
        .says("its finished steps stay");
    assert_eq!(fixture.database().number("SELECT sum(n) AS number FROM items"), 10);
    fixture.database().execute("DROP TABLE items_label");
    fixture.run(&["migrate", "-v"]).exits(0).says("step 2 (done before): add one");
    assert_eq!(
        fixture.database().number("SELECT sum(n) AS number FROM items"),
        10,
        "no chunk was done twice"
    );
}

#[test]
fn a_half_done_rollback_is_finished_by_a_rollback() {
    let fixture = Fixture::new("steps");
    fixture.run(&["migrate", "--to", "m2_steps"]).exits(0);
    fixture.database().execute(
        "CREATE TRIGGER stop BEFORE UPDATE ON items WHEN old.id = 5 BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    );
    fixture.run(&["rollback"]).exits(1).says("not this one");
    assert_eq!(fixture.database().number("SELECT sum(n) AS number FROM items"), 7);
    fixture.run(&["migrate"]).exits(5).says("m2_steps is half rolled back");
    fixture.database().execute("DROP TRIGGER stop");
    fixture.run(&["rollback"]).exits(0);
    assert!(!fixture.database().has("items"));
}
