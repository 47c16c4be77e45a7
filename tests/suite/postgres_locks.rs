//! Waiting for locks on PostgreSQL: briefly, again, and with a name for who is in the way; and
//! statements that are ended by time or by a signal.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::fixture_or_skip;
use crate::support::{Database, Ran};

/// Reads what a program says on its standard error until a line has `text`.
fn says(child: &mut Child, text: &str) {
    let mut stderr = BufReader::new(child.stderr.take().expect("it is read"));
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("text") > 0, "it ended without {text:?}");
    }
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
}

/// Waits until a session of this database is as `condition` says.
pub fn until(database: &mut Database, condition: &str) {
    let sql = format!(
        "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
    );
    let began = std::time::Instant::now();
    while database.number(&sql) == 0 {
        assert!(began.elapsed().as_secs() < 60, "never: {condition}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_lock_that_cannot_be_had_names_who_has_it() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let fixture = fixture.var("BAD", "ALTER TABLE good ADD COLUMN x INT");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    let pid = other.number("SELECT pg_backend_pid()::bigint AS number");
    other.execute("SET application_name = 'the shop'; BEGIN; SELECT 'of others' FROM good");
    fixture
        .run(&["migrate", "--lock-timeout", "400ms", "--lock-retries", "1"])
        .exits(1)
        .says("trying again (2)")
        .says("canceling statement due to lock timeout")
        .says(&format!("blocked by pid {pid}, user "))
        .says(", application the shop, idle in transaction since 20")
        .says("pg_terminate_backend")
        .says_nothing_of("of others");
    assert!(!database.has("half"), "it was rolled back");
    other.execute("COMMIT");
    fixture.run(&["lock"]).exits(0).says("main: free");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_lock_that_comes_free_is_had_at_the_next_try_and_nobody_else_waits_long() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let fixture = fixture.var("BAD", "ALTER TABLE good ADD COLUMN x INT");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    other.execute("BEGIN; SELECT FROM good");
    let mut child = fixture.start(&["migrate", "--lock-timeout", "300ms", "--lock-retries", "1000"]);
    says(&mut child, "trying again (2)");
    // Behind a migration that would wait for ever, this would wait for ever.
    database.execute("SET statement_timeout = '20s'; SELECT FROM good");
    other.execute("COMMIT");
    Ran::of(child.wait_with_output().unwrap()).exits(0);
    assert_eq!(database.history(), ["m1_good applied", "m2_bad applied"], "a try is no failure");
}

#[test]
fn what_passes_is_tried_again_and_what_does_not_is_not() {
    let raise = |code: &str, message: &str| {
        format!(
            "DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'; END IF; END $$"
        )
    };
    for (code, message, passes) in [
        ("40P01", "deadlock detected", true),
        ("40001", "could not serialize access due to concurrent update", true),
        ("23514", "no", false),
    ] {
        let (fixture, mut database) = fixture_or_skip!("pg bad");
        database.execute("CREATE SEQUENCE tries");
        let fixture = fixture.var("BAD", &raise(code, message));
        fixture.run(&["migrate"]).exits(i32::from(!passes));
        let tries = database.number("SELECT last_value AS number FROM tries");
        assert_eq!(tries, if passes { 3 } else { 1 }, "{message}");
        assert_eq!(database.has("half"), passes);
    }
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    database.execute("CREATE SEQUENCE tries");
    let fixture = fixture.var("BAD", &raise("40P01", "deadlock detected"));
    fixture.run(&["migrate", "--lock-retries", "0"]).exits(1);
}

#[test]
fn a_statement_is_ended_after_its_time() {
    let (fixture, _database) = fixture_or_skip!("pg bad");
    let mut fixture = fixture.var("BAD", "SELECT pg_sleep(60)");
    let ends = |ran: Ran| {
        ran.exits(1).says("canceling statement due to statement timeout").says("--statement-timeout")
    };
    ends(fixture.run(&["migrate", "--statement-timeout", "100ms"]));
    fixture.set("UPDOWN_STATEMENT_TIMEOUT", "100ms");
    ends(fixture.run(&["migrate"]));
    fixture.set("UPDOWN_STATEMENT_TIMEOUT", "soon");
    fixture.run(&["migrate"]).exits(2).says("UPDOWN_STATEMENT_TIMEOUT=soon makes no sense").says("250ms");
    fixture.set("UPDOWN_STATEMENT_TIMEOUT", "");
    let (steps, _) = fixture_or_skip!("pg statements");
    let steps = steps.var("STEPS", "SELECT pg_sleep(60)");
    ends(steps.run(&["migrate", "--statement-timeout", "100ms"]));
    let (options, _) = fixture_or_skip!("pg options");
    ends(options.var("BAD", "SELECT pg_sleep(60)").run(&["migrate"]));
}

#[test]
fn the_lock_timeout_is_said_by_a_migration_by_a_flag_and_by_the_environment() {
    let (fixture, mut database) = fixture_or_skip!("pg options");
    database.execute("CREATE TABLE good (id INT)");
    let mut other = database.another();
    other.execute("BEGIN; LOCK TABLE good");
    let fixture = fixture.var("BAD", "LOCK TABLE good").var("UPDOWN_LOCK_RETRIES", "0");
    // Its own limit is shorter than that of the run.
    fixture.run(&["migrate", "--lock-timeout", "1h"]).exits(1).says("lock timeout");
    let (plain, mut database) = fixture_or_skip!("pg bad");
    let shown = "CREATE TABLE shown AS SELECT current_setting('lock_timeout') AS line";
    let plain = plain.var("BAD", shown).var("UPDOWN_LOCK_TIMEOUT", "7s");
    plain.run(&["migrate"]).exits(0);
    assert_eq!(database.lines("SELECT line FROM shown"), ["7s"]);
    database.execute("DROP TABLE shown");
    plain.run(&["redo", "--lock-timeout", "9s"]).exits(0);
    assert_eq!(database.lines("SELECT line FROM shown"), ["9s"]);
    let (default, mut database) = fixture_or_skip!("pg bad");
    default.var("BAD", shown).run(&["migrate"]).exits(0);
    assert_eq!(database.lines("SELECT line FROM shown"), ["5s"], "there is one by default");
}

#[test]
fn a_signal_cancels_the_statement_in_the_server() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let mut fixture = fixture.var("BAD", "SELECT pg_sleep(600)");
    let child = fixture.start(&["migrate"]);
    until(&mut database, "state = 'active' AND query LIKE '%pg_sleep(600)%'");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    Ran::of(child.wait_with_output().unwrap()).exits(143).says("the same command again goes on from here");
    let sleeping = "SELECT count(*) AS number FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()";
    assert_eq!(database.number(sleeping), 0);
    assert_eq!(database.batches(), ["m1_good@1"]);
    assert!(!database.has("half"));
    fixture.set("BAD", "");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_statement_of_a_killed_run_is_ended_by_the_server() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let mut fixture = fixture.var("BAD", "SELECT pg_sleep(600)");
    let mut child = fixture.start(&["migrate"]);
    until(&mut database, "state = 'active' AND query LIKE '%pg_sleep(600)%'");
    child.kill().unwrap();
    child.wait().unwrap();
    // Without the server's look after its client, the transaction would keep the lease for ten minutes.
    fixture.set("BAD", "");
    fixture.run(&["migrate", "--wait-for-lock", "25s"]).exits(0).says("1 migration applied");
}

#[test]
fn a_signal_ends_an_index_that_is_built_concurrently() {
    let (fixture, mut database) = fixture_or_skip!("pg statements");
    let fixture = fixture.var("STEPS", "CREATE INDEX CONCURRENTLY IF NOT EXISTS good_id ON good (id)");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    other.execute("BEGIN; INSERT INTO good VALUES (1)");
    let child = fixture.start(&["migrate"]);
    until(&mut database, "wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX CONCURRENTLY%'");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    Ran::of(child.wait_with_output().unwrap()).exits(143);
    other.execute("COMMIT");
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 1);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 0);
}

#[test]
fn nobody_waits_inside_the_database_for_the_ledger() {
    let (fixture, mut database) = fixture_or_skip!("example");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let mut other = database.another();
    other.execute("BEGIN; LOCK TABLE schema_migrations_lease");
    fixture.run(&["migrate", "--wait-for-lock", "300ms"]).exits(4).says("is locked by another connection");
    fixture.run(&["status"]).exits(4);
    other.execute("COMMIT");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.batches().len(), 7);
}
