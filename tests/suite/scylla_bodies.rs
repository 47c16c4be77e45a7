//! What a body may do on ScyllaDB and Cassandra, and what comes of it when it is interrupted there.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use updown::prelude::*;
use updown::scylla::driver::value::CqlTimestamp;
use updown::scylla::{Backfill, ScyllaConnection};
use updown::{Config, Error, Event, Migration, Migrator, Project, Registry, Report, Reporter, Request};

use crate::support::cassandra::{Keyspace, keyspace_or_skip};

/// A body, and the same one for both ways.
struct Body<F>(F);

impl<F: Fn(&mut ScyllaConnection) -> Result> Up<ScyllaConnection> for Body<F> {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        (self.0)(conn)
    }
}

impl<F> Down<ScyllaConnection> for Body<F> {
    fn down(&self, _conn: &mut ScyllaConnection) -> Result {
        Ok(())
    }
}

fn body(
    name: &'static str,
    up: impl Fn(&mut ScyllaConnection) -> Result + Send + Sync + 'static,
) -> Migration<ScyllaConnection> {
    Migration::new(name, name, Body(up))
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Reporter for Log {
    fn event(&mut self, event: &Event<'_>) {
        self.0.lock().unwrap().push(match event {
            Event::Warning { message } => format!("warning: {message}"),
            Event::Note { message } => format!("note: {message}"),
            Event::Step { step, what, skipped, .. } => format!("step {step} {skipped}: {what}"),
            Event::Chunk { next, .. } => format!("chunk: {next}"),
            _ => return,
        });
    }
}

impl Log {
    fn has(&self, part: &str) -> bool {
        self.0.lock().unwrap().iter().any(|line| line.contains(part))
    }
}

fn config(keyspace: &Keyspace) -> Config {
    Config::empty().url("main", &keyspace.url)
}

fn run(
    keyspace: &Keyspace,
    migrations: Vec<Migration<ScyllaConnection>>,
) -> std::result::Result<Report, Error> {
    migrator(keyspace, migrations).run(&Request::migrate())
}

fn migrator(keyspace: &Keyspace, migrations: Vec<Migration<ScyllaConnection>>) -> Migrator {
    Migrator::new(Project::of(Registry::from_migrations(migrations))).with_config(config(keyspace))
}

fn numbers(conn: &ScyllaConnection, cql: &str) -> Vec<i32> {
    let mut found: Vec<i32> = conn.query::<(i32,)>(cql, ()).unwrap().into_iter().map(|row| row.0).collect();
    found.sort_unstable();
    found
}

fn said(error: std::result::Result<Report, Error>) -> String {
    let error = error.expect_err("it fails");
    match &error {
        Error::Failed(failure) => format!("{:#}\n{}", failure.source, error.hint().unwrap_or_default()),
        other => format!("{other}\n{}", other.hint().unwrap_or_default()),
    }
}

const NOTES: &str = "CREATE TABLE notes (id int PRIMARY KEY, title text, slug text)";

/// A body that fails behind its statements the first time, and not again.
fn failing_once(
    keyspace: &Keyspace,
    statements: impl Fn(&mut ScyllaConnection, usize) -> Result + Send + Sync + Clone + 'static,
) -> ScyllaConnection {
    let runs = Arc::new(AtomicUsize::new(0));
    let migrations = || {
        let (runs, statements) = (runs.clone(), statements.clone());
        vec![body("m1_x", move |conn| {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            statements(conn, run)?;
            anyhow::ensure!(run > 0, "the first time it fails");
            Ok(())
        })]
    };
    assert!(said(run(keyspace, migrations())).contains("the first time"));
    run(keyspace, migrations()).unwrap();
    ScyllaConnection::open(&keyspace.url).unwrap()
}

#[test]
fn each_kind_of_statement_is_done_once() {
    let keyspace = keyspace_or_skip!();
    let written = Arc::new(AtomicUsize::new(0));
    let counted = written.clone();
    let conn = failing_once(&keyspace, move |conn, run| {
        conn.execute(NOTES, ())?;
        conn.execute("CREATE TABLE counters (id int PRIMARY KEY, n counter)", ())?;
        conn.execute("UPDATE counters SET n = n + 1 WHERE id = ?", (1,))?;
        conn.batch(
            &["UPDATE notes SET title = ? WHERE id = ?", "UPDATE notes SET slug = ? WHERE id = ?"],
            (("a", 1), ("b", 1)),
        )?;
        let inserted = conn.execute_if("INSERT INTO notes (id, title) VALUES (1, 'z') IF NOT EXISTS", ())?;
        anyhow::ensure!(!inserted.is_applied(), "the row is there");
        anyhow::ensure!((run > 0) == inserted.column("title").is_none(), "what was in the way is known once");
        let inserted = conn.execute_if("INSERT INTO notes (id, title) VALUES (2, 'z') IF NOT EXISTS", ())?;
        anyhow::ensure!(inserted.is_applied(), "the row is new, also for a run that comes later");
        let ten = NonZeroUsize::new(10).unwrap();
        let values = (10..60).inspect(|_| _ = counted.fetch_add(1, Ordering::SeqCst)).map(|id| (id, "c"));
        let done = conn.execute_concurrently("INSERT INTO notes (id, title) VALUES (?, ?)", values, ten)?;
        anyhow::ensure!(done == 50, "{done}");
        Ok(())
    });
    assert_eq!(written.load(Ordering::SeqCst), 50);
    assert_eq!(numbers(&conn, "SELECT id FROM notes").len(), 52);
    let counted: Vec<(updown::scylla::driver::value::Counter,)> =
        conn.query("SELECT n FROM counters", ()).unwrap();
    assert_eq!(counted[0].0.0, 1, "a counter was not counted twice");
}

#[test]
fn a_statement_that_was_refused_may_be_mended() {
    let keyspace = keyspace_or_skip!();
    let broken = vec![body("m1_x", |conn| {
        conn.execute(NOTES, ())?;
        Ok(conn.execute("ALTER TABLE notes ADD slug text", ())?)
    })];
    assert!(said(run(&keyspace, broken)).contains("slug"), "the column is there already");
    let mended = vec![body("m1_x", |conn| {
        conn.execute(NOTES, ())?;
        Ok(conn.execute("ALTER TABLE notes ADD other text", ())?)
    })];
    run(&keyspace, mended).unwrap();
}

#[test]
fn another_statement_in_the_place_of_one_that_is_done_is_refused() {
    let keyspace = keyspace_or_skip!();
    let first = body("m1_x", |conn| {
        conn.execute(NOTES, ())?;
        anyhow::bail!("behind it")
    });
    assert!(said(run(&keyspace, vec![first])).contains("behind it"));
    let other = body("m1_x", |conn| Ok(conn.execute("CREATE TABLE others (id int PRIMARY KEY)", ())?));
    let error = said(run(&keyspace, vec![other]));
    assert!(error.contains("CREATE TABLE notes") && error.contains("updown resolve m1_x"), "{error}");
    let nothing = body("m1_x", |_| Ok(()));
    let error = said(run(&keyspace, vec![nothing]));
    assert!(error.contains("does not have any more"), "{error}");
}

#[test]
fn what_is_there_already_is_told_of() {
    let keyspace = keyspace_or_skip!();
    keyspace.create().execute("CREATE TABLE notes (id uuid PRIMARY KEY)", ()).unwrap();
    let log = Log::default();
    let cql = "CREATE TABLE IF NOT EXISTS notes (id int PRIMARY KEY)";
    let same = body("m1_x", move |conn| Ok(conn.execute(cql, ())?));
    migrator(&keyspace, vec![same]).with_reporter(log.clone()).run(&Request::migrate()).unwrap();
    assert!(log.has("changed nothing"), "{log:?}", log = log.0);
}

#[test]
fn an_index_and_a_view_are_built_when_they_are_done() {
    let keyspace = keyspace_or_skip!();
    let migrations = vec![
        body("m1_notes", |conn| {
            conn.execute(NOTES, ())?;
            let rows = (0..2_000).map(|id| (id, format!("title {}", id % 7)));
            let many = NonZeroUsize::new(32).unwrap();
            conn.execute_concurrently("INSERT INTO notes (id, title) VALUES (?, ?)", rows, many)?;
            Ok(())
        }),
        body("m2_found", |conn| {
            conn.execute("CREATE INDEX ON notes (title)", ())?;
            conn.execute(
                "CREATE MATERIALIZED VIEW by_title AS SELECT * FROM notes WHERE title IS NOT NULL AND id IS NOT NULL PRIMARY KEY (title, id)",
                (),
            )?;
            // All of it, and at once.
            let found = conn.query::<(i32,)>("SELECT id FROM notes WHERE title = 'title 3'", ())?.len();
            let viewed = conn.query::<(i32,)>("SELECT id FROM by_title WHERE title = 'title 3'", ())?.len();
            anyhow::ensure!((found, viewed) == (286, 286), "{found} found, {viewed} seen");
            Ok(())
        }),
    ];
    run(&keyspace, migrations).unwrap();
}

/// Fills `slug` in, and fails once, at a row in the middle.
fn filling(fails: &Arc<AtomicBool>, read: &Arc<AtomicUsize>) -> Vec<Migration<ScyllaConnection>> {
    let (fails, read) = (fails.clone(), read.clone());
    vec![
        body("m1_notes", |conn| {
            conn.execute(NOTES, ())?;
            let rows = (0..3_000).map(|id| (id, format!("title {id}")));
            let many = NonZeroUsize::new(32).unwrap();
            conn.execute_concurrently("INSERT INTO notes (id, title) VALUES (?, ?)", rows, many)?;
            Ok(())
        }),
        body("m2_slugs", move |conn| {
            let (select, update) = ("SELECT id, title FROM notes", "UPDATE notes SET slug = ? WHERE id = ?");
            let what = Backfill::new("slugs", select, update).page_size(100).concurrency(16);
            let filled = conn.backfill(what, |(id, title): (i32, String)| {
                let seen = read.fetch_add(1, Ordering::SeqCst) + 1;
                anyhow::ensure!(seen < 1_500 || !fails.load(Ordering::SeqCst), "row {seen} is bad");
                Ok((id % 3 != 0).then(|| (title.replace(' ', "-"), id)))
            })?;
            anyhow::ensure!(filled == 2_000, "{filled} were filled in");
            Ok(())
        }),
    ]
}

#[test]
fn a_backfill_goes_on_where_it_was() {
    let keyspace = keyspace_or_skip!();
    let (fails, read) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    assert!(said(run(&keyspace, filling(&fails, &read))).contains("row 1500 is bad"));
    let first = read.swap(0, Ordering::SeqCst);
    fails.store(false, Ordering::SeqCst);
    let log = Log::default();
    migrator(&keyspace, filling(&fails, &read)).with_reporter(log.clone()).run(&Request::migrate()).unwrap();
    let second = read.load(Ordering::SeqCst);
    // The pages that were read, but not written, come again.
    assert!((3_000..3_300).contains(&(first + second)), "{first} and then {second}");
    assert!(log.has("chunk: row "), "its progress is told");
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    let filled: Vec<(i32, Option<String>)> = conn.query("SELECT id, slug FROM notes", ()).unwrap();
    assert!(filled.iter().all(|(id, slug)| slug.clone() == (id % 3 != 0).then(|| format!("title-{id}"))));
}

#[test]
fn what_is_written_meanwhile_stays() {
    let keyspace = keyspace_or_skip!();
    let conn = keyspace.create();
    conn.execute(NOTES, ()).unwrap();
    conn.execute("INSERT INTO notes (id, title) VALUES (1, 'old')", ()).unwrap();
    let application = conn.clone();
    let fill = body("m1_x", move |conn| {
        let what = Backfill::new(
            "x",
            "SELECT id, title FROM notes",
            "UPDATE notes SET title = ?, slug = ? WHERE id = ?",
        );
        conn.backfill(what, |(id, title): (i32, String)| {
            application.execute("UPDATE notes SET title = 'new' WHERE id = 1", ())?;
            Ok(Some((title.clone(), title, id)))
        })?;
        Ok(())
    });
    run(&keyspace, vec![fill]).unwrap();
    let found: Vec<(String, String)> = conn.query("SELECT title, slug FROM notes", ()).unwrap();
    assert_eq!(found, [("new".to_owned(), "old".to_owned())]);
}

#[test]
fn what_cannot_be_repeated_is_no_backfill() {
    let keyspace = keyspace_or_skip!();
    for write in
        ["UPDATE c SET n = n + 1 WHERE id = ?", "UPDATE c SET n = 1 WHERE id = ? IF EXISTS", "DROP TABLE c"]
    {
        let fill = body("m1_x", move |conn| {
            conn.backfill(Backfill::new("x", "SELECT id FROM c", write), |(id,): (i32,)| Ok(Some((id,))))?;
            Ok(())
        });
        assert!(said(run(&keyspace, vec![fill])).contains("twice"), "{write}");
    }
}

#[test]
fn a_statement_inside_a_statement_is_refused() {
    let keyspace = keyspace_or_skip!();
    let nested = body("m1_x", |conn| {
        conn.execute(NOTES, ())?;
        conn.execute("INSERT INTO notes (id) VALUES (1)", ())?;
        let other = conn.clone();
        let what = Backfill::new("x", "SELECT id FROM notes", "UPDATE notes SET slug = 'x' WHERE id = ?");
        conn.backfill(what, |(id,): (i32,)| {
            assert_eq!(other.query::<(i32,)>("SELECT id FROM notes", ())?.len(), 1, "reading is no step");
            other.execute("UPDATE notes SET title = 'y' WHERE id = ?", (id,))?;
            Ok(Some((id,)))
        })?;
        Ok(())
    });
    assert!(said(run(&keyspace, vec![nested])).contains("from inside another one"));
}

#[test]
fn a_dry_run_lists_the_statements_and_does_nothing() {
    let keyspace = keyspace_or_skip!();
    let migrations = |last: &'static str| {
        vec![
            body("m1_notes", |conn| {
                conn.execute(NOTES, ())?;
                Ok(conn.execute("INSERT INTO notes (id) VALUES (?)", (1,))?)
            }),
            body("m2_more", move |conn| {
                anyhow::ensure!(
                    conn.query::<(i32,)>("SELECT id FROM notes", ())?.is_empty(),
                    "nothing is there"
                );
                let what =
                    Backfill::new("x", "SELECT id FROM notes", "UPDATE notes SET slug = 'x' WHERE id = ?");
                conn.backfill(what, |(id,): (i32,)| Ok(Some((id,))))?;
                Ok(conn.execute(last, ())?)
            }),
        ]
    };
    let log = Log::default();
    let mut dry = migrator(&keyspace, migrations("DROP TABLE notes")).with_reporter(log.clone());
    let report = dry.dry_run(&Request::migrate()).unwrap();
    let statements: Vec<_> = report.applied.iter().flat_map(|done| done.statements.clone()).collect();
    assert_eq!(
        statements,
        [
            NOTES,
            "INSERT INTO notes (id) VALUES (?)",
            "SELECT id FROM notes",
            "UPDATE notes SET slug = 'x' WHERE id = ?",
            "DROP TABLE notes"
        ]
    );
    assert!(log.has("nothing is carried out on store main"), "it says so");
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    assert!(!conn.has_keyspace().unwrap(), "not even the keyspace");
    let mut broken = migrator(&keyspace, migrations("DROP TABEL notes"));
    let error = broken.dry_run(&Request::migrate()).unwrap_err();
    let Error::Failed(failure) = error else { panic!("{error}") };
    assert_eq!((failure.migration.as_str(), failure.position), ("m2_more", Some(5)), "{failure:?}");
    // What is there is compared, too, before the first change of it.
    conn.create_keyspace("").unwrap();
    let unknown = body("m1_x", |conn| Ok(conn.execute("INSERT INTO nowhere (id) VALUES (1)", ())?));
    assert!(migrator(&keyspace, vec![unknown]).dry_run(&Request::migrate()).is_err());
}

