//! SIGKILL at any point of taking over and of giving back: nobody takes what is left for a new database, and the same
//! command again completes it.

use crate::support::{Fixture, Store, full};

use super::ledgers::{UP, everything};

/// golang-migrate's table has the name that ours needs, goose's has not.
const LEDGERS: [&str; 2] = [
    "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
     INSERT INTO schema_migrations (version, dirty) VALUES (2, false)",
    "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp);
     INSERT INTO goose_db_version VALUES (1, 0, true, NULL), (2, 1, true, NULL), (3, 2, true, '2024-03-01 10:00:00')",
];

/// As if the tool had run the first two of `m1_a,m2_b,m3_c`; `ledger` is what it has entered.
pub fn prepare(fixture: &Fixture, ledger: &str) {
    for sql in [UP[0], UP[1], ledger] {
        fixture.database().execute(sql);
    }
}

/// What is left is none that a migrate would take for a new database.
pub fn is_safe(fixture: &Fixture, what: &str) {
    let plan = fixture.run(&["plan", "--json"]);
    if plan.code == Some(5) {
        return;
    }
    let plan = plan.exits(0).json();
    let names: Vec<_> =
        plan["actions"].as_array().expect("a list").iter().map(|action| &action["name"]).collect();
    assert_eq!(names, ["m3_c"], "{what}");
}

/// What is there when it is taken over, and the rest is run.
pub fn is_taken_over(fixture: &Fixture, what: &str) {
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().batches(), ["m1_a@1", "m2_b@1", "m3_c@2"], "{what}");
    assert_eq!(fixture.database().history(), ["m1_a adopted", "m2_b adopted", "m3_c applied"], "{what}");
    fixture.run(&["lock"]).exits(0).says("main: free");
}

/// Kills the command at N = 1, 2, … until it survives.
fn at_every(store: Store, kill: impl Fn(&mut Fixture, usize)) {
    for (ledger, undoes) in LEDGERS.iter().flat_map(|ledger| [(ledger, false), (ledger, true)]) {
        let command: &[&str] = if undoes { &["adopt", "--undo"] } else { &["adopt"] };
        let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b,m3_c");
        let mut killed = 0;
        // Every other one otherwise: what is done behind one is done before the next.
        for n in (1..).step_by(if full() { 1 } else { 2 }) {
            fixture.home.clear();
            prepare(&fixture, ledger);
            let before = everything(&mut fixture.database(), store);
            if undoes {
                fixture.run(&["adopt"]).exits(0);
            }
            kill(&mut fixture, n);
            let first = fixture.run(command);
            for name in ["KILL", "KILL_AT", "LD_PRELOAD"] {
                fixture.set(name, "");
            }
            let what = format!("{command:?} of {ledger}, killed at {n}: {first:?}");
            is_safe(&fixture, &what);
            if first.code != Some(0) {
                assert_eq!(first.code, None, "{what}");
                killed += 1;
                fixture.holder_is_gone();
                let again = fixture.run(command);
                // All of it was done, and nobody has heard of it.
                let is_done =
                    undoes && again.code == Some(2) && again.stderr.contains("nothing was taken over");
                assert!(is_done || again.code == Some(0), "{what}: {again:?}");
            }
            match undoes {
                true => assert_eq!(everything(&mut fixture.database(), store), before, "{what}"),
                false => is_taken_over(&fixture, &what),
            }
            if first.code == Some(0) {
                assert!(killed > 5, "the killer kills: {killed}");
                break;
            }
        }
    }
}

pub fn killed_at_every_statement(store: Store) {
    for when in ["before", "after"].iter().filter(|when| full() || **when == "before") {
        at_every(store, |fixture, n| fixture.set("KILL", &format!("{when}:{n}")));
    }
}

#[test]
fn killed_at_every_write_of_a_file() {
    let Some(library) = crate::crash::killer() else { return };
    at_every(Store::Sqlite, |fixture, n| {
        fixture.set("KILL_AT", &format!("before:{n}"));
        fixture.set("LD_PRELOAD", library.to_str().expect("text"));
    });
}

#[cfg(feature = "postgres")]
mod cockroach_simulated {
    use super::*;
    use crate::on_cockroach::fixture;
    use crate::support::Ran;
    use crate::support::cockroach::Simulated;

