//! SQLite: every migration is one `BEGIN IMMEDIATE` transaction, in which the lease is checked.

mod file;
mod lease;
mod read;
mod statement;

use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};

use super::open::Open;
use super::url::{self, Scheme};
use super::{AnyConnection, KeepAlive, Setting, Settled, Store, StoreError};
use crate::lease::{Claim, Claimed, RENEWED_EVERY};
use crate::ledger::{self, Attempt, Holder, Place, Snapshot, Write};
use crate::recorder::Recorder;
use crate::traits::{Options, Result};

use file::{Access, SqliteFile};
use statement::{classify, first_word};

/// How long a look or a claim waits inside SQLite; longer waits are polled outside of it, where a
/// signal is seen.
const SHORT: Duration = Duration::from_millis(200);

/// A connection type that has an SQLite connection inside.
pub trait HasSqlite: 'static {
    fn from_sqlite(conn: SqliteConnection) -> Self;
    fn sqlite(&mut self) -> &mut SqliteConnection;
}

impl HasSqlite for SqliteConnection {
    fn from_sqlite(conn: SqliteConnection) -> Self {
        conn
    }
    fn sqlite(&mut self) -> &mut SqliteConnection {
        self
    }
}

impl HasSqlite for AnyConnection {
    fn from_sqlite(conn: SqliteConnection) -> Self {
        Self::Sqlite(conn)
    }
    fn sqlite(&mut self) -> &mut SqliteConnection {
        self.as_sqlite().expect("an SqliteStore opens SQLite connections only")
    }
}

impl Open for SqliteConnection {
    const DEFAULT_URL: Option<&'static str> = Some("sqlite:dev.db");

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => Ok(Box::new(SqliteStore::<Self>::open(rest, setting)?)),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => Err(url::wrong_kind(url, "SQLite")),
        }
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => connect(rest),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => Err(url::wrong_kind(url, "SQLite")),
        }
    }
}

/// A bare connection to what stands behind `sqlite:`.
pub fn connect(rest: &str) -> Result<SqliteConnection, StoreError> {
    SqliteFile::parse(rest)?.connect(Access::Write)
}

/// One SQLite database.
pub struct SqliteStore<C> {
    conn: C,
    file: SqliteFile,
    setting: Setting,
    access: Access,
    /// Owner and fence, while the lease is ours.
    lease: Option<(String, i64)>,
    renewed: Instant,
    /// The options of the open transaction.
    options: Options,
    foreign_keys_were_on: bool,
    rehearsing: bool,
}

impl<C: HasSqlite> SqliteStore<C> {
    /// Opens what stands behind `sqlite:`, to read.
    pub fn open(rest: &str, setting: Setting) -> Result<Self, StoreError> {
        let file = SqliteFile::parse(rest)?;
        let access = Access::Read;
        let conn = Self::connect(&file, access, &setting)?;
        Ok(Self {
            conn,
            file,
            setting,
            access,
            lease: None,
            renewed: Instant::now(),
            options: Options::default(),
            foreign_keys_were_on: false,
            rehearsing: false,
        })
    }

    fn connect(file: &SqliteFile, access: Access, setting: &Setting) -> Result<C, StoreError> {
        let mut conn = file.connect(access)?;
        conn.set_instrumentation(setting.recorder.instrumentation());
        let timeout = setting.lock_timeout.as_millis();
        let read_only = if access == Access::Read { "PRAGMA query_only = ON;" } else { "" };
        conn.batch_execute(&format!("PRAGMA busy_timeout = {timeout};{read_only}")).map_err(classify)?;
        Ok(C::from_sqlite(conn))
    }

    /// What is only read is neither created nor written; from here on it may be.
    fn open_for(&mut self, access: Access) -> Result<(), StoreError> {
        if self.access == access {
            return Ok(());
        }
        self.access = access;
        if self.file.is_memory() {
            return self.batch("PRAGMA query_only = OFF");
        }
        self.reconnect()
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.conn = Self::connect(&self.file, self.access, &self.setting)?;
        Ok(())
    }

    fn sqlite(&mut self) -> &mut SqliteConnection {
        self.conn.sqlite()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.sqlite().batch_execute(sql).map_err(classify)
    }

