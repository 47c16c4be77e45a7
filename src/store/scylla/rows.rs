//! The tables of the ledger, and what is written into them.

use ::scylla::value::CqlTimestamp;
use chrono::DateTime;

use crate::ledger::{Applied, Attempt, Direction, HISTORY, JOURNAL, LEDGER, Outcome, quote, timestamp};

/// The tables. `schema_migrations` has no static columns, or an empty ledger would show a row.
pub fn tables() -> [String; 3] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {JOURNAL} (service text, name text, direction text, step bigint, digest text, what text, \
             state text, next_key text, chunks bigint, at timestamp, owner text static, fence bigint static, environment text \
             static, process text static, held_by text static, since timestamp static, expires_at timestamp static, last_batch \
             bigint static, written_at bigint static, PRIMARY KEY (service, name, direction, step))"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {HISTORY} (service text, at timestamp, run_id text, name text, direction text, outcome \
             text, batch_no bigint, duration_ms bigint, hash text, done_by text, app_version text, tool_version text, detail \
             text, PRIMARY KEY (service, at, run_id, name, direction, outcome)) WITH CLUSTERING ORDER BY (at DESC, run_id ASC, \
             name ASC, direction ASC, outcome ASC)"
        ),
        // The last one: where it is there, the others are.
        format!(
            "CREATE TABLE IF NOT EXISTS {LEDGER} (service text, id bigint, name text, hash text, applied_at timestamp, batch_no \
             bigint, run_id text, fingerprint text, duration_ms bigint, PRIMARY KEY (service, id))"
        ),
    ]
}

/// A text as CQL has it.
pub fn text(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), quote)
}

pub fn time(value: CqlTimestamp) -> String {
    timestamp(DateTime::from_timestamp_millis(value.0).unwrap_or_default())
}

/// A time of the ledger as CQL has it.
fn millis(time: &str) -> i64 {
    DateTime::parse_from_rfc3339(time).map_or(0, |time| time.timestamp_millis())
}

/// Writes one service's rows, with the time at which they count: one that comes late, of a run that has
/// lost its lease, is older than what came after it.
pub struct Writer<'a> {
    pub service: &'a str,
    /// In microseconds.
    pub at: i64,
}

impl Writer<'_> {
    pub fn apply(&self, row: &Applied) -> String {
        format!(
            "INSERT INTO {LEDGER} (service, id, name, hash, applied_at, batch_no, run_id, fingerprint, duration_ms) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) USING TIMESTAMP {}",
            quote(self.service),
            row.id,
            quote(&row.name),
            quote(&row.hash),
            millis(&row.applied_at),
            row.batch_no,
            quote(&row.run_id),
            quote(&row.fingerprint),
            row.duration_ms,
            self.at,
        )
    }

    pub fn remove(&self, id: i64) -> String {
        format!(
            "DELETE FROM {LEDGER} USING TIMESTAMP {} WHERE service = {} AND id = {id}",
            self.at,
            quote(self.service)
        )
    }

    /// None where there are none.
    pub fn remove_several(&self, ids: &[i64]) -> Option<String> {
        let each: Vec<String> = ids.iter().map(i64::to_string).collect();
        (!ids.is_empty()).then(|| {
            format!(
                "DELETE FROM {LEDGER} USING TIMESTAMP {} WHERE service = {} AND id IN ({})",
                self.at,
                quote(self.service),
                each.join(", ")
            )
        })
    }

    /// Every row of the ledger.
    pub fn remove_all(&self) -> String {
        format!("DELETE FROM {LEDGER} USING TIMESTAMP {} WHERE service = {}", self.at, quote(self.service))
    }

    pub fn rehash(&self, id: i64, hash: &str, fingerprint: &str) -> String {
        format!(
            "UPDATE {LEDGER} USING TIMESTAMP {} SET hash = {}, fingerprint = {} WHERE service = {} AND id = {id}",
            self.at,
            quote(hash),
            quote(fingerprint),
            quote(self.service)
        )
    }

    pub fn attempt(&self, row: &Attempt) -> String {
        format!(
            "INSERT INTO {HISTORY} (service, at, run_id, name, direction, outcome, batch_no, duration_ms, hash, done_by, app_version, tool_version, detail) VALUES ({}, {}, {}, {}, '{}', '{}', {}, {}, {}, {}, {}, {}, {}) USING TIMESTAMP {}",
            quote(self.service),
            millis(&row.at),
            quote(&row.run_id),
            quote(&row.name),
            row.direction.word(),
            row.outcome.word(),
            row.batch_no,
            row.duration_ms,
            quote(&row.hash),
            quote(&row.by),
            quote(&row.app_version),
            quote(env!("CARGO_PKG_VERSION")),
            text(row.written_detail().as_deref()),
            self.at,
        )
    }
}

/// The columns of the ledger, in the order of [`AppliedRow`].
pub const APPLIED: &str = "id, name, hash, fingerprint, applied_at, batch_no, run_id, duration_ms";
pub type AppliedRow = (i64, String, String, String, CqlTimestamp, i64, String, i64);

pub fn applied(row: AppliedRow) -> Applied {
    Applied {
        id: row.0,
        name: row.1,
        hash: row.2,
        fingerprint: row.3,
        applied_at: time(row.4),
        batch_no: row.5,
        run_id: row.6,
        duration_ms: row.7,
    }
}

/// The columns of the history.
pub const ATTEMPT: &str =
    "name, direction, outcome, at, batch_no, run_id, duration_ms, hash, done_by, app_version, detail";
pub type AttemptRow =
    (String, String, String, CqlTimestamp, i64, String, i64, String, String, String, Option<String>);

pub fn attempt(row: AttemptRow) -> Attempt {
    Attempt {
        name: row.0,
        direction: Direction::parse(&row.1),
        outcome: Outcome::parse(&row.2),
        at: time(row.3),
        batch_no: row.4,
        run_id: row.5,
        duration_ms: row.6,
        hash: row.7,
        by: row.8,
        app_version: row.9,
        detail: None,
        before: None,
    }
    .read_detail(row.10)
}
