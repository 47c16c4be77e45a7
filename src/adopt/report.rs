//! What was taken over, or given back.

use serde::Serialize;

use super::matched::{Checksum, Match};
use crate::ledger::{Foreign, Tool};
use crate::listed::Listed;

/// What was taken over, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Adopted {
    /// Nothing was written.
    pub dry_run: bool,
    /// The stores that had something to take over, in the order in which they run.
    pub stores: Vec<AdoptedStore>,
}

/// One store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdoptedStore {
    /// Its name.
    pub store: String,
    /// Whose ledger it was; of nobody where a ledger began beside others.
    pub tool: Option<Tool>,
    /// The table of that ledger.
    pub table: Option<String>,
    /// What the table is called now, where ours needed its name.
    pub renamed_to: Option<String>,
    /// Whether that was done before, and nothing is left to do.
    pub already: bool,
    /// The batch that the migrations were entered in.
    pub batch_no: Option<i64>,
    /// What was entered as applied, in the order of application.
    pub migrations: Vec<AdoptedMigration>,
    /// What the list has beyond it, and `migrate` would run.
    pub pending: Vec<String>,
    /// What stops nothing but should be known.
    pub warnings: Vec<String>,
}

/// A migration that was entered as applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdoptedMigration {
    /// Its name in the list.
    pub name: String,
    /// What the other tool calls it.
    pub version: String,
    /// When it was applied, in UTC, where the tool says.
    pub applied_at: Option<String>,
    /// How long that took, in milliseconds, where the tool says.
    pub duration_ms: Option<i64>,
    /// Whether the content is what the tool has applied, where its checksum says.
    pub is_unchanged: Option<bool>,
}

/// What was given back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdoptUndone {
    /// The stores that had been taken over.
    pub stores: Vec<AdoptUndoneStore>,
}

/// One store that was given back to the tool that had migrated it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdoptUndoneStore {
    /// Its name.
    pub store: String,
    /// Whose ledger is the only one again.
    pub tool: Tool,
    /// The table of that ledger, by the name that it has.
    pub table: String,
    /// How many migrations were taken out of ours.
    pub migrations: usize,
}

impl AdoptedStore {
    pub(super) fn empty(store: &str) -> Self {
        Self {
            store: store.to_owned(),
            tool: None,
            table: None,
            renamed_to: None,
            already: false,
            batch_no: None,
            migrations: Vec::new(),
            pending: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn new(
        store: &str,
        from: &Foreign,
        batch_no: i64,
        matches: &[Match],
        listed: &[Listed],
    ) -> Self {
        let migrations: Vec<AdoptedMigration> =
            matches.iter().map(|found| migration(found, listed)).collect();
        let is_pending = |(index, _): &(usize, &Listed)| matches.iter().all(|found| found.index != *index);
        let pending = listed.iter().enumerate().filter(is_pending).map(|(_, entry)| entry.name.to_string());
        let differs = migrations.iter().filter(|migration| migration.is_unchanged == Some(false));
        let warning = |migration: &AdoptedMigration| {
            format!(
                "{} is not what {} has applied as {}: the checksums differ",
                migration.name, from.tool, migration.version
            )
        };
        Self {
            tool: Some(from.tool),
            table: Some(from.table.clone()),
            renamed_to: from.moves_to().map(str::to_owned),
            batch_no: (!migrations.is_empty()).then_some(batch_no),
            warnings: differs.map(warning).collect(),
            pending: pending.collect(),
            migrations,
            ..Self::empty(store)
        }
    }
}

fn migration(found: &Match, listed: &[Listed]) -> AdoptedMigration {
    AdoptedMigration {
        name: listed[found.index].name.to_string(),
        version: found.recorded.version.clone(),
        applied_at: found.recorded.at.clone(),
        duration_ms: found.recorded.duration_ms,
        is_unchanged: match found.checksum {
            Checksum::Same => Some(true),
            Checksum::Differs => Some(false),
            Checksum::Unknown => None,
        },
    }
}
