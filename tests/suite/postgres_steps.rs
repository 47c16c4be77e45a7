//! Migrations in steps on PostgreSQL: an index build that is killed, and changes in chunks that let
//! others go first.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};

use crate::postgres_locks::until;
use crate::support::postgres::{Cluster, Options, fixture_or_skip, on};
use crate::support::{Database, Fixture, Ran};

#[test]
fn a_killed_index_build_is_removed_and_done_again() {
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    let fixture = fixture.var("STEPS", "CREATE INDEX CONCURRENTLY IF NOT EXISTS good_id ON good (id)");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    other.execute("BEGIN; INSERT INTO good VALUES (1)");
    let mut child = fixture.start(&["migrate"]);
    until(&mut database, "wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX CONCURRENTLY%'");
    // Those who wait for the lease do not stand in the builder's way: they wait outside the database.
    let waiting = fixture.start(&["migrate", "--wait-for-lock", "25s"]);
    until(
        &mut database,
        "application_name = 'updown' AND state = 'idle' AND query LIKE '%schema_migrations_lease%'",
    );
    child.kill().unwrap();
    child.wait().unwrap();
    // The server notices that its client is gone.
    let building = "SELECT count(*) AS number FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active' AND pid <> pg_backend_pid()";
    while database.number(building) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 1);
    other.execute("COMMIT");
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("1 migration applied");
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 0);
    assert_eq!(
        database.lines("SELECT pg_get_indexdef('good_id'::regclass) AS line"),
        ["CREATE INDEX good_id ON public.good USING btree (id)"]
    );
}

#[test]
fn an_index_without_a_name_is_not_built_concurrently() {
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    let fixture = fixture.var("STEPS", "CREATE INDEX CONCURRENTLY ON good (id)");
    fixture.run(&["migrate"]).exits(1).says("needs a name");
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_indexes WHERE tablename = 'good'"), 0);
}

#[test]
fn chunks_let_those_go_first_who_wait_for_a_lock() {
    let (fixture, mut database) = fixture_or_skip!("pg chunks");
    database.execute("CREATE TABLE busy (id INT)");
    let mut holder = database.another();
    holder.execute("BEGIN; LOCK TABLE busy");
    let mut waiter = database.another();
    let waiting =
        std::thread::spawn(move || waiter.execute("LOCK TABLE busy IN ACCESS SHARE MODE; SELECT 1"));
    until(
        &mut database,
        "wait_event_type = 'Lock' AND state_change < clock_timestamp() - interval '1 second'",
    );
    let (mut child, mut stdout) = until_it_pauses(&fixture, "1 sessions wait for a lock");
    holder.execute("COMMIT");
    let _ = waiting.join();
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(database.number("SELECT count(DISTINCT id) * 100 + count(*) AS number FROM good"), 808);
}

#[test]
fn chunks_wait_for_a_standby_that_is_far_behind() {
    let allowed = Options::default().rule("local replication all trust");
    let Some(primary) = Cluster::start(&allowed) else { return };
    let standby = Cluster::start(&allowed.copy_of(&primary)).expect("the same programs");
    let (fixture, mut database) = on(&primary.url("{}"), "pg chunks");
    let replicates = "SELECT count(*) AS number FROM pg_stat_replication WHERE state = 'streaming'";
    while database.number(replicates) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut replica = Database::open(&standby.url("postgres"));
    replica.execute("SELECT pg_wal_replay_pause()");
    database.execute("CREATE TABLE much AS SELECT repeat('x', 1000) FROM generate_series(1, 100000)");
    let (mut child, mut stdout) = until_it_pauses(&fixture, "MiB behind");
    replica.execute("SELECT pg_wal_replay_resume()");
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(database.number("SELECT count(*) AS number FROM good"), 8);
}

/// A run of chunks that lets others go first, for this reason.
fn until_it_pauses(fixture: &Fixture, because: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = fixture.start(&["migrate", "--verbose"]);
    let mut stdout = BufReader::new(child.stdout.take().expect("it is read"));
    let mut line = String::new();
    while !(line.contains("lets others go first") && line.contains(because)) {
        line.clear();
        assert!(stdout.read_line(&mut line).expect("text") > 0, "it did not pause");
    }
    (child, stdout)
}

#[test]
fn a_step_that_cannot_get_a_lock_is_tried_again() {
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    database.execute("CREATE SEQUENCE tries");
    let raise = "DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF; END $$";
    let fixture =
        fixture.var("STEPS", &format!("INSERT INTO good VALUES (1)\n{raise}\nINSERT INTO good VALUES (2)"));
    fixture.run(&["migrate"]).exits(0).says("trying again (3)");
    assert_eq!(database.number("SELECT count(*) AS number FROM good"), 2);
    assert_eq!(database.number("SELECT last_value AS number FROM tries"), 3);
}

#[test]
fn a_setting_that_would_end_with_its_step_is_refused() {
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    let fixture = fixture.var("STEPS", "SET search_path = elsewhere\nCREATE TABLE here (id INT)");
    fixture.run(&["migrate"]).exits(1).says("this would end with its step");
    assert!(!database.has("here"));
}
