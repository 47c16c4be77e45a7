//! What a connection does while a migration's body has it: the statements are steps of the journal, or
//! are recorded for a dry run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use super::error::ScyllaError;
use super::journaled::{Journaled, Ran, Step, refused};
use super::rehearsal::Rehearsal;
use super::statement;
use crate::recorder::Recorder;

/// Shared by the clones of a body's connection.
#[derive(Clone)]
pub struct Body {
    doing: Arc<Mutex<Doing>>,
    recorder: Recorder,
}

pub enum Doing {
    Journaled(Journaled),
    Rehearsed(Rehearsal),
}

impl Body {
    pub fn new(doing: Doing, recorder: Recorder) -> Self {
        Self { doing: Arc::new(Mutex::new(doing)), recorder }
    }

    /// Carries a step out, or records it. See [`Journaled::run`].
    pub fn run<T>(
        &self,
        step: &Step<'_>,
        send: impl FnMut(i64) -> Result<T, ScyllaError>,
        keep: impl Fn(&T) -> Option<String>,
    ) -> Result<Ran<T>, ScyllaError> {
        let ran = self.lock(step.cql).and_then(|mut doing| match &mut *doing {
            // The statements behind it would go to one keyspace or the other, as it happens.
            _ if statement::is_use(step.cql) => Err(refused(
                step.cql,
                "it holds for one connection of several; write the keyspace before the name (`other.users`)"
                    .to_owned(),
            )),
            Doing::Journaled(journaled) => journaled.run(step, send, keep),
            Doing::Rehearsed(rehearsal) => rehearsal.record(step).map(|()| Ran::Before(None)),
        });
        self.seen(ran)
    }

    /// Where a statement failed, and from which line it was sent.
    pub fn seen<T>(&self, ran: Result<T, ScyllaError>) -> Result<T, ScyllaError> {
        if let Err(error) = &ran {
            self.failed(error.statement());
        }
        ran
    }

    pub fn failed(&self, statement: &str) {
        self.recorder.failed(statement);
    }

    /// Whether a dry run goes on behind an error, because statements before it were not carried out.
    pub fn forgives(&self, error: &ScyllaError) -> bool {
        let doing = self.doing.try_lock();
        doing.is_ok_and(
            |doing| matches!(&*doing, Doing::Rehearsed(rehearsal) if rehearsal.may_be_there_by_then(error)),
        )
    }

    /// What it does; not from inside a step, whose outcome nobody would know.
    pub fn lock(&self, cql: &str) -> Result<MutexGuard<'_, Doing>, ScyllaError> {
        match self.doing.try_lock() {
            Ok(doing) => Ok(doing),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(refused(
                cql,
                "a statement was sent from inside another one, which is a step of its own".to_owned(),
            )),
        }
    }

    /// After the body.
    pub fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
