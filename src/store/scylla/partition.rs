//! The partition that a run's decisions are taken in. A conditional batch stays in one partition of one
//! table, and every write of a run has to be one: so lease and journal share a table, the lease in its
//! static columns. A commit is written here, and the ledger and the history are made of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::scylla::DeserializeRow;
use ::scylla::statement::Consistency;
use ::scylla::value::CqlTimestamp;
use chrono::{DateTime, Utc};

use super::connection::ScyllaConnection;
use super::error::{Cause, Effect, ScyllaError};
use super::rows::{text, time};
use crate::lease::{Claim, LASTS, jitter, process};
use crate::ledger::{Direction, Holder, JOURNAL, JournalRow, StepState, quote};

/// A holder that was stopped does nothing more when less than this is left of its lease.
const MARGIN: Duration = Duration::from_secs(5);

/// How often the engine's own statements are sent that are not answered.
const TRIES: u32 = 6;

/// What a service's partition says.
#[derive(Default)]
pub struct Seen {
    pub owner: Option<String>,
    pub fence: i64,
    pub environment: Option<String>,
    pub process: Option<String>,
    held_by: Option<String>,
    since: Option<CqlTimestamp>,
    expires_at: Option<CqlTimestamp>,
    pub last_batch: i64,
    /// When the ledger was written last, in microseconds.
    pub written_at: i64,
    pub journal: Vec<JournalRow>,
}

impl Seen {
    pub fn holder(&self) -> Option<Holder> {
        Some(Holder {
            owner: self.owner.clone()?,
            fence: self.fence,
            process: self.process.clone().unwrap_or_default(),
            by: self.held_by.clone().unwrap_or_default(),
            since: self.since.map(time).unwrap_or_default(),
            expires_at: self.expires_at.map(time).unwrap_or_default(),
        })
    }

    /// The holder, unless its process is certainly gone.
    pub fn live_holder(&self) -> Option<Holder> {
        self.holder().filter(|holder| !process::is_gone(&holder.process))
    }
}

#[derive(DeserializeRow)]
#[scylla(crate = ::scylla)]
struct Row {
    owner: Option<String>,
    fence: Option<i64>,
    environment: Option<String>,
    process: Option<String>,
    held_by: Option<String>,
    since: Option<CqlTimestamp>,
    expires_at: Option<CqlTimestamp>,
    last_batch: Option<i64>,
    written_at: Option<i64>,
    name: Option<String>,
    direction: Option<String>,
    step: Option<i64>,
    digest: Option<String>,
    what: Option<String>,
    state: Option<String>,
    next_key: Option<String>,
    chunks: Option<i64>,
}

impl Row {
    /// A partition with static columns alone is one row, without a name.
    fn step(&self) -> Option<JournalRow> {
        Some(JournalRow {
            name: self.name.clone()?,
            direction: Direction::parse(self.direction.as_deref()?),
            step: self.step?,
            digest: self.digest.clone().unwrap_or_default(),
            what: self.what.clone().unwrap_or_default(),
            state: StepState::parse(self.state.as_deref().unwrap_or_default()),
            cursor: self.next_key.clone(),
            chunks: self.chunks.unwrap_or(0),
        })
    }
}

/// The partition of a service.
pub struct Partition<'a> {
    pub conn: &'a ScyllaConnection,
    pub service: &'a str,
}

