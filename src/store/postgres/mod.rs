//! PostgreSQL: every migration is one transaction that locks the lease's row, so that a takeover
//! cannot overlap with it. The commit of one and the beginning of the next travel together, so that a
//! migration costs one round trip beside its own statements.

mod catalog;
mod connect;
mod erase;
mod lease;
mod read;
mod throttle;
mod watch;

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, CacheSize, Connection, TransactionManager};

use self::connect::{Mark, RESET, batch, classify};
use self::read::Backend;
use self::watch::Watch;
use super::open::Open;
use super::url::{self, Scheme};
use super::{AnyConnection, Setting, Settled, Store, StoreError};
use crate::lease::{Claim, Claimed, LASTS};
use crate::ledger::{self, Attempt, Holder, Place, Snapshot, Write};
use crate::recorder::Recorder;
use crate::traits::{Options, Result};

pub use self::connect::connect;

/// A connection type that has a PostgreSQL connection inside.
pub trait HasPg: 'static {
    fn from_pg(conn: PgConnection) -> Self;
    fn pg(&mut self) -> &mut PgConnection;
}

impl HasPg for PgConnection {
    fn from_pg(conn: PgConnection) -> Self {
        conn
    }
    fn pg(&mut self) -> &mut PgConnection {
        self
    }
}

impl HasPg for AnyConnection {
    fn from_pg(conn: PgConnection) -> Self {
        Self::Pg(conn)
    }
    fn pg(&mut self) -> &mut PgConnection {
        self.as_pg().expect("a PgStore opens PostgreSQL connections only")
    }
}

impl Open for PgConnection {
    const DEFAULT_URL: Option<&'static str> = None;

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            (Scheme::Postgres, _) => Ok(Box::new(PgStore::<Self>::open(url, setting)?)),
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, _) => Err(url::wrong_kind(url, "PostgreSQL")),
        }
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            (Scheme::Postgres, _) => connect(url),
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, _) => Err(url::wrong_kind(url, "PostgreSQL")),
        }
    }
}

/// One PostgreSQL database.
pub struct PgStore<C> {
    conn: C,
    url: String,
    setting: Setting,
    /// The ledger's schema; found out with the first look where nobody chose one.
    place: Place,
    mark: Mark,
    began: Instant,
    /// None where a pooler lends us another one for each transaction.
    pid: Option<i32>,
    pooled: bool,
    /// Whether the server notices that a client is gone while a statement runs.
    checks_client: bool,
    /// What the last look said of the ledger.
    has_lease: bool,
    environment: String,
    /// Owner and fence, while the lease is ours.
    lease: Option<(String, i64)>,
    watch: Option<Watch>,
    /// The transaction that the last commit opened for the next migration.
    spare: bool,
    rehearsing: bool,
    /// The server did not come back in time.
    gave_up: bool,
}

impl<C: HasPg> PgStore<C> {
    /// Opens a database by its URL, as libpq takes it.
    pub fn open(url: &str, setting: Setting) -> Result<Self, StoreError> {
        let url = if setting.relaxed {
            url.to_owned()
        } else {
            url::encrypted(url, std::env::var("PGSSLMODE").ok().as_deref())?
        };
        let began = Instant::now();
        let (conn, mark) = connect::connect_marked(&url)?;
        let place = Place::in_schema(&setting.service, setting.ledger_schema.as_deref().unwrap_or_default());
        let mut store = Self {
            conn: C::from_pg(conn),
            url,
            setting,
            place,
            mark,
            began,
            pid: None,
            pooled: false,
            checks_client: false,
            has_lease: false,
            environment: String::new(),
            lease: None,
            watch: None,
            spare: false,
            rehearsing: false,
            gave_up: false,
        };
        store.listen();
        Ok(store)
    }

    fn listen(&mut self) {
        let instrumentation = self.setting.recorder.instrumentation();
        self.pg().set_instrumentation(instrumentation);
    }

