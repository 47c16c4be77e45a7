//! One store that is open, whatever its connection: what a run asks of it.

use std::time::Duration;

use crate::error::StoreError;
use crate::lease::{Claim, Claimed};
use crate::ledger::{
    Applied, Attempt, Before, Direction, Foreign, Holder, JournalRow, OfService, Snapshot, Texts, Write,
};
use crate::listed::Listed;
use crate::report::Reporter;
#[cfg(feature = "cli")]
use crate::schema::print::{PrintError, Printed, config::PrintConfig};
use crate::store::{Database, StoreConnection, Taken, Takeover, Undone};

/// What the rows of one migration say besides its name.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub run_id: String,
    pub batch_no: i64,
    pub by: String,
    pub app_version: String,
    /// The ledger row's number, on the way up.
    pub id: i64,
    /// The ledger's row, on the way down.
    pub applied: Option<Applied>,
    /// Where the store stood, with the first one of it.
    pub before: Option<Before>,
    /// Keep every statement with its values, for a dry run.
    pub keep_statements: bool,
    /// How long it may take, where its options do not say.
    pub migration_timeout: Option<Duration>,
}

/// A migration that was carried out.
#[derive(Debug)]
pub struct Carried {
    pub duration_ms: u64,
    pub statements: Vec<String>,
}

/// A migration that was not.
#[derive(Debug)]
pub enum Broken {
    /// The body, or its commit, failed; everything was rolled back that can be.
    Body {
        source: anyhow::Error,
        statement: Option<String>,
        line: Option<u32>,
        /// Who kept the lock that it waited for.
        blockers: Vec<String>,
    },
    /// The run was asked to stop.
    Cancelled,
    /// The store did not let it begin.
    Store(StoreError),
}

/// What taking over another tool's ledger asks of a store; see [`crate::store::Store`].
pub trait Adopting {
    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError>;
    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError>;
    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError>;
    fn undo_adoption(&mut self, claim: &Claim) -> Result<Undone, StoreError>;
}

impl<C: StoreConnection> Adopting for super::Opened<C> {
    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        self.store.foreign(named)
    }
    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        self.store.foreign_rows(from)
    }
    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        self.store.adopt(takeover)
    }
    fn undo_adoption(&mut self, claim: &Claim) -> Result<Undone, StoreError> {
        self.store.undo_adoption(claim)
    }
}

/// An open store with its registry, whatever the type of its connection.
pub trait Session: Adopting {
    fn listed(&self) -> &[Listed];
    /// Whether a dry run records statements, since there are no transactions to undo them with.
    fn is_journaled(&self) -> bool;
    fn database(&self) -> Database;
    /// The schema as it is, but for the ledger.
    #[cfg(feature = "schema")]
    fn inspect(&mut self) -> Result<crate::schema::Inspected, StoreError>;
    /// The schema as the text of `schema.rs`.
    #[cfg(feature = "cli")]
    fn print(&mut self, config: &PrintConfig, without_ledger: bool) -> Result<Printed, PrintError>;
    /// What is there before typed changes are made.
    #[cfg(feature = "schema")]
    fn there(&mut self) -> Result<crate::schema::There, StoreError>;
    fn look(&mut self) -> Result<Snapshot, StoreError>;
    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError>;
    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError>;
    fn services(&mut self) -> Result<Vec<OfService>, StoreError>;
    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError>;
    /// Where the database's log was before anything was done under the lease, where it has one: when that was
    /// taken; or `now`.
    fn position(&mut self, now: bool) -> Option<String>;
    fn release(&mut self) -> Result<(), StoreError>;
    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError>;
    fn erase(&mut self) -> Result<(), StoreError>;
    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError>;
    fn end_rehearsal(&mut self) -> Result<(), StoreError>;

    /// Carries out the migration at `index` of the list. `left` is what an interrupted run left of
    /// it in the journal.
    fn carry_out(
        &mut self,
        index: usize,
        direction: Direction,
        left: Vec<JournalRow>,
        stamp: &Stamp,
        reporter: &mut dyn Reporter,
    ) -> Result<Carried, Broken>;

    /// What a query says whose only column is called `line`.
    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> Result<Vec<String>, StoreError>;

    /// What is in the database beside its model.
    #[cfg(feature = "cli")]
    fn beyond(&mut self) -> Result<crate::schema::Beyond, StoreError>;

    /// Whether a table has a row.
    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> Result<bool, StoreError>;

    /// Makes changes of the schema that belong to no migration, under the lease: in one transaction, where the
    /// database has them for it.
    #[cfg(feature = "sync")]
    fn make(&mut self, changes: &crate::schema::Typed, reporter: &mut dyn Reporter)
    -> Result<(), StoreError>;

    /// Sends statements that belong to no migration, under the lease: in one transaction, where the database has them
    /// for it.
    #[cfg(feature = "cli")]
    fn send(&mut self, statements: &[String]) -> Result<(), StoreError>;

    /// Does something while the lease is renewed, outside of a transaction.
    fn while_held(&mut self, job: &mut dyn FnMut()) -> Result<(), StoreError>;

    /// Writes a copy of the database into a file, where that is what its backups are.
    fn copy_to(&mut self, path: &std::path::Path) -> Result<(), StoreError>;

    /// Writes rows without running anything.
    fn record(&mut self, writes: &[Write]) -> Result<(), StoreError>;
}
