//! What the engine asks of a database, on ScyllaDB and Cassandra: without transactions, each statement
//! of a body is a step of the journal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ::scylla::value::CqlTimestamp;
use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::connection::ScyllaConnection;
use super::error::ScyllaError;
use super::journaled::Journaled;
use super::partition::{self, Held, MARGIN, Partition, text, time};
use crate::journal::Interrupted;
use crate::lease::{Claim, Claimed, LASTS, RENEWED_EVERY, process};
use crate::ledger::{
    Applied, Attempt, Direction, HISTORY, Holder, JOURNAL, LEDGER, Outcome, Snapshot, Write, quote,
};
use crate::recorder::Recorder;
use crate::store::open::Open;
use crate::store::{KeepAlive, Setting, Settled, Store, StoreError};
use crate::traits::{Options, Result};

impl Open for ScyllaConnection {
    const DEFAULT_URL: Option<&'static str> = None;

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        Ok(Box::new(ScyllaStore::open(url, setting)?))
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        Self::open(url)
    }
}

/// One keyspace.
pub struct ScyllaStore {
    /// What a body gets; it enters statements in the journal while one runs.
    conn: ScyllaConnection,
    /// The store's own.
    bare: ScyllaConnection,
    setting: Setting,
    held: Option<Held>,
    renewed: Arc<Mutex<Instant>>,
    keep: Option<KeepAlive>,
    /// The ledger's rows by name, since they are removed by number.
    ids: HashMap<String, i64>,
}

/// What a commit is: entered in the partition of the lease, and then written to the ledger and the
/// history; by whoever comes next, where the run was killed in between.
#[derive(Default, Deserialize, Serialize)]
struct Record {
    /// Microseconds: a late write of a run that has lost its lease is older than what came after it.
    at: i64,
    statements: Vec<String>,
}

fn failed(error: ScyllaError) -> StoreError {
    StoreError::Query(error.to_string())
}

impl ScyllaStore {
    pub fn open(url: &str, setting: Setting) -> Result<Self, StoreError> {
        let conn = ScyllaConnection::open(url)?;
        Ok(Self {
            bare: conn.clone(),
            conn,
            setting,
            held: None,
            renewed: Arc::new(Mutex::new(Instant::now())),
            keep: None,
            ids: HashMap::new(),
        })
    }

    /// A partition's key cannot be empty, as the name of the one service of a project is.
    fn service(&self) -> &str {
        match self.setting.service.as_str() {
            "" => "(default)",
            service => service,
        }
    }