    /// A new connection in place of one that was lost, or cannot be trusted any more.
    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.spare = false;
        let began = Instant::now();
        let again = if self.gave_up {
            connect::connect_marked(&self.url)
        } else {
            connect::connect_again(&self.url, &self.setting.recorder.cancel())
        };
        self.gave_up = again.is_err();
        let (conn, mark) = again?;
        self.conn = C::from_pg(conn);
        self.mark = mark;
        self.listen();
        self.began = began;
        self.pid = None;
        let backend = read::backend(self.conn.pg())?;
        self.take_note(backend);
        Ok(())
    }

    /// Which backend answers; and whether it can be another one the next time. Where no mark tells: a
    /// direct connection's backend is no older than the connection, and stays the same.
    fn take_note(&mut self, backend: Backend) {
        let changed = self.pid.is_some_and(|pid| pid != backend.pid);
        self.pooled |= changed
            || match self.mark {
                Mark::Sent => !backend.marked,
                Mark::Refused => true,
                Mark::NotSent => backend.age.is_some_and(|age| age > self.began.elapsed()),
            };
        self.pid = Some(backend.pid).filter(|_| !self.pooled);
        if self.pooled {
            // What one backend has prepared, another one does not know.
            // <https://www.pgbouncer.org/features.html>
            self.pg().set_prepared_statement_cache_size(CacheSize::Disabled);
        }
    }

    fn pg(&mut self) -> &mut PgConnection {
        self.conn.pg()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        batch(self.pg(), sql)
    }

    fn depth(&mut self) -> Option<u32> {
        match AnsiTransactionManager::transaction_manager_status_mut(self.pg()).transaction_depth() {
            Ok(depth) => Some(depth.map_or(0, std::num::NonZeroU32::get)),
            Err(_) => None,
        }
    }

    fn held(&self) -> Result<(String, i64), StoreError> {
        self.lease.clone().ok_or(StoreError::LeaseLost)
    }

    /// What a transaction of a body sets for itself, the lease's lock, and the guard.
    fn opening(&self, owner: &str, fence: i64) -> String {
        let check =
            if self.checks_client { "SET LOCAL client_connection_check_interval = '2s'; " } else { "" };
        format!(
            // A run that is stopped in its transaction keeps the others out, but not for ever.
            "SET LOCAL idle_in_transaction_session_timeout = '{}s'; {check}{}; {}; SAVEPOINT updown",
            10 * LASTS.as_secs(),
            self.timeouts("SET LOCAL", &Options::new()),
            lease::hold(&self.place, owner, fence),
        )
    }

    fn lock_timeout(&self, options: &Options) -> Duration {
        options.lock_timeout.unwrap_or(self.setting.lock_timeout)
    }

    fn timeouts(&self, set: &str, options: &Options) -> String {
        let mut sql = format!("{set} lock_timeout = {}", self.lock_timeout(options).as_millis());
        if let Some(timeout) = options.statement_timeout.or(self.setting.statement_timeout) {
            sql.push_str(&format!("; {set} statement_timeout = {}", timeout.as_millis()));
        }
        sql
    }

    /// Ends the transaction that the last commit opened, where something has to run outside of one.
    fn end_spare(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.spare) {
            return AnsiTransactionManager::rollback_transaction(self.pg()).map_err(classify);
        }
        Ok(())
    }

    fn watch(&mut self) {
        if self.watch.is_none() {
            let cancel = self.setting.recorder.cancel();
            self.watch = Some(Watch::start(self.url.clone(), self.place.clone(), cancel));
        }
    }

    fn is_watched(&self, lock_timeout: Duration) {
        if let Some(watch) = &self.watch {
            watch.transaction(self.pid, lock_timeout);
        }
    }

    fn is_not_watched(&self) {
        if let Some(watch) = &self.watch {
            watch.nothing();
        }
    }

    /// Whether what `writes` say is in the database: how a commit ended whose answer was lost.
    fn is_written(&mut self, writes: &[Write]) -> Result<bool, StoreError> {
        let mut written = false;
        for write in writes {
            written |= match write {
                Write::Attempt(attempt) => read::has_attempt(self.conn.pg(), &self.place, attempt)?,
                Write::Step(row) => read::has_step(self.conn.pg(), &self.place, row)?,
                _ => false,
            };
        }
        Ok(written)
    }

    /// A connection without a transaction, and without what a body has set.
    fn clean(&mut self) -> Result<(), StoreError> {
        self.spare = false;
        let depth = self.depth();
        if depth == Some(0) {
            return Ok(());
        }
        let undone = depth == Some(1)
            && AnsiTransactionManager::rollback_transaction(self.pg()).is_ok()
            && self.batch(RESET).is_ok();
        if undone { Ok(()) } else { self.reconnect() }
    }
}

