//! A dry run where nothing can be undone: the statements are recorded, and not carried out. The server is
//! asked to prepare each, by which it checks its syntax, and the names in it as far as they are there.

use ::scylla::errors::DbError;

use super::connection::ScyllaConnection;
use super::error::ScyllaError;
use super::journaled::{Step, refused};
use crate::recorder::Recorder;

pub struct Rehearsal {
    pub conn: ScyllaConnection,
    pub recorder: Recorder,
    /// Whether the schema would be another one by now: what is not there may be what was recorded.
    pub changed: bool,
    pub statements: usize,
}

impl Rehearsal {
    pub fn record(&mut self, step: &Step<'_>) -> Result<(), ScyllaError> {
        self.check(step.cql)?;
        self.recorder.keep(step.cql);
        self.changed |= step.object.is_some();
        Ok(())
    }

    fn check(&mut self, cql: &str) -> Result<(), ScyllaError> {
        self.statements += 1;
        if self.recorder.cancel().stop().is_some() {
            return Err(refused(cql, format!("stopped before statement {}", self.statements)));
        }
        match self.conn.wait_for(self.conn.prepared(cql)) {
            Err(error) if !self.may_be_there_by_then(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a statement fails only because those before it were not carried out.
    pub fn may_be_there_by_then(&self, error: &ScyllaError) -> bool {
        let by_name = matches!(
            error.database_error(),
            Some(
                DbError::Invalid
                    | DbError::ConfigError
                    | DbError::ServerError
                    | DbError::FunctionFailure { .. }
            )
        );
        self.changed && by_name
    }
}
