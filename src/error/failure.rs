//! A migration, or a backup, that failed.

use std::fmt;

use crate::cancel::Limit;
use crate::ledger::Direction;
use crate::report::Report;

/// A migration that failed: which, where, at which statement, and what was done before it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The store.
    pub store: String,
    /// The migration.
    pub migration: String,
    /// Which way it was going.
    pub direction: Direction,
    /// The module's file, and the line where that is known.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
    /// The column, from 1, of a migration that is a file of SQL.
    pub column: Option<u32>,
    /// The statement that the database refused, without its values.
    pub statement: Option<String>,
    /// Where in the statement, in characters from 0, where the database says.
    pub position: Option<usize>,
    /// What the database's server said besides its message: detail and hint.
    pub detail: Option<String>,
    /// Why: the body's error, or the engine's.
    pub source: anyhow::Error,
    /// What to type next.
    pub hint: Option<String>,
    /// What the run had done before.
    pub report: Report,
}

impl Failure {
    /// The limit of time that it was stopped at, where that is why.
    pub fn timed_out(&self) -> Option<std::time::Duration> {
        self.source.downcast_ref::<Limit>().map(|limit| limit.length)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.direction {
            Direction::Up => "failed",
            Direction::Down => "failed to roll back",
        };
        write!(f, "migration {} {verb} in store {}", self.migration, self.store)
    }
}

/// A backup that could not be taken, or not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct BackupFailure {
    /// The store.
    pub store: String,
    /// Why, in a sentence.
    pub why: String,
    /// What the program that takes it said last.
    pub said: Option<String>,
    /// What to type next.
    pub hint: String,
    /// What the run has come to.
    pub report: Report,
}

impl fmt::Display for BackupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the backup of store {} failed, and nothing was changed: {}", self.store, self.why)
    }
}
