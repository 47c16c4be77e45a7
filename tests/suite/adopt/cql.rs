//! The ledgers of gocqlx and of golang-migrate's Cassandra, with their own tables.

use crate::support::cassandra::is_there;
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::{Fixture, Ran, Store, full};

use super::killed::{is_safe, is_taken_over};

/// A tool, its table, and what it has entered for the first two of `m1_a,m2_b,m3_c`.
const LEDGERS: [(&str, &str, &str); 2] = [
    (
        "golang-migrate",
        "schema_migrations",
        "CREATE TABLE schema_migrations (version bigint, dirty boolean, PRIMARY KEY(version));
         INSERT INTO schema_migrations (version, dirty) VALUES (2, false)",
    ),
    (
        "gocqlx",
        "gocqlx_migrate",
        "CREATE TABLE gocqlx_migrate (name text, checksum text, done int, start_time timestamp, end_time timestamp, PRIMARY KEY(name));
         INSERT INTO gocqlx_migrate (name, checksum, done, start_time, end_time) VALUES ('m1_a.cql', 'd41d8cd98f00b204e9800998ecf8427e', 1, '2024-03-01 10:00:00.000Z', '2024-03-01 10:00:00.250Z');
         INSERT INTO gocqlx_migrate (name, checksum, done, start_time, end_time) VALUES ('m2_b.cql', 'd41d8cd98f00b204e9800998ecf8427e', 1, '2024-03-01 10:00:01.000Z', '2024-03-01 10:00:01.250Z')",
    ),
];

fn prepared(ledger: &str) -> Fixture {
    let fixture = Store::Cassandra.fixture("tables").var("VERSIONS", "m1_a,m2_b,m3_c");
    for cql in ["CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)", ledger] {
        fixture.database().execute(cql);
    }
    fixture
}

/// Kills the command before its `n`th request.
fn killed(fixture: &mut Fixture, n: usize, command: &[&str]) -> Ran {
    let url = fixture.home.url().to_owned();
    let proxy = CqlProxy::before(&url).nth(n, Fault::KillBefore);
    fixture.set("DATABASE_URL", proxy.url());
    let child = fixture.start(command);
    proxy.kills(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    fixture.set("DATABASE_URL", &url);
    ran
}

/// Tables and rows, with whatever ledgers.
fn everything(fixture: &Fixture) -> Vec<String> {
    let mut database = fixture.database();
    let keyspace = fixture.home.url().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let of = |what: &str| format!("SELECT {what} WHERE keyspace_name = '{keyspace}'");
    let mut lines =
        database.lines(&of("JSON table_name, column_name, kind, type FROM system_schema.columns"));
    for table in database.lines(&of("table_name FROM system_schema.tables")) {
        let rows = database.lines(&format!("SELECT JSON * FROM \"{table}\""));
        lines.extend(rows.iter().map(|row| format!("{table}: {row}")));
    }
    lines
}

#[test]
fn each_ledger_is_taken_over_and_given_back() {
    if !is_there() {
        return;
    }
    for (tool, table, ledger) in LEDGERS {
        let fixture = prepared(ledger);
        let before = everything(&fixture);
        fixture.run(&["migrate"]).exits(5).says("`updown adopt`");
        fixture.run(&["status"]).says("`updown adopt`");
        let said = fixture.run(&["adopt", "--dry-run"]).exits(0);
        said.says("m1_a").says("m2_b").says_nothing_of("m3_c").says("nothing was written");
        assert_eq!(everything(&fixture), before, "{tool}");
        let said = fixture
            .run(&["adopt"])
            .exits(0)
            .says(&format!("2 migrations of {tool} ({table}) adopted in batch 1"));
        assert_eq!(said.stdout.contains("schema_migrations_golang_migrate"), tool == "golang-migrate");
        fixture.run(&["adopt"]).exits(0).says("already");
        fixture.run(&["adopt", "--undo"]).exits(0).says(&format!("{table} is {tool}'s again"));
        assert_eq!(everything(&fixture), before, "{tool}");
        fixture.run(&["adopt", "--undo"]).exits(2).says("nothing was taken over");
        fixture.run(&["adopt"]).exits(0);
        let status = fixture.run(&["status", "--json"]).exits(0).json();
        let second = &status["stores"][0]["migrations"][1];
        if tool == "gocqlx" {
            assert_eq!(second["applied_at"], "2024-03-01T10:00:01.250Z");
            assert_eq!(second["duration_ms"], 250);
        }
        is_taken_over(&fixture, tool);
        fixture.run(&["adopt", "--undo"]).exits(5).says("is not given back");
        fixture.run(&["rollback", "--all"]).exits(0).says("3 migrations rolled back");
        assert!(!fixture.database().has("a"), "{tool}");
    }
}

/// golang-migrate's table has whatever name it was given, as it stands in quotes.
#[test]
fn a_table_of_another_name_is_taken_over() {
    if !is_there() {
        return;
    }
    let fixture = prepared(&LEDGERS[0].2.replace("schema_migrations", "\"Chat\""));
    let before = everything(&fixture);
    fixture.run(&["adopt"]).exits(2).says("no ledger of another tool");
    fixture.run(&["adopt", "--table", "chat"]).exits(2).says("no table `chat` that is the ledger of a tool");
    let said = fixture.run(&["adopt", "--table", "Chat"]).exits(0);
    said.says("2 migrations of golang-migrate (Chat) adopted in batch 1")
        .says_nothing_of("schema_migrations_");
    fixture.run(&["adopt", "--table", "Chat"]).exits(0).says("already");
    fixture.run(&["adopt", "--undo"]).exits(0).says("Chat is golang-migrate's again");
    assert_eq!(everything(&fixture), before);
    fixture.run(&["adopt", "--table", "Chat"]).exits(0);
    is_taken_over(&fixture, "Chat");
    // gocqlx has no other name: what looks like its table, and has ours, is no such one.
    let fixture = prepared(&LEDGERS[1].2.replace("gocqlx_migrate", "schema_migrations"));
    let before = everything(&fixture);
    fixture.run(&["adopt"]).exits(5);
    fixture.run(&["adopt", "--table", "schema_migrations"]).exits(5);
    assert_eq!(everything(&fixture), before);
}

/// Before the Nth request for every N from the third; fewer of them otherwise.
#[test]
fn a_table_of_another_name_and_a_kill() {
    if !is_there() {
        return;
    }
    let ledger = LEDGERS[0].2.replace("schema_migrations", "\"Chat\"");
    for n in (3..).step_by(if full() { 1 } else { 7 }) {
        let mut fixture = prepared(&ledger);
        let killed = killed(&mut fixture, n, &["adopt", "--table", "Chat"]);
        if killed.code == Some(0) {
            assert!(n > 20, "the killer kills: {n}");
            break;
        }
        fixture.run(&["adopt", "--table", "Chat"]).exits(0);
        is_taken_over(&fixture, &format!("killed at {n}"));
    }
}

#[test]
fn what_is_dirty_or_missing_is_refused() {
    if !is_there() {
        return;
    }
    let fixture = prepared(LEDGERS[0].2);
    fixture.database().execute("UPDATE schema_migrations SET dirty = true WHERE version = 2");
    let before = everything(&fixture);
    fixture.run(&["adopt"]).exits(5).says("2 is dirty").says("--dirty applied");
    let shorter = fixture.command(&["adopt", "--dirty", "applied"]).env("VERSIONS", "m1_a").output().unwrap();
    Ran::of(shorter).exits(5).says("not in the list of store main: 2");
    assert_eq!(everything(&fixture), before);
    fixture.run(&["adopt", "--dirty", "not-applied"]).exits(0).says("1 migration of golang-migrate");
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);
    // gocqlx counts the statements that are done.
    let files = [("m1.cql", "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE b (id INT PRIMARY KEY);\n")];
    let fixture = Fixture::of_files(Store::Cassandra, &files);
    fixture.database().execute(LEDGERS[1].2.split_once(';').unwrap().0);
    fixture.database().execute("INSERT INTO gocqlx_migrate (name, checksum, done) VALUES ('m1.cql', '', 1)");
    fixture.run(&["adopt"]).exits(5).says("m1.cql is dirty");
    fixture.database().execute("UPDATE gocqlx_migrate SET done = 2 WHERE name = 'm1.cql'");
    fixture.run(&["adopt"]).exits(0).says("1 migration of gocqlx");
}

