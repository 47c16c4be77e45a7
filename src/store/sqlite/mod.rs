//! SQLite: every migration is one `BEGIN IMMEDIATE` transaction, in which the lease is checked.

mod adopt;
mod copy;
mod engine;
mod file;
mod lease;
mod read;
mod statement;

use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};

use super::open::Open;
#[cfg(feature = "sync")]
use super::rows;
use super::url::{self, Scheme};
use super::{AnyConnection, Database, KeepAlive, Setting, Store, StoreError};
use crate::lease::RENEWED_EVERY;
use crate::traits::{Options, Result};

use file::{Access, SqliteFile};
use statement::classify;
pub use statement::is_transactional;

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
    const DATABASES: &'static [Database] = &[Database::Sqlite];
    const DEFAULT_URL: Option<&'static str> = Some("sqlite:dev.db");

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => Ok(Box::new(SqliteStore::<Self>::open(rest, setting)?)),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => Err(url::wrong_kind(url, "SQLite")),
        }
    }

    #[cfg(feature = "schema")]
    fn scratch(url: &str, relaxed: bool) -> Result<crate::scratch::ScratchDatabase, StoreError> {
        let _ = (url, relaxed);
        Ok(crate::scratch::ScratchDatabase { url: "sqlite::memory:".to_owned(), _guard: Box::new(()) })
    }

    #[cfg(feature = "schema")]
    fn inspect(&mut self, database: Database) -> crate::Result<crate::schema::Inspected> {
        let _ = database;
        Ok(crate::schema::Inspected::Sql(Box::new(crate::schema::inspect_sqlite(self)?)))
    }

    #[cfg(feature = "cli")]
    fn print(
        &mut self,
        config: &crate::schema::print::config::PrintConfig,
        without_ledger: bool,
    ) -> std::result::Result<crate::schema::print::Printed, crate::schema::print::PrintError> {
        crate::schema::print::print_sqlite(self, config, without_ledger)
    }

    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> crate::Result<Vec<String>> {
        rows::lines(self, query)
    }

    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> crate::Result<bool> {
        rows::has_rows(self, table)
    }

    fn has_foreign_keys_on(&mut self) -> crate::Result<bool> {
        let on: i32 = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>(
            "(SELECT foreign_keys FROM pragma_foreign_keys)",
        ))
        .get_result(self)?;
        Ok(on != 0)
    }

    fn send(&mut self, statement: &str) -> crate::Result {
        Ok(self.batch_execute(statement)?)
    }

    #[cfg(feature = "schema")]
    fn there(&mut self) -> crate::Result<crate::schema::There> {
        Ok(crate::schema::on_sqlite(self)?)
    }

    #[cfg(feature = "schema")]
    fn catalog(&mut self) -> Box<dyn crate::schema::Catalog + '_> {
        Box::new(self)
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => connect(rest),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => Err(url::wrong_kind(url, "SQLite")),
        }
    }
}

/// The file of a database; none where it is in memory.
pub fn file_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once(':')?;
    SqliteFile::parse(rest).ok()?.path().map(|path| path.display().to_string())
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

    /// The migration of another service has the database locked for as long as it takes: it is waited for as long as
    /// for another run.
    fn begin_patiently(&mut self) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.setting.patience;
        let cancel = self.setting.recorder.cancel();
        loop {
            match self.begin_immediate() {
                Err(StoreError::Busy) if Instant::now() < deadline && cancel.stop().is_none() => {}
                ended => return ended,
            }
        }
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
