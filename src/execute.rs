//! One migration, up or down: in a transaction or in steps, with its ledger row and its history.

mod opened;
mod rows;
mod session;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::again::Again;
use crate::cancel::{Stop, Unwound};
use crate::error::StoreError;
use crate::journal::{Interrupted, SqlJournal};
use crate::ledger::{Attempt, Direction, JournalRow, Outcome, Write};
use crate::listed::{self, Listed, Listing};
use crate::locate;
use crate::migration::{DownBody, Migration, UpBody};
use crate::registry::Registry;
#[cfg(feature = "schema")]
use crate::report::Event;
use crate::report::{Reporter, masked};
#[cfg(feature = "schema")]
use crate::schema::Already;
use crate::steps::Steps;
use crate::store::{Store, StoreConnection};
use crate::traits::{Options, Result};
use rows::Rows;
pub use session::{Broken, Carried, Session, Stamp};

/// How a body in a transaction is run.
struct How<'a> {
    name: &'a str,
    /// Where it is text, and may be sent together with its commit.
    at_once: Option<&'a str>,
    keep_statements: bool,
    reporter: &'a mut dyn Reporter,
}

/// A store and its registry.
pub struct Opened<C: 'static> {
    store: Box<dyn Store<C>>,
    migrations: Vec<Migration<C>>,
    listed: Vec<Listed>,
    sql_in_steps: bool,
    /// What typed changes have found to be there, since it was told.
    #[cfg(feature = "schema")]
    already: Already,
}

impl<C: StoreConnection> Opened<C> {
    /// In development and test (`relaxed`) a change may be there before its migration.
    /// `sql_in_steps`: each statement of SQL files on its own.
    pub fn new(
        store: Box<dyn Store<C>>,
        registry: &Registry<C>,
        relaxed: bool,
        sql_in_steps: bool,
    ) -> Result<Self, StoreError> {
        let how = Listing { database: store.database(), in_steps: store.changes_in_steps(), sql_in_steps };
        #[cfg(feature = "schema")]
        {
            let already = Already::looked_for(relaxed);
            let (migrations, listed) = listed::on(registry, how, &already)?;
            Ok(Self { store, migrations, listed, sql_in_steps, already })
        }
        #[cfg(not(feature = "schema"))]
        {
            let _ = relaxed;
            let (migrations, listed) = listed::on(registry, how)?;
            Ok(Self { store, migrations, listed, sql_in_steps })
        }
    }

    /// The migration at `index` with the bodies that it has here: text is read only now.
    fn migration(&self, index: usize) -> Migration<C> {
        let in_steps = self.store.changes_in_steps() || self.sql_in_steps;
        #[cfg(feature = "schema")]
        return self.migrations[index].clone().on(self.store.database(), in_steps, &self.already);
        #[cfg(not(feature = "schema"))]
        self.migrations[index].clone().on(self.store.database(), in_steps)
    }

