//! The server goes down in the middle of a run, as with `pg_ctl restart -m immediate`: what the run says
//! of it is true, the ledger agrees with the tables, and the same command finishes it.

use std::path::Path;
use std::process::Child;

use crate::support::postgres::{Cluster, Options, on};
use crate::support::{Database, Fixture, Ran, full};

#[test]
fn a_restart_in_a_transaction() {
    let Some(mut cluster) = Cluster::start(&Options::default()) else { return };
    for back_in_time in [true, false] {
        let (fixture, ran) = restarted_in_a_body(&mut cluster, "pg slow", back_in_time);
        assert!(speaks_of_the_connection(&ran), "{ran:#?}");
        let mut database = Database::open(&fixture.get("DATABASE_URL"));
        assert_eq!(database.batches(), ["m1_good@1"]);
        assert!(!database.has("slow"));
        fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
        assert_eq!(database.lines("SELECT id::text AS line FROM slow"), ["1"]);
    }
}

#[test]
fn a_restart_is_no_fault_of_the_migration() {
    let Some(mut cluster) = Cluster::start(&Options::default()) else { return };
    for back_in_time in [true, false] {
        let (_, ran) = restarted_in_a_body(&mut cluster, "pg slow", back_in_time);
        ran.says("the connection was lost").says_nothing_of("mend");
    }
}

#[test]
fn a_restart_while_a_step_waits_outside_a_transaction() {
    let Some(mut cluster) = Cluster::start(&Options::default()) else { return };
    let (fixture, ran) = restarted_in_a_body(&mut cluster, "pg pause", true);
    assert!(speaks_of_the_connection(&ran), "{ran:#?}");
    let mut database = Database::open(&fixture.get("DATABASE_URL"));
    assert!(database.has("before") && !database.has("after"));
    assert!(database.batches().is_empty());
    // Whether it did what it was to do, nobody knows but a person.
    fixture.run(&["migrate"]).exits(1).says("updown resolve");
    fixture.run(&["resolve", "1", "--step", "done", "--reason", "it only waits"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
    assert!(database.has("after"));
}

#[test]
fn a_restart_before_any_statement() {
    let Some(mut cluster) = Cluster::start(&Options::default()) else { return };
    for (project, command, before) in [
        ("example", &["migrate", "--json"][..], None),
        ("pg steps", &["migrate", "--json"], None),
        ("pg steps", &["rollback", "--all", "--json"], Some(&["migrate"][..])),
    ] {
        let prepared = |cluster: &Cluster| {
            let (fixture, _) = on(&cluster.url("{}"), project);
            if let Some(before) = before {
                fixture.run(before).exits(0);
            }
            fixture
        };
        let undisturbed = prepared(&cluster);
        undisturbed.run(command).exits(0);
        let wanted = Database::open(&undisturbed.get("DATABASE_URL")).dump();
        let all = names(&undisturbed, before.is_some());
        for n in (1..).step_by(if full() { 1 } else { 6 }) {
            let fixture = prepared(&cluster);
            let mut fixture = fixture.meeting().var("PAUSE", &format!("before:{n}"));
            // Where the server is not back in time, nobody has to wait for it for long.
            let mut run = fixture.start(&[command, &["--wait-for-lock", "1s"]].concat());
            if !is_reached(&mut run, &fixture.path("reached")) {
                assert!(n > 20, "it waits somewhere: {n}");
                Ran::of(run.wait_with_output().unwrap()).exits(0);
                break;
            }
            let ran = go_on_after_restart(&mut cluster, &fixture, n % 4 != 3, || {
                Ran::of(run.wait_with_output().unwrap())
            });
            let what = format!("{project} {command:?}, restarted before statement {n}: {ran:#?}");
            if ran.code != Some(0) {
                assert_eq!(ran.code, Some(1), "{what}");
                assert!(speaks_of_the_connection(&ran), "{what}");
            }
            // What was said to be done is what the ledger has, and nothing else.
            let finished: Vec<String> = ran
                .json_lines()
                .iter()
                .filter(|event| event["event"] == "finished")
                .map(|event| event["name"].as_str().expect("a name").to_owned())
                .collect();
            let in_ledger = names(&fixture, false);
            if before.is_some() {
                let left: Vec<_> = all.iter().filter(|name| !finished.contains(name)).cloned().collect();
                assert_eq!(in_ledger, left, "{what}");
            } else {
                assert_eq!(in_ledger, finished, "{what}");
            }
            fixture.set("PAUSE", "");
            fixture.run(command).exits(0);
            assert_eq!(Database::open(&fixture.get("DATABASE_URL")).dump(), wanted, "{what}");
            fixture.run(&["lock"]).exits(0).says("main: free");
        }
    }
}

/// The server went down while a body waited.
fn restarted_in_a_body(cluster: &mut Cluster, project: &str, back_in_time: bool) -> (Fixture, Ran) {
    let (fixture, _) = on(&cluster.url("{}"), project);
    let fixture = fixture.meeting();
    let patience = if back_in_time { "60s" } else { "1s" };
    let run = fixture.start(&["migrate", "--wait-for-lock", patience]);
    fixture.reached();
    let ran = go_on_after_restart(cluster, &fixture, back_in_time, || {
        Ran::of(run.wait_with_output().unwrap()).exits(1)
    });
    (fixture, ran)
}

fn speaks_of_the_connection(ran: &Ran) -> bool {
    ["the connection was lost", "closed the connection", "cannot open"]
        .iter()
        .any(|text| ran.stdout.contains(text) || ran.stderr.contains(text))
}

/// Takes the server down, and lets the run that waits go on: when the server is back, or before.
fn go_on_after_restart(
    cluster: &mut Cluster,
    fixture: &Fixture,
    back_in_time: bool,
    end: impl FnOnce() -> Ran,
) -> Ran {
    cluster.crash();
    if back_in_time {
        cluster.recover();
    }
    fixture.go();
    let ran = end();
    if !back_in_time {
        cluster.recover();
    }
    ran
}

/// What the ledger has; or, of a run that has removed it all, what its history has.
fn names(fixture: &Fixture, rolled_back: bool) -> Vec<String> {
    let mut database = Database::open(&fixture.get("DATABASE_URL"));
    if !database.has("schema_migrations") {
        return Vec::new();
    }
    database.lines(if rolled_back {
        "SELECT name AS line FROM schema_migrations_history WHERE outcome = 'applied' ORDER BY id"
    } else {
        "SELECT name AS line FROM schema_migrations ORDER BY id"
    })
}

fn is_reached(run: &mut Child, path: &Path) -> bool {
    loop {
        if path.exists() {
            return true;
        }
        if run.try_wait().expect("it is ours").is_some() {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
