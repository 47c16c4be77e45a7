//! Many processes on one file, and a holder of the lease that dies, or stops and goes on.

use std::io::{BufRead, BufReader, Read};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Fixture, Ran, wait_for};

/// Reads until the program says that it waits for the lock: it has looked, and made its plan.
fn waits(program: &mut std::process::Child) {
    let mut stderr = BufReader::new(program.stderr.take().expect("it is read"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("it says something");
    assert!(line.starts_with("waiting for the lock of store main"), "{line}");
    // The rest goes nowhere, but must not stop it.
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
}

#[test]
fn eight_at_once_twenty_times() {
    for round in 0..20 {
        let fixture = Fixture::new("example");
        let children: Vec<_> = (0..8).map(|_| fixture.start(&["migrate"])).collect();
        let ran: Vec<Ran> =
            children.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap())).collect();
        for ran in &ran {
            assert_eq!(ran.code, Some(0), "round {round}: {ran:#?}");
        }
        let mut database = fixture.database();
        assert_eq!(database.batches().len(), 6, "round {round}");
        assert_eq!(database.history().len(), 6, "each was applied once, in round {round}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

#[test]
fn eight_rollbacks_at_once_undo_it_once() {
    let fixture = Fixture::new("example");
    fixture.run(&["migrate"]).exits(0);
    let children: Vec<_> = (0..8).map(|_| fixture.start(&["rollback", "--all"])).collect();
    for child in children {
        Ran::of(child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(fixture.database().history().len(), 12);
}

#[test]
fn when_the_holder_is_killed_the_next_one_goes_on_at_once() {
    let fixture = Fixture::new("slow");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let mut holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    // The one that waits may wait for 10 s: less than the 30 s after which a lease expires.
    let mut waiting = fixture.start(&["migrate", "--wait-for-lock", "10s"]);
    waits(&mut waiting);
    holder.kill().unwrap();
    holder.wait().unwrap();
    std::fs::write(fixture.path("go"), "").unwrap();
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("2 migrations applied");
    assert_eq!(fixture.database().history(), ["m1_good applied", "m2_slow applied", "m3_last applied"]);
}

#[test]
fn the_one_that_waits_too_long_is_told_by_whom() {
    let fixture = Fixture::new("pause").var("UPDOWN_ACTOR", "the other pipeline");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let mut holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    fixture
        .run(&["migrate", "--wait-for-lock", "200ms"])
        .exits(4)
        .says("store main is locked by the other pipeline")
        .says("updown lock --release --store main");
    fixture.run(&["lock"]).exits(0).says("held by the other pipeline");
    fixture.run(&["migrate", "--dry-run"]).exits(4);
    std::fs::write(fixture.path("go"), "").unwrap();
    assert!(holder.wait().unwrap().success());
}

#[test]
fn a_holder_that_was_stopped_past_its_lease_notices_before_its_next_step() {
    let fixture = Fixture::new("pause");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    let pid = Pid::from_child(&holder);
    kill_process(pid, Signal::STOP).unwrap();
    // The holder lives, so that only the expiry frees its lease.
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(4);
    fixture.database().execute("UPDATE schema_migrations_lease SET expires_at = '2020-01-01T00:00:00.000Z'");
    // The other one gets the lease, and stops at the step of which nobody knows how far it came.
    fixture.run(&["resolve", "m2_pause", "--step", "done", "--reason", "it is inside"]).exits(0);
    let before = fixture.database().dump();
    std::fs::write(fixture.path("go"), "").unwrap();
    kill_process(pid, Signal::CONT).unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
    assert_eq!(fixture.database().dump(), before, "it did nothing more");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().batches().len(), 3);
}

#[test]
fn a_lease_that_is_broken_stops_its_holder() {
    let fixture = Fixture::new("pause");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    fixture.run(&["lock", "--release"]).exits(5).says("nobody is there to confirm it");
    fixture.run(&["lock", "--release", "--yes"]).exits(0).says("main: free");
    std::fs::write(fixture.path("go"), "").unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
}

#[test]
fn a_long_migration_renews_the_lease_with_its_commit() {
    let fixture = Fixture::new("slow");
    let meet = fixture.directory.path().display().to_string();
    // The lease's own transaction is the first commit, the good migration's the second.
    let mut fixture = fixture.var("MEET", &meet).var("KILL", "committed:3");
    let mut holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    // Longer than the time after which a lease is renewed.
    std::thread::sleep(std::time::Duration::from_millis(5_500));
    std::fs::write(fixture.path("go"), "").unwrap();
    assert_eq!(holder.wait().unwrap().code(), None, "killed behind the commit");
    fixture.set("KILL", "");
    let mut database = fixture.database();
    assert_eq!(database.batches().len(), 2);
    let left = "SELECT CAST(round((julianday(l.expires_at) - julianday(h.at)) * 86400) AS INTEGER) AS number
                FROM schema_migrations_lease l, schema_migrations_history h WHERE h.name = 'm2_slow'";
    assert!(database.number(left) >= 30, "the whole lease, from the commit on");
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_rollback_that_waited_undoes_nothing_else() {
    let mut fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    let mut database = fixture.database();
    database.execute(
        "UPDATE schema_migrations_lease SET owner = 'other', held_by = 'another run', expires_at = '2999-01-01T00:00:00.000Z'",
    );
    // It means the second batch; while it waits, somebody else undoes that.
    let mut waiting = fixture.start(&["rollback"]);
    waits(&mut waiting);
    database.execute("DELETE FROM schema_migrations WHERE name = 'm2_b'; DROP TABLE b");
    database.execute("UPDATE schema_migrations_lease SET owner = NULL");
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("nothing to do");
    assert_eq!(database.batches(), ["m1_a@1"]);
}
