//! Many processes on one PostgreSQL database, holders that are killed or stopped, and long lists.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::{Cluster, Options, fixture_or_skip, on};
use crate::support::{Fixture, Ran, full};

fn all_end_well(children: Vec<Child>, round: usize) {
    for child in children {
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "round {round}: {ran:#?}");
    }
}

#[test]
fn twenty_at_once() {
    // Twenty rounds in `make test-full`.
    for round in 0..if full() { 20 } else { 5 } {
        let (fixture, mut database) = fixture_or_skip!("example");
        all_end_well((0..20).map(|_| fixture.start(&["migrate"])).collect(), round);
        assert_eq!(database.history().len(), 7, "each was applied once, in round {round}");
        assert_eq!(database.batches().len(), 7);
        all_end_well((0..20).map(|_| fixture.start(&["rollback", "--all"])).collect(), round);
        assert_eq!(database.history().len(), 14, "each was rolled back once, in round {round}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

/// A run that waits in the transaction of its second migration.
fn holder(fixture: Fixture) -> (Fixture, Child) {
    let fixture = fixture.meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    (fixture, holder)
}

#[test]
fn when_the_holder_is_killed_one_of_many_goes_on_at_once() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let (fixture, mut holder) = holder(fixture);
    // They may wait for less than a lease lasts.
    let waiting: Vec<_> = (0..10).map(|_| fixture.start(&["migrate", "--wait-for-lock", "25s"])).collect();
    holder.kill().unwrap();
    holder.wait().unwrap();
    fixture.go();
    all_end_well(waiting, 0);
    assert_eq!(database.history(), ["m1_good applied", "m2_slow applied", "m3_last applied"]);
}

#[test]
fn who_waits_for_the_lease_waits_outside_the_database() {
    let (fixture, mut database) = fixture_or_skip!("example");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    // The row looks free, and another transaction has it: as that of a holder whose lease has expired.
    let mut other = database.another();
    other.execute("BEGIN; SELECT FROM schema_migrations_lease FOR UPDATE");
    let mut waiting = fixture.start(&["migrate", "--wait-for-lock", "1s"]);
    while waiting.try_wait().unwrap().is_none() {
        assert_eq!(database.waiting(), 0);
    }
    Ran::of(waiting.wait_with_output().unwrap()).exits(4);
    other.execute("COMMIT");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_stopped_holder_whose_transaction_the_server_ended_does_nothing_more() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let (fixture, holder) = holder(fixture);
    let pid = Pid::from_child(&holder);
    kill_process(pid, Signal::STOP).unwrap();
    // As the server does by itself when a transaction has been idle for as long as this says.
    let idle = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(database.number(idle), 1);
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
    fixture.go();
    fixture.run(&["migrate", "--wait-for-lock", "25s"]).exits(0).says("2 migrations applied");
    kill_process(pid, Signal::CONT).unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(1);
    let ends: Vec<String> = database.history();
    assert_eq!(ends.iter().filter(|line| line.ends_with("applied")).count(), 3, "{ends:?}");
}

#[test]
fn a_transaction_that_is_idle_for_long_is_ended_by_the_server() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let shown = "CREATE TABLE shown AS SELECT current_setting('idle_in_transaction_session_timeout') AS line";
    fixture.var("BAD", shown).run(&["migrate"]).exits(0);
    assert_eq!(database.lines("SELECT line FROM shown"), ["5min"]);
}

#[test]
fn five_thousand_migrations_and_ten_thousand_rows() {
    // A server with its default settings: what a transaction locks has to fit.
    let default = Options::default().setting("max_connections", "100");
    let Some(cluster) = Cluster::start(&default) else { return };
    let (fixture, mut database) = on(&cluster.url("{}"), "pg many");
    let count = if full() { 5_000 } else { 500 };
    let mut fixture = fixture.var("COUNT", &count.to_string());
    fixture.run(&["migrate"]).exits(0).says(&format!("{count} migrations applied in batch 1"));
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["fresh"]).exits(0).says(&format!("{count} migrations applied in batch 2"));
    fixture.run(&["rollback", "--all"]).exits(0);
    assert_eq!(database.batches(), [""; 0]);
    fixture.set("COUNT", "10000");
    database.execute(
        "INSERT INTO schema_migrations (id, name, hash, applied_at, batch_no, service, run_id, fingerprint, duration_ms)
         SELECT i, format('m%s_t%1$s', i), 'x', now(), 1, '', 'run', 'x', 1 FROM generate_series(1, 10000) i",
    );
    let status = fixture.run(&["status", "--json"]).exits(0);
    let rows = status.json();
    let listed = rows["stores"][0]["migrations"].as_array().map_or(0, Vec::len);
    assert_eq!(listed, 10_000, "{}", &status.stdout[..500]);
}
