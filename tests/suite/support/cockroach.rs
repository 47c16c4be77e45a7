//! A simulated CockroachDB: a proxy before a PostgreSQL that plays what is different. It is not one: what
//! runs on it shows what a store makes of these differences, and not that there are no others.
//!
//! Played are: `version()`; `autocommit_before_ddl`, and that it is on; jobs, which outlive their client;
//! that there is no way back over a change of the schema; what is missing (`translate.rs`); and, where a
//! test says so, 40001, 40003, XXA00, lost answers and killed clients (`faults.rs`). All that a client
//! sends is looked at by CockroachDB's own parser in the end.
//!
//! Not played are: its isolation, unless it is asked for (`serializable`); that what a transaction has
//! made cannot be used before its commit; jobs of what a transaction changes; and its own functions.

mod backend;
mod connection;
mod faults;
mod frame;
mod jobs;
mod parser;
mod session;
mod statement;
mod translate;

use std::collections::BTreeSet;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::postgres;
use super::proxy::{Address, Server, Stream};
use faults::{Fault, Order, Where, retry, taken};
use jobs::Gate;
pub use jobs::Slow;
use statement::Statement;

const SIMULATED: &str =
    "CockroachDB is simulated: a wire proxy before PostgreSQL (set COCKROACH_URL to test on a real one)";

/// A CockroachDB that is one.
pub fn real_url() -> Option<String> {
    std::env::var("COCKROACH_URL").ok()
}

/// Whether CockroachDB's parser is there to look at what is sent.
pub fn has_parser() -> bool {
    parser::is_there()
}

/// Listens on a socket of its own as long as it lives.
pub struct Simulated {
    directory: TempDir,
    url: String,
    shared: Arc<Shared>,
    /// Whether the database goes with it.
    owns: bool,
}

/// A statement that was carried out, as the client sent it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which connection, from 0 in the order in which they came.
    pub connection: usize,
    pub sql: String,
}

struct Shared {
    server: Server,
    /// The way to the server around the proxy.
    direct: String,
    closed: AtomicBool,
    is_serializable: AtomicBool,
    /// Who is killed; 0 before that is known.
    victim: AtomicI32,
    gate: Arc<Gate>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connections: usize,
    sent: Vec<Sent>,
    /// As they came: what the parser will be asked about.
    texts: BTreeSet<String>,
    may_be_refused: Vec<String>,
    missing: Vec<String>,
    round_trips: usize,
    kill: Option<(usize, bool)>,
    /// Every so many commits have to be tried again; 0 for none.
    retries: usize,
    commits: usize,
    orders: Vec<Order>,
    /// The connection whose answer is lost.
    loses: Option<usize>,
}

impl Simulated {
    /// Before the PostgreSQL of a URL. `crdb_simulated` in that database has the jobs.
    pub fn before(url: &str) -> Self {
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            if real_url().is_none() {
                eprintln!("{SIMULATED}");
            }
        });
        jobs::prepare(url).expect("the simulation's schema");
        let address = Address::of(url);
        let directory = tempfile::tempdir().expect("a directory for the socket");
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).expect("a socket");
        let shared = Arc::new(Shared {
            server: address.server(),
            direct: url.to_owned(),
            closed: AtomicBool::new(false),
            is_serializable: AtomicBool::new(false),
            victim: AtomicI32::new(0),
            gate: Arc::default(),
            state: Mutex::default(),
        });
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if of_thread.closed.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(client) = client else { continue };
                let shared = of_thread.clone();
                // Where it fails, one side is gone, and the other one sees it.
                std::thread::spawn(move || connection::serve(Stream::Unix(client), &shared));
            }
        });
        Self { url: address.through(directory.path()), directory, shared, owns: false }
    }

    /// Before a new database, which goes with it. `None` where there is no PostgreSQL, which is said, and
    /// is a failure in CI.
    pub fn new() -> Option<Self> {
        let Some(url) = postgres::create_database() else {
            eprintln!("SKIPPED: the simulated CockroachDB (it needs a PostgreSQL)");
            return None;
        };
        let mut simulated = Self::before(&url);
        simulated.owns = true;
        Some(simulated)
    }

    /// The URL that it was made with, leading here.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL around it.
    pub fn direct(&self) -> &str {
        &self.shared.direct
    }

    /// Connections that come from now on have the isolation that is CockroachDB's default. What comes of
    /// that is PostgreSQL's own, with 40001 as well.
    pub fn serializable(&self) {
        self.shared.is_serializable.store(true, Ordering::SeqCst);
    }

    /// What was carried out so far, one statement each, as the client sent it.
    pub fn statements(&self) -> Vec<Sent> {
        self.shared.state().sent.clone()
    }

    /// How many of them contain `text`, outside of their literals.
    pub fn count(&self, text: &str) -> usize {
        let state = self.shared.state();
        let statements = state.sent.iter().filter_map(|sent| Statement::of(&sent.sql));
        statements.filter(|statement| statement.has(text)).count()
    }

    /// Those that were refused because CockroachDB does not have what they need.
    pub fn missing(&self) -> Vec<String> {
        self.shared.state().missing.clone()
    }

    /// How often a client has waited for an answer since it was connected.
    pub fn round_trips(&self) -> usize {
        self.shared.state().round_trips
    }

    /// What contains `text` is wrong on purpose: CockroachDB's parser may refuse it.
    pub fn may_be_refused(&self, text: &str) {
        self.shared.state().may_be_refused.push(text.to_owned());
    }

    /// CockroachDB's parser knows all that was sent, but for what may be wrong.
    fn assert_known(&self) {
        let (texts, may_be_refused) = {
            let mut state = self.shared.state();
            (std::mem::take(&mut state.texts), std::mem::take(&mut state.may_be_refused))
        };
        for parser::Refused { statement, error } in parser::refused(texts) {
            let is_meant = may_be_refused.iter().any(|text| statement.contains(text));
            assert!(is_meant, "CockroachDB's parser refuses a statement: {error}\n{statement}");
        }
    }

    /// Says which program is killed. Until then, what would do that waits.
    pub fn kills(&self, child: &std::process::Child) {
        self.shared.victim.store(Pid::from_child(child).as_raw_nonzero().get(), Ordering::SeqCst);
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.shared.gate.close();
        // Wakes the thread that listens.
        let _ = UnixStream::connect(self.directory.path().join(".s.PGSQL.5432"));
        if self.owns {
            postgres::drop_database(self.direct());
        }
        // A test that has failed must be heard of, and not this.
        if !std::thread::panicking() {
            self.assert_known();
        }
    }
}

