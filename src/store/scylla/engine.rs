//! What the engine asks of a database, on ScyllaDB and Cassandra: without transactions, each statement
//! of a body is a step of the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::scylla::deserialize::row::DeserializeRow;
use ::scylla::errors::DbError;
use ::scylla::serialize::row::SerializeRow;
use ::scylla::statement::Consistency;
use chrono::Utc;

use super::body::{Body, Doing};
use super::connect::STATEMENT_TIMEOUT;
use super::connection::ScyllaConnection;
use super::erase;
use super::error::{Cause, ScyllaError};
use super::journaled::Journaled;
use super::keyspace::is_scratch;
use super::partition::{Lease, Partition, Seen, patiently};
use super::record::{Commit, Record};
use super::rehearsal::Rehearsal;
use super::rows::{self, APPLIED, ATTEMPT};
#[cfg(feature = "schema")]
use super::scratch::ScratchKeyspace;
use super::url::ScyllaUrl;
use crate::cancel::connect_unless_cancelled;
use crate::journal::Interrupted;
use crate::lease::{Claim, Claimed, RENEWED_EVERY};
use crate::ledger::{
    Attempt, Foreign, HISTORY, Holder, JOURNAL, LEDGER, OfService, Outcome, Snapshot, Texts, Write,
    foreign_ledger, quote,
};
use crate::recorder::Recorder;
use crate::report::{Event, Reporter};
use crate::store::open::Open;
use crate::store::{Database, KeepAlive, Setting, Settled, Store, StoreError, Taken, Takeover, Undone};
use crate::traits::{Options, Result};

impl Open for ScyllaConnection {
    const DATABASES: &'static [Database] = &[Database::Scylla];
    const DEFAULT_URL: Option<&'static str> = None;
    const SERVER: Option<&'static str> = Some("scylla");
    const EXAMPLE_URL: &'static str = "scylla://user:password@host1,host2/keyspace";
    const HAS_STEPS: bool = false;

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        Ok(Box::new(ScyllaStore::open(url, setting)?))
    }

    #[cfg(feature = "schema")]
    fn scratch(url: &str, relaxed: bool) -> Result<crate::scratch::ScratchDatabase, StoreError> {
        if !relaxed {
            ScyllaUrl::parse(url)?.check_encrypted()?;
        }
        let scratch = ScratchKeyspace::on(url);
        Ok(crate::scratch::ScratchDatabase { url: scratch.url.clone(), _guard: Box::new(scratch) })
    }

    #[cfg(feature = "schema")]
    fn inspect(&mut self, database: Database) -> crate::Result<crate::schema::Inspected> {
        let _ = database;
        Ok(crate::schema::Inspected::Cql(crate::schema::inspect_cql(self)?))
    }

    #[cfg(feature = "cli")]
    fn print(
        &mut self,
        config: &crate::schema::print::config::PrintConfig,
        without_ledger: bool,
    ) -> std::result::Result<crate::schema::print::Printed, crate::schema::print::PrintError> {
        let _ = (config, without_ledger);
        Err(crate::schema::print::no_tables())
    }

    #[cfg(feature = "schema")]
    fn send_unless(&mut self, is_there: bool, statement: &str) -> crate::Result {
        if !is_there {
            return self.send(statement);
        }
        self.enter_as_done(statement)?;
        Ok(())
    }

    fn send(&mut self, statement: &str) -> crate::Result {
        self.execute(statement, ())?;
        Ok(())
    }

    #[cfg(feature = "schema")]
    fn there(&mut self) -> crate::Result<crate::schema::There> {
        Ok(crate::schema::There::default())
    }

    #[cfg(feature = "schema")]
    fn catalog(&mut self) -> Box<dyn crate::schema::Catalog + '_> {
        Box::new(crate::schema::NoCatalog)
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        Self::open(url)
    }
}

/// For the engine's own statements, which are small: a lease is not to end while one is waited for.
const OWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A partition's key cannot be empty, as the name of the one service of a project is.
const THE_ONE: &str = "(default)";

/// So many rows are written with one request.
const AT_ONCE: usize = 20;