    fn partition(&self) -> Partition<'_> {
        Partition { conn: &self.bare, service: self.service() }
    }

    /// Whether there is a ledger.
    fn exists(&self) -> Result<bool, StoreError> {
        let keyspace = &self.bare.url().keyspace;
        let cql = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?";
        let rows: Vec<(String,)> = self.bare.query(cql, (keyspace, LEDGER)).map_err(failed)?;
        Ok(!rows.is_empty())
    }

    /// Makes keyspace and tables, where they are missing.
    fn prepare(&self, environment: &str) -> Result<(), StoreError> {
        if !self.bare.has_keyspace().map_err(failed)? {
            if !self.setting.relaxed && self.bare.url().replication.is_none() {
                return Err(StoreError::Open {
                    target: self.bare.url().shown().to_owned(),
                    why: "there is no such keyspace, and outside development and test one is made only with a replication that was \
                          said"
                        .to_owned(),
                    hint: Some(
                        "add `replication=dc1:3` to the URL, with your data centres and how many copies each keeps; or CREATE \
                         KEYSPACE first"
                            .to_owned(),
                    ),
                });
            }
            self.bare.create_keyspace("").map_err(failed)?;
        }
        if !self.exists()? {
            for table in partition::tables() {
                self.bare.execute(&table, ()).map_err(failed)?;
            }
        }
        self.partition().prepare(environment).map_err(failed)
    }

    fn held(&self) -> Result<&Held, StoreError> {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        self.held.as_ref().filter(|_| renewed.elapsed() + MARGIN < LASTS).ok_or(StoreError::LeaseLost)
    }

    fn keep_alive(&self, held: &Held) -> KeepAlive {
        let (conn, held, service) = (self.bare.clone(), held.clone(), self.service().to_owned());
        let renewed = self.renewed.clone();
        KeepAlive::start(RENEWED_EVERY, move || {
            let began = Instant::now();
            let partition = Partition { conn: &conn, service: &service };
            if partition.renew(&held).unwrap_or(false) {
                *renewed.lock().unwrap_or_else(PoisonError::into_inner) = began;
            }
        })
    }

    /// Writes what a commit says to the ledger and the history.
    fn project(&self, record: &Record) -> Result<(), StoreError> {
        record.statements.iter().try_for_each(|sql| self.bare.execute(sql, ()).map_err(failed))
    }

    /// Finishes what a run left that was killed between its commit and the ledger.
    fn finish(&self, held: &Held) -> Result<(), StoreError> {
        let rows = self.partition().journal().map_err(failed)?;
        for row in rows.iter().filter(|row| row.step == 0) {
            let record = row.cursor.as_deref().and_then(|text| serde_json::from_str(text).ok());
            self.project(&record.unwrap_or_default())?;
            self.forget(held, &row.name, row.direction)?;
        }
        Ok(())
    }

    fn forget(&self, held: &Held, name: &str, direction: Direction) -> Result<(), StoreError> {
        let sql = format!("{} AND step = 0", self.steps(name, direction));
        self.write(held, &[sql])
    }

    fn steps(&self, name: &str, direction: Direction) -> String {
        format!(
            "DELETE FROM {JOURNAL} WHERE service = {} AND name = {} AND direction = '{}'",
            quote(self.service()),
            quote(name),
            direction.word()
        )
    }

    fn write(&self, held: &Held, statements: &[String]) -> Result<(), StoreError> {
        match self.partition().write(held, statements).map_err(failed)? {
            true => Ok(()),
            false => Err(StoreError::LeaseLost),
        }
    }

    fn apply(&self, row: &Applied, at: i64) -> String {
        format!(
            "INSERT INTO {LEDGER} (service, id, name, hash, applied_at, batch_no, run_id, fingerprint, duration_ms) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) USING TIMESTAMP {at}",
            quote(self.service()),
            row.id,
            quote(&row.name),
            quote(&row.hash),
            millis(&row.applied_at),
            row.batch_no,
            quote(&row.run_id),
            quote(&row.fingerprint),
            row.duration_ms,
        )
    }

    fn attempt(&self, row: &Attempt, at: i64) -> String {
        format!(
            "INSERT INTO {HISTORY} (service, at, run_id, name, direction, outcome, batch_no, duration_ms, hash, done_by, app_version, tool_version, detail) VALUES ({}, {}, {}, {}, '{}', '{}', {}, {}, {}, {}, {}, {}, {}) USING TIMESTAMP {at}",
            quote(self.service()),
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
            text(row.detail.as_deref()),
        )
    }

    fn attempts(&self, limit: Option<usize>) -> Result<Vec<Attempt>, StoreError> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        type Row =
            (String, String, String, CqlTimestamp, i64, String, i64, String, String, String, Option<String>);
        let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        let rows: Vec<Row> = self
            .bare
            .query(
                &format!(
                    "SELECT name, direction, outcome, at, batch_no, run_id, duration_ms, hash, done_by, app_version, detail FROM {HISTORY} WHERE service = {}{limit}",
                    quote(self.service())
                ),
                (),
            )
            .map_err(failed)?;
        Ok(rows
            .into_iter()
            .map(|row| Attempt {
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
                detail: row.10,
            })
            .collect())
    }
}

/// A time of the ledger as CQL has it.
fn millis(time: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(time).map_or(0, |time| time.timestamp_millis())
}

