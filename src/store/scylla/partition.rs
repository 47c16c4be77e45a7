//! The partition that everything is decided in: the lease, as static columns, and the journal, as
//! rows. A conditional batch must stay in one partition of one table; so that whatever a run writes can
//! be made to depend on its lease, it is written here, and the ledger and the history are made of it.

use std::time::Duration;

use ::scylla::value::CqlTimestamp;
use chrono::{DateTime, Utc};

use super::connection::ScyllaConnection;
use super::error::ScyllaError;
use crate::lease::{Claim, LASTS};
use crate::ledger::{HISTORY, Holder, JOURNAL, JournalRow, LEDGER, StepState, quote, timestamp};

/// The tables. `schema_migrations` has no static columns, or an empty ledger would show a row.
pub fn tables() -> [String; 3] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {JOURNAL} (service text, name text, direction text, step bigint, digest text, what text, \
             state text, next_key text, chunks bigint, at timestamp, owner text static, fence bigint static, environment text \
             static, process text static, held_by text static, since timestamp static, expires_at timestamp static, last_batch \
             bigint static, PRIMARY KEY (service, name, direction, step))"
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

/// Who has the lease of a service.
pub struct Partition<'a> {
    pub conn: &'a ScyllaConnection,
    pub service: &'a str,
}

/// The static columns.
#[derive(Default)]
pub struct Lease {
    pub owner: Option<String>,
    pub fence: Option<i64>,
    pub environment: Option<String>,
    pub process: Option<String>,
    held_by: Option<String>,
    since: Option<CqlTimestamp>,
    expires_at: Option<CqlTimestamp>,
    pub last_batch: i64,
}

impl Lease {
    pub fn holder(&self) -> Option<Holder> {
        Some(Holder {
            owner: self.owner.clone()?,
            fence: self.fence.unwrap_or_default(),
            process: self.process.clone().unwrap_or_default(),
            by: self.held_by.clone().unwrap_or_default(),
            since: self.since.map(time).unwrap_or_default(),
            expires_at: self.expires_at.map(time).unwrap_or_default(),
        })
    }
}

type Statics = (
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<CqlTimestamp>,
    Option<CqlTimestamp>,
    Option<i64>,
);

