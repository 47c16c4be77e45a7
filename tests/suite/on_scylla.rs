//! The engine on a real Cassandra: the ledger, the lease and the journal, without transactions.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;
use updown::{Config, Error, Migration, Migrator, Project, Registry, Request};

use crate::support::Store;
use crate::support::cassandra::{Keyspace, is_there, keyspace};

struct Cql(Vec<&'static str>, Vec<&'static str>);

impl Up<ScyllaConnection> for Cql {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        self.0.iter().try_for_each(|cql| Ok(conn.execute(cql, ())?))
    }
}

impl Down<ScyllaConnection> for Cql {
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        self.1.iter().try_for_each(|cql| Ok(conn.execute(cql, ())?))
    }
}

fn cql(name: &'static str, up: &[&'static str], down: &[&'static str]) -> Migration<ScyllaConnection> {
    Migration::new(name, format!("{up:?}{down:?}"), Cql(up.to_vec(), down.to_vec()))
}

fn two(second: &'static str) -> Vec<Migration<ScyllaConnection>> {
    vec![
        cql(
            "m1_notes",
            &[
                "CREATE TABLE notes (id int PRIMARY KEY, title text)",
                "CREATE INDEX notes_title ON notes (title)",
            ],
            &["DROP INDEX notes_title", "DROP TABLE notes"],
        ),
        cql(
            "m2_slug",
            &["ALTER TABLE notes ADD slug text", "INSERT INTO notes (id, title) VALUES (1, 'a')", second],
            &["ALTER TABLE notes DROP slug"],
        ),
    ]
}

const GOOD: &str = "INSERT INTO notes (id, title) VALUES (2, 'b')";

fn migrator(keyspace: &Keyspace, migrations: Vec<Migration<ScyllaConnection>>) -> Migrator {
    let config =
        Config::empty().url("main", &keyspace.url).wait_for_lock(std::time::Duration::from_millis(300));
    Migrator::new(Project::of(Registry::from_migrations(migrations))).with_config(config)
}

fn names(conn: &ScyllaConnection, cql: &str) -> Vec<String> {
    let rows: Vec<(String,)> = conn.query(cql, ()).unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

#[test]
fn up_and_down() {
    let Some(keyspace) = keyspace() else { return };
    let mut migrator = migrator(&keyspace, two(GOOD));
    assert_eq!(migrator.status().unwrap().pending(), 2, "no keyspace, no ledger: nothing is written");
    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!((report.applied.len(), report.batch_no), (2, Some(1)));
    assert!(migrator.run(&Request::migrate()).unwrap().applied.is_empty());
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    let by_hand: Vec<(String, i64, ::updown::scylla::driver::value::CqlTimestamp)> =
        conn.query("SELECT name, batch_no, applied_at FROM schema_migrations", ()).unwrap();
    assert_eq!(
        by_hand.iter().map(|row| (row.0.as_str(), row.1)).collect::<Vec<_>>(),
        [("m1_notes", 1), ("m2_slug", 1)]
    );
    assert_eq!(names(&conn, "SELECT name FROM schema_migrations_history").len(), 2);
    let rows: Vec<(i32,)> = conn.query("SELECT id FROM notes", ()).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(migrator.run(&Request::rollback()).unwrap().rolled_back.len(), 2);
    assert!(names(&conn, "SELECT name FROM schema_migrations").is_empty(), "an empty ledger has no row");
    assert_eq!(migrator.run(&Request::migrate()).unwrap().batch_no, Some(2), "no batch number twice");
}

#[test]
fn what_is_done_is_not_done_again() {
    let Some(keyspace) = keyspace() else { return };
    let error = migrator(&keyspace, two("INSERT INTO nowhere (id) VALUES (1)")).run(&Request::migrate());
    let Err(Error::Failed(failure)) = error else { panic!("{error:?}") };
    assert_eq!(failure.migration, "m2_slug");
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    assert_eq!(names(&conn, "SELECT name FROM schema_migrations"), ["m1_notes"]);
    // Its first statement would fail if it were sent again.
    conn.execute("CREATE TABLE nowhere (id int PRIMARY KEY)", ()).unwrap();
    let mut again = migrator(&keyspace, two("INSERT INTO nowhere (id) VALUES (1)"));
    assert_eq!(again.run(&Request::migrate()).unwrap().applied.len(), 1);
    let rows: Vec<(Option<String>,)> = conn.query("SELECT name FROM schema_migrations_journal", ()).unwrap();
    assert!(rows.iter().all(|row| row.0.is_none()), "only the lease is left");
}

#[test]
fn many_at_once() {
    let Some(keyspace) = keyspace() else { return };
    let url = keyspace.url.clone();
    let threads: Vec<_> = (0..6)
        .map(|_| {
            let config = Config::empty().url("main", &url);
            std::thread::spawn(move || {
                let project = Project::of(Registry::from_migrations(two(GOOD)));
                Migrator::new(project)
                    .with_config(config)
                    .run(&Request::migrate())
                    .map(|done| done.applied.len())
            })
        })
        .collect();
    let applied: usize = threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).sum();
    assert_eq!(applied, 2, "each was applied once");
}

#[test]
fn a_keyspace_has_as_many_copies_as_were_said() {
    if !is_there() {
        return;
    }
    let mut fixture = Store::Cassandra.fixture("tables").var("VERSIONS", "m1_a").var("ENV", "production");
    let url = fixture.home.url().split('?').next().unwrap().to_owned();
    fixture.set("DATABASE_URL", &url);
    fixture
        .run(&["migrate", "--yes"])
        .exits(1)
        .says("there is no such keyspace")
        .says("add `replication=dc1:3`");
    assert!(fixture.home.is_untouched());
    fixture.set("ENV", "development");
    fixture.run(&["migrate"]).exits(0).says("was made with one copy");
}

#[test]
fn a_password_is_not_shown_or_kept() {
    if !is_there() {
        return;
    }
    // The one is no CQL, the other is refused by a server that asks nobody for a password.
    for end in [" AND", ""] {
        let bad = format!("CREATE ROLE app WITH PASSWORD = 's3cret-value'{end}");
        let fixture = Store::Cassandra.fixture("bad").var("BAD", &bad);
        fixture.run(&["migrate"]).exits(1).says_nothing_of("s3cret");
        for command in [&["status"][..], &["history"], &["history", "--json"]] {
            fixture.run(command).exits(0).says_nothing_of("s3cret");
        }
        let journal = fixture.database().lines("SELECT JSON * FROM schema_migrations_journal");
        assert!(journal.iter().all(|step| !step.contains("s3cret")), "{journal:?}");
        fixture.run(&["migrate", "--json"]).exits(1).says_nothing_of("s3cret");
    }
}
