//! What a store must remember: the ledger, the history, the journal and the lease, as rows; and the
//! SQL that writes them, which SQL databases share.
//!
//! Values become literals of one text, so that a migration's rows travel in one round trip with its
//! commit. Every literal goes through [`quote`].

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// The ledger's tables. The first is the one that people query by hand.
pub const LEDGER: &str = "schema_migrations";
pub const HISTORY: &str = "schema_migrations_history";
pub const JOURNAL: &str = "schema_migrations_journal";
pub const LEASE: &str = "schema_migrations_lease";

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
}

impl Outcome {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Resolved => "resolved",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "applied" => Self::Applied,
            "rolled_back" => Self::RolledBack,
            "resolved" => Self::Resolved,
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
    /// The error of a failed attempt, or the reason of a resolved one.
    pub detail: Option<String>,
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
    /// The environment that the ledger was made in.
    pub environment: Option<String>,
}

/// One thing to write with a commit.
#[derive(Clone, Debug)]
pub enum Write {
    Apply(Applied),
    Remove { name: String },
    Rehash { name: String, hash: String, fingerprint: String },
    Attempt(Attempt),
    Step(JournalRow),
    ForgetStep { name: String, direction: Direction, step: i64 },
    ForgetSteps { name: String, direction: Direction },
}

/// The instant as the ledger writes it: RFC 3339 in UTC, sortable as text.
pub fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A text as an SQL literal. A NUL cannot stand in one, on any database.
pub fn quote(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for part in text.split_inclusive(['\0', '\'']) {
        match part.strip_suffix('\0') {
            Some(part) => {
                literal.push_str(part);
                literal.push('\u{fffd}');
            }
            None => literal.push_str(part),
        }
        if part.ends_with('\'') {
            literal.push('\'');
        }
    }
    literal.push('\'');
    literal
}

fn quote_option(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), quote)
}

/// Where a ledger is: its schema, where the database has them, and its service.
#[derive(Clone, Debug)]
pub struct Place {
    pub service: String,
    /// Quoted as a name where it has to be; empty on SQLite.
    pub schema: String,
}

impl Place {
    /// On a database without schemas.
    #[cfg(feature = "sqlite")]
    pub fn of_service(service: &str) -> Self {
        Self { service: service.to_owned(), schema: String::new() }
    }

    #[cfg(feature = "postgres")]
    pub fn in_schema(service: &str, schema: &str) -> Self {
        Self { service: service.to_owned(), schema: schema.to_owned() }
    }

    /// The full name of one of the ledger's tables.
    pub fn table(&self, name: &str) -> String {
        if self.schema.is_empty() {
            name.to_owned()
        } else {
            format!("\"{}\".{name}", self.schema.replace('"', "\"\""))
        }
    }
}

/// What databases write differently in the ledger's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// Makes the tables where they are missing.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub fn create_tables(dialect: Dialect, place: &Place) -> String {
    let (time, number, key) = match dialect {
        // One tree instead of two, and thus a page less to journal and to write for each migration.
        // That ids do not repeat is given by the write lock, under which they are handed out.
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => ("TEXT", "INTEGER PRIMARY KEY", "PRIMARY KEY (service, name)\n) WITHOUT ROWID"),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => (
            "TIMESTAMPTZ",
            "BIGSERIAL PRIMARY KEY",
            "PRIMARY KEY (service, id),\n  UNIQUE (service, name)\n)",
        ),
    };
    format!(
        "CREATE TABLE IF NOT EXISTS {} (
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  applied_at {time} NOT NULL,
  batch_no BIGINT NOT NULL,
  service TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  duration_ms BIGINT NOT NULL,
  {key};
CREATE TABLE IF NOT EXISTS {} (
  id {number},
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  outcome TEXT NOT NULL,
  at {time} NOT NULL,
  batch_no BIGINT NOT NULL,
  service TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL,
  duration_ms BIGINT NOT NULL,
  hash TEXT NOT NULL,
  done_by TEXT NOT NULL,
  app_version TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  detail TEXT
);
CREATE TABLE IF NOT EXISTS {} (
  service TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  step BIGINT NOT NULL,
  digest TEXT NOT NULL,
  what TEXT NOT NULL,
  state TEXT NOT NULL,
  next_key TEXT,
  chunks BIGINT NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (service, name, direction, step)
);
CREATE TABLE IF NOT EXISTS {} (
  service TEXT NOT NULL PRIMARY KEY,
  environment TEXT NOT NULL,
  owner TEXT,
  fence BIGINT NOT NULL,
  process TEXT,
  held_by TEXT,
  since {time},
  expires_at {time}
);
",
        place.table(LEDGER),
        place.table(HISTORY),
        place.table(JOURNAL),
        place.table(LEASE),
    )
}

