//! PostgreSQL: every migration is one transaction that locks the lease's row, so that a takeover
//! cannot overlap with it. The commit of one and the beginning of the next travel together, so that a
//! migration costs one round trip beside its own statements.

// What CockroachDB's store has in common with this one is open to it.
pub(super) mod adopt;
pub(super) mod catalog;
pub(super) mod connect;
mod engine;
pub(super) mod erase;
pub(super) mod lease;
pub(super) mod look;
pub(super) mod read;
mod scratch;
pub(super) mod session;
mod throttle;
pub(super) mod watch;

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, CacheSize, Connection, TransactionManager};

use self::connect::{CONNECTED, IDLE, Mark, READS_WAIT, RESET, batch, classify};
use self::read::{Backend, Seen};
use self::watch::{Doing, Target, Watch};
use super::cockroach::CockroachStore;
use super::open::Open;
#[cfg(feature = "sync")]
use super::rows;
use super::url::{self, Scheme};
use super::{AnyConnection, Database, Setting, Store, StoreError};
use crate::lease::RENEWED_EVERY;
use crate::ledger::{Place, Snapshot};
use crate::traits::{Options, Result};

pub use self::catalog::is_transactional;
pub use self::connect::connect;
pub use self::scratch::Scratch;

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
    const EXAMPLE_URL: &'static str = "postgres://user:password@host/database";
    const DATABASES: &'static [Database] = &[Database::Postgres, Database::Cockroach];
    const DEFAULT_URL: Option<&'static str> = None;
    const SERVER: Option<&'static str> = Some("postgres");

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            (Scheme::Postgres, _) => open(url, setting),
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, _) => Err(url::wrong_kind(url, "PostgreSQL")),
        }
    }

    #[cfg(feature = "schema")]
    fn scratch(url: &str, relaxed: bool) -> Result<crate::scratch::ScratchDatabase, StoreError> {
        let url = encrypted(url, relaxed)?;
        let scratch = Scratch::new(&url, "check").map_err(scratch::not_made)?;
        Ok(crate::scratch::ScratchDatabase { url: scratch.url(), _guard: Box::new(scratch) })
    }

    #[cfg(feature = "schema")]
    fn inspect(&mut self, database: Database) -> crate::Result<crate::schema::Inspected> {
        let model = crate::schema::inspect_postgres(self, database == Database::Cockroach)?;
        Ok(crate::schema::Inspected::Sql(Box::new(model)))
    }

    #[cfg(feature = "cli")]
    fn print(
        &mut self,
        config: &crate::schema::print::config::PrintConfig,
        without_ledger: bool,
    ) -> std::result::Result<crate::schema::print::Printed, crate::schema::print::PrintError> {
        crate::schema::print::print_postgres(self, config, without_ledger)
    }

    #[cfg(feature = "cli")]
    fn beyond(&mut self) -> crate::Result<crate::schema::Beyond> {
        Ok(crate::schema::beyond_postgres(self)?)
    }

    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> crate::Result<Vec<String>> {
        rows::lines(self, query)
    }

    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> crate::Result<bool> {
        rows::has_rows(self, table)
    }

    fn send(&mut self, statement: &str) -> crate::Result {
        Ok(diesel::connection::SimpleConnection::batch_execute(self, statement)?)
    }

    /// In one round trip. Only where that fails, one by one, to see which it is: in the same transaction, which is
    /// undone in any case.
    fn send_all(
        &mut self,
        text: &str,
        pieces: &[crate::sql::Piece<'_>],
    ) -> std::result::Result<(), (Option<usize>, anyhow::Error)> {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return Ok(()) };
        let all = &text[first.offset..last.offset + last.statement.len()];
        let Err(error) = self.send(all) else { return Ok(()) };
        let message = error.to_string();
        let is_of_the_text = session::is_of_the_text(&error);
        if !is_of_the_text || self.send("ROLLBACK TO SAVEPOINT updown").is_err() {
            return Err((None, error));
        }
        for (index, piece) in pieces.iter().enumerate() {
            match self.send(piece.statement) {
                Err(again) if again.to_string() == message => return Err((Some(index), again)),
                Err(_) => break,
                Ok(()) => {}
            }
        }
        Err((None, error))
    }

    #[cfg(feature = "schema")]
    fn there(&mut self) -> crate::Result<crate::schema::There> {
        Ok(crate::schema::on_postgres(self)?)
    }

    #[cfg(feature = "schema")]
    fn catalog(&mut self) -> Box<dyn crate::schema::Catalog + '_> {
        Box::new(crate::schema::NoCatalog)
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            (Scheme::Postgres, _) => connect(url),
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, _) => Err(url::wrong_kind(url, "PostgreSQL")),
        }
    }
}

