//! CockroachDB: its own kind of store. What changes the schema runs outside of transactions, by jobs that
//! outlive who asked for them; so it is a step of the journal, and the catalog says whether it took effect.
//! What changes data runs in a transaction, which writes to the lease's row first. The lease ends by expiry
//! alone: there is no backend to look for, and no advisory lock that holds.

mod adopt;
mod change;
mod engine;
mod erase;
mod habits;
mod jobs;
mod lease;
mod read;
mod shape;
mod statement;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};

use self::habits::Habits;
pub use self::statement::is_transactional;
use super::postgres::HasPg;
use super::postgres::connect::{CONNECTED, IDLE, READS_WAIT, batch};
use super::postgres::session;
use super::postgres::watch::{Doing, Target, Watch};
use super::{Setting, StoreError, url};
use crate::ledger::Place;
use crate::report::{Event, Reporter};
use crate::traits::Options;

/// Takes back whatever a body has set. CockroachDB does not know `RESET SESSION AUTHORIZATION`.
const RESET: &str = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL;";

/// What a change of the schema would do to the transaction around it, where it is on: commit it.
/// <https://www.cockroachlabs.com/docs/stable/session-variables#autocommit-before-ddl>
const NO_AUTOCOMMIT: &str = "SET autocommit_before_ddl = off";

/// One CockroachDB database.
pub struct CockroachStore<C> {
    conn: C,
    url: String,
    setting: Setting,
    place: Place,
    /// A PostgreSQL that is treated as one: it has neither jobs nor settings of CockroachDB's own.
    is_simulated: bool,
    /// Versions before 24.1 have no [`NO_AUTOCOMMIT`], and need none.
    has_autocommit: bool,
    has_lease: bool,
    environment: String,
    /// Owner and fence, while the lease is ours.
    lease: Option<(String, i64)>,
    /// When the lease was renewed last.
    renewed: Instant,
    watch: Option<Watch>,
    /// What a statement is cancelled by.
    target: Option<Target>,
    habits: Arc<Mutex<Habits>>,
    rehearsing: bool,
    /// The server did not come back in time.
    gave_up: bool,
}

impl<C: HasPg> CockroachStore<C> {
    /// On a connection whose server said that it is CockroachDB; or where the URL wants it treated so.
    pub fn new(conn: C, url: &str, setting: Setting, schema: &str) -> Result<Self, StoreError> {
        let is_simulated = url::simulated(url).is_some();
        if is_simulated && !setting.relaxed {
            return Err(StoreError::Url {
                target: url::shown(url),
                why: "a simulated CockroachDB is for trying out, in development and test".to_owned(),
                hint: "take `updown_simulate` out of the URL, or say `ENV=development`".to_owned(),
            });
        }
        if is_simulated {
            setting.reporter.clone().event(&Event::Note {
                message: "CockroachDB is simulated: a PostgreSQL is treated as one, to try that out",
            });
        }
        let schema = setting.ledger_schema.as_deref().unwrap_or(schema);
        let place = Place::on_cockroach(&setting.service, schema);
        let habits = Arc::new(Mutex::new(Habits::new(setting.reporter.clone())));
        let mut store = Self {
            conn,
            url: url.to_owned(),
            setting,
            place,
            is_simulated,
            has_autocommit: !is_simulated,
            has_lease: false,
            environment: String::new(),
            lease: None,
            renewed: Instant::now(),
            watch: None,
            target: None,
            habits,
            rehearsing: false,
            gave_up: false,
        };
        store.set_up()?;
        Ok(store)
    }

    /// Gives a new connection what a run needs of its session.
    fn set_up(&mut self) -> Result<(), StoreError> {
        let instrumentation = self.setting.recorder.instrumentation();
        self.pg().set_instrumentation(instrumentation);
        let habits = self.habits.clone();
        self.setting.recorder.guard(move |statement| lock(&habits).see(statement));
        match self.batch(&self.session()) {
            Err(StoreError::Query(message)) if message.contains("autocommit_before_ddl") => {
                self.has_autocommit = false;
                self.batch(&self.session())
            }
            done => done,
        }
    }

    /// The settings of a session.
    fn session(&self) -> String {
        let (lock, idle) = (READS_WAIT.as_millis(), IDLE.as_millis());
        let limits = format!("SET lock_timeout = {lock}; SET idle_in_transaction_session_timeout = {idle}");
        if self.has_autocommit { format!("{limits}; {NO_AUTOCOMMIT}") } else { limits }
    }

    fn reset(&self) -> String {
        format!("{RESET} {CONNECTED} {};", self.session())
    }

    /// A new connection in place of one that was lost, or cannot be trusted any more.
    fn reconnect(&mut self) -> Result<(), StoreError> {
        let (conn, _) = session::reconnect(&self.url, &self.setting, &mut self.gave_up)?;
        self.conn = C::from_pg(conn);
        self.target = None;
        self.set_up()
    }

    fn pg(&mut self) -> &mut PgConnection {
        self.conn.pg()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        batch(self.pg(), sql)
    }

    fn depth(&mut self) -> Option<u32> {
        session::depth(self.pg())
    }

    fn held(&self) -> Result<(String, i64), StoreError> {
        self.lease.clone().ok_or(StoreError::LeaseLost)
    }

    /// The limits of a body, each with its semicolon; nothing where they are what the session has.
    fn timeouts(&self, set: &str, options: &Options) -> String {
        session::timeouts(set, &self.setting, options, Some(READS_WAIT))
    }

    fn watch(&mut self) {
        if self.watch.is_none() {
            let cancel = self.setting.recorder.cancel();
            self.watch = Some(Watch::start(self.url.clone(), self.place.clone(), cancel));
        }
    }

    fn is_watched(&mut self, doing: Doing) {
        if self.target.is_none() {
            let is_simulated = self.is_simulated;
            // Without it a run is stopped before its next statement.
            self.target = read::session(self.pg(), is_simulated).ok();
        }
        if let Some(watch) = &self.watch {
            watch.begins(doing, self.target.clone(), Duration::ZERO);
        }
    }

    fn is_not_watched(&self) {
        if let Some(watch) = &self.watch {
            watch.ends();
        }
    }

    /// A connection without a transaction, and without what a body has set.
    fn clean(&mut self) -> Result<(), StoreError> {
        lock(&self.habits).ends();
        let depth = self.depth();
        if depth == Some(0) {
            return Ok(());
        }
        let undone = depth == Some(1)
            && AnsiTransactionManager::rollback_transaction(self.pg()).is_ok()
            && self.batch(&self.reset()).is_ok();
        if undone { Ok(()) } else { self.reconnect() }
    }
}

fn lock(habits: &Mutex<Habits>) -> std::sync::MutexGuard<'_, Habits> {
    habits.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