/// The statements of one write.
pub fn sql(write: &Write, place: &Place, now: &str) -> String {
    let service = quote(&place.service);
    let (ledger, history, journal) = (place.table(LEDGER), place.table(HISTORY), place.table(JOURNAL));
    match write {
        Write::Apply(row) => format!(
            "INSERT INTO {ledger} (id, name, hash, applied_at, batch_no, service, run_id, fingerprint, duration_ms) VALUES ({}, {}, {}, {}, {}, {service}, {}, {}, {});",
            row.id,
            quote(&row.name),
            quote(&row.hash),
            quote(&row.applied_at),
            row.batch_no,
            quote(&row.run_id),
            quote(&row.fingerprint),
            row.duration_ms,
        ),
        Write::Remove { name } => {
            format!("DELETE FROM {ledger} WHERE service = {service} AND name = {};", quote(name))
        }
        Write::Rehash { name, hash, fingerprint } => format!(
            "UPDATE {ledger} SET hash = {}, fingerprint = {} WHERE service = {service} AND name = {};",
            quote(hash),
            quote(fingerprint),
            quote(name),
        ),
        Write::Attempt(attempt) => format!(
            "INSERT INTO {history} (name, direction, outcome, at, batch_no, service, run_id, duration_ms, hash, done_by, app_version, tool_version, detail) VALUES ({}, '{}', '{}', {}, {}, {service}, {}, {}, {}, {}, {}, {}, {});",
            quote(&attempt.name),
            attempt.direction.word(),
            attempt.outcome.word(),
            quote(&attempt.at),
            attempt.batch_no,
            quote(&attempt.run_id),
            attempt.duration_ms,
            quote(&attempt.hash),
            quote(&attempt.by),
            quote(&attempt.app_version),
            quote(env!("CARGO_PKG_VERSION")),
            quote_option(attempt.detail.as_deref()),
        ),
        Write::Step(row) => {
            let name = quote(&row.name);
            let direction = row.direction.word();
            format!(
                "DELETE FROM {journal} WHERE service = {service} AND name = {name} AND direction = '{direction}' AND step = {step};\
                 INSERT INTO {journal} (service, name, direction, step, digest, what, state, next_key, chunks, at) VALUES ({service}, {name}, '{direction}', {step}, {}, {}, '{}', {}, {}, {});",
                quote(&row.digest),
                quote(&row.what),
                row.state.word(),
                quote_option(row.cursor.as_deref()),
                row.chunks,
                quote(now),
                step = row.step,
            )
        }
        Write::ForgetStep { name, direction, step } => format!(
            "DELETE FROM {journal} WHERE service = {service} AND name = {} AND direction = '{}' AND step = {step};",
            quote(name),
            direction.word(),
        ),
        Write::ForgetSteps { name, direction } => format!(
            "DELETE FROM {journal} WHERE service = {service} AND name = {} AND direction = '{}';",
            quote(name),
            direction.word(),
        ),
    }
}

/// Whose table `schema_migrations` is, told by its columns; `None` where it is ours.
pub fn foreign_ledger(columns: &[String]) -> Option<&'static str> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    if ["id", "name", "hash", "applied_at", "batch_no", "service", "fingerprint"].iter().all(|name| has(name))
    {
        return None;
    }
    Some(if has("version") && has("dirty") {
        "golang-migrate"
    } else if has("migration") && has("batch") {
        "Laravel"
    } else if has("migration_name") {
        "a migration script of its own"
    } else if has("version") {
        "Rails (or dbmate, or Ecto)"
    } else {
        "another tool"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(quote("it's"), "'it''s'");
        assert_eq!(quote("'; DROP TABLE x; --"), "'''; DROP TABLE x; --'");
        assert_eq!(quote("a\0b"), "'a\u{fffd}b'");
    }

    #[test]
    fn other_tools_are_recognised() {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(foreign_ledger(&columns(&["version", "dirty"])), Some("golang-migrate"));
        assert_eq!(foreign_ledger(&columns(&["version"])), Some("Rails (or dbmate, or Ecto)"));
        assert_eq!(foreign_ledger(&columns(&["id", "migration", "batch"])), Some("Laravel"));
        assert_eq!(foreign_ledger(&columns(&["id", "name"])), Some("another tool"));
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