    fn busy_timeout(&mut self, timeout: Duration) -> Result<(), StoreError> {
        self.batch(&format!("PRAGMA busy_timeout = {}", timeout.as_millis()))
    }

    /// By Diesel's transaction manager, so that a body's own `conn.transaction` is a savepoint.
    fn begin_immediate(&mut self) -> Result<(), StoreError> {
        AnsiTransactionManager::begin_transaction_sql(self.sqlite(), "BEGIN IMMEDIATE").map_err(classify)
    }

    fn depth(&mut self) -> Option<u32> {
        match AnsiTransactionManager::transaction_manager_status_mut(self.sqlite()).transaction_depth() {
            Ok(depth) => Some(depth.map_or(0, std::num::NonZeroU32::get)),
            Err(_) => None,
        }
    }

    /// Ends the open transaction, whatever a body left of it.
    fn undo(&mut self) -> Result<(), StoreError> {
        let depth = self.depth();
        let undone = depth == Some(1) && AnsiTransactionManager::rollback_transaction(self.sqlite()).is_ok();
        if !undone && depth != Some(0) {
            if self.file.is_memory() {
                // There is no second connection to the same database in memory.
                while self.depth().is_some_and(|depth| depth > 0)
                    && AnsiTransactionManager::rollback_transaction(self.sqlite()).is_ok()
                {}
            } else {
                self.reconnect()?;
            }
        }
        self.restore()
    }

    /// Takes back what `begin` set on the connection for one body.
    fn restore(&mut self) -> Result<(), StoreError> {
        let options = std::mem::take(&mut self.options);
        if options.foreign_keys_off && self.foreign_keys_were_on {
            self.batch("PRAGMA foreign_keys = ON")?;
        }
        if options.lock_timeout.is_some() {
            self.busy_timeout(self.setting.lock_timeout)?;
        }
        Ok(())
    }

    /// Renews the lease from another thread. A database in memory has no second connection, nor anybody
    /// who could want the lease.
    fn keep_alive(&self) -> Option<KeepAlive> {
        let (owner, fence) = self.lease.clone().filter(|_| !self.file.is_memory())?;
        let (file, service) = (self.file.clone(), self.setting.service.clone());
        let mut conn = None;
        Some(KeepAlive::start(RENEWED_EVERY, move || {
            if conn.is_none() {
                conn = file.connect(Access::Write).ok();
            }
            // A locked database is one that nobody can take the lease over in either.
            if let Some(conn) = &mut conn {
                let _ = lease::renew(conn, &service, &owner, fence);
            }
        }))
    }

    fn check_foreign_keys(&mut self) -> Result<(), StoreError> {
        #[derive(diesel::QueryableByName)]
        struct Broken {
            #[diesel(sql_type = diesel::sql_types::Text)]
            child: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            parent: String,
        }
        let broken: Vec<Broken> =
            sql_query("SELECT \"table\" AS child, parent FROM pragma_foreign_key_check LIMIT 5")
                .load(self.sqlite())
                .map_err(classify)?;
        if broken.is_empty() {
            return Ok(());
        }
        let pairs: Vec<String> = broken
            .iter()
            .map(|row| format!("a row of {} refers to a missing one of {}", row.child, row.parent))
            .collect();
        Err(StoreError::ForeignKeys(pairs.join(", ")))
    }
}

impl<C: HasSqlite> Store<C> for SqliteStore<C> {
    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        self.busy_timeout(SHORT)?;
        let service = self.setting.service.clone();
        let seen = read::snapshot(self.sqlite(), &service);
        self.busy_timeout(self.setting.lock_timeout)?;
        seen
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        let service = self.setting.service.clone();
        read::history(self.sqlite(), &service, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        let service = self.setting.service.clone();
        read::failures(self.sqlite(), &service)
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        self.open_for(Access::Write)?;
        self.busy_timeout(SHORT)?;
        let service = self.setting.service.clone();
        let claimed = lease::claim(self.sqlite(), &service, claim);
        self.busy_timeout(self.setting.lock_timeout)?;
        let claimed = claimed?;
        if let Claimed::Ours { fence } = claimed {
            self.lease = Some((claim.owner.clone(), fence));
            self.renewed = Instant::now();
        }
        Ok(claimed)
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else {
            return Ok(());
        };
        let service = self.setting.service.clone();
        lease::release(self.sqlite(), &service, &owner, fence)
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        if !self.file.exists() {
            return Ok(None);
        }
        self.open_for(Access::Write)?;
        let service = self.setting.service.clone();
        lease::take_away(self.sqlite(), &service)
    }