/// What `--statement-timeout 0` means: a year.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// One keyspace.
pub struct ScyllaStore {
    /// What a body gets.
    conn: ScyllaConnection,
    /// The store's own, whose statements are no steps.
    pub(super) bare: ScyllaConnection,
    setting: Setting,
    pub(super) lease: Option<Arc<Lease>>,
    pub(super) keep: Option<KeepAlive>,
    rehearses: bool,
    /// When the ledger was written last.
    pub(super) written_at: i64,
    /// The ledger's rows by name, since they are removed by number.
    ids: HashMap<String, i64>,
}

pub(super) fn failed(error: ScyllaError) -> StoreError {
    match error.cause() {
        Cause::LeaseLost => StoreError::LeaseLost,
        _ if error.is_of_the_servers() => StoreError::Lost(error.to_string()),
        _ => StoreError::Query(error.to_string()),
    }
}

impl ScyllaStore {
    pub fn open(url: &str, setting: Setting) -> Result<Self, StoreError> {
        let url = ScyllaUrl::parse(url)?;
        if !setting.relaxed {
            url.check_encrypted()?;
        }
        let target = url.shown().to_owned();
        let conn =
            connect_unless_cancelled(&setting.recorder.cancel(), &target, || ScyllaConnection::connect(url))?;
        let mut bare = conn.clone();
        bare.set_statement_timeout(OWN_TIMEOUT);
        // What was decided has to be seen by whoever comes next, whatever the migrations can do with.
        bare.consistency = Some(Consistency::Quorum);
        Ok(Self {
            bare,
            conn,
            setting,
            lease: None,
            keep: None,
            rehearses: false,
            written_at: 0,
            ids: HashMap::new(),
        })
    }

    pub(super) fn service(&self) -> &str {
        match self.setting.service.as_str() {
            "" => THE_ONE,
            service => service,
        }
    }

