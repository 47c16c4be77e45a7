//! One migration, up or down: in a transaction or in steps, with its ledger row and its history.

mod session;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use chrono::Utc;

use crate::again::Again;
use crate::cancel::{Stop, Unwound};
use crate::error::StoreError;
use crate::fingerprint;
use crate::journal::{Interrupted, SqlJournal};
use crate::lease::{Claim, Claimed};
use crate::ledger::{
    Applied, Attempt, Direction, Holder, JournalRow, OfService, Outcome, Snapshot, Write, timestamp,
};
use crate::listed::{self, Listed, Listing};
use crate::locate;
use crate::migration::{DownBody, Migration, UpBody};
use crate::registry::Registry;
#[cfg(feature = "schema")]
use crate::report::Event;
use crate::report::{Reporter, masked};
#[cfg(feature = "schema")]
use crate::schema::Already;
#[cfg(feature = "cli")]
use crate::schema::print::{PrintError, Printed, config::PrintConfig};
use crate::steps::Steps;
use crate::store::{Database, Store, StoreConnection};
use crate::traits::{Options, Result};
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

impl<C: StoreConnection> Session for Opened<C> {
    fn listed(&self) -> &[Listed] {
        &self.listed
    }
    fn is_journaled(&self) -> bool {
        self.store.is_journaled()
    }
    fn database(&self) -> Database {
        self.store.database()
    }
    #[cfg(feature = "schema")]
    fn inspect(&mut self) -> Result<crate::schema::Inspected, StoreError> {
        let database = self.store.database();
        self.store.conn().inspect(database).map_err(|error| StoreError::Query(format!("{error:#}")))
    }
    #[cfg(feature = "cli")]
    fn print(&mut self, config: &PrintConfig, without_ledger: bool) -> Result<Printed, PrintError> {
        self.store.conn().print(config, without_ledger)
    }
    #[cfg(feature = "schema")]
    fn there(&mut self) -> Result<crate::schema::There, StoreError> {
        self.store.conn().there().map_err(|error| StoreError::Query(format!("{error:#}")))
    }
    fn look(&mut self) -> Result<Snapshot, StoreError> {
        self.store.look()
    }
    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.store.history(limit)
    }
    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        self.store.failures()
    }
    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        self.store.services()
    }
    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.store.claim(claim)
    }
    fn position(&mut self, now: bool) -> Option<String> {
        self.store.position(now)
    }
    fn release(&mut self) -> Result<(), StoreError> {
        self.store.release()
    }
    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        self.store.break_lease()
    }
    fn erase(&mut self) -> Result<(), StoreError> {
        self.store.erase()
    }
    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError> {
        self.store.begin_rehearsal(foreign_keys_off)
    }
    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.store.end_rehearsal()
    }

    fn carry_out(
        &mut self,
        index: usize,
        direction: Direction,
        left: Vec<JournalRow>,
        stamp: &Stamp,
        reporter: &mut dyn Reporter,
    ) -> Result<Carried, Broken> {
        let migration = self.migration(index);
        let name = migration.name.as_ref();
        let fingerprint = fingerprint::of_migration(&migration.source, migration.is_repeatable);
        // On the way down the tokens were read when it was applied: the same bytes have the same hash.
        let known = stamp.applied.as_ref().filter(|row| row.fingerprint == fingerprint);
        let hash = match known {
            Some(row) => row.hash.clone(),
            None => fingerprint::hash(&migration.source, migration.language),
        };
        // What is rolled back is so under the batch that it was applied in.
        let batch_no = stamp.applied.as_ref().map_or(stamp.batch_no, |row| row.batch_no);
        let attempt = |outcome: Outcome, duration_ms: u64| Attempt {
            name: name.to_owned(),
            direction,
            outcome,
            at: timestamp(Utc::now()),
            batch_no,
            run_id: stamp.run_id.clone(),
            duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
            hash: hash.clone(),
            by: stamp.by.clone(),
            app_version: stamp.app_version.clone(),
            detail: None,
            before: stamp.before.clone(),
        };
        let up_rows = |duration_ms: u64| {
            let attempt = attempt(Outcome::Applied, duration_ms);
            // Of a repeatable one that has changed: its row before.
            let before = migration.is_repeatable.then(|| Write::Remove { name: name.to_owned() });
            before
                .into_iter()
                .chain([
                    Write::Apply(Applied {
                        id: stamp.id,
                        name: name.to_owned(),
                        hash: hash.clone(),
                        fingerprint: fingerprint.clone(),
                        applied_at: attempt.at.clone(),
                        batch_no,
                        run_id: stamp.run_id.clone(),
                        duration_ms: attempt.duration_ms,
                    }),
                    Write::Attempt(attempt),
                ])
                .collect()
        };
        let down_rows = |duration_ms: u64| {
            vec![
                Write::Remove { name: name.to_owned() },
                Write::Attempt(attempt(Outcome::RolledBack, duration_ms)),
            ]
        };
        let forget = |mut rows: Vec<Write>| {
            rows.push(Write::ForgetSteps { name: name.to_owned(), direction });
            rows
        };
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
                up_rows,
            ),
            (Direction::Up, UpBody::Steps(body), _) => self.in_steps(
                Interrupted { name, direction, left },
                &body.options(),
                keep,
                reporter,
                |steps| body.up(steps),
                |duration| forget(up_rows(duration)),
            ),
            (Direction::Down, _, DownBody::Transaction(body)) => self.in_transaction(
                &body.options(),
                How { name, at_once, keep_statements: keep, reporter },
                |conn| body.down(conn),
                down_rows,
            ),
            (Direction::Down, _, DownBody::Steps(body)) => self.in_steps(
                Interrupted { name, direction, left },
                &body.options(),
                keep,
                reporter,
                |steps| body.down(steps),
                |duration| forget(down_rows(duration)),
            ),
            (Direction::Down, _, DownBody::Irreversible(because)) => {
                Err(Ended::Failed(anyhow::anyhow!("it is irreversible: {because}")))
            }
            (Direction::Down, _, DownBody::Nothing) => self.in_transaction(
                &Options::new(),
                How { name, at_once: None, keep_statements: keep, reporter },
                |_| Ok(()),
                down_rows,
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
        ended.map_err(|ended| self.clean_up(ended, attempt(Outcome::Failed, millis(began)), &migration, keep))
    }

    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> Result<Vec<String>, StoreError> {
        self.store.conn().lines(query).map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "cli")]
    fn beyond(&mut self) -> Result<crate::schema::Beyond, StoreError> {
        self.store.conn().beyond().map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> Result<bool, StoreError> {
        self.store.conn().has_rows(table).map_err(|error| StoreError::Query(format!("{error:#}")))
    }

    #[cfg(feature = "sync")]
    fn make(
        &mut self,
        changes: &crate::schema::Typed,
        reporter: &mut dyn Reporter,
    ) -> Result<(), StoreError> {
        let database = self.store.database();
        let UpBody::Transaction(body) = changes.bodies::<C>(database, false, &Already::default()).0 else {
            return Err(StoreError::Query("these changes run in steps alone".to_owned()));
        };
        let options = body.options();
        if self.store.changes_in_steps() {
            let made = self.store.outside(&options, &mut |conn| body.up(conn));
            return made.map_err(|error| StoreError::Query(format!("{error:#}")));
        }
        let how = How { name: "sync", at_once: None, keep_statements: false, reporter };
        let made = self.in_transaction(&options, how, |conn| body.up(conn), |_| Vec::new());
        made.map(drop).map_err(|ended| {
            let _ = self.store.rollback();
            store_error(ended)
        })
    }

    #[cfg(feature = "cli")]
    fn send(&mut self, statements: &[String]) -> Result<(), StoreError> {
        let send = |conn: &mut C| statements.iter().try_for_each(|statement| conn.send(statement));
        if self.store.changes_in_steps() {
            let sent = self.store.outside(&Options::new(), &mut |conn| send(conn));
            return sent.map_err(|error| StoreError::Query(format!("{error:#}")));
        }
        let how = How { name: "", keep_statements: false, at_once: None, reporter: &mut () };
        let sent = self.in_transaction(&Options::new(), how, send, |_| Vec::new());
        sent.map(drop).map_err(|ended| {
            let _ = self.store.rollback();
            store_error(ended)
        })
    }

    fn while_held(&mut self, job: &mut dyn FnMut()) -> Result<(), StoreError> {
        let mut job = |_: &mut C| {
            job();
            Ok(())
        };
        self.store.outside(&Options::new(), &mut job).map_err(|error| store_error(Ended::Failed(error)))
    }

    fn copy_to(&mut self, path: &std::path::Path) -> Result<(), StoreError> {
        self.store.copy_to(path)
    }

    fn record(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.write(writes, "", &mut ()).map_err(store_error)
    }
}

/// Of what is no migration's body.
fn store_error(ended: Ended) -> StoreError {
    match ended {
        Ended::NotBegun(error) => error,
        Ended::Failed(error) => {
            error.downcast().unwrap_or_else(|other| StoreError::Query(format!("{other:#}")))
        }
        Ended::Panicked(_) | Ended::Unwound => StoreError::Query("no body was run".to_owned()),
    }
}