    /// Kills the command before its `n`th round trip.
    fn killed(simulated: &Simulated, fixture: &Fixture, n: usize, command: &[&str]) -> Ran {
        simulated.kill_before(n);
        let child = fixture.start(command);
        simulated.kills(&child);
        Ran::of(child.wait_with_output().unwrap())
    }

    #[test]
    fn a_table_of_another_name_and_one_of_ours() {
        let chat = LEDGERS[0].replace("schema_migrations", "chat_migrations");
        let in_the_way = LEDGERS[1].replace("goose_db_version", "schema_migrations");
        for (ledger, command, whose) in [
            (&chat, &["adopt", "--table", "chat_migrations"][..], "chat_migrations is golang-migrate's"),
            (&in_the_way, &["adopt"], "schema_migrations is goose's"),
        ] {
            let Some(simulated) = Simulated::new() else { return };
            let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a,m2_b,m3_c");
            prepare(&fixture, ledger);
            let before = everything(&mut fixture.database(), Store::Postgres);
            fixture.run(command).exits(0).says("2 migrations of");
            fixture.run(command).exits(0).says("already");
            fixture.run(&["adopt", "--undo"]).exits(0).says(&format!("{whose} again"));
            assert_eq!(everything(&mut fixture.database(), Store::Postgres), before);
            fixture.run(command).exits(0);
            is_taken_over(&fixture, whose);
        }
        // The same command goes on, also where its table has made room by then.
        for n in (1..).step_by(if full() { 1 } else { 3 }) {
            let Some(simulated) = Simulated::new() else { return };
            let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a,m2_b,m3_c");
            prepare(&fixture, &in_the_way);
            let command = ["adopt", "--table", "schema_migrations"];
            let killed = killed(&simulated, &fixture, n, &command);
            if killed.code == Some(0) {
                assert!(n > 10, "the killer kills: {n}");
                break;
            }
            if fixture.database().has("schema_migrations_lease") {
                fixture.database().expire_lease();
            }
            fixture.run(&command).exits(0);
            is_taken_over(&fixture, &format!("killed at {n}"));
        }
        // What has the name of ours, and is not meant, is left alone.
        let Some(simulated) = Simulated::new() else { return };
        let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a,m2_b,m3_c");
        prepare(&fixture, &chat);
        fixture.database().execute("CREATE TABLE schema_migrations (version bigint, dirty boolean)");
        let before = everything(&mut fixture.database(), Store::Postgres);
        fixture.run(&["adopt", "--table", "chat_migrations"]).exits(5).says("made by golang-migrate");
        assert_eq!(everything(&mut fixture.database(), Store::Postgres), before);
    }

    /// Before the Nth round trip for every N: what is done after one is what is done before the next.
    #[test]
    fn killed_at_every_round_trip() {
        for (ledger, undoes) in LEDGERS.iter().flat_map(|ledger| [(ledger, false), (ledger, true)]) {
            let command: &[&str] = if undoes { &["adopt", "--undo"] } else { &["adopt"] };
            for n in (1..).step_by(if full() { 1 } else { 2 }) {
                let Some(simulated) = Simulated::new() else { return };
                let fixture = fixture(&simulated, "tables").var("VERSIONS", "m1_a,m2_b,m3_c");
                prepare(&fixture, ledger);
                let before = everything(&mut fixture.database(), Store::Postgres);
                if undoes {
                    fixture.run(&["adopt"]).exits(0);
                }
                let first = killed(&simulated, &fixture, n, command);
                let what = format!("{command:?} of {ledger}, killed at {n}: {first:?}");
                if first.code == Some(0) {
                    // What was to kill it is still to come.
                    fixture.run(&["status"]);
                }
                is_safe(&fixture, &what);
                if first.code != Some(0) {
                    assert_eq!(first.code, None, "{what}");
                    if fixture.database().has("schema_migrations_lease") {
                        fixture.database().expire_lease();
                    }
                    let again = fixture.run(command);
                    let is_done =
                        undoes && again.code == Some(2) && again.stderr.contains("nothing was taken over");
                    assert!(is_done || again.code == Some(0), "{what}: {again:?}");
                }
                match undoes {
                    true => {
                        assert_eq!(everything(&mut fixture.database(), Store::Postgres), before, "{what}")
                    }
                    false => is_taken_over(&fixture, &what),
                }
                if first.code == Some(0) {
                    assert!(n > 10, "the killer kills: {n}");
                    break;
                }
            }
        }
    }
}