    pub(super) fn partition(&self) -> Partition<'_> {
        Partition { conn: &self.bare, service: self.service() }
    }

    /// Whether there is a ledger, and it is ours.
    pub(super) fn exists(&self) -> Result<bool, StoreError> {
        let keyspace = &self.bare.url().keyspace;
        let cql = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?";
        let columns: Vec<(String,)> = self.read(cql, (keyspace, LEDGER))?;
        if !columns.is_empty() {
            // It may be there only since this connection was made.
            self.bare.enter_keyspace().map_err(failed)?;
        }
        let columns: Vec<String> = columns.into_iter().map(|row| row.0).collect();
        match foreign_ledger(&columns) {
            Some(tool) => Err(StoreError::ForeignLedger { tool }),
            None => Ok(!columns.is_empty()),
        }
    }

    /// Makes keyspace and tables, where they are missing.
    fn prepare(&mut self) -> Result<(), StoreError> {
        if !self.bare.has_keyspace().map_err(failed)? {
            self.create_keyspace()?;
        }
        self.bare.enter_keyspace().map_err(failed)?;
        if !self.exists()? {
            patiently(|| self.bare.change_schema_by(&rows::tables())).map_err(|error| self.unfit(error))?;
        }
        Ok(())
    }

    fn create_keyspace(&mut self) -> Result<(), StoreError> {
        let url = self.bare.url();
        if !self.setting.relaxed && url.replication.is_none() {
            return Err(StoreError::Open {
                target: url.shown().to_owned(),
                why: "there is no such keyspace, and outside development and test one is made only with a replication that was said"
                    .to_owned(),
                hint: Some(
                    "add `replication=dc1:3` to the URL, with your data centres and how many copies each keeps; or CREATE KEYSPACE \
                     first"
                        .to_owned(),
                ),
            });
        }
        let tablets = self.bare.without_tablets().map_err(failed)?;
        self.bare.create_keyspace(tablets).map_err(|error| StoreError::Open {
            target: url.shown().to_owned(),
            why: match is_scratch(&url.keyspace) {
                true => format!("the keyspace that migrations are tried out in cannot be made: {error}"),
                false => format!("there is no such keyspace, and it cannot be made: {error}"),
            },
            hint: Some("have it made by a role that may, or `GRANT CREATE ON ALL KEYSPACES TO …`".to_owned()),
        })?;
        let message = match &url.replication {
            None => format!(
                "keyspace {} was made with one copy of each row (`replication=3` in the URL says another number)",
                url.keyspace
            ),
            Some(replication) => {
                format!("keyspace {} was made with replication {}", url.keyspace, replication.cql())
            }
        };
        self.setting.reporter.clone().event(&Event::Note { message: &message });
        Ok(())
    }

    /// Why a keyspace cannot have a ledger.
    pub(super) fn unfit(&self, error: ScyllaError) -> StoreError {
        let (why, hint) = match error.database_error() {
            Some(DbError::Unauthorized) => (
                format!("the ledger cannot be written: {error}"),
                "a role that migrates needs CREATE, ALTER, DROP, SELECT and MODIFY on the keyspace",
            ),
            Some(DbError::Invalid) if error.to_string().contains("tablets") => (
                format!("the ledger needs lightweight transactions ({error})"),
                "make the keyspace anew `WITH tablets = {'enabled': false}`, or update to ScyllaDB 2025.4, where tablets have them",
            ),
            _ => return failed(error),
        };
        StoreError::Open { target: self.bare.url().shown().to_owned(), why, hint: Some(hint.to_owned()) }
    }

    pub(super) fn lease(&self) -> Result<&Arc<Lease>, StoreError> {
        self.lease.as_ref().filter(|lease| lease.is_fresh()).ok_or(StoreError::LeaseLost)
    }

    /// Writes what a commit says to the ledger and the history.
    pub(super) fn project(&self, record: &Record) -> Result<(), StoreError> {
        // Not as one: each is carried out again, as it is, where a run is killed in between. And a batch of two
        // tables is refused by its size.
        for some in record.statements.chunks(AT_ONCE) {
            let cql = format!("BEGIN UNLOGGED BATCH {}; APPLY BATCH", some.join("; "));
            patiently(|| self.bare.execute(&cql, ())).map_err(failed)?;
        }
        Ok(())
    }

    pub(super) fn read<R>(&self, cql: &str, values: impl SerializeRow) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> DeserializeRow<'r, 'r>,
    {
        patiently(|| self.bare.query(cql, &values)).map_err(failed)
    }

    /// Finishes what a run left that was killed between its commit and the ledger.
    fn finish(&self, lease: &Lease, seen: &Seen) -> Result<(), StoreError> {
        for row in seen.journal.iter().filter(|row| row.step == 0) {
            self.project(&Record::read(row))?;
            lease.forget(&row.name, row.direction, "= 0");
        }
        Ok(())
    }

    fn attempts(&self, service: &str, limit: Option<usize>) -> Result<Vec<Attempt>, StoreError> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        let cql = format!("SELECT {ATTEMPT} FROM {HISTORY} WHERE service = {}{limit}", quote(service));
        let found: Vec<rows::AttemptRow> = self.read(&cql, ())?;
        Ok(found.into_iter().map(rows::attempt).collect())
    }

    /// Of a service, by its partition's key.
    fn failures_of(&self, service: &str) -> Result<Vec<Attempt>, StoreError> {
        let mut seen = std::collections::HashSet::new();
        let attempts = self.attempts(service, None)?.into_iter();
        let newest = attempts.filter(|attempt| seen.insert(attempt.name.clone()));
        Ok(newest.filter(|attempt| attempt.outcome == Outcome::Failed).collect())
    }

    /// What the ledger says of a service, by its partition's key.
    pub(super) fn snapshot_of(&self, service: &str) -> Result<Snapshot, StoreError> {
        let cql = format!("SELECT {APPLIED} FROM {LEDGER} WHERE service = {}", quote(service));
        let found: Vec<rows::AppliedRow> = self.read(&cql, ())?;
        let seen = Partition { conn: &self.bare, service }.look().map_err(failed)?;
        Ok(Snapshot {
            exists: true,
            applied: found.into_iter().map(rows::applied).collect(),
            foreign: Vec::new(),
            last_batch: seen.last_batch,
            holder: seen.live_holder(),
            is_unfinished: seen.journal.iter().any(|row| row.step == 0),
            journal: seen.journal.into_iter().filter(|row| row.step > 0).collect(),
            environment: seen.environment,
        })
    }

    /// One attempt to get the lease, where its table is there. Whoever gets it `finishes` what another run has left,
    /// where there is a ledger to write it to.
    pub(super) fn claim_prepared(&mut self, claim: &Claim, finishes: bool) -> Result<Claimed, StoreError> {
        // Those who wait must not stand in the way of the one who works, as deciding does, and reading what
        // is decided.
        if let Some(holder) = self.partition().look().map_err(failed)?.live_holder() {
            return Ok(Claimed::Held(holder));
        }
        self.partition().prepare(&claim.environment).map_err(|error| self.unfit(error))?;
        let seen = self.partition().read().map_err(failed)?;
        if let Some(holder) = seen.live_holder() {
            return Ok(Claimed::Held(holder));
        }
        let before = seen.environment.as_deref().unwrap_or_default();
        let is_stronger =
            !before.is_empty() && (claim.strength)(before) > (claim.strength)(&claim.environment);
        let environment = if is_stronger { before } else { &claim.environment };
        let began = Instant::now();
        if !self.partition().claim(claim, &seen, environment).map_err(failed)? {
            return Ok(Claimed::Busy);
        }
        let fence = seen.fence + 1;
        let lease = Arc::new(Lease::new(self.bare.clone(), self.service(), claim, fence, began));
        let renewing = lease.clone();
        // What does not succeed is tried again, until the lease is over.
        self.keep = Some(KeepAlive::start(RENEWED_EVERY, move || drop(renewing.renew())));
        self.written_at = seen.written_at;
        if finishes {
            self.finish(&lease, &seen)?;
        }
        self.lease = Some(lease);
        Ok(Claimed::Ours { fence })
    }

    /// Later than everything that was written before, whatever the clock says.
    pub(super) fn next_time(&self) -> i64 {
        Utc::now().timestamp_micros().max(self.written_at + 1)
    }
}

