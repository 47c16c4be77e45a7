//! What a store must remember: the ledger, the history, the journal and the lease, as rows.

mod adopted;
mod before;
mod foreign;
mod sql;
mod tool;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

#[cfg(any(feature = "postgres", feature = "scylla"))]
pub use adopted::Undoing;
#[cfg(feature = "scylla")]
pub use adopted::source as adopted_from;
pub use adopted::{Kept, Since, Unadopted, detail as adopted_detail, taken_over};
pub use before::Before;
pub use foreign::{Foreign, Recorded, Texts, ledgers as foreign_ledgers, names as foreign_names, recorded};
#[cfg(feature = "postgres")]
pub use sql::sql_behind_its_body;
#[cfg(feature = "postgres")]
pub use sql::{ASIDE, attempt_exists, step_exists};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::{Dialect, create_tables};
pub use sql::{Place, quote, quote_name, sql};
pub use tool::Tool;

/// The ledger's tables. The first is the one that people query by hand.
pub const LEDGER: &str = "schema_migrations";
pub const HISTORY: &str = "schema_migrations_history";
pub const JOURNAL: &str = "schema_migrations_journal";
pub const LEASE: &str = "schema_migrations_lease";

/// What is no part of a schema: our own tables, and those of other tools, which stay beside them when a database is
/// taken over or given away. Not those whose names anybody could have chosen (`migration_records`).
#[cfg(feature = "schema")]
pub fn ledgers() -> Vec<&'static str> {
    let of_tools = Tool::tables().into_iter().filter(|table| *table != Tool::Link.table());
    [HISTORY, JOURNAL, LEASE].into_iter().chain(of_tools).collect()
}

/// Which way a migration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Applying.
    Up,
    /// Rolling back.
    Down,
}

impl Direction {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        if word == "down" { Self::Down } else { Self::Up }
    }
}

/// One row of the ledger: a migration that is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// The order of application, given under the lease.
    pub id: i64,
    /// The migration's name.
    pub name: String,
    /// The hash of its content, with the algorithm in front.
    pub hash: String,
    /// The fingerprint of its bytes.
    #[serde(skip)]
    pub fingerprint: String,
    /// When, in UTC.
    pub applied_at: String,
    /// The batch that it was applied in.
    pub batch_no: i64,
    /// The run that it was applied in.
    pub run_id: String,
    /// How long its body took, in milliseconds.
    pub duration_ms: i64,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Applied.
    Applied,
    /// Rolled back.
    RolledBack,
    /// Failed; nothing of it stays but what a body in steps had done before.
    Failed,
    /// Settled by hand (`updown resolve`).
    Resolved,
    /// No migration: a backup was taken before the batch. Where it is stands in the detail.
    BackedUp,
    /// Entered as applied since another tool had it so (`updown adopt`): which, and what it called it, stands in
    /// the detail.
    Adopted,
    /// Applied as those that it took the place of: it was not run. Which they are stands in the detail.
    Squashed,
}

impl Outcome {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Resolved => "resolved",
            Self::BackedUp => "backed_up",
            Self::Adopted => "adopted",
            Self::Squashed => "squashed",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "applied" => Self::Applied,
            "rolled_back" => Self::RolledBack,
            "resolved" => Self::Resolved,
            "backed_up" => Self::BackedUp,
            "adopted" => Self::Adopted,
            "squashed" => Self::Squashed,
            _ => Self::Failed,
        }
    }
}

/// One row of the history: an attempt, by whom, when, how long, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// The migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended, in UTC.
    pub at: String,
    /// The batch of the run.
    pub batch_no: i64,
    /// The run.
    pub run_id: String,
    /// How long, in milliseconds.
    pub duration_ms: i64,
    /// The hash of the content at that time.
    pub hash: String,
    /// Who: user and host.
    pub by: String,
    /// The application's version.
    pub app_version: String,
    /// The error of a failed attempt, the reason of a resolved one, the place of a backup, what was
    /// replaced.
    pub detail: Option<String>,
    /// With the first attempt of each batch: to where one recovers, to be before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
}

/// One row of the journal: a step of a migration that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalRow {
    /// The migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// The step's number, from 1.
    pub step: i64,
    /// The digest of the statement, or of the label and kind.
    pub digest: String,
    /// What the step does, as a person reads it.
    pub what: String,
    /// How far it came.
    pub state: StepState,
    /// Where the next chunk begins.
    pub cursor: Option<String>,
    /// How many chunks are committed.
    pub chunks: i64,
}

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepState {
    /// About to run; whether it took effect is not known from the journal.
    Intent,
    /// A batched change of which some chunks are committed.
    Chunks,
    /// Done.
    Done,
}

