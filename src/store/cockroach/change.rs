//! A change of the schema: sent, its jobs awaited; and, where it was interrupted, what became of it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::CockroachStore;
use super::jobs::{self, Job};
use super::lease;
use super::shape::{self, Shape};
use super::statement::{Object, Trace, is_outside, trace};
use crate::lease::RENEWED_EVERY;
use crate::report::{Event, Reporter, masked};
use crate::sql::tokens::statements;
use crate::store::postgres::HasPg;
use crate::store::postgres::connect::{self, is_ambiguous, is_retry};
use crate::store::postgres::lease as row;
use crate::store::postgres::watch::Doing;
use crate::store::{After, Settled, Store, StoreError};
use crate::traits::{Options, Result};

/// Between two looks at the jobs.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(1);
/// How often it is said that a job is waited for.
const SAID_EVERY: Duration = Duration::from_secs(10);

impl<C: HasPg> CockroachStore<C> {
    /// Sends one change of the schema outside of a transaction, and waits until its jobs are done.
    /// `before` is what was entered with it.
    pub(super) fn change(&mut self, statement: &str, before: Option<&str>, options: &Options) -> Result {
        let before = match before.and_then(Shape::read) {
            Some(entered) => entered,
            None => self.shape_before(statement)?,
        };
        self.is_still_held()?;
        self.outside(options, &mut |conn| Ok(conn.pg().batch_execute(statement)?)).map_err(reworded)?;
        let failed = self.await_jobs(&before)?;
        match failed.first() {
            // The answer came before the end of the job: what a statement timeout of the session does.
            Some(job) => {
                Err(StoreError::SchemaChange(format!("job {} {}: {}", job.id, job.status, job.error)).into())
            }
            None => Ok(()),
        }
    }

    /// A change of the schema cannot be fenced by the server: whoever was stopped for long looks at the
    /// lease once more, right before.
    fn is_still_held(&mut self) -> Result<(), StoreError> {
        if self.renewed.elapsed() < RENEWED_EVERY / 2 {
            return Ok(());
        }
        let (owner, fence) = self.held()?;
        let hold = lease::hold(&self.place, &owner, fence);
        self.batch(&hold)
            .map_err(|error| if row::is_lost(&error) { StoreError::LeaseLost } else { error })?;
        self.renewed = Instant::now();
        Ok(())
    }

    /// Waits until no change of the schema goes on that began since then; those that have failed.
    fn await_jobs(&mut self, since: &Shape) -> Result<Vec<Job>, StoreError> {
        if self.is_simulated {
            return Ok(Vec::new());
        }
        let (owner, fence) = self.held()?;
        self.is_watched(Doing::Outside { owner, fence });
        let ended = self.await_watched(since);
        self.is_not_watched();
        ended
    }