/// The URL as it is used: outside development and test, what leaves the machine is encrypted.
fn encrypted(url: &str, relaxed: bool) -> Result<String, StoreError> {
    if relaxed { Ok(url.to_owned()) } else { url::encrypted(url, std::env::var("PGSSLMODE").ok().as_deref()) }
}

/// Opens a database by its URL, as libpq takes it. What the server says it is decides which store that is:
/// the URL's scheme may say either.
///
/// A first look is taken at once, since its answer says so too, and is kept for whoever asks for it: on
/// PostgreSQL it costs no round trip to tell them apart.
pub fn open<C: HasPg>(url: &str, setting: Setting) -> Result<Box<dyn Store<C>>, StoreError> {
    let url = encrypted(url, setting.relaxed)?;
    let began = Instant::now();
    let (mut conn, mark) = connect::connect_unless_cancelled(&url, &setting.recorder.cancel())?;
    if url::simulated(&url).is_some() {
        let (_, schema) = read::identity(&mut conn)?;
        return Ok(Box::new(CockroachStore::new(C::from_pg(conn), &url, setting, &schema)?));
    }
    let mut store = PgStore::<C>::new(conn, mark, began, url, setting);
    let first = read::look(store.conn.pg(), &store.place);
    let (is_cockroach, schema) = match &first {
        Ok(seen) => (seen.backend.is_cockroach, seen.schema.clone()),
        // It may not have understood the question.
        Err(StoreError::Query(_)) => read::identity(store.conn.pg())?,
        Err(_) => (false, String::new()),
    };
    if is_cockroach {
        let PgStore { conn, url, setting, .. } = store;
        return Ok(Box::new(CockroachStore::new(conn, &url, setting, &schema)?));
    }
    store.first = Some(first.and_then(|seen| store.take_in(seen)));
    Ok(Box::new(store))
}

/// One PostgreSQL database.
pub struct PgStore<C> {
    conn: C,
    url: String,
    setting: Setting,
    /// What the look found that came with opening it.
    first: Option<Result<Snapshot, StoreError>>,
    /// The ledger's schema; found out with the first look where nobody chose one.
    place: Place,
    mark: Mark,
    began: Instant,
    /// None where a pooler lends us another one for each transaction.
    backend: Option<Backend>,
    pooled: bool,
    /// When the lease was renewed last.
    renewed: Instant,
    /// What the last look said of the ledger.
    has_lease: bool,
    environment: String,
    /// Owner and fence, while the lease is ours.
    lease: Option<(String, i64)>,
    /// In the write-ahead log, when the lease was taken; none where this role may not see it.
    position: Option<String>,
    watch: Option<Watch>,
    /// The transaction that the last commit opened for the next migration.
    spare: bool,
    rehearsing: bool,
    /// The server did not come back in time.
    gave_up: bool,
}

impl<C: HasPg> PgStore<C> {
    fn new(conn: PgConnection, mark: Mark, began: Instant, url: String, setting: Setting) -> Self {
        let place = Place::in_schema(&setting.service, setting.ledger_schema.as_deref().unwrap_or_default());
        let mut store = Self {
            conn: C::from_pg(conn),
            url,
            setting,
            first: None,
            place,
            mark,
            began,
            backend: None,
            pooled: false,
            renewed: began,
            has_lease: false,
            environment: String::new(),
            lease: None,
            position: None,
            watch: None,
            spare: false,
            rehearsing: false,
            gave_up: false,
        };
        store.listen();
        store
    }

    /// What a look says of the ledger and of the server.
    fn take_in(&mut self, seen: Seen) -> Result<Snapshot, StoreError> {
        self.place.schema = seen.schema;
        self.has_lease = seen.has_lease;
        self.environment = seen.snapshot.environment.clone().unwrap_or_default();
        self.take_note(seen.backend);
        Ok(seen.snapshot)
    }

    fn listen(&mut self) {
        let instrumentation = self.setting.recorder.instrumentation();
        self.pg().set_instrumentation(instrumentation);
    }

