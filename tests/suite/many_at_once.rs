//! Many processes on one database, and a holder of the lease that dies, or stops and goes on.

use std::io::{BufRead, BufReader, Read};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Ran, Store, for_each_store};

for_each_store! {
    eight_at_once_many_times,
    eight_rollbacks_at_once_undo_it_once,
    when_the_holder_is_killed_the_next_one_goes_on_at_once,
    the_one_that_waits_too_long_is_told_by_whom,
    a_holder_that_was_stopped_past_its_lease_notices_before_its_next_step,
    a_holder_that_is_stopped_in_its_transaction_keeps_the_others_out,
    a_lease_that_is_broken_stops_its_holder,
    a_rollback_that_waited_undoes_nothing_else;
    // Where no transaction is open, a lease is renewed while the migration runs.
    sql: a_long_migration_renews_the_lease_with_its_commit,
}

/// Reads until the program says that it waits for the lock: it has looked, and made its plan.
fn waits(program: &mut std::process::Child) {
    let mut stderr = BufReader::new(program.stderr.take().expect("it is read"));
    let mut line = String::new();
    while !line.starts_with("waiting for the lock of store main") {
        assert!(line.is_empty() || line.contains("simulated"), "{line}");
        line.clear();
        assert!(stderr.read_line(&mut line).expect("it says something") > 0, "it ended");
    }
    // The rest goes nowhere, but must not stop it.
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
}