#[test]
fn a_long_ledger_is_taken_over_in_pieces() {
    if !is_there() {
        return;
    }
    let versions: Vec<String> = (1..=300).map(|number| format!("m{number}_t{number}")).collect();
    let fixture = Store::Cassandra.fixture("tables").var("VERSIONS", &versions.join(","));
    fixture.database().execute(&LEDGERS[0].2.replace("(2, false)", "(299, false)"));
    fixture.run(&["adopt"]).exits(0).says("299 migrations of golang-migrate").says("1 pending");
    assert_eq!(fixture.database().batches().len(), 299);
    assert_eq!(fixture.database().history().len(), 299);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
}

#[test]
fn another_service_takes_over_its_own() {
    if !is_there() {
        return;
    }
    let fixture = prepared(LEDGERS[1].2);
    fixture.run(&["--service", "chat", "adopt"]).exits(0);
    let other = fixture.command(&["--service", "video", "migrate"]).env("VERSIONS", "m9_d").output().unwrap();
    Ran::of(other).exits(0).says("1 migration applied");
    fixture.run(&["--service", "chat", "adopt", "--undo"]).exits(0);
    assert_eq!(fixture.database().batches(), ["m9_d@1"]);
    fixture.run(&["--service", "chat", "migrate"]).exits(5).says("`updown adopt`");
    fixture.run(&["--service", "chat", "adopt"]).exits(0).says("2 migrations");
}

/// Before the Nth request for every N; fewer of them otherwise, at places that differ from ledger to ledger.
#[test]
fn killed_at_every_request() {
    if !is_there() {
        return;
    }
    let runs = LEDGERS.iter().flat_map(|ledger| [(ledger, false), (ledger, true)]);
    for (first, ((tool, _, ledger), undoes)) in runs.enumerate() {
        let command: &[&str] = if undoes { &["adopt", "--undo"] } else { &["adopt"] };
        for n in (1 + 4 * first..).step_by(if full() { 1 } else { 16 }) {
            let mut fixture = prepared(ledger);
            let before = everything(&fixture);
            if undoes {
                fixture.run(&["adopt"]).exits(0);
            }
            let killed = killed(&mut fixture, n, command);
            let what = format!("{command:?} of {tool}, killed at {n}: {killed:?}");
            is_safe(&fixture, &what);
            if killed.code != Some(0) {
                assert_eq!(killed.code, None, "{what}");
                let again = fixture.run(command);
                let is_done =
                    undoes && again.code == Some(2) && again.stderr.contains("nothing was taken over");
                assert!(is_done || again.code == Some(0), "{what}: {again:?}");
            }
            match undoes {
                true => assert_eq!(everything(&fixture), before, "{what}"),
                false => is_taken_over(&fixture, &what),
            }
            if killed.code == Some(0) {
                assert!(n > 20, "the killer kills: {n}");
                break;
            }
        }
    }
}
