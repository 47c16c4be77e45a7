//! A run on a simulated CockroachDB that is killed anywhere, or stands still anywhere, is finished by the same
//! command.

use std::time::Duration;

use crate::on_cockroach::fixture;
use crate::support::cockroach::Simulated;
use crate::support::{Ran, full};

/// At the Nth round trip for every N, up and down: before the server hears of it, and when it has answered.
/// A quarter of them in `make test`. Of the longer project of typed changes, whose statements are all alike to the
/// journal, an eighth, and half of that.
fn killed_at_every_round_trip(project: &str, command: &[&str]) {
    let Some(undisturbed) = Simulated::new() else { return };
    let wanted = {
        let fixture = fixture(&undisturbed, project);
        fixture.run(&["migrate"]).exits(0);
        fixture.run(command).exits(0);
        fixture.database().dump()
    };
    let every = match (full(), project) {
        (true, "steps") => 1,
        (false, "steps") => 4,
        (true, _) => 8,
        (false, _) => 16,
    };
    for after in [false, true] {
        for n in (1..).step_by(every) {
            let Some(simulated) = Simulated::new() else { return };
            let fixture = fixture(&simulated, project);
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
                // What others do on the server meanwhile is not taken for what was begun.
                let project = project.replace(' ', "_");
                let role = format!("other_{}_{project}_{}_{n}_{after}", std::process::id(), command[0]);
                fixture.database().execute(&format!("CREATE ROLE {role}"));
                fixture.run(command).exits(0);
                fixture.database().execute(&format!("DROP ROLE {role}"));
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
    killed_at_every_round_trip("steps", &["migrate"]);
}

#[test]
fn killed_at_every_round_trip_down() {
    killed_at_every_round_trip("steps", &["rollback", "--all"]);
}

#[test]
fn typed_changes_killed_at_every_round_trip_up() {
    killed_at_every_round_trip("typed safely", &["migrate"]);
}

#[test]
fn typed_changes_killed_at_every_round_trip_down() {
    killed_at_every_round_trip("typed safely", &["rollback", "--all"]);
}

/// A run that stands still before its Nth statement, for every N, until another one has taken its lease and
/// done all there was to do.
#[test]
fn whoever_wakes_up_behind_another_run_does_no_harm() {
    let Some(undisturbed) = Simulated::new() else { return };
    let wanted = {
        let fixture = fixture(&undisturbed, "steps");
        fixture.run(&["migrate"]).exits(0);
        fixture.database().dump()
    };
    for n in (1..).step_by(if full() { 1 } else { 7 }) {
        let Some(simulated) = Simulated::new() else { return };
        let pause = format!("before:{n}");
        let stopped = fixture(&simulated, "steps").meeting().var("PAUSE", &pause);
        let mut child = stopped.start(&["migrate"]);
        while !stopped.path("reached").exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if !stopped.path("reached").exists() {
            assert!(n > 50, "it stands still: {n}");
            Ran::of(child.wait_with_output().unwrap()).exits(0);
            return;
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
        let is_there = stopped.database().has("schema_migrations_lease");
        if is_there {
            // But not where it stands in a transaction that keeps the row.
            stopped.database().execute(
                "UPDATE schema_migrations_lease SET expires_at = '2020-01-01' WHERE service IN
                 (SELECT service FROM schema_migrations_lease FOR UPDATE SKIP LOCKED)",
            );
        }
        let other = fixture(&simulated, "steps");
        // It may stand in a transaction that keeps the lease.
        let ran = other.run(&["migrate", "--wait-for-lock", "300ms"]);
        assert!(matches!(ran.code, Some(0 | 4)), "{n}: {ran:#?}");
        stopped.go();
        rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
        let woken = Ran::of(child.wait_with_output().unwrap());
        assert!(matches!(woken.code, Some(0 | 1)), "{n}: {woken:#?}");
        other.run(&["migrate"]).exits(0);
        assert_eq!(other.database().dump(), wanted, "{n}: {woken:#?}");
    }
}