    fn await_watched(&mut self, since: &Shape) -> Result<Vec<Job>, StoreError> {
        let cancel = self.setting.recorder.cancel();
        let mut pause = FIRST_PAUSE;
        let mut said: Option<Instant> = None;
        loop {
            let mut jobs = jobs::since(self.pg(), since.at)?;
            jobs.retain(|job| !since.jobs.contains(&job.id));
            let Some(job) = jobs.iter().find(|job| !job.is_over()) else {
                return Ok(jobs.into_iter().filter(Job::has_failed).collect());
            };
            if job.is_paused() {
                return Err(StoreError::SchemaChange(format!(
                    "job {} is paused (`{}`): RESUME JOB {0}, or CANCEL JOB {0}",
                    job.id, job.what
                )));
            }
            if cancel.stop().is_some() {
                return Err(StoreError::SchemaChange(format!("stopped while job {} goes on", job.id)));
            }
            if said.is_none_or(|said| said.elapsed() >= SAID_EVERY) && pause >= LAST_PAUSE {
                said = Some(Instant::now());
                let message = format!(
                    "waiting for job {} of the database, {:.0} % done: {}",
                    job.id,
                    job.done * 100.0,
                    job.what
                );
                self.setting.reporter.event(&Event::Note { message: &masked(&message) });
            }
            std::thread::sleep(pause);
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    /// The shape of what a statement is about, before it is sent.
    pub(super) fn shape_before(&mut self, statement: &str) -> Result<Shape, StoreError> {
        let several = statements(statement);
        if several.len() > 1 {
            let outside = several.iter().find(|one| is_outside(one)).map_or("", |one| one.text);
            return Err(StoreError::Query(format!(
                "`{}` stands in one step with other statements: on CockroachDB each change of the schema is a step of its own, \
                 or an interrupted run could not tell which of them took effect; give each its own `steps.run(\"…\")`",
                masked(&crate::journal::excerpt(outside))
            )));
        }
        let mut shape = shape::of(self.pg(), object(statement).as_ref())?;
        if !self.is_simulated {
            let jobs = jobs::since(self.pg(), shape.at)?;
            shape.jobs = jobs.into_iter().filter(Job::is_over).map(|job| job.id).collect();
        }
        Ok(shape)
    }

    /// What became of a statement that an earlier run, or an earlier try, has entered.
    pub(super) fn settled(&mut self, statement: &str, before: &str) -> Result<Settled, StoreError> {
        let trace = trace(statement);
        let Some(before) = Shape::read(before).filter(|_| trace != Trace::None) else {
            return Ok(Settled::Unknown);
        };
        let failed = self.await_jobs(&before)?;
        let Some(object) = object(statement) else { return Ok(Settled::NotDone) };
        Ok(if shape::of(self.pg(), Some(&object))?.digest == before.digest {
            Settled::NotDone
        } else if failed.is_empty() {
            Settled::Done
        } else {
            // A part of it is there, or somebody else has changed the object.
            Settled::Unknown
        })
    }

    /// What follows from the error of a statement outside of a transaction.
    pub(super) fn after_failure(
        &mut self,
        statement: &str,
        before: &str,
        error: &anyhow::Error,
        tries: u32,
    ) -> After {
        let diesel = error.downcast_ref::<DieselError>();
        let lost = connect::lost(error).is_some();
        let may_pass = [
            (lost, "the connection was lost"),
            (diesel.is_some_and(is_retry), "another transaction was first"),
            (diesel.is_some_and(is_ambiguous), "the database does not know whether it took effect"),
        ];
        if let Some((_, why)) = may_pass.iter().find(|(is, _)| *is) {
            if tries > self.setting.lock_retries || (lost && self.reconnect().is_err()) {
                return After::Unknown;
            }
            return After::Look((*why).to_owned());
        }
        // Whatever else the server says means that it was refused or undone, unless something is there.
        let is_refused = matches!(diesel, Some(DieselError::DatabaseError(kind, info))
            if !matches!(kind, DatabaseErrorKind::ClosedConnection) && !was_ended(info.message()));
        let was_undone = matches!(error.downcast_ref(), Some(StoreError::SchemaChange(_)));
        if !is_refused && !was_undone {
            return After::Unknown;
        }
        let (Some(object), Some(before)) = (object(statement), Shape::read(before)) else {
            return if is_refused { After::Refused } else { After::Unknown };
        };
        let is_over = self.await_jobs(&before).is_ok();
        match shape::of(self.pg(), Some(&object)) {
            Ok(now) if is_over && now.digest == before.digest => After::Refused,
            _ => After::Unknown,
        }
    }
}

fn object(statement: &str) -> Option<Object> {
    match trace(statement) {
        Trace::In(object) => Some(object),
        Trace::Repeatable | Trace::None => None,
    }
}

/// The statement was ended from outside; its job may go on.
fn was_ended(message: &str) -> bool {
    ["timeout", "cancel"].iter().any(|part| message.contains(part))
}

/// What the server says of a change of the schema that it had committed and then gave up.
/// <https://www.cockroachlabs.com/docs/stable/common-errors> (XXA00)
fn reworded(error: anyhow::Error) -> anyhow::Error {
    let said = match error.downcast_ref::<DieselError>() {
        Some(DieselError::DatabaseError(_, info)) if info.message().contains("schema change aborted") => {
            info.message().to_owned()
        }
        _ => return error,
    };
    StoreError::SchemaChange(said).into()
}