#[test]
fn fresh_leaves_nothing_but_the_history() {
    let keyspace = keyspace_or_skip!();
    let migrations = || {
        vec![body("m1_x", |conn| {
            conn.execute("CREATE TYPE street (name text)", ())?;
            conn.execute("CREATE TYPE place (city text, street frozen<street>)", ())?;
            conn.execute("CREATE TABLE notes (id int PRIMARY KEY, title text, at frozen<place>)", ())?;
            conn.execute("CREATE INDEX ON notes (title)", ())?;
            conn.execute("CREATE MATERIALIZED VIEW v AS SELECT id, title FROM notes WHERE title IS NOT NULL AND id IS NOT NULL PRIMARY KEY (title, id)", ())?;
            Ok(())
        })]
    };
    let of_service = |service: &str, all: bool| {
        let config =
            config(&keyspace).service(service).unwrap().environment(updown::Environment::development());
        let config = config.fresh_for_all_services(all);
        Migrator::new(Project::of(Registry::from_migrations(migrations()))).with_config(config)
    };
    assert_eq!(of_service("a", false).run(&Request::migrate()).unwrap().batch_no, Some(1));
    assert_eq!(of_service("a", false).run(&Request::Fresh).unwrap().batch_no, Some(2), "no number twice");
    // What another service finds is gone as well, and its ledger says so.
    assert_eq!(of_service("b", true).run(&Request::Fresh).unwrap().applied.len(), 1);
    assert_eq!(of_service("a", false).status().unwrap().pending(), 1);
}