/// The simulation on a new database, or the end of the test where there is no PostgreSQL.
macro_rules! simulated_or_skip {
    () => {
        match $crate::support::cockroach::Simulated::new() {
            Some(simulated) => simulated,
            None => return,
        }
    };
}
pub(crate) use simulated_or_skip;

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of another database of the same server, around the proxy.
    fn direct_to(&self, database: &str) -> String {
        let (server, _) = self.direct.rsplit_once('/').expect("it ends with a database's name");
        format!("{server}/{database}")
    }

    /// The number of a new connection.
    fn connects(&self) -> usize {
        let mut state = self.state();
        state.connections += 1;
        state.connections - 1
    }

    fn saw(&self, connection: usize, text: &str, statements: &[Statement]) {
        let mut state = self.state();
        if !text.trim().is_empty() {
            state.texts.insert(text.to_owned());
        }
        state.sent.extend(statements.iter().map(|known| Sent { connection, sql: known.text.clone() }));
        // All that is sent together has one answer.
        let lost = |order: &Order| match &order.at {
            Where::Text(text) => statements.iter().any(|known| known.has(text)),
            Where::Commit => false,
        } && matches!(order.fault, Fault::LosesAnswer);
        if taken(&mut state.orders, lost).is_some() {
            state.loses = Some(connection);
        }
    }

    /// Whether the answer that this connection has got is lost.
    fn loses(&self, connection: usize) -> bool {
        self.state().loses.take_if(|known| *known == connection).is_some()
    }

    /// What happens to a statement.
    fn fault_at(&self, statement: &Statement) -> Option<Fault> {
        let meant = |order: &Order| {
            let is_here = matches!(&order.at, Where::Text(text) if statement.has(text));
            is_here && !matches!(order.fault, Fault::LosesAnswer)
        };
        taken(&mut self.state().orders, meant)
    }

    /// What happens to the next commit of a transaction.
    fn fault_at_commit(&self) -> Option<Fault> {
        let mut state = self.state();
        state.commits += 1;
        let fault = taken(&mut state.orders, |order| matches!(order.at, Where::Commit));
        let is_due = state.retries > 0 && state.commits.is_multiple_of(state.retries);
        fault.or_else(|| is_due.then(|| Fault::Fails(retry())))
    }

    /// Whether the program is killed before this round trip is seen by the server, or after that.
    fn round_trip(&self) -> Option<bool> {
        let mut state = self.state();
        state.round_trips += 1;
        let now = state.round_trips;
        state.kill.take_if(|(at, _)| *at == now).map(|(_, after)| after)
    }

    fn kill(&self) {
        while !self.closed.load(Ordering::SeqCst) {
            if let Some(pid) = Pid::from_raw(self.victim.load(Ordering::SeqCst)) {
                let _ = kill_process(pid, Signal::KILL);
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