impl Partition<'_> {
    fn key(&self) -> String {
        quote(self.service)
    }

    /// What is decided by now, also what was left in the middle of it.
    pub fn read(&self) -> Result<Seen, ScyllaError> {
        self.seen_at(Consistency::Serial)
    }

    /// What was decided.
    pub fn look(&self) -> Result<Seen, ScyllaError> {
        self.seen_at(Consistency::Quorum)
    }

    fn seen_at(&self, consistency: Consistency) -> Result<Seen, ScyllaError> {
        let cql = format!(
            "SELECT owner, fence, environment, process, held_by, since, expires_at, last_batch, written_at, name, direction, step, \
             digest, what, state, next_key, chunks FROM {JOURNAL} WHERE service = {}",
            self.key()
        );
        let rows: Vec<Row> = patiently(|| self.conn.query_at(Some(consistency), &cql, ()))?;
        let journal = rows.iter().filter_map(Row::step).collect();
        Ok(rows.into_iter().next().map_or_else(Seen::default, |row| Seen {
            owner: row.owner,
            fence: row.fence.unwrap_or(0),
            environment: row.environment,
            process: row.process,
            held_by: row.held_by,
            since: row.since,
            expires_at: row.expires_at,
            last_batch: row.last_batch.unwrap_or(0),
            written_at: row.written_at.unwrap_or(0),
            journal,
        }))
    }

    /// The row of the service, where it is missing.
    pub fn prepare(&self, environment: &str) -> Result<(), ScyllaError> {
        self.decide(&format!(
            "INSERT INTO {JOURNAL} (service, fence, environment) VALUES ({}, 0, {}) IF NOT EXISTS",
            self.key(),
            quote(environment)
        ))
        .map(drop)
    }

    /// One attempt: whether the lease, which has to be as it was `seen`, is ours now with the next fence.
    pub fn claim(&self, claim: &Claim, seen: &Seen, environment: &str) -> Result<bool, ScyllaError> {
        let sql = format!(
            "BEGIN BATCH UPDATE {JOURNAL} SET fence = {}, environment = {} WHERE service = {key} IF fence = {} AND owner = {}; {}; APPLY BATCH",
            seen.fence + 1,
            quote(environment),
            seen.fence,
            text(seen.owner.as_deref()),
            self.holding(&claim.owner, &claim.process, &claim.by, Utc::now()),
            key = self.key(),
        );
        // Where the first answer was lost, the second says that somebody has it: we.
        Ok(self.decide(&sql)? || self.read()?.owner.as_deref() == Some(&claim.owner))
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

    /// Frees it, whoever has it; the next fence stops a holder that still lives.
    pub fn take_away(&self) -> Result<(), ScyllaError> {
        let fence = self.read()?.fence;
        self.decide(&format!(
            "UPDATE {JOURNAL} SET fence = {}, {FREE} WHERE service = {} IF fence = {fence}",
            fence + 1,
            self.key()
        ))
        .map(drop)
    }

    /// Removes every step.
    pub fn clear(&self) -> Result<(), ScyllaError> {
        let fence = self.read()?.fence;
        self.decide(&format!(
            "BEGIN BATCH UPDATE {JOURNAL} SET fence = {fence} WHERE service = {key} IF fence = {fence}; DELETE FROM {JOURNAL} WHERE \
             service = {key} AND name >= ''; APPLY BATCH",
            key = self.key()
        ))
        .map(drop)
    }

    /// Removes what there is of the service, where nobody holds it.
    pub fn vanish(&self) -> Result<(), ScyllaError> {
        let fence = self.read()?.fence;
        self.decide(&format!(
            "UPDATE {JOURNAL} SET fence = null, environment = null, last_batch = null, written_at = null WHERE service = {} IF \
             fence = {fence} AND owner = null",
            self.key()
        ))
        .map(drop)
    }

    /// Sends a conditional statement until it is known whether its condition held. It must be one that
    /// changes nothing more where it was carried out before.
    fn decide(&self, cql: &str) -> Result<bool, ScyllaError> {
        patiently(|| self.conn.execute_if(cql, ())).map(|outcome| outcome.is_applied())
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

    pub fn last_batch(&self, batch_no: i64) -> String {
        format!("UPDATE {JOURNAL} SET last_batch = {batch_no} WHERE service = {}", self.key())
    }

    pub fn written_at(&self, at: i64) -> String {
        format!("UPDATE {JOURNAL} SET written_at = {at} WHERE service = {}", self.key())
    }

    /// A deletion of steps; it is completed by which.
    pub fn forget(&self, name: &str, direction: Direction, which: &str) -> String {
        format!(
            "DELETE FROM {JOURNAL} WHERE service = {} AND name = {} AND direction = '{}' AND step {which}",
            self.key(),
            quote(name),
            direction.word()
        )
    }
}

const FREE: &str = "owner = null, process = null, held_by = null, since = null, expires_at = null";

/// Sends what does no harm when it is sent again, until it is answered. It is about tables that are known
/// to be there: a node may have them in its catalog a moment before it knows them itself.
pub fn patiently<T>(mut send: impl FnMut() -> Result<T, ScyllaError>) -> Result<T, ScyllaError> {
    for tries in 1.. {
        match send() {
            Err(error)
                if tries < TRIES && (error.is_worth_another_try() || error.is_of_a_missing_table()) =>
            {
                std::thread::sleep(pause(tries));
            }
            ended => return ended,
        }
    }
    unreachable!("the last try returns")
}

/// Before the next try; longer each time, and not the same for all.
pub fn pause(tries: u32) -> Duration {
    Duration::from_millis((50 << tries.min(5)) + jitter() / 2)
}

/// The lease that is ours: what is written under it, is so on condition that it still is.
pub struct Lease {
    conn: ScyllaConnection,
    service: String,
    claim: Claim,
    since: DateTime<Utc>,
    fence: i64,
    renewed: Mutex<Instant>,
    /// For the next write: nothing is lost where it is not carried out before.
    owed: Mutex<Owed>,
}

#[derive(Default)]
struct Owed {
    /// Statements that enter steps.
    steps: Vec<String>,
    /// Statements that remove something from the journal.
    forgotten: Vec<String>,
}

impl Lease {
    /// `began` is when the claim was sent.
    pub fn new(conn: ScyllaConnection, service: &str, claim: &Claim, fence: i64, began: Instant) -> Self {
        Self {
            conn,
            service: service.to_owned(),
            claim: claim.clone(),
            since: Utc::now(),
            fence,
            renewed: Mutex::new(began),
            owed: Mutex::default(),
        }
    }

    pub fn partition(&self) -> Partition<'_> {
        Partition { conn: &self.conn, service: &self.service }
    }

    /// The connection without a journal.
    pub fn conn(&self) -> &ScyllaConnection {
        &self.conn
    }

    /// Whether nobody can have taken it over: a program that was stopped sees here that it was.
    pub fn is_fresh(&self) -> bool {
        lock(&self.renewed).elapsed() + MARGIN < LASTS
    }

    /// Fails where the lease may have been taken over.
    pub fn check(&self, cql: &str) -> Result<(), ScyllaError> {
        match self.is_fresh() {
            true => Ok(()),
            false => Err(lost(cql)),
        }
    }

    fn condition(&self) -> String {
        format!("IF owner = {} AND fence = {}", quote(&self.claim.owner), self.fence)
    }

    /// Every column again, or those that were not set would end by their own time.
    pub fn renew(&self) -> Result<(), ScyllaError> {
        let began = Instant::now();
        let claim = &self.claim;
        let holding = self.partition().holding(&claim.owner, &claim.process, &claim.by, self.since);
        if self.partition().decide(&format!("{holding} {}", self.condition()))? {
            *lock(&self.renewed) = began;
        }
        Ok(())
    }

    /// How far a step is by now, which is written with the next write, and not on its own.
    pub fn owe(&self, row: &JournalRow) {
        lock(&self.owed).steps.push(self.partition().step(row));
    }

    /// Steps are of no use any more, which is written as late. See [`Partition::forget`].
    pub fn forget(&self, name: &str, direction: Direction, which: &str) {
        lock(&self.owed).forgotten.push(self.partition().forget(name, direction, which));
    }

    /// The next write removes all steps: one that the same batch enters would stay.
    pub fn owe_no_steps(&self) {
        lock(&self.owed).steps.clear();
    }

    /// Writes into the partition. `cql` is the statement that it is about.
    pub fn write(&self, cql: &str, statements: Vec<String>) -> Result<(), ScyllaError> {
        self.check(cql)?;
        let mut owed = lock(&self.owed);
        let sql = format!(
            "BEGIN BATCH UPDATE {JOURNAL} SET fence = {} WHERE service = {} {}; {}; APPLY BATCH",
            self.fence,
            quote(&self.service),
            self.condition(),
            owed.steps
                .iter()
                .chain(&owed.forgotten)
                .chain(&statements)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("; "),
        );
        if !self.partition().decide(&sql).map_err(|error| error.about(cql))? {
            return Err(lost(cql));
        }
        *owed = Owed::default();
        Ok(())
    }

    /// Gives it back, where it is still ours.
    pub fn release(&self) -> Result<(), ScyllaError> {
        let owed = std::mem::take(&mut *lock(&self.owed));
        let owed: String =
            owed.steps.into_iter().chain(owed.forgotten).map(|statement| statement + "; ").collect();
        let sql = format!(
            "BEGIN BATCH {owed}UPDATE {JOURNAL} SET {FREE} WHERE service = {} {}; APPLY BATCH",
            quote(&self.service),
            self.condition()
        );
        self.partition().decide(&sql).map(drop)
    }
}

fn lost(cql: &str) -> ScyllaError {
    ScyllaError::new(cql, Effect::NotApplied, Cause::LeaseLost)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