    /// Carries one migration of the list out, with its rows.
    fn run(
        &mut self,
        index: usize,
        direction: Direction,
        left: Vec<JournalRow>,
        stamp: &Stamp,
        reporter: &mut dyn Reporter,
    ) -> Result<Carried, Broken> {
        let migration = self.migration(index);
        let name = migration.name.as_ref();
        let rows = Rows::of(&migration, direction, stamp);
        let journaled = || {
            Err(Ended::Failed(anyhow::anyhow!(
                "an interrupted run left {} steps of it in the journal, but now it runs in a transaction; \
                 say what is true with `updown resolve {name} --rolled-back --reason \"…\"` (or `--applied`)",
                left.len()
            )))
        };
        let keep = stamp.keep_statements;
        if self.store.is_journaled() {
            let entered = Interrupted { name, direction, left: left.clone() };
            self.store.enter(&entered).map_err(Broken::Store)?;
        }
        let options = match direction {
            Direction::Up => migration.up.options(),
            Direction::Down => migration.down.options(),
        };
        let text = self.listed[index].sql(direction).cloned();
        let at_once = text.as_ref().and_then(|text| text.in_one(self.store.database()));
        let cancel = self.store.recorder().cancel();
        cancel.limit_migration(options.timeout, stamp.migration_timeout);
        let began = Instant::now();
        let ended = match (direction, &migration.up, &migration.down) {
            (Direction::Up, UpBody::Steps(_), _) | (Direction::Down, _, DownBody::Steps(_))
                if self.store.is_journaled() =>
            {
                Err(Ended::Failed(anyhow::anyhow!(
                    "it is written against `Steps`; here every statement is a step already: take the connection itself"
                )))
            }
            (Direction::Up, UpBody::Transaction(_), _) | (Direction::Down, _, DownBody::Transaction(_))
                if !left.is_empty() && !self.store.is_journaled() =>
            {
                journaled()
            }
            (Direction::Up, UpBody::Transaction(body), _) => self.in_transaction(
                &body.options(),
                How { name, at_once, keep_statements: keep, reporter },
                |conn| body.up(conn),
                |duration_ms| rows.up(duration_ms),
            ),
            (Direction::Up, UpBody::Steps(body), _) => self.in_steps(
                Interrupted { name, direction, left },
                &body.options(),
                keep,
                reporter,
                |steps| body.up(steps),
                |duration_ms| rows.in_steps(rows.up(duration_ms)),
            ),
            (Direction::Down, _, DownBody::Transaction(body)) => self.in_transaction(
                &body.options(),
                How { name, at_once, keep_statements: keep, reporter },
                |conn| body.down(conn),
                |duration_ms| rows.down(duration_ms),
            ),
            (Direction::Down, _, DownBody::Steps(body)) => self.in_steps(
                Interrupted { name, direction, left },
                &body.options(),
                keep,
                reporter,
                |steps| body.down(steps),
                |duration_ms| rows.in_steps(rows.down(duration_ms)),
            ),
            (Direction::Down, _, DownBody::Irreversible(because)) => {
                Err(Ended::Failed(anyhow::anyhow!("it is irreversible: {because}")))
            }
            (Direction::Down, _, DownBody::Nothing) => self.in_transaction(
                &Options::new(),
                How { name, at_once: None, keep_statements: keep, reporter },
                |_| Ok(()),
                |duration_ms| rows.down(duration_ms),
            ),
            (Direction::Up, UpBody::Sql(_), _) | (Direction::Down, _, DownBody::Sql(_)) => {
                unreachable!("`Opened::migration` has made bodies of it")
            }
            #[cfg(feature = "schema")]
            (Direction::Up, UpBody::Change(_), _) | (Direction::Down, _, DownBody::Change(_)) => {
                unreachable!("`listed::on` has made bodies of it")
            }
        };
        #[cfg(feature = "schema")]
        for what in self.already.take() {
            let note = format!("{name}: to {what} is not needed: it is there already, as a sync leaves it");
            reporter.event(&Event::Note { message: &note });
        }
        if ended.is_ok() {
            cancel.migration_is_done();
        }
        let failed =
            |ended| self.clean_up(ended, rows.attempt(Outcome::Failed, millis(began)), &migration, keep);
        ended.map_err(failed)
    }

    /// In one transaction: the body, and the rows that `writes` makes of its duration.
    fn in_transaction(
        &mut self,
        options: &Options,
        how: How<'_>,
        mut body: impl FnMut(&mut C) -> Result,
        writes: impl Fn(u64) -> Vec<Write>,
    ) -> Result<Carried, Ended> {
        if let Some(sql) = how.at_once.filter(|_| !how.keep_statements && self.store.sends_at_once())
            && let Some(carried) = self.at_once(options, sql, &writes)?
        {
            return Ok(carried);
        }
        let mut again = Again::default();
        loop {
            let ended = self.once(options, how.keep_statements, &mut body, &writes);
            let Err(Ended::Failed(error)) = &ended else { return ended };
            // What a rehearsal rolls back to is its own savepoint, which the end of the run sees to.
            if how.keep_statements
                || self.store.rollback().is_err()
                || !again.may(&mut *self.store, error, how.name, how.reporter)
            {
                return ended;
            }
        }
    }

    /// Text with its rows and its commit in one round trip. None where that failed and nothing of it is there: why, is
    /// found out where it is sent by itself.
    fn at_once(
        &mut self,
        options: &Options,
        sql: &str,
        writes: &impl Fn(u64) -> Vec<Write>,
    ) -> Result<Option<Carried>, Ended> {
        self.store.begin(options).map_err(Ended::NotBegun)?;
        let began = Instant::now();
        let is_done = self.store.commit_with(sql, &writes(0)).map_err(|error| Ended::Failed(error.into()))?;
        Ok(is_done.then(|| Carried { duration_ms: millis(began), statements: Vec::new() }))
    }

    fn once(
        &mut self,
        options: &Options,
        keep_statements: bool,
        body: &mut impl FnMut(&mut C) -> Result,
        writes: &impl Fn(u64) -> Vec<Write>,
    ) -> Result<Carried, Ended> {
        self.store.begin(options).map_err(Ended::NotBegun)?;
        self.store.recorder().arm(keep_statements);
        let began = Instant::now();
        let ran = caught(|| body(self.store.conn()));
        let ran = self.let_through(ran);
        let statements = self.store.recorder().disarm();
        let duration_ms = millis(began);
        // The last statement of a body may be the one that took too long. Where each commits on its own, all is done.
        let is_late = matches!(self.store.recorder().cancel().stop(), Some(Stop::Limit(_)));
        if ran.is_ok() && is_late && !self.store.is_journaled() {
            return Err(Ended::Unwound);
        }
        ran.and_then(|()| {
            self.store.commit(&writes(duration_ms)).map_err(|error| Ended::Failed(error.into()))
        })?;
        Ok(Carried { duration_ms, statements })
    }