fn eight_at_once_many_times(store: Store) {
    // A server takes longer to make its databases, and eight connections to each of them.
    for round in 0..store.each(20, 5, 1) {
        let fixture = store.fixture("example");
        let children: Vec<_> = (0..8).map(|_| fixture.start(&["migrate"])).collect();
        let ran: Vec<Ran> =
            children.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap())).collect();
        for ran in &ran {
            assert_eq!(ran.code, Some(0), "round {round}: {ran:#?}");
        }
        let mut database = fixture.database();
        assert_eq!(database.batches().len(), 7, "round {round}");
        assert_eq!(database.history().len(), 7, "each was applied once, in round {round}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

fn eight_rollbacks_at_once_undo_it_once(store: Store) {
    let fixture = store.fixture("example");
    fixture.run(&["migrate"]).exits(0);
    let children: Vec<_> = (0..8).map(|_| fixture.start(&["rollback", "--all"])).collect();
    for child in children {
        Ran::of(child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(fixture.database().history().len(), 14);
}

fn when_the_holder_is_killed_the_next_one_goes_on_at_once(store: Store) {
    let fixture = store.fixture("slow").meeting();
    let mut holder = fixture.start(&["migrate"]);
    fixture.reached();
    // The one that waits may wait for 10 s: less than the 30 s after which a lease expires.
    let mut waiting = fixture.start(&["migrate", "--wait-for-lock", "10s"]);
    waits(&mut waiting);
    holder.kill().unwrap();
    holder.wait().unwrap();
    fixture.holder_is_gone();
    fixture.go();
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("2 migrations applied");
    assert_eq!(fixture.database().history(), ["m1_good applied", "m2_slow applied", "m3_last applied"]);
}

fn the_one_that_waits_too_long_is_told_by_whom(store: Store) {
    let fixture = store.fixture("pause").meeting().var("UPDOWN_ACTOR", "the other pipeline");
    let mut holder = fixture.start(&["migrate"]);
    fixture.reached();
    fixture
        .run(&["migrate", "--wait-for-lock", "200ms"])
        .exits(4)
        .says("store main is locked by the other pipeline")
        .says("updown lock --release --store main");
    fixture.run(&["lock"]).exits(0).says("held by the other pipeline");
    fixture.run(&["migrate", "--dry-run"]).exits(4);
    fixture.go();
    assert!(holder.wait().unwrap().success());
}

fn a_holder_that_was_stopped_past_its_lease_notices_before_its_next_step(store: Store) {
    let fixture = store.fixture("pause").meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    let pid = Pid::from_child(&holder);
    kill_process(pid, Signal::STOP).unwrap();
    // The holder lives, so that only the expiry frees its lease.
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(4);
    fixture.database().expire_lease();
    // The other one gets the lease, and stops at the step of which nobody knows how far it came.
    fixture.run(&["resolve", "m2_pause", "--step", "done", "--reason", "it is inside"]).exits(0);
    let before = fixture.database().dump();
    fixture.go();
    kill_process(pid, Signal::CONT).unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
    assert_eq!(fixture.database().dump(), before, "it did nothing more");
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().batches().len(), 3);
}

fn a_holder_that_is_stopped_in_its_transaction_keeps_the_others_out(store: Store) {
    let fixture = store.fixture("slow").meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    let pid = Pid::from_child(&holder);
    kill_process(pid, Signal::STOP).unwrap();
    // It is alive, whatever its expiry says, and nobody waits for it inside the database.
    fixture.run(&["migrate", "--wait-for-lock", "300ms"]).exits(4).says("is locked by");
    assert_eq!(fixture.database().waiting(), 0);
    fixture.go();
    kill_process(pid, Signal::CONT).unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(0);
    assert_eq!(fixture.database().history().len(), 3);
}

fn a_lease_that_is_broken_stops_its_holder(store: Store) {
    let fixture = store.fixture("pause").meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    fixture.run(&["lock", "--release"]).exits(5).says("nobody is there to confirm it");
    fixture.run(&["lock", "--release", "--yes"]).exits(0).says("main: free");
    fixture.go();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
    assert!(!fixture.database().has("after"), "nothing more was done");
    fixture
        .run(&["resolve", "2", "--step", "done", "--reason", "the table is there"])
        .exits(0)
        .says("m2_pause is settled");
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert!(fixture.database().has("after"));
}

fn a_long_migration_renews_the_lease_with_its_commit(store: Store) {
    let mut fixture = store.fixture("slow").meeting();
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    // The tables are there. On SQLite the lease's own transaction is the first commit, on PostgreSQL it
    // is a statement without one.
    fixture.set("KILL", store.either("committed:2", "committed:1"));
    let mut holder = fixture.start(&["migrate"]);
    fixture.reached();
    // Longer than the time after which a lease is renewed.
    std::thread::sleep(std::time::Duration::from_millis(5_500));
    fixture.go();
    assert_eq!(holder.wait().unwrap().code(), None, "killed behind the commit");
    fixture.set("KILL", "");
    let mut database = fixture.database();
    assert_eq!(database.batches().len(), 2);
    let left = database.number(store.either(
        "SELECT CAST(round((julianday(l.expires_at) - julianday(h.at)) * 86400) AS INTEGER) AS number
         FROM schema_migrations_lease l, schema_migrations_history h WHERE h.name = 'm2_slow'",
        "SELECT round(extract(epoch FROM l.expires_at - h.at))::bigint AS number
         FROM schema_migrations_lease l, schema_migrations_history h WHERE h.name = 'm2_slow'",
    ));
    assert!(left >= 30, "the whole lease, from the commit on");
    fixture.run(&["migrate"]).exits(0);
}

fn a_rollback_that_waited_undoes_nothing_else(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    let mut database = fixture.database();
    database.hold_lease("another run");
    // It means the second batch; while it waits, somebody else undoes that.
    let mut waiting = fixture.start(&["rollback"]);
    waits(&mut waiting);
    database.execute(store.in_sql_or_cql(
        "DELETE FROM schema_migrations WHERE name = 'm2_b'; DROP TABLE b",
        "DELETE FROM schema_migrations WHERE service = '(default)' AND id = 2; DROP TABLE b",
    ));
    database.free_lease();
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("nothing to do");
    assert_eq!(database.batches(), ["m1_a@1"]);
}
