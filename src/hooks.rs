//! What an application wants to do when a migration was applied or failed: notify somebody, count.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::execute::message_of;
use crate::ledger::Direction;
use crate::report::{Event, Reporter};

/// Is called when something has happened in a run; set by
/// [`Migrator::with_hooks`](crate::Migrator::with_hooks). Each method does nothing by default.
///
/// A hook is told, and not asked: what it is told of is done and recorded, and it cannot stop the run. It is called
/// between two migrations, on the thread of the run, which waits for it. One that panics is reported as a warning, and
/// the run goes on. A dry run calls none.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use updown::hooks::{Hooks, MigrationRun};
/// # use updown::prelude::*;
/// # use updown::{Config, Migrator, Project, Registry, Request};
///
/// struct Count(Arc<AtomicUsize>);
///
/// impl Hooks for Count {
///     fn on_applied(&mut self, _migration: &MigrationRun<'_>) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
///
///     fn on_failed(&mut self, migration: &MigrationRun<'_>, error: &str) {
///         eprintln!("page somebody: {} in {}: {error}", migration.name, migration.store);
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # struct One;
/// # impl Up<SqliteConnection> for One {
/// #     fn up(&self, conn: &mut SqliteConnection) -> updown::Result {
/// #         Ok(conn.batch_execute("CREATE TABLE one (id INTEGER)")?)
/// #     }
/// # }
/// # impl Down<SqliteConnection> for One {
/// #     fn down(&self, _: &mut SqliteConnection) -> updown::Result { Ok(()) }
/// # }
/// # let project = Project::of(Registry::from_migrations(vec![updown::Migration::new("m1_one", "one", One)]));
/// # let directory = tempfile::tempdir()?;
/// # let config = Config::empty().url("main", &format!("sqlite://{}/x.db", directory.path().display()));
/// let applied = Arc::new(AtomicUsize::new(0));
/// Migrator::new(project).with_config(config).with_hooks(Count(applied.clone())).run(&Request::migrate())?;
/// assert_eq!(applied.load(Ordering::Relaxed), 1);
/// # Ok(())
/// # }
/// ```
pub trait Hooks {
    /// A run begins. What it finds to do is not known yet.
    fn on_start(&mut self, run: &RunStarted<'_>) {
        let _ = run;
    }

    /// A migration begins.
    fn on_migration(&mut self, migration: &MigrationRun<'_>) {
        let _ = migration;
    }

    /// A migration is applied, and in the ledger.
    fn on_applied(&mut self, migration: &MigrationRun<'_>) {
        let _ = migration;
    }

    /// A migration is rolled back, and no longer in the ledger.
    fn on_rolled_back(&mut self, migration: &MigrationRun<'_>) {
        let _ = migration;
    }

    /// A migration failed, or was stopped; the run ends with it.
    fn on_failed(&mut self, migration: &MigrationRun<'_>, error: &str) {
        let _ = (migration, error);
    }

    /// The run has ended, however it did. The locks are given back.
    fn on_end(&mut self, run: &RunEnded<'_>) {
        let _ = run;
    }
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RunStarted<'a> {
    /// The service; empty where there is only one.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// What was asked for: `migrate`, `rollback`, `redo`, `goto` or `fresh`.
    pub request: &'a str,
}

/// A migration in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MigrationRun<'a> {
    /// The service; empty where there is only one.
    pub service: &'a str,
    /// The store.
    pub store: &'a str,
    /// The migration.
    pub name: &'a str,
    /// Which way.
    pub direction: Direction,
    /// The batch that it is applied in, or was.
    pub batch_no: Option<i64>,
    /// How long it took, in milliseconds; 0 where it begins.
    pub duration_ms: u64,
}

/// A run that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RunEnded<'a> {
    /// The service; empty where there is only one.
    pub service: &'a str,
    /// The batch that migrations were applied under.
    pub batch_no: Option<i64>,
    /// How many were applied.
    pub applied: usize,
    /// How many were rolled back.
    pub rolled_back: usize,
    /// The whole run, in milliseconds.
    pub duration_ms: u64,
    /// Why it did not end well.
    pub error: Option<&'a str>,
}

/// Those of one migrator, in the order in which they were set.
#[derive(Default)]
pub(crate) struct HookList {
    hooks: Vec<Box<dyn Hooks + Send>>,
    /// Not in a dry run, nor on a scratch database.
    is_in_a_run: bool,
}

impl HookList {
    pub fn push(&mut self, hooks: impl Hooks + Send + 'static) {
        self.hooks.push(Box::new(hooks));
    }

    /// Calls what an event is for. The `reporter` is told of those that panic.
    pub fn event(&mut self, event: &Event<'_>, reporter: &mut dyn Reporter) {
        if let Event::Begun { dry_run, .. } = event {
            self.is_in_a_run = !dry_run;
        }
        if !self.is_in_a_run {
            return;
        }
        for hooks in &mut self.hooks {
            // Whatever it leaves half done is its own.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| call(&mut **hooks, event))) {
                let message = format!("a hook panicked, and the run goes on: {}", message_of(&*payload));
                reporter.event(&Event::Warning { message: &message });
            }
        }
        self.is_in_a_run = !matches!(event, Event::Ended { .. });
    }
}

fn call(hooks: &mut dyn Hooks, event: &Event<'_>) {
    match *event {
        Event::Begun { service, environment, request, .. } => {
            hooks.on_start(&RunStarted { service, environment, request });
        }
        Event::Started { store, name, direction, service, batch_no } => {
            hooks.on_migration(&MigrationRun { service, store, name, direction, batch_no, duration_ms: 0 });
        }
        Event::Finished { store, name, direction, duration_ms, service, batch_no, .. } => {
            let migration = MigrationRun { service, store, name, direction, batch_no, duration_ms };
            match direction {
                Direction::Up => hooks.on_applied(&migration),
                Direction::Down => hooks.on_rolled_back(&migration),
            }
        }
        Event::Failed { store, name, direction, duration_ms, error, service, batch_no } => {
            hooks.on_failed(&MigrationRun { service, store, name, direction, batch_no, duration_ms }, error);
        }
        Event::Ended { service, batch_no, applied, rolled_back, duration_ms, error } => {
            hooks.on_end(&RunEnded { service, batch_no, applied, rolled_back, duration_ms, error });
        }
        _ => {}
    }
}