    /// Step by step, and then the rows in a transaction of their own.
    fn in_steps(
        &mut self,
        interrupted: Interrupted<'_>,
        options: &Options,
        keep_statements: bool,
        reporter: &mut dyn Reporter,
        mut body: impl FnMut(&mut Steps<'_, C>) -> Result,
        writes: impl FnOnce(u64) -> Vec<Write>,
    ) -> Result<Carried, Ended> {
        self.store.recorder().arm(false);
        let began = Instant::now();
        let name = interrupted.name;
        let ran = {
            let mut journal = SqlJournal::new(&mut *self.store, reporter, interrupted, *options);
            journal.keeps_statements = keep_statements;
            caught(|| {
                body(&mut Steps { journal: &mut journal })?;
                journal.finish()
            })
        };
        let ran = self.let_through(ran);
        let statements = self.store.recorder().disarm();
        ran?;
        let duration_ms = millis(began);
        self.write(&writes(duration_ms), name, reporter)?;
        Ok(Carried { duration_ms, statements })
    }

    /// Rows in a transaction of their own, which is tried again where it lost against another one.
    fn write(&mut self, writes: &[Write], name: &str, reporter: &mut dyn Reporter) -> Result<(), Ended> {
        let mut again = Again::default();
        loop {
            self.store.begin(&Options::new()).map_err(Ended::NotBegun)?;
            let Err(error) = self.store.commit(writes) else { return Ok(()) };
            let error = error.into();
            if self.store.rollback().is_err() || !again.may(&mut *self.store, &error, name, reporter) {
                return Err(Ended::Failed(error));
            }
        }
    }

    /// A body of which a statement was not sent has failed, however it ended.
    fn let_through(&self, ran: Result<(), Ended>) -> Result<(), Ended> {
        match self.store.recorder().take_refused() {
            Some(refused) => Err(Ended::Failed(refused.into())),
            None => ran,
        }
    }

    /// After a failure: a clean connection, and a row in the history. What the rows say is not
    /// worth a second error.
    fn clean_up(
        &mut self,
        ended: Ended,
        attempt: Attempt,
        migration: &Migration<C>,
        rehearsing: bool,
    ) -> Broken {
        let failed = self.store.recorder().take_failed();
        let stopped = self.store.recorder().cancel().stopped();
        let source = match ended {
            Ended::NotBegun(error) => return Broken::Store(error),
            Ended::Unwound => None,
            Ended::Panicked(message) => Some(anyhow::anyhow!("the body panicked: {message}")),
            Ended::Failed(error) => Some(self.store.reworded(error)),
        };
        let at_its_limit = match stopped {
            Some(Stop::Limit(limit)) => Some(limit),
            _ => None,
        };
        let blockers = self.store.blockers();
        // The first error is the one to tell of; only where there is none, the second.
        if let Err(error) = self.store.rollback()
            && source.is_none()
        {
            return Broken::Store(error);
        }
        let source = match (source, at_its_limit) {
            (Some(error), Some(limit)) => Some(error.context(limit)),
            (None, Some(limit)) => Some(limit.into()),
            (source, None) => source.filter(|_| stopped.is_none()),
        };
        let Some(source) = source else { return Broken::Cancelled };
        if let Some(error) = source.downcast_ref::<StoreError>()
            && matches!(error, StoreError::LeaseLost)
        {
            return Broken::Store(StoreError::LeaseLost);
        }
        if !rehearsing {
            let _ = self.record(&[Write::Attempt(Attempt {
                detail: Some(masked(&format!("{source:#}"))),
                ..attempt.clone()
            })]);
        }
        if at_its_limit.is_none()
            && let Some(message) = self.store.lost(&source)
        {
            return Broken::Store(StoreError::Lost(message));
        }
        let sent_from = match (&failed, &migration.file) {
            (Some(failed), Some(file)) => failed.line_in(file),
            _ => None,
        };
        let statement = failed.map(|failed| failed.sql);
        let line =
            sent_from.or_else(|| locate::line(&migration.source, statement.as_deref(), attempt.direction));
        Broken::Body { source, statement, line, blockers }
    }
}

enum Ended {
    NotBegun(StoreError),
    Failed(anyhow::Error),
    Panicked(String),
    /// Stopped between two statements.
    Unwound,
}

fn caught(body: impl FnOnce() -> Result) -> Result<(), Ended> {
    // What the body leaves half done is in the transaction, which is rolled back, and in the
    // connection, which is replaced where it cannot be trusted.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Ended::Failed(error)),
        Err(payload) if payload.is::<Unwound>() => Err(Ended::Unwound),
        Err(payload) => Err(Ended::Panicked(message_of(&*payload).to_owned())),
    }
}

/// What a panic says.
pub fn message_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

/// How long ago that was, in milliseconds.
pub fn millis(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