impl Store<ScyllaConnection> for ScyllaStore {
    fn conn(&mut self) -> &mut ScyllaConnection {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn is_journaled(&self) -> bool {
        true
    }

    fn enter(&mut self, migration: &Interrupted<'_>) -> Result<(), StoreError> {
        let journaled = Journaled {
            conn: self.bare.clone(),
            service: self.service().to_owned(),
            held: self.held()?.clone(),
            name: migration.name.to_owned(),
            direction: migration.direction,
            left: migration.left.clone(),
            step: 0,
            cancel: self.setting.recorder.cancel(),
        };
        self.conn.journal = Some(Arc::new(Mutex::new(journaled)));
        Ok(())
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        if !self.exists()? {
            return Ok(Snapshot::default());
        }
        type Row = (i64, String, String, String, CqlTimestamp, i64, String, i64);
        let rows: Vec<Row> = self
            .bare
            .query(
                &format!(
                    "SELECT id, name, hash, fingerprint, applied_at, batch_no, run_id, duration_ms FROM {LEDGER} WHERE service = {}",
                    quote(self.service())
                ),
                (),
            )
            .map_err(failed)?;
        let lease = self.partition().lease().map_err(failed)?;
        let journal = self.partition().journal().map_err(failed)?;
        let applied: Vec<Applied> = rows
            .into_iter()
            .map(|row| Applied {
                id: row.0,
                name: row.1,
                hash: row.2,
                fingerprint: row.3,
                applied_at: time(row.4),
                batch_no: row.5,
                run_id: row.6,
                duration_ms: row.7,
            })
            .collect();
        self.ids = applied.iter().map(|row| (row.name.clone(), row.id)).collect();
        Ok(Snapshot {
            exists: true,
            applied,
            last_batch: lease.last_batch,
            // The commit that is not in the ledger yet is the next holder's to finish.
            journal: journal.into_iter().filter(|row| row.step > 0).collect(),
            holder: lease.holder().filter(|holder| !process::is_gone(&holder.process)),
            environment: lease.environment,
        })
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.attempts(Some(limit))
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        let mut seen = std::collections::HashSet::new();
        let newest = self.attempts(None)?.into_iter().filter(|attempt| seen.insert(attempt.name.clone()));
        Ok(newest.filter(|attempt| attempt.outcome == Outcome::Failed).collect())
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.prepare(&claim.environment)?;
        let seen = self.partition().lease().map_err(failed)?;
        if let Some(holder) = seen.holder().filter(|holder| !process::is_gone(&holder.process)) {
            return Ok(Claimed::Held(holder));
        }
        let before = seen.environment.as_deref().unwrap_or_default();
        let stronger =
            if (claim.strength)(before) > (claim.strength)(&claim.environment) && !before.is_empty() {
                before
            } else {
                &claim.environment
            };
        let began = Instant::now();
        let Some(fence) = self.partition().claim(claim, &seen, stronger).map_err(failed)? else {
            return Ok(Claimed::Busy);
        };
        let held = Held {
            owner: claim.owner.clone(),
            process: claim.process.clone(),
            by: claim.by.clone(),
            since: Utc::now(),
            fence,
        };
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = began;
        self.keep = Some(self.keep_alive(&held));
        self.finish(&held)?;
        self.held = Some(held);
        Ok(Claimed::Ours { fence })
    }

    fn release(&mut self) -> Result<(), StoreError> {
        self.keep = None;
        self.conn.journal = None;
        match self.held.take() {
            Some(held) => self.partition().release(&held).map_err(failed),
            None => Ok(()),
        }
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.exists()? {
            return Ok(None);
        }
        let holder = self.partition().lease().map_err(failed)?.holder();
        self.partition().take_away().map_err(failed)?;
        Ok(holder)
    }

    fn outside(
        &mut self,
        _options: &Options,
        body: &mut dyn FnMut(&mut ScyllaConnection) -> Result,
    ) -> Result {
        body(&mut self.conn)
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        if let Some(timeout) = options.statement_timeout.or(self.setting.statement_timeout) {
            self.conn.set_statement_timeout(timeout);
        }
        self.held().map(drop)
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let journal = self.conn.journal.take();
        let held = self.held()?.clone();
        if let Some(journal) = journal {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(row) = journal.left.iter().find(|row| row.step > journal.step) {
                return Err(StoreError::Query(format!(
                    "the interrupted run had a statement {} ({}) that the body does not have any more",
                    row.step, row.what
                )));
            }
        }
        let at = Utc::now().timestamp_micros();
        let (mut decided, mut record, mut of) = (Vec::new(), Record { at, ..Record::default() }, None);
        for write in writes {
            match write {
                Write::Apply(row) => {
                    record.statements.push(self.apply(row, at));
                    decided.push(self.steps(&row.name, Direction::Up));
                    of = Some((row.name.clone(), Direction::Up));
                }
                Write::Remove { name } => {
                    if let Some(id) = self.ids.get(name) {
                        record.statements.push(format!(
                            "DELETE FROM {LEDGER} USING TIMESTAMP {at} WHERE service = {} AND id = {id}",
                            quote(self.service())
                        ));
                    }
                    decided.push(self.steps(name, Direction::Down));
                    of = Some((name.clone(), Direction::Down));
                }
                Write::Rehash { name, hash, fingerprint } => {
                    if let Some(id) = self.ids.get(name) {
                        record.statements.push(format!(
                            "UPDATE {LEDGER} USING TIMESTAMP {at} SET hash = {}, fingerprint = {} WHERE service = {} AND id = {id}",
                            quote(hash),
                            quote(fingerprint),
                            quote(self.service())
                        ));
                    }
                    of = Some((name.clone(), Direction::Up));
                }
                Write::Attempt(row) => {
                    record.statements.push(self.attempt(row, at));
                    of.get_or_insert_with(|| (row.name.clone(), row.direction));
                    if row.direction == Direction::Up {
                        decided.push(format!(
                            "UPDATE {JOURNAL} SET last_batch = {} WHERE service = {}",
                            row.batch_no,
                            quote(self.service())
                        ));
                    }
                }
                Write::Step(row) => decided.push(self.partition().step(row)),
                Write::ForgetStep { name, direction, step } => {
                    decided.push(format!("{} AND step = {step}", self.steps(name, *direction)));
                }
                Write::ForgetSteps { name, direction } => decided.push(self.steps(name, *direction)),
            }
        }
        if let Some((name, direction)) = &of {
            // A range that is deleted takes what the same batch inserts: the record has a step of its own.
            decided = decided.iter().map(|sql| behind_the_record(sql)).collect();
            decided.push(self.partition().step(&crate::ledger::JournalRow {
                name: name.clone(),
                direction: *direction,
                step: 0,
                digest: String::new(),
                what: "commit".to_owned(),
                state: crate::ledger::StepState::Done,
                cursor: serde_json::to_string(&record).ok(),
                chunks: 0,
            }));
        }
        if !decided.is_empty() {
            self.write(&held, &decided)?;
        }
        if let Some((name, direction)) = of {
            self.project(&record)?;
            self.forget(&held, &name, direction)?;
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.conn.journal = None;
        Ok(())
    }

    fn execute(&mut self, statement: &str) -> Result {
        Ok(self.conn.execute(statement, ())?)
    }

    fn execute_outside(&mut self, statement: &str, _options: &Options) -> Result {
        self.execute(statement)
    }

    fn is_transactional(&self, _statement: &str) -> bool {
        false
    }

    fn is_of_the_connection(&self, _statement: &str) -> bool {
        false
    }

    fn settle(&mut self, _statement: &str) -> Result<Settled, StoreError> {
        Ok(Settled::Unknown)
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        Err(StoreError::Query("`fresh` is not there on ScyllaDB and Cassandra yet".to_owned()))
    }
}

/// A deletion of all steps leaves step 0.
fn behind_the_record(sql: &str) -> String {
    match sql.starts_with("DELETE") && !sql.contains(" AND step = ") {
        true => format!("{sql} AND step > 0"),
        false => sql.to_owned(),
    }
}
