//! Many processes on one keyspace, and a holder of the lease that stops, loses it, and goes on.

use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::cassandra::{Keyspace, keyspace};
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, full};

const LIMIT: Duration = Duration::from_secs(120);

fn fixture(project: &str, url: &str) -> Fixture {
    Fixture::new(project).var("DATABASE_URL", url)
}

/// What a run leaves that nobody disturbed.
fn undisturbed(project: &str) -> Option<Vec<String>> {
    let keyspace = keyspace()?;
    let fixture = fixture(project, &keyspace.url).meeting();
    fixture.go();
    fixture.run(&["migrate"]).exits(0);
    Some(state(&keyspace.url))
}

#[test]
fn twenty_first_starts_at_once() {
    let Some(wanted) = undisturbed("cql") else { return };
    for _ in 0..if full() { 10 } else { 1 } {
        let keyspace = keyspace().expect("it was there before");
        let fixture = fixture("cql", &keyspace.url);
        let children: Vec<Child> = (0..20).map(|_| fixture.start(&["migrate"])).collect();
        let ran: Vec<Ran> = children.into_iter().map(|child| Ran::within(LIMIT, child)).collect();
        for ran in &ran {
            assert_eq!(ran.code, Some(0), "{ran:#?}");
        }
        // The history, too: each was applied once.
        assert_state(&keyspace.url, &wanted, "twenty at once");
        let applied: usize = ran.iter().map(|ran| ran.stdout.matches("applied  ").count()).sum();
        assert_eq!(applied, attempts(&wanted), "{ran:#?}");
    }
}

#[test]
fn twenty_rollbacks_at_once() {
    let Some(keyspace) = keyspace() else { return };
    let fixture = fixture("cql", &keyspace.url);
    fixture.run(&["migrate"]).exits(0);
    let applied = attempts(&state(&keyspace.url));
    let children: Vec<Child> = (0..20).map(|_| fixture.start(&["rollback", "--all"])).collect();
    for child in children {
        Ran::within(LIMIT, child).exits(0);
    }
    assert_eq!(attempts(&state(&keyspace.url)), 2 * applied, "each was undone once");
}

fn attempts(state: &[String]) -> usize {
    state.iter().filter(|line| line.starts_with("history: ")).count()
}

/// Stopped between two statements of a body.
fn stopped_in_its_body(keyspace: &Keyspace) -> (Fixture, Child) {
    let fixture = fixture("cql pause", &keyspace.url).meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    kill_process(Pid::from_child(&holder), Signal::STOP).unwrap();
    // It lives, so that nobody takes its lease over before its time.
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(4).says("is locked by");
    (fixture, holder)
}

/// It finds out before its next statement that another run has finished what it had begun.
fn goes_on(fixture: &Fixture, keyspace: &Keyspace, holder: Child) {
    let wanted = undisturbed("cql pause").expect("it was there before");
    assert_state(&keyspace.url, &wanted, "another run finished it");
    kill_process(Pid::from_child(&holder), Signal::CONT).unwrap();
    let ran = Ran::within(LIMIT, holder).exits(1);
    ran.says("the lease was lost to another run").says("hint: ");
    assert_state(&keyspace.url, &wanted, "the holder came back");
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["lock"]).exits(0).says("main: free");
}

#[test]
fn a_holder_whose_lease_was_broken() {
    let Some(keyspace) = keyspace() else { return };
    let (fixture, holder) = stopped_in_its_body(&keyspace);
    fixture.run(&["lock", "--release", "--yes"]).exits(0).says("main: free");
    fixture.go();
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    goes_on(&fixture, &keyspace, holder);
}

#[test]
fn a_holder_whose_lease_has_expired() {
    if !full() {
        return;
    }
    let Some(keyspace) = keyspace() else { return };
    let (fixture, holder) = stopped_in_its_body(&keyspace);
    fixture.go();
    // Longer than the lease lasts, which nobody renews.
    fixture.run(&["migrate", "--wait-for-lock", "45s"]).exits(0).says("2 migrations applied");
    goes_on(&fixture, &keyspace, holder);
}

#[test]
fn a_holder_whose_lease_was_broken_and_is_free() {
    let Some(keyspace) = keyspace() else { return };
    let (fixture, holder) = stopped_in_its_body(&keyspace);
    fixture.run(&["lock", "--release", "--yes"]).exits(0);
    fixture.go();
    kill_process(Pid::from_child(&holder), Signal::CONT).unwrap();
    // Nobody has taken it, but whoever broke it may count on it.
    Ran::within(LIMIT, holder).exits(1).says("the lease was lost to another run");
    assert!(!state(&keyspace.url).iter().any(|line| line.contains("after")), "nothing more was done");
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    let wanted = undisturbed("cql pause").expect("it was there before");
    assert_state(&keyspace.url, &wanted, "the same command again");
}

/// Two are stopped at any request, which is on its way, lose the lease, and go on when a third has
/// finished: their requests arrive late, and they go on where they were.
#[test]
fn two_that_come_back() {
    let command = ["migrate"];
    let Some(wanted) = undisturbed("cql filled") else { return };
    let all = {
        let keyspace = keyspace().expect("it was there before");
        let proxy = CqlProxy::before(&keyspace.url);
        fixture("cql filled", proxy.url()).run(&command).exits(0);
        proxy.asked().len()
    };
    let (steps, mut n_both) = (if full() { (5, 11) } else { (17, 29) }, 0);
    // What comes before is the driver's own.
    for n in (12..all).step_by(steps.0) {
        for m in (9..all).step_by(steps.1) {
            let keyspace = keyspace().expect("it was there before");
            let direct = fixture("cql filled", &keyspace.url);
            let stopped = |at: usize| {
                let proxy = CqlProxy::before(&keyspace.url).nth(at, Fault::Stop);
                let fixture = fixture("cql filled", proxy.url());
                let mut child = fixture.start(&command);
                proxy.kills(&child);
                let is_stopped = proxy.is_stopped(&mut child);
                direct.run(&["lock", "--release", "--yes"]).exits(0);
                (proxy, child, is_stopped, fixture)
            };
            let (first, second) = (stopped(n), stopped(m));
            n_both += usize::from(first.2 && second.2);
            direct.run(&command).exits(0);
            assert_state(&keyspace.url, &wanted, &format!("stopped at {n} and {m}"));
            // The last one first.
            second.0.go_on();
            first.0.go_on();
            for child in [first.1, second.1] {
                let ran = Ran::within(LIMIT, child);
                // There may be nothing left that it had to do.
                if ran.code != Some(0) {
                    ran.exits(1).says("the lease was lost to another run");
                }
            }
            assert_state(&keyspace.url, &wanted, &format!("stopped at {n} and {m}, and came back"));
            direct.run(&["lock"]).exits(0).says("main: free");
        }
    }
    assert!(n_both > 0, "some of them were stopped");
}