impl<C: HasPg> Store<C> for PgStore<C> {
    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        self.end_spare()?;
        let seen = read::look(self.conn.pg(), &self.place)?;
        self.place.schema = seen.schema;
        self.has_lease = seen.has_lease;
        self.environment = seen.snapshot.environment.clone().unwrap_or_default();
        self.take_note(seen.backend);
        Ok(seen.snapshot)
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        self.end_spare()?;
        read::history(self.conn.pg(), &self.place, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        if !self.has_lease {
            return Ok(Vec::new());
        }
        read::failures(self.conn.pg(), &self.place)
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        if !self.has_lease {
            let timeout = self.setting.lock_timeout.as_millis();
            let chosen = self.setting.ledger_schema.is_some();
            lease::prepare(self.conn.pg(), &self.place, &claim.environment, timeout, chosen)?;
            self.has_lease = true;
            self.environment.clone_from(&claim.environment);
        }
        let pid = self.pid;
        let fence = lease::claim(self.conn.pg(), &self.place, claim, &self.environment, pid)?;
        let Some(fence) = fence else {
            return Ok(read::holder(self.conn.pg(), &self.place)?.map_or(Claimed::Busy, Claimed::Held));
        };
        self.lease = Some((claim.owner.clone(), fence));
        self.checks_client = !self.pooled;
        self.watch();
        Ok(Claimed::Ours { fence })
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else { return Ok(()) };
        self.watch = None;
        let release = lease::release(&self.place, &owner, fence);
        if std::mem::take(&mut self.spare) {
            return self.batch(&format!("{release}; COMMIT"));
        }
        self.batch(&release)
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.has_lease {
            return Ok(None);
        }
        let holder = read::holder(self.conn.pg(), &self.place)?;
        lease::take_away(self.conn.pg(), &self.place)?;
        Ok(holder)
    }

