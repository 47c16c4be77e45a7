//! PostgreSQL: every migration is one transaction that locks the lease's row, so that a takeover
//! cannot overlap with it.

mod catalog;
mod lease;
mod read;

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::open::Open;
use super::url::{self, Scheme};
use super::{AnyConnection, KeepAlive, Setting, Settled, Store, StoreError};
use crate::lease::{Claim, Claimed, RENEWED_EVERY};
use crate::ledger::{self, Attempt, Holder, Place, Snapshot, Write};
use crate::recorder::Recorder;
use crate::traits::{Options, Result};

/// What Diesel sets when it connects; `RESET ALL` takes it away with what a body has set.
const CONNECTED: &str = "SET TIME ZONE 'UTC'; SET CLIENT_ENCODING TO 'UTF8';";

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

/// A bare connection.
pub fn connect(url: &str) -> Result<PgConnection, StoreError> {
    PgConnection::establish(url).map_err(|error| {
        let why = crate::report::masked(error.to_string().trim());
        let hint = if why.contains("SSL was required") {
            "turn TLS on at the server; or, where it really has to be without, `sslmode=disable` in the URL"
        } else if why.contains("does not exist") {
            "create the database first, or check its name in the URL"
        } else if why.contains("authentication") || why.contains("password") {
            "check user and password (the URL, PGPASSWORD, or ~/.pgpass)"
        } else {
            "check host and port, and that the server runs"
        };
        StoreError::Open { target: url::shown(url), why, hint: Some(hint.to_owned()) }
    })
}

/// One PostgreSQL database.
pub struct PgStore<C> {
    conn: C,
    url: String,
    setting: Setting,
    /// The ledger's schema; found out with the first look.
    place: Place,
    /// Owner and fence, while the lease is ours.
    lease: Option<(String, i64)>,
    rehearsing: bool,
}

impl<C: HasPg> PgStore<C> {
    /// Opens a database by its URL, as libpq takes it.
    pub fn open(url: &str, setting: Setting) -> Result<Self, StoreError> {
        let url = if setting.relaxed {
            url.to_owned()
        } else {
            url::encrypted(url, std::env::var("PGSSLMODE").ok().as_deref())?
        };
        let mut conn = Self::connect(&url, &setting)?;
        let place = read::place(conn.pg(), &setting.service)?;
        Ok(Self { conn, url, setting, place, lease: None, rehearsing: false })
    }

    fn connect(url: &str, setting: &Setting) -> Result<C, StoreError> {
        let mut conn = connect(url)?;
        conn.set_instrumentation(setting.recorder.instrumentation());
        Ok(C::from_pg(conn))
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.conn = Self::connect(&self.url, &self.setting)?;
        Ok(())
    }

    fn pg(&mut self) -> &mut PgConnection {
        self.conn.pg()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.pg().batch_execute(sql).map_err(classify)
    }

    fn depth(&mut self) -> Option<u32> {
        match AnsiTransactionManager::transaction_manager_status_mut(self.pg()).transaction_depth() {
            Ok(depth) => Some(depth.map_or(0, std::num::NonZeroU32::get)),
            Err(_) => None,
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
}

impl<C: HasPg> Store<C> for PgStore<C> {
    fn conn(&mut self) -> &mut C {
        &mut self.conn
    }

    fn recorder(&self) -> &Recorder {
        &self.setting.recorder
    }

    fn look(&mut self) -> Result<Snapshot, StoreError> {
        read::snapshot(self.conn.pg(), &self.place)
    }

    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        read::history(self.conn.pg(), &self.place, limit)
    }

    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError> {
        read::failures(self.conn.pg(), &self.place)
    }

    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        let claimed = lease::claim(self.conn.pg(), &self.place, claim)?;
        if let Claimed::Ours { fence } = claimed {
            self.lease = Some((claim.owner.clone(), fence));
        }
        Ok(claimed)
    }

    fn release(&mut self) -> Result<(), StoreError> {
        let Some((owner, fence)) = self.lease.take() else { return Ok(()) };
        lease::release(self.conn.pg(), &self.place, &owner, fence)
    }

    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError> {
        lease::take_away(self.conn.pg(), &self.place)
    }

    fn keep_alive(&mut self) -> KeepAlive {
        let Some((owner, fence)) = self.lease.clone() else { return KeepAlive::none() };
        let (url, place) = (self.url.clone(), self.place.clone());
        let mut conn = None;
        KeepAlive::start(RENEWED_EVERY, move || {
            if conn.is_none() {
                conn = connect(&url).ok();
            }
            if let Some(open) = &mut conn
                && lease::renew(open, &place, &owner, fence).is_err()
            {
                conn = None;
            }
        })
    }