impl Partition<'_> {
    fn key(&self) -> String {
        quote(self.service)
    }

    /// What is decided by now.
    pub fn lease(&self) -> Result<Lease, ScyllaError> {
        let rows: Vec<Statics> = self.conn.query_serial(
            &format!(
                "SELECT owner, fence, environment, process, held_by, since, expires_at, last_batch FROM {JOURNAL} WHERE service = {} LIMIT 1",
                self.key()
            ),
            (),
        )?;
        Ok(rows.into_iter().next().map_or_else(Lease::default, |row| Lease {
            owner: row.0,
            fence: row.1,
            environment: row.2,
            process: row.3,
            held_by: row.4,
            since: row.5,
            expires_at: row.6,
            last_batch: row.7.unwrap_or(0),
        }))
    }

    pub fn journal(&self) -> Result<Vec<JournalRow>, ScyllaError> {
        type Row = (
            Option<String>,
            Option<String>,
            Option<i64>,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<i64>,
        );
        let rows: Vec<Row> = self.conn.query_serial(
            &format!(
                "SELECT name, direction, step, digest, what, state, next_key, chunks FROM {JOURNAL} WHERE service = {}",
                self.key()
            ),
            (),
        )?;
        // A partition with static columns alone is one row, without a name.
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(JournalRow {
                    name: row.0?,
                    direction: crate::ledger::Direction::parse(&row.1?),
                    step: row.2?,
                    digest: row.3.unwrap_or_default(),
                    what: row.4.unwrap_or_default(),
                    state: StepState::parse(&row.5.unwrap_or_default()),
                    cursor: row.6,
                    chunks: row.7.unwrap_or(0),
                })
            })
            .collect())
    }

    /// The row of the service, where it is missing.
    pub fn prepare(&self, environment: &str) -> Result<(), ScyllaError> {
        self.conn
            .execute_if(
                &format!(
                    "INSERT INTO {JOURNAL} (service, fence, environment) VALUES ({}, 0, {}) IF NOT EXISTS",
                    self.key(),
                    quote(environment)
                ),
                (),
            )
            .map(drop)
    }

    /// One attempt: the fence, where the lease was as it was `seen`.
    pub fn claim(&self, claim: &Claim, seen: &Lease, environment: &str) -> Result<Option<i64>, ScyllaError> {
        let fence = seen.fence.unwrap_or(0);
        let key = self.key();
        let sql = format!(
            "BEGIN BATCH UPDATE {JOURNAL} SET fence = {}, environment = {} WHERE service = {key} IF fence = {fence} AND owner = {}; {}; APPLY BATCH",
            fence + 1,
            quote(environment),
            text(seen.owner.as_deref()),
            self.holding(&claim.owner, &claim.process, &claim.by, Utc::now()),
        );
        Ok(self.conn.execute_if(&sql, ())?.is_applied().then_some(fence + 1))
    }

    fn holding(&self, owner: &str, process: &str, by: &str, since: DateTime<Utc>) -> String {
        let until = Utc::now() + LASTS;
        format!(
            "UPDATE {JOURNAL} USING TTL {} SET owner = {}, process = {}, held_by = {}, since = {}, expires_at = {} WHERE service = {}",
            LASTS.as_secs(),
            quote(owner),
            quote(process),
            quote(by),
            since.timestamp_millis(),
            until.timestamp_millis(),
            self.key(),
        )
    }

    /// Every column again, or those that were not set would end by their own time.
    pub fn renew(&self, held: &Held) -> Result<bool, ScyllaError> {
        let sql = format!(
            "{} IF owner = {} AND fence = {}",
            self.holding(&held.owner, &held.process, &held.by, held.since),
            quote(&held.owner),
            held.fence
        );
        Ok(self.conn.execute_if(&sql, ())?.is_applied())
    }

    pub fn release(&self, held: &Held) -> Result<(), ScyllaError> {
        self.free(&format!("IF owner = {} AND fence = {}", quote(&held.owner), held.fence))
    }

    /// Whoever has it; the next fence stops a holder that still lives.
    pub fn take_away(&self) -> Result<(), ScyllaError> {
        let Some(fence) = self.lease()?.fence else { return Ok(()) };
        let sql = format!(
            "UPDATE {JOURNAL} SET fence = {}, owner = null, process = null, held_by = null, since = null, expires_at = null WHERE service = {} IF fence = {fence}",
            fence + 1,
            self.key()
        );
        self.conn.execute_if(&sql, ()).map(drop)
    }

    fn free(&self, condition: &str) -> Result<(), ScyllaError> {
        let sql = format!(
            "UPDATE {JOURNAL} SET owner = null, process = null, held_by = null, since = null, expires_at = null WHERE service = {} {condition}",
            self.key()
        );
        self.conn.execute_if(&sql, ()).map(drop)
    }

    /// Writes into the partition, where the lease is still ours; whether it was.
    pub fn write(&self, held: &Held, statements: &[String]) -> Result<bool, ScyllaError> {
        let sql = format!(
            "BEGIN BATCH UPDATE {JOURNAL} SET fence = {fence} WHERE service = {} IF owner = {} AND fence = {fence}; {}; APPLY BATCH",
            self.key(),
            quote(&held.owner),
            statements.join("; "),
            fence = held.fence,
        );
        Ok(self.conn.execute_if(&sql, ())?.is_applied())
    }

    pub fn step(&self, row: &JournalRow) -> String {
        format!(
            "INSERT INTO {JOURNAL} (service, name, direction, step, digest, what, state, next_key, chunks, at) VALUES ({}, {}, '{}', {}, {}, {}, '{}', {}, {}, {})",
            self.key(),
            quote(&row.name),
            row.direction.word(),
            row.step,
            quote(&row.digest),
            quote(&row.what),
            row.state.word(),
            text(row.cursor.as_deref()),
            row.chunks,
            Utc::now().timestamp_millis(),
        )
    }
}

/// The lease that is ours.
#[derive(Clone, Debug)]
pub struct Held {
    pub owner: String,
    pub process: String,
    pub by: String,
    pub since: DateTime<Utc>,
    pub fence: i64,
}

/// A holder that was stopped does nothing more when less than this is left of its lease.
pub const MARGIN: Duration = Duration::from_secs(5);