    /// A new connection in place of one that was lost, or cannot be trusted any more.
    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.spare = false;
        let began = Instant::now();
        let (conn, mark) = session::reconnect(&self.url, &self.setting, &mut self.gave_up)?;
        self.conn = C::from_pg(conn);
        self.mark = mark;
        self.listen();
        self.began = began;
        self.backend = None;
        let backend = read::backend(self.conn.pg())?;
        self.take_note(backend);
        Ok(())
    }

    /// Which backend answers; and whether it can be another one the next time. Where no mark tells: a
    /// direct connection's backend is no older than the connection, and stays the same.
    fn take_note(&mut self, backend: Backend) {
        let changed = self.backend.as_ref().is_some_and(|known| known.pid != backend.pid);
        let pooled = changed
            || match self.mark {
                Mark::Sent => !backend.marked,
                Mark::Refused => true,
                Mark::NotSent => backend.age.is_some_and(|age| age > self.began.elapsed()),
            };
        self.backend = Some(backend);
        if pooled || self.pooled {
            self.is_behind_a_pooler();
        }
    }

    fn is_behind_a_pooler(&mut self) {
        self.pooled = true;
        self.backend = None;
        // What one backend has prepared, another one does not know.
        // <https://www.pgbouncer.org/features.html>
        self.pg().set_prepared_statement_cache_size(CacheSize::Disabled);
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

    /// Whether the startup packet brought the settings of a run, which a reset goes back to.
    fn is_set_up(&self) -> bool {
        self.mark == Mark::Sent && !self.pooled
    }

    /// Takes back what a body has set.
    fn reset(&self) -> String {
        if self.is_set_up() { RESET.to_owned() } else { format!("{RESET} {CONNECTED}") }
    }

    /// What a transaction of a body sets for itself, the lease's lock, and the guard.
    fn opening(&self, owner: &str, fence: i64) -> String {
        let idle = if self.is_set_up() {
            String::new()
        } else {
            format!("SET LOCAL idle_in_transaction_session_timeout = {}; ", IDLE.as_millis())
        };
        let timeouts = self.timeouts("SET LOCAL", &Options::new());
        format!("{idle}{timeouts}{}; SAVEPOINT updown", lease::hold(&self.place, owner, fence))
    }

    /// Ends a transaction with its rows, and opens the next one: in one round trip, with what else there is to be sent.
    fn end_with(&mut self, body: &str, rows: &str, owner: &str, fence: i64) -> Result<(), StoreError> {
        // A long body has used its lease up; whoever waits must not get it in between two migrations.
        let renew = self.renewed.elapsed() >= RENEWED_EVERY / 2;
        let backend = self.backend.as_ref();
        let renewal = if renew {
            lease::renewal(&self.place, owner, fence, backend)
        } else if body.is_empty() {
            String::new()
        } else {
            lease::renewal_of_long(&self.place, owner, fence, backend)
        };
        // What the body has set (search_path, role, timeouts) must not reach the ledger's rows.
        let reset = self.reset();
        let opening = self.opening(owner, fence);
        self.batch(&format!(
            "{body} RELEASE SAVEPOINT updown; {reset} {rows} {renewal} COMMIT; BEGIN; {opening}"
        ))?;
        self.spare = true;
        if renew {
            self.renewed = Instant::now();
        }
        Ok(())
    }

    fn lock_timeout(&self, options: &Options) -> Duration {
        session::lock_timeout(&self.setting, options)
    }

    /// The limits of a body, each with its semicolon; nothing where they are what the session has.
    fn timeouts(&self, set: &str, options: &Options) -> String {
        session::timeouts(set, &self.setting, options, self.is_set_up().then_some(READS_WAIT))
    }

    /// Gives a transaction that has the run's limits those of its migration.
    fn limits(&mut self, options: &Options) -> Result<(), StoreError> {
        let idle = session::idle(&self.setting);
        if options.lock_timeout.is_none() && options.statement_timeout.is_none() && idle.is_empty() {
            return Ok(());
        }
        self.batch(&format!("{}{idle}", self.timeouts("SET LOCAL", options)))
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

    fn is_watched(&self, doing: Doing, lock_timeout: Duration) {
        if let Some(watch) = &self.watch {
            let target = self.backend.as_ref().map(|backend| Target::Backend(backend.pid));
            watch.begins(doing, target, lock_timeout);
        }
    }

    fn is_not_watched(&self) {
        if let Some(watch) = &self.watch {
            watch.ends();
        }
    }

    /// Some of the engine's own statements, in a transaction that holds the lease.
    fn under_lease(&mut self, sql: &str) -> Result<(), StoreError> {
        self.begin(&Options::new())?;
        self.batch(sql).and_then(|()| self.commit(&[])).inspect_err(|_| {
            let _ = self.rollback();
        })
    }

    /// Where our own ledger is, or would be: a look that met another tool's did not say it.
    fn settle_place(&mut self) -> Result<(), StoreError> {
        self.end_spare()?;
        if self.place.schema.is_empty() {
            self.place.schema = read::identity(self.conn.pg())?.1;
        }
        Ok(())
    }

    /// What a transaction of the engine's own begins with.
    fn own_limits(&self) -> String {
        format!("SET LOCAL lock_timeout = {};", self.setting.lock_timeout.as_millis())
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
            && self.batch(&self.reset()).is_ok();
        if undone { Ok(()) } else { self.reconnect() }
    }
}