    fn begin(&mut self, options: &Options) -> Result<(), StoreError> {
        if self.rehearsing {
            return self.batch("SAVEPOINT updown");
        }
        let Some((owner, fence)) = self.lease.clone() else { return Err(StoreError::LeaseLost) };
        let timeout = options.lock_timeout.unwrap_or(self.setting.lock_timeout).as_millis();
        // One round trip: begin, lock and renew the lease's row, and set the guard.
        let sql = format!(
            "BEGIN; SET LOCAL lock_timeout = {timeout}; {}; SAVEPOINT updown",
            lease::hold(&self.place, &owner, fence)
        );
        // By Diesel's transaction manager, so that a body's own `conn.transaction` is a savepoint.
        AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql).map_err(|error| {
            // Diesel counts no transaction that did not begin; the server has one to be ended.
            let _ = self.pg().batch_execute("ROLLBACK");
            if error.to_string().contains("division by zero") {
                StoreError::LeaseLost
            } else {
                classify(error)
            }
        })
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let left = |error: StoreError| match error {
            StoreError::Query(message) if message.contains("savepoint") || message.contains("SAVEPOINT") => {
                StoreError::LeftTransaction
            }
            other => other,
        };
        if self.rehearsing {
            return self.batch("RELEASE SAVEPOINT updown; SET CONSTRAINTS ALL IMMEDIATE").map_err(left);
        }
        // What the body has set (search_path, role, timeouts) must not reach the ledger's rows.
        let rows: String = writes.iter().map(|write| ledger::sql(write, &self.place, "now")).collect();
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        let renewed = self.lease.as_ref().map(|(owner, fence)| lease::renewal(&self.place, owner, *fence));
        let renewed = renewed.unwrap_or_default();
        self.batch(&format!("RELEASE SAVEPOINT updown; RESET ROLE; RESET ALL; {CONNECTED} {rows} {renewed}"))
            .map_err(left)?;
        let ended = AnsiTransactionManager::commit_transaction(self.pg()).map_err(classify);
        match ended {
            Err(StoreError::Lost(_)) => {
                // It was committed or not; the ledger says which.
                self.reconnect()?;
                if self.is_written(writes)? { Ok(()) } else { ended }
            }
            ended => ended,
        }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if self.rehearsing {
            while self.depth().is_some_and(|depth| depth > 1) {
                AnsiTransactionManager::rollback_transaction(self.pg()).map_err(classify)?;
            }
            return self.batch("ROLLBACK TO SAVEPOINT updown; RELEASE SAVEPOINT updown");
        }
        let depth = self.depth();
        if depth == Some(0) {
            return Ok(());
        }
        let undone = depth == Some(1)
            && AnsiTransactionManager::rollback_transaction(self.pg()).is_ok()
            && self.batch(&format!("RESET ROLE; RESET ALL; {CONNECTED}")).is_ok();
        if undone { Ok(()) } else { self.reconnect() }
    }

    fn execute(&mut self, statement: &str) -> Result {
        Ok(self.pg().batch_execute(statement)?)
    }

    fn is_transactional(&self, statement: &str) -> bool {
        catalog::is_transactional(statement)
    }

    fn is_of_the_connection(&self, _: &str) -> bool {
        false
    }

    fn settle(&mut self, statement: &str) -> Result<Settled, StoreError> {
        catalog::settle(self.conn.pg(), statement)
    }

    fn begin_rehearsal(&mut self, _foreign_keys_off: bool) -> Result<(), StoreError> {
        let timeout = self.setting.lock_timeout.as_millis();
        let sql = format!("BEGIN; SET LOCAL lock_timeout = {timeout}");
        AnsiTransactionManager::begin_transaction_sql(self.pg(), &sql).map_err(classify)?;
        self.rehearsing = true;
        Ok(())
    }

    fn end_rehearsal(&mut self) -> Result<(), StoreError> {
        self.rehearsing = false;
        // The whole connection goes: nothing of a rehearsal may stay, not even a setting.
        self.reconnect()
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.begin(&Options::new())?;
        let erased =
            self.batch(&catalog::erase(&self.place)).and_then(|()| self.batch(&lease::tables(&self.place)));
        erased.and_then(|()| self.commit(&[])).inspect_err(|_| {
            let _ = self.rollback();
        })
    }
}

/// What a message means to the engine. Diesel gives no SQLSTATE for most.
pub fn classify(error: DieselError) -> StoreError {
    if let DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) = &error {
        return StoreError::Lost(info.message().trim().to_owned());
    }
    let message = error.to_string().trim().to_owned();
    if message.contains("server closed the connection")
        || message.contains("terminating connection")
        || message.contains("no connection to the server")
        || message.contains("Broken pipe")
        || message.contains("SSL connection has been closed")
    {
        StoreError::Lost(message)
    } else if message.contains("read-only transaction") {
        StoreError::ReadOnly
    } else if message.contains("No space left") {
        StoreError::Full
    } else {
        StoreError::Query(message)
    }
}