    fn outside(&mut self, options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        self.end_spare()?;
        let (owner, fence) = self.held()?;
        let lock_timeout = self.lock_timeout(options);
        let _watched = self.watch.as_ref().map(|watch| watch.outside(self.pid, lock_timeout, &owner, fence));
        body(&mut self.conn)
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        if self.rehearsing {
            return self.batch("SAVEPOINT updown");
        }
        let (owner, fence) = self.held()?;
        let opened = if self.spare {
            // The commit before opened it, with the run's own timeouts.
            if *options == Options::new() { Ok(()) } else { self.batch(&self.timeouts("SET LOCAL", options)) }
        } else {
            let sql = format!("BEGIN; {}", self.opening(&owner, fence));
            // By Diesel's transaction manager, so that a body's own `conn.transaction` is a savepoint.
            AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql).map_err(classify).and_then(|()| {
                if *options == Options::new() {
                    Ok(())
                } else {
                    self.batch(&self.timeouts("SET LOCAL", options))
                }
            })
        };
        self.spare = false;
        match opened {
            Ok(()) => {
                self.is_watched(self.lock_timeout(options));
                Ok(())
            }
            Err(error) => {
                // Diesel counts no transaction that did not begin; the server has one to be ended.
                let _ = self.batch("ROLLBACK");
                // Since version 14, and not on every platform.
                // <https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL>
                if self.checks_client && error.to_string().contains("client_connection_check_interval") {
                    self.checks_client = false;
                    return self.begin(options);
                }
                Err(if lease::is_lost(&error) { StoreError::LeaseLost } else { error })
            }
        }
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.is_not_watched();
        let left = |error: StoreError| match error {
            StoreError::Query(message) if message.to_lowercase().contains("savepoint") => {
                StoreError::LeftTransaction
            }
            other => other,
        };
        if self.rehearsing {
            return self.batch("RELEASE SAVEPOINT updown; SET CONSTRAINTS ALL IMMEDIATE").map_err(left);
        }
        let (owner, fence) = self.held()?;
        // What the body has set (search_path, role, timeouts) must not reach the ledger's rows.
        let rows: String = writes.iter().map(|write| ledger::sql(write, &self.place, "now")).collect();
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        let renewal = lease::renewal(&self.place, &owner, fence, self.pid);
        let opening = self.opening(&owner, fence);
        let sent = self
            .batch(&format!("RELEASE SAVEPOINT updown; {RESET} {rows} {renewal} COMMIT; BEGIN; {opening}"));
        let Err(error) = sent else {
            self.spare = true;
            return Ok(());
        };
        let error = left(error);
        if matches!(error, StoreError::LeftTransaction) {
            return Err(error);
        }
        // It failed before the COMMIT, in it, or behind it; or the answer was lost. The ledger says.
        match self.clean().and_then(|()| self.is_written(writes)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(error),
            Err(again) => Err(StoreError::Lost(format!(
                "{error}; whether the commit took place is not known yet: {again}"
            ))),
        }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.is_not_watched();
        if self.rehearsing {
            while self.depth().is_some_and(|depth| depth > 1) {
                AnsiTransactionManager::rollback_transaction(self.pg()).map_err(classify)?;
            }
            return self.batch("ROLLBACK TO SAVEPOINT updown; RELEASE SAVEPOINT updown");
        }
        self.clean()
    }

    fn transient(&mut self, error: &anyhow::Error, tries: u32) -> Option<String> {
        let why =
            connect::transient(error).filter(|_| tries <= self.setting.lock_retries && !self.rehearsing)?;
        if error.to_string().contains("__diesel_stmt") {
            self.pooled = true;
            self.pid = None;
            self.pg().set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        // Nothing locks the row while the run waits to try again.
        if let Some((owner, fence)) = &self.lease {
            let renewal = lease::renewal(&self.place, owner, *fence, self.pid);
            let _ = self.batch(&renewal);
        }
        let by = self.blockers();
        Some(if by.is_empty() { why.to_owned() } else { format!("{why}: {}", by.join("; ")) })
    }

    fn lost(&self, error: &anyhow::Error) -> Option<String> {
        connect::lost(error)
    }

    fn blockers(&self) -> Vec<String> {
        self.watch.as_ref().map(Watch::blockers).unwrap_or_default()
    }

    fn breathe(&mut self) -> Result<Option<String>, StoreError> {
        self.end_spare()?;
        throttle::reason(self.conn.pg())
    }

    fn execute(&mut self, statement: &str) -> Result {
        use diesel::connection::SimpleConnection;
        if catalog::is_setting(statement) {
            anyhow::bail!(
                "this would end with its step, at whose end all settings are reset: set it in the `steps.transaction` that needs \
                 it, or say timeouts in `options()`"
            );
        }
        Ok(self.pg().batch_execute(statement)?)
    }

    fn execute_outside(&mut self, statement: &str, options: &Options) -> Result {
        self.end_spare()?;
        // Whoever waits for a lock keeps others waiting behind it, but for what is built beside them.
        let waits = if options.lock_timeout.is_none() && catalog::is_concurrent(statement) {
            Options { lock_timeout: Some(Duration::ZERO), ..*options }
        } else {
            *options
        };
        if !self.pooled {
            let check = if self.checks_client { "; SET client_connection_check_interval = '2s'" } else { "" };
            let sql = format!("{}{check}", self.timeouts("SET", &waits));
            self.batch(&sql)?;
        }
        let ran = self.outside(options, &mut |conn| {
            use diesel::connection::SimpleConnection;
            Ok(conn.pg().batch_execute(statement)?)
        });
        if !self.pooled {
            let reset = self.batch(RESET);
            // The first error is the one to tell of.
            return ran.and_then(|()| Ok(reset?));
        }
        ran
    }

    fn is_transactional(&self, statement: &str) -> bool {
        catalog::is_transactional(statement)
    }

    fn is_of_the_connection(&self, _: &str) -> bool {
        false
    }

    fn settle(&mut self, statement: &str) -> Result<Settled, StoreError> {
        self.end_spare()?;
        catalog::settle(self.conn.pg(), statement)
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        self.watch();
        let sql = format!("BEGIN; {}", self.timeouts("SET LOCAL", &Options::new()));
        AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql).map_err(classify)?;
        self.rehearsing = true;
        self.is_watched(self.setting.lock_timeout);
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.rehearsing) {
            return Ok(());
        }
        self.watch = None;
        // The whole connection goes: nothing of a rehearsal may stay, not even a setting.
        self.reconnect()
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.begin(&Options::new())?;
        let forgotten = self.batch(&erase::forget(&self.place)).and_then(|()| self.commit(&[]));
        forgotten.inspect_err(|_| {
            let _ = self.rollback();
        })?;
        self.end_spare()?;
        let statements = erase::statements(self.conn.pg(), &self.place)?;
        for some in statements.chunks(erase::AT_ONCE) {
            self.begin(&Options::new())?;
            let erased = self.batch(&some.join("; ")).and_then(|()| self.commit(&[]));
            erased.inspect_err(|_| {
                let _ = self.rollback();
            })?;
        }
        Ok(())
    }
}