    fn outside(&mut self, _options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result {
        let _kept = self.keep_alive();
        body(&mut self.conn)
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        self.options = *options;
        if self.rehearsing {
            return self.batch("SAVEPOINT updown");
        }
        if options.foreign_keys_off {
            self.foreign_keys_were_on = read::foreign_keys(self.sqlite())?;
            self.batch("PRAGMA foreign_keys = OFF")?;
        }
        if let Some(timeout) = options.lock_timeout {
            self.busy_timeout(timeout)?;
        }
        if let Err(error) = self.begin_immediate() {
            self.restore()?;
            return Err(error);
        }
        let (service, held) = (self.setting.service.clone(), self.lease.clone());
        let renew = self.renewed.elapsed() >= RENEWED_EVERY / 2;
        let ours = match held {
            Some((owner, fence)) => lease::check(self.sqlite(), &service, &owner, fence, renew),
            None => Err(StoreError::LeaseLost),
        };
        if let Err(error) = ours.and_then(|()| self.batch("SAVEPOINT updown")) {
            self.undo()?;
            return Err(error);
        }
        if renew {
            self.renewed = Instant::now();
        }
        Ok(())
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        // The guard: a body that committed or rolled back took the savepoint with it, also where it
        // began a new transaction behind that.
        self.batch("RELEASE SAVEPOINT updown").map_err(|error| match error {
            StoreError::Query(message) if message.contains("no such savepoint") => {
                StoreError::LeftTransaction
            }
            other => other,
        })?;
        if self.options.foreign_keys_off {
            self.check_foreign_keys()?;
        }
        if self.rehearsing {
            return Ok(());
        }
        let now = ledger::timestamp(chrono::Utc::now());
        let place = Place::of_service(&self.setting.service);
        let rows: String = writes.iter().map(|write| ledger::sql(write, &place, &now)).collect();
        self.batch(&rows)?;
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        if self.renewed.elapsed() >= RENEWED_EVERY / 2
            && let Some((owner, fence)) = self.lease.clone()
        {
            lease::renew(self.sqlite(), &place.service, &owner, fence)?;
            self.renewed = Instant::now();
        }
        AnsiTransactionManager::commit_transaction(self.sqlite()).map_err(classify)?;
        self.restore()
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if !self.rehearsing {
            return self.undo();
        }
        // What a body opened inside stays open in Diesel's count where it panicked.
        while self.depth().is_some_and(|depth| depth > 1) {
            AnsiTransactionManager::rollback_transaction(self.sqlite()).map_err(classify)?;
        }
        self.batch("ROLLBACK TO SAVEPOINT updown; RELEASE SAVEPOINT updown")
    }

    fn execute(&mut self, statement: &str) -> Result {
        Ok(self.sqlite().batch_execute(statement)?)
    }

    fn execute_outside(&mut self, statement: &str, options: &Options) -> Result {
        self.outside(options, &mut |conn| Ok(conn.sqlite().batch_execute(statement)?))
    }

    fn is_transactional(&self, statement: &str) -> bool {
        let first = first_word(statement);
        !["VACUUM", "PRAGMA", "ATTACH", "DETACH"].contains(&first.as_str())
    }

    fn is_of_the_connection(&self, statement: &str) -> bool {
        ["PRAGMA", "ATTACH", "DETACH"].contains(&first_word(statement).as_str())
    }

    fn settle(&mut self, _: &str) -> Result<Settled, StoreError> {
        // Whatever cannot run in a transaction here may be repeated.
        Ok(Settled::NotDone)
    }

    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError> {
        self.open_for(Access::Rehearse)?;
        if foreign_keys_off {
            self.batch("PRAGMA foreign_keys = OFF")?;
        }
        self.begin_immediate()?;
        self.rehearsing = true;
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.rehearsing = false;
        self.options = Options::default();
        self.undo()
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.begin(&Options::new().foreign_keys_off())?;
        let erased = lease::erase(self.sqlite());
        match erased.and_then(|()| self.commit(&[])) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.undo()?;
                Err(error)
            }
        }
    }
}
