//! Migrations outside a transaction: what the journal skips, what it resumes, and where it stops.

use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    what_was_killed_inside_raw_is_settled_by_a_person,
    a_repeated_run_with_other_steps_stops_and_says_so,
    a_body_that_lost_a_step_stops,
    a_step_that_fails_is_repeated_and_the_ones_before_it_are_not,
    a_half_done_rollback_is_finished_by_a_rollback;
    // In CQL each statement is a step, and there is no other kind.
    sql: every_kind_of_step,
}

/// Starts the migration that waits inside `raw`, or inside a statement, and kills it there.
fn killed_inside_raw(store: Store) -> Fixture {
    let fixture = store.fixture("pause").meeting();
    let mut child = fixture.start(&["migrate"]);
    fixture.reached();
    child.kill().unwrap();
    child.wait().unwrap();
    fixture.holder_is_gone();
    fixture.go();
    fixture
}

fn every_kind_of_step(store: Store) {
    let fixture = store.fixture("steps");
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

fn what_was_killed_inside_raw_is_settled_by_a_person(store: Store) {
    let fixture = killed_inside_raw(store);
    fixture.run(&["status"]).exits(0).says("interrupted").says(
        store.in_sql_or_cql("half applied: step 2, wait", "half applied: step 2, UPDATE inside SET n = ?"),
    );
    fixture
        .run(&["migrate"])
        .exits(1)
        .says(store.in_sql_or_cql("which only a person can judge", "whether it took effect cannot be seen"))
        .says("updown resolve m2_pause --step done --reason");
    fixture.run(&["rollback"]).exits(5).says("m2_pause is half applied");
    fixture.run(&["resolve", "m2_pause", "--step", "done", "--reason", "the table is there"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert!(fixture.database().has("inside") && fixture.database().has("after"));

    let fixture = killed_inside_raw(store);
    fixture.run(&["resolve", "m2_pause", "--step", "again", "--reason", "it may run twice"]).exits(0);
    fixture.run(&["migrate"]).exits(0);

    let fixture = killed_inside_raw(store);
    fixture.run(&["resolve", "m2_pause", "--rolled-back", "--reason", "cleaned up"]).exits(0);
    fixture.database().execute("DROP TABLE IF EXISTS before; DROP TABLE inside");
    fixture.run(&["migrate"]).exits(0);

    let fixture = killed_inside_raw(store);
    fixture.run(&["resolve", "m2_pause", "--applied", "--reason", "finished by hand"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
    assert_eq!(fixture.database().batches().len(), 3);
}

fn a_repeated_run_with_other_steps_stops_and_says_so(store: Store) {
    let fixture = killed_inside_raw(store);
    let of_it =
        store.in_sql_or_cql("", "service = '(default)' AND name = 'm2_pause' AND direction = 'up' AND ");
    fixture.database().execute(&format!(
        "UPDATE schema_migrations_journal SET digest = 'another', what = 'CREATE TABLE other' WHERE {of_it} step = 1"
    ));
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("1 is not the one that the interrupted run journaled")
        .says("CREATE TABLE other");
}

fn a_body_that_lost_a_step_stops(store: Store) {
    let fixture = killed_inside_raw(store);
    fixture.database().execute(store.in_sql_or_cql(
        "UPDATE schema_migrations_journal SET state = 'done';
         INSERT INTO schema_migrations_journal SELECT service, name, direction, 9, digest, 'gone', state, next_key, chunks, at
         FROM schema_migrations_journal WHERE step = 1",
        "UPDATE schema_migrations_journal SET state = 'done'
         WHERE service = '(default)' AND name = 'm2_pause' AND direction = 'up' AND step = 2;
         INSERT INTO schema_migrations_journal (service, name, direction, step, what, state)
         VALUES ('(default)', 'm2_pause', 'up', 9, 'gone', 'done')",
    ));
    fixture.run(&["migrate"]).exits(1).says("9 (gone) that the body does not have any more");
}

fn a_step_that_fails_is_repeated_and_the_ones_before_it_are_not(store: Store) {
    let fixture = store.fixture("steps");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    fixture.database().execute(store.in_sql_or_cql(
        "CREATE TABLE items_label (id INTEGER)",
        "CREATE TABLE other (id int PRIMARY KEY, label text); CREATE INDEX items_label ON other (label)",
    ));
    // What is in its way does not become its own by being there.
    for _ in 0..2 {
        fixture
            .run(&["migrate"])
            .exits(1)
            .says(store.each(
                "there is already a table named items_label",
                "\"items_label\" already exists",
                "Index 'items_label' already exists",
            ))
            .says("its finished steps stay");
    }
    assert_eq!(fixture.database().number("SELECT sum(n) AS number FROM items"), 10);
    fixture.database().execute(store.in_sql_or_cql("DROP TABLE items_label", "DROP TABLE other"));
    let ran = fixture.run(&["migrate", "-v"]).exits(0);
    if store != Store::Cassandra {
        ran.says("step 2 (done before): add one");
    }
    assert_eq!(
        fixture.database().number("SELECT sum(n) AS number FROM items"),
        10,
        "no chunk was done twice"
    );
}

fn a_half_done_rollback_is_finished_by_a_rollback(store: Store) {
    let fixture = store.fixture("steps");
    fixture.run(&["migrate", "--to", "m2_steps"]).exits(0);
    fixture.database().refuse_updates("items");
    fixture.run(&["rollback"]).exits(1).says(store.in_sql_or_cql("not this one", "Undefined column name id"));
    assert_eq!(
        fixture.database().number("SELECT sum(n) AS number FROM items"),
        store.in_sql_or_cql(7, 10),
        "a chunk was committed, and no statement was sent"
    );
    fixture.run(&["migrate"]).exits(5).says("m2_steps is half rolled back");
    fixture.database().allow_updates("items");
    fixture.run(&["rollback"]).exits(0);
    assert!(!fixture.database().has("items"));
}