impl StepState {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Chunks => "chunks",
            Self::Done => "done",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "done" => Self::Done,
            "chunks" => Self::Chunks,
            _ => Self::Intent,
        }
    }
}

/// Who holds the lease of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// The run's token.
    #[serde(skip)]
    pub owner: String,
    /// The fencing number: one more with every holder.
    pub fence: i64,
    /// The process's identity on its host.
    #[serde(skip)]
    pub process: String,
    /// Who: user, host, process number.
    pub by: String,
    /// Since when, in UTC.
    pub since: String,
    /// Until when, unless it is renewed, in UTC.
    pub expires_at: String,
}

/// All that one look at a store sees.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Whether there is a ledger at all.
    pub exists: bool,
    /// In the order of application.
    pub applied: Vec<Applied>,
    /// The highest batch number in the history.
    pub last_batch: i64,
    pub journal: Vec<JournalRow>,
    pub holder: Option<Holder>,
    /// Whether a run was killed between its commit and the ledger: whoever gets the lease finishes that.
    pub is_unfinished: bool,
    /// The environment that the ledger was made in.
    pub environment: Option<String>,
    /// Where nothing of this service was ever entered: the ledgers of other tools that have something of it.
    pub foreign: Vec<Foreign>,
}

impl Snapshot {
    /// What was applied last.
    pub fn newest(&self) -> Option<&Applied> {
        self.applied.iter().max_by_key(|row| row.id)
    }

    /// Its number; 0 where nothing is applied.
    pub fn last_id(&self) -> i64 {
        self.newest().map_or(0, |row| row.id)
    }
}

/// What a ledger says of one service.
#[derive(Clone, Debug)]
pub struct OfService {
    pub service: String,
    pub snapshot: Snapshot,
    /// For every migration whose last attempt failed, that attempt.
    pub failures: Vec<Attempt>,
}

/// One thing to write with a commit.
#[derive(Clone, Debug)]
pub enum Write {
    Apply(Applied),
    Remove {
        name: String,
    },
    /// One row in the place of these, of which it has the number of the last.
    Replace {
        names: Vec<String>,
        by: Applied,
    },
    Rehash {
        name: String,
        hash: String,
        fingerprint: String,
    },
    Attempt(Attempt),
    Step(JournalRow),
    ForgetStep {
        name: String,
        direction: Direction,
        step: i64,
    },
    ForgetSteps {
        name: String,
        direction: Direction,
    },
}

/// The instant as the ledger writes it: RFC 3339 in UTC, sortable as text.
pub fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// So many instants, one after the other, of which the last one is now: a history that is sorted by them keeps their
/// order.
pub fn timestamps(count: usize) -> impl Iterator<Item = String> {
    let (now, count) = (Utc::now(), i64::try_from(count).unwrap_or(i64::MAX));
    (1..=count).map(move |at| timestamp(now - TimeDelta::milliseconds(count - at)))
}

/// Whose table `schema_migrations` is, told by its columns; `None` where it is ours, or
/// where there is none.
pub fn foreign_ledger(columns: &[String]) -> Option<&'static str> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let ours = ["id", "name", "hash", "applied_at", "batch_no", "service", "fingerprint"];
    if columns.is_empty() || ours.iter().all(|name| has(name)) {
        return None;
    }
    Some(if let Some(tool) = Tool::of_table(LEDGER, columns) {
        tool.title()
    } else if has("migration") && has("batch") {
        "Laravel"
    } else if has("version") {
        "Rails (or dbmate, or Ecto)"
    } else {
        "another tool"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "schema")]
    #[test]
    fn what_has_made_room_is_no_part_of_a_schema() {
        for tool in Tool::ALL {
            assert!(tool.table_beside().is_none_or(|table| ledgers().contains(&table)), "{tool}");
        }
    }

    #[test]
    fn other_tools_are_recognised() {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(foreign_ledger(&columns(&["version", "dirty"])), Some("golang-migrate"));
        assert_eq!(foreign_ledger(&columns(&["version"])), Some("Rails (or dbmate, or Ecto)"));
        assert_eq!(foreign_ledger(&columns(&["id", "migration", "batch"])), Some("Laravel"));
        assert_eq!(foreign_ledger(&columns(&["id", "name"])), Some("another tool"));
        assert_eq!(foreign_ledger(&[]), None);
        let ours = [
            "id",
            "name",
            "hash",
            "applied_at",
            "batch_no",
            "service",
            "run_id",
            "fingerprint",
            "duration_ms",
        ];
        assert_eq!(foreign_ledger(&columns(&ours)), None);
    }
}