#[test]
fn times_are_the_ledgers_not_the_clocks() {
    let keyspace = keyspace_or_skip!();
    let migrations = || {
        vec![body("m1_x", |conn| Ok(conn.execute("CREATE TABLE IF NOT EXISTS x (id int PRIMARY KEY)", ())?))]
    };
    run(&keyspace, migrations()).unwrap();
    // A machine whose clock was an hour ahead has written it.
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    let hour = 3_600_000_000_i64;
    let written: Vec<(Option<i64>,)> =
        conn.query("SELECT written_at FROM schema_migrations_journal LIMIT 1", ()).unwrap();
    let ahead = written[0].0.unwrap() + hour;
    conn.execute_if(
        &format!("UPDATE schema_migrations_journal SET written_at = {ahead} WHERE service = '(default)' IF fence = 1"),
        (),
    )
    .unwrap();
    conn.execute(
        &format!("UPDATE schema_migrations USING TIMESTAMP {ahead} SET hash = 'x' WHERE service = '(default)' AND id = 1"),
        (),
    )
    .unwrap();
    let mut migrator = migrator(&keyspace, migrations());
    migrator.run(&Request::rollback()).unwrap();
    let left: Vec<(i64, Option<CqlTimestamp>)> =
        conn.query("SELECT id, applied_at FROM schema_migrations", ()).unwrap();
    assert!(left.is_empty(), "what was written under a later time is removed nevertheless: {left:?}");
    assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 1);
}