impl Store<ScyllaConnection> for ScyllaStore {
    fn database(&self) -> Database {
        Database::Scylla
    }

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
        let recorder = self.setting.recorder.clone();
        let doing = if self.rehearses {
            let changed = !self.bare.has_keyspace().map_err(failed)?
                || matches!(self.conn.body.as_ref().map(Body::doing).as_deref(), Some(Doing::Rehearsed(before)) if before.changed);
            let (conn, recorder) = (self.bare.clone(), recorder.clone());
            Doing::Rehearsed(Rehearsal { conn, recorder, changed, statements: 0 })
        } else {
            Doing::Journaled(Journaled {
                lease: self.lease()?.clone(),
                name: migration.name.to_owned(),
                direction: migration.direction,
                left: migration.left.clone(),
                step: 0,
                recorder: recorder.clone(),
                reporter: self.setting.reporter.clone(),
            })
        };
        self.conn.body = Some(Body::new(doing, recorder));
        Ok(())
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        if !self.exists()? {
            return Ok(Snapshot { foreign: self.foreign_left(false)?, ..Snapshot::default() });
        }
        let mut snapshot = self.snapshot_of(self.service())?;
        if snapshot.environment.is_none() {
            snapshot.foreign = self.foreign_left(true)?;
        } else if snapshot.is_unfinished && snapshot.applied.is_empty() {
            snapshot.foreign = self.foreign_half_written()?;
        }
        self.ids = snapshot.applied.iter().map(|row| (row.name.clone(), row.id)).collect();
        Ok(snapshot)
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.attempts(self.service(), Some(limit))
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        self.failures_of(self.service())
    }

    fn services(&mut self) -> Result<Vec<OfService>, StoreError> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        // Whoever has a row in the ledger has, or had, its lease in this table.
        let keys: Vec<(String,)> = self.read(&format!("SELECT DISTINCT service FROM {JOURNAL}"), ())?;
        let each = keys.into_iter().map(|(key,)| {
            let service = if key == THE_ONE { String::new() } else { key.clone() };
            Ok(OfService { service, snapshot: self.snapshot_of(&key)?, failures: self.failures_of(&key)? })
        });
        let mut services: Vec<OfService> = each.collect::<Result<_, StoreError>>()?;
        services.sort_by(|a, b| a.service.cmp(&b.service));
        Ok(services)
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.prepare()?;
        self.claim_prepared(claim, true)
    }

    fn release(&mut self) -> Result<(), StoreError> {
        self.keep = None;
        self.conn.body = None;
        match self.lease.take() {
            Some(lease) => lease.release().map_err(failed),
            None => Ok(()),
        }
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.exists()? {
            return Ok(None);
        }
        let holder = self.partition().read().map_err(failed)?.holder();
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
        let timeout = options.statement_timeout.or(self.setting.statement_timeout);
        self.conn.set_statement_timeout(match timeout {
            Some(Duration::ZERO) => FOR_EVER,
            timeout => timeout.unwrap_or(STATEMENT_TIMEOUT),
        });
        match self.rehearses {
            true => Ok(()),
            false => self.lease().map(drop),
        }
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        if self.rehearses {
            return Ok(());
        }
        let body = self.conn.body.take();
        if let Some(Doing::Journaled(journaled)) = body.as_ref().map(Body::doing).as_deref()
            && let Some(row) = journaled.missing()
        {
            return Err(StoreError::Query(format!(
                "the interrupted run had a statement {} ({}) that the body does not have any more",
                row.step, row.what
            )));
        }
        let lease = self.lease()?.clone();
        let at = self.next_time();
        let Commit { decided, record, of } = Commit::of(writes, &lease.partition(), &self.ids, at);
        if writes.iter().any(|write| matches!(write, Write::Apply(_) | Write::Remove { .. })) {
            lease.owe_no_steps();
        }
        lease.write("COMMIT", decided).map_err(failed)?;
        self.written_at = at;
        self.project(&record)?;
        if let Some((name, direction)) = &of {
            lease.forget(name, *direction, "= 0");
        }
        for write in writes {
            if let Write::Apply(row) | Write::Replace { by: row, .. } = write {
                self.ids.insert(row.name.clone(), row.id);
            }
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if !self.rehearses {
            self.conn.body = None;
        }
        Ok(())
    }

    fn lost(&self, error: &anyhow::Error) -> Option<String> {
        let error: &ScyllaError = error.downcast_ref()?;
        error.is_unreachable().then(|| {
            let unreachable = self.bare.unreachable_nodes();
            format!("no node could be asked any more ({error}); not reached: {}", unreachable.join(", "))
        })
    }

    fn reworded(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<ScyllaError>().map(ScyllaError::cause) {
            Some(Cause::LeaseLost) => StoreError::LeaseLost.into(),
            _ => error,
        }
    }

    fn execute(&mut self, statement: &str) -> Result {
        Ok(self.conn.execute(statement, ())?)
    }

    fn execute_outside(&mut self, statement: &str, _before: Option<&str>, _options: &Options) -> Result {
        self.execute(statement)
    }

    fn is_transactional(&self, _statement: &str) -> bool {
        false
    }

    fn is_of_the_connection(&self, _statement: &str) -> bool {
        false
    }

    fn settle(&mut self, _statement: &str, _before: Option<&str>) -> Result<Settled, StoreError> {
        Ok(Settled::Unknown)
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        self.rehearses = true;
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.rehearses = false;
        self.conn.body = None;
        Ok(())
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.lease()?;
        let at = self.next_time();
        self.written_at = at;
        erase::erase(&self.bare, at).map_err(failed)
    }

    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
        self.foreign_there(named)
    }

    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
        self.rows_of(from)
    }

    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError> {
        self.take_over(takeover)
    }

    fn undo_adoption(&mut self, claim: &Claim) -> Result<Undone, StoreError> {
        self.undo_taking_over(claim)
    }
}
