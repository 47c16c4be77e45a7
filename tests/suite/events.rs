//! What a run tells: hooks, and the lines of a log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use updown::hooks::{Hooks, MigrationRun, RunEnded, RunStarted};
use updown::prelude::*;
use updown::{Config, LogLines, Migration, Migrator, Project, Registry, Request, Selection};

use crate::library::Table;

/// Says what it must not.
struct Loud;

impl Up<SqliteConnection> for Loud {
    fn up(&self, _: &mut SqliteConnection) -> Result {
        Err(anyhow::anyhow!("cannot reach\npostgres://app:s3cret@db/x"))
    }
}

impl Down<SqliteConnection> for Loud {
    fn down(&self, _: &mut SqliteConnection) -> Result {
        Ok(())
    }
}

fn migrator(directory: &tempfile::TempDir, is_loud: bool) -> Migrator {
    let mut list = vec![Migration::new("m1_a", "a", Table("a")), Migration::new("m2_b", "b", Table("b"))];
    if is_loud {
        list.push(Migration::new("m3_loud", "loud", Loud));
    }
    let config = Config::empty().url("main", &format!("sqlite://{}/x.db", directory.path().display()));
    let config = config.service("discovery-svc").unwrap();
    Migrator::new(Project::of(Registry::from_migrations(list))).with_config(config)
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Hooks for Lines {
    fn on_start(&mut self, run: &RunStarted<'_>) {
        self.push(format!("{} in {} for {}", run.request, run.environment, run.service));
    }
    fn on_migration(&mut self, migration: &MigrationRun<'_>) {
        self.push(format!("begins {}", migration.name));
    }
    fn on_applied(&mut self, migration: &MigrationRun<'_>) {
        self.push(format!("applied {} of {} in {:?}", migration.name, migration.store, migration.batch_no));
    }
    fn on_rolled_back(&mut self, migration: &MigrationRun<'_>) {
        self.push(format!("rolled back {} of {:?}", migration.name, migration.batch_no));
    }
    fn on_failed(&mut self, migration: &MigrationRun<'_>, error: &str) {
        self.push(format!("failed {}: {error}", migration.name));
    }
    fn on_end(&mut self, run: &RunEnded<'_>) {
        self.push(format!("end {} {} {}", run.applied, run.rolled_back, run.error.unwrap_or("well")));
    }
}

#[test]
fn hooks_are_called_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let seen = Lines::default();
    let mut migrator = migrator(&directory, true).with_hooks(seen.clone());
    migrator.dry_run(&Request::Migrate { to: None, count: Some(1) }).unwrap();
    assert_eq!(seen.take(), Vec::<String>::new(), "a dry run calls none");
    migrator.run(&Request::migrate()).unwrap_err();
    assert_eq!(
        seen.take(),
        [
            "migrate in development for discovery-svc",
            "begins m1_a",
            "applied m1_a of main in Some(1)",
            "begins m2_b",
            "applied m2_b of main in Some(1)",
            "begins m3_loud",
            "failed m3_loud: cannot reach\npostgres://app:***@db/x",
            "end 2 0 migration m3_loud failed in store main: cannot reach\npostgres://app:***@db/x",
        ]
    );
    migrator.run(&Request::Rollback(Selection::Count(1))).unwrap();
    assert_eq!(
        seen.take(),
        [
            "rollback in development for discovery-svc",
            "begins m2_b",
            "rolled back m2_b of Some(1)",
            "end 0 1 well"
        ]
    );
}

/// Panics whenever it is called.
struct Panics;

impl Hooks for Panics {
    fn on_start(&mut self, _: &RunStarted<'_>) {
        panic!("at the start");
    }
    fn on_applied(&mut self, migration: &MigrationRun<'_>) {
        panic!("at {}", migration.name);
    }
    fn on_end(&mut self, _: &RunEnded<'_>) {
        std::panic::panic_any(7);
    }
}

#[test]
fn a_hook_that_panics_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, log) = (Lines::default(), Log::default());
    let mut migrator = migrator(&directory, false)
        .with_hooks(Panics)
        .with_hooks(seen.clone())
        .with_reporter(LogLines::new(log.clone()));
    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!(report.applied.len(), 2);
    assert_eq!(migrator.status().unwrap().pending(), 0, "both are in the ledger");
    assert_eq!(migrator.lock().unwrap()[0].holder, None);
    assert_eq!(seen.take().last().unwrap(), "end 2 0 well", "the others are called all the same");
    let log = log.text();
    for what in ["at the start", "at m1_a", "at m2_b", "without a message"] {
        assert!(log.contains(&format!("a hook panicked, and the run goes on: {what}")), "{what}: {log}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

#[test]
fn a_log_has_the_service_in_each_line() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let ran = |is_loud: bool, request: Request| {
        let mut migrator = migrator(&directory, is_loud).with_reporter(LogLines::new(log.clone()));
        let _ = migrator.run(&request);
        log.text()
    };
    assert_eq!(
        ran(false, Request::migrate()),
        "[discovery-svc-migrations] Starting migration up for service: discovery-svc\n\
         [discovery-svc-migrations] Found 2 pending migrations\n\
         [discovery-svc-migrations] Successfully applied migration m1_a\n\
         [discovery-svc-migrations] Successfully applied migration m2_b\n\
         [discovery-svc-migrations] All migrations completed successfully\n"
    );
    assert_eq!(
        ran(false, Request::migrate()),
        "[discovery-svc-migrations] Starting migration up for service: discovery-svc\n\
         [discovery-svc-migrations] No pending migrations\n"
    );
    assert_eq!(
        ran(true, Request::migrate()),
        "[discovery-svc-migrations] Starting migration up for service: discovery-svc\n\
         [discovery-svc-migrations] Found 1 pending migration\n\
         [discovery-svc-migrations] Failed to apply migration m3_loud: cannot reach postgres://app:***@db/x\n\
         [discovery-svc-migrations] Migrations failed: migration m3_loud failed in store main: cannot reach \
         postgres://app:***@db/x\n"
    );
    assert_eq!(
        ran(false, Request::Rollback(Selection::Count(1))),
        "[discovery-svc-migrations] Starting migration down for service: discovery-svc\n\
         [discovery-svc-migrations] Found 1 migration to roll back\n\
         [discovery-svc-migrations] Successfully rolled back migration m2_b\n\
         [discovery-svc-migrations] All migrations completed successfully\n"
    );
}
