//! A store: one database with its connection and its ledger. What the engine asks of a database is
//! [`Store`]; there is one file here for each kind of database, and none of them knows the command
//! line.

use std::time::Duration;

use crate::journal::Interrupted;
use crate::lease::{Claim, Claimed};
use crate::ledger::{Attempt, Foreign, Holder, Kept, OfService, Snapshot, Texts, Unadopted, Write};
use crate::recorder::Recorder;
use crate::report::SharedReporter;
use crate::sql::Dialect;
use crate::traits::{Options, Result};

pub use crate::error::StoreError;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod any;
#[cfg(feature = "postgres")]
mod cockroach;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod foreign;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod rows;
#[cfg(feature = "scylla")]
pub mod scylla;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod url;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use any::AnyConnection;
#[cfg(feature = "postgres")]
pub use postgres::Scratch;
#[cfg(feature = "sqlite")]
pub use sqlite::file_of as sqlite_file;

/// The kinds of database that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Database {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// CockroachDB.
    Cockroach,
    /// ScyllaDB and Cassandra.
    Scylla,
}

impl Database {
    /// Whether it commits each change of the schema on its own.
    pub(crate) fn changes_in_steps(self) -> bool {
        matches!(self, Self::Cockroach | Self::Scylla)
    }

    /// What its statements are written in.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Sqlite => Dialect::Sqlite,
            Self::Postgres | Self::Cockroach => Dialect::Postgres,
            Self::Scylla => Dialect::Cql,
        }
    }

    /// Whether a statement may run in a transaction there.
    pub(crate) fn is_transactional(self, statement: &str) -> bool {
        // Without any store there is no statement either.
        let _ = statement;
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sqlite::is_transactional(statement),
            #[cfg(feature = "postgres")]
            Self::Postgres => postgres::is_transactional(statement),
            #[cfg(feature = "postgres")]
            Self::Cockroach => cockroach::is_transactional(statement),
            _ => false,
        }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Cockroach => "CockroachDB",
            Self::Scylla => "ScyllaDB",
        })
    }
}

/// What a connection needs to know of the run.
#[derive(Clone)]
pub struct Setting {
    pub service: String,
    /// Where the ledger is, on databases with schemas; the first one of the search path otherwise.
    pub ledger_schema: Option<String>,
    /// How long the run would wait for others: for a server that is on its way up, too.
    pub patience: Duration,
    pub lock_timeout: Duration,
    /// How often a migration is tried again that could not get a lock.
    pub lock_retries: u32,
    pub statement_timeout: Option<Duration>,
    /// Development or test.
    pub relaxed: bool,
    /// Whether SQL files run in a transaction, where their statements can.
    pub use_transactions: bool,
    pub recorder: Recorder,
    /// Who is told what happens inside a body.
    pub reporter: SharedReporter,
}

/// What the engine asks of a database whose connections are `C`.
///
/// `begin` … `commit` is one transaction that holds the lease: `begin` fails with
/// [`StoreError::LeaseLost`] where another run has it.
pub trait Store<C> {
    /// What a body gets.
    fn conn(&mut self) -> &mut C;

    /// Whose words it understands.
    fn database(&self) -> Database;

    /// Whether a change of the schema cannot be undone by a transaction, so that each is a step.
    fn changes_in_steps(&self) -> bool {
        self.database().changes_in_steps()
    }

    /// Sees the body's statements.
    fn recorder(&self) -> &Recorder;

    /// All that a plan needs to know, without a lock and without writing: a database that does not
    /// exist is an empty one, and is not created.
    fn look(&mut self) -> Result<Snapshot, StoreError>;

    /// The history, newest first; at most `limit` rows.
    fn history(&mut self, limit: usize) -> Result<Vec<Attempt>, StoreError>;

    /// For every migration whose last attempt failed, that attempt.
    fn failures(&mut self) -> Result<Vec<Attempt>, StoreError>;

    /// Every service that has something in the ledger, in the order of their names; none where there is no ledger.
    fn services(&mut self) -> Result<Vec<OfService>, StoreError>;

    /// One attempt to get the lease; makes the database and the ledger's tables where they are
    /// missing.
    fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError>;

    /// Where the database's log was before anything was done under the lease, where it has one that one
    /// recovers by: when the lease was taken, or `now`.
    fn position(&mut self, now: bool) -> Option<String> {
        let _ = now;
        None
    }

    /// Gives the lease back, where it is still ours.
    fn release(&mut self) -> Result<(), StoreError>;

    /// Takes the lease from whoever holds it.
    fn break_lease(&mut self) -> Result<Option<Holder>, StoreError>;

    /// Runs `body` outside a transaction; meanwhile the lease is renewed.
    fn outside(&mut self, options: &Options, body: &mut dyn FnMut(&mut C) -> Result) -> Result;

    /// Whether a body's statements are steps of the journal, one by one, since there are no transactions.
    fn is_journaled(&self) -> bool {
        false
    }

    /// Before `begin`, where the store is journaled: which migration comes.
    fn enter(&mut self, migration: &Interrupted<'_>) -> Result<(), StoreError> {
        let _ = migration;
        Ok(())
    }

    /// Opens the transaction of one body, locks the lease, and sets the guard that notices a body
    /// which ends its transaction itself.
    fn begin(&mut self, options: &Options) -> Result<(), StoreError>;

    /// Checks the guard, writes the rows and commits.
    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError>;

    /// Where a body is text: sends it together with its rows and the commit, in one round trip. Whether that
    /// was done; where it was not, nothing of it is there, and no transaction is open.
    fn commit_with(&mut self, sql: &str, writes: &[Write]) -> Result<bool, StoreError> {
        let _ = (sql, writes);
        self.rollback()?;
        Ok(false)
    }

    /// Whether [`Store::commit_with`] is more than an attempt.
    fn sends_at_once(&self) -> bool {
        false
    }

    /// Undoes the open transaction, and leaves a connection that is clean: a new one, where this
    /// one cannot be trusted any more.
    fn rollback(&mut self) -> Result<(), StoreError>;

    /// After a body failed in a transaction that is rolled back by now: why it may succeed when it is
    /// run again as it is, in a sentence; none where it would not, or was tried often enough.
    fn transient(&mut self, error: &anyhow::Error, tries: u32) -> Option<String> {
        let _ = (error, tries);
        None
    }

    /// What an error says where the connection was lost, which is no fault of the body.
    fn lost(&self, error: &anyhow::Error) -> Option<String> {
        let _ = error;
        None
    }

    /// An error of a body as it should be told, where the engine's own doing is in it.
    fn reworded(&self, error: anyhow::Error) -> anyhow::Error {
        error
    }

    /// Who was seen to keep a lock that the last body waited for.
    fn blockers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Between two chunks of a long change: why it should let others go first.
    fn breathe(&mut self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// Sends one statement as the body would.
    fn execute(&mut self, statement: &str) -> Result;

    /// Sends one statement that cannot run in a transaction, of which `before` was entered; meanwhile the lease
    /// is renewed.
    fn execute_outside(&mut self, statement: &str, before: Option<&str>, options: &Options) -> Result;

    /// Whether a statement may run in a transaction.
    fn is_transactional(&self, statement: &str) -> bool;

    /// Whether a statement changes the connection, not the database: it counts for one run alone.
    fn is_of_the_connection(&self, statement: &str) -> bool;

    /// What is to be entered with a statement that cannot run in a transaction, so that [`Store::settle`]
    /// sees later whether it took effect.
    fn shape(&mut self, statement: &str) -> Result<Option<String>, StoreError> {
        let _ = statement;
        Ok(None)
    }

    /// Before a statement that cannot run in a transaction, and of which an earlier run may have been
    /// interrupted: whether its effect is there. Removes what a half-done one left in its way. `before` is
    /// what was entered with it, where it was.
    fn settle(&mut self, statement: &str, before: Option<&str>) -> Result<Settled, StoreError>;

    /// What follows from the error of such a statement, of which `before` was entered; after so many tries.
    fn after(&mut self, statement: &str, before: Option<&str>, error: &anyhow::Error, tries: u32) -> After {
        let _ = (statement, before, error, tries);
        After::Unknown
    }

    /// Opens the transaction that a dry run takes place in. From here, `begin`, `commit` and
    /// `rollback` are savepoints in it, and no rows are written.
    fn begin_rehearsal(&mut self, foreign_keys_off: bool) -> Result<(), StoreError>;

    /// Undoes it all.
    fn end_rehearsal(&mut self) -> Result<(), StoreError>;

    /// Writes a copy of the database as it is at one instant into a file that is not there, and reads it through;
    /// where that is what its backups are. Meanwhile the lease is renewed.
    fn copy_to(&mut self, path: &std::path::Path) -> Result<(), StoreError> {
        Err(StoreError::Query(format!("{} makes no copy of itself into {}", self.database(), path.display())))
    }

    /// Removes everything that is in the database, the ledger too.
    fn erase(&mut self) -> Result<(), StoreError>;

    /// The ledgers of other tools that are there, and were not taken over; or the table that somebody has `named`,
    /// where its columns are those of one.
    fn foreign(&mut self, named: Option<&str>) -> Result<Vec<Foreign>, StoreError>;

    /// The rows of one.
    fn foreign_rows(&mut self, from: &Foreign) -> Result<Vec<Texts>, StoreError>;

    /// Takes one over, all of it or nothing; where the database has no transactions for that, a kill leaves what
    /// the same again goes on with, and nothing that would be taken for an empty ledger.
    fn adopt(&mut self, takeover: &mut Takeover<'_>) -> Result<Taken, StoreError>;

    /// Undoes that, where nothing was done since.
    fn undo_adoption(&mut self, claim: &Claim) -> Result<Undone, StoreError>;
}

/// What is to be written, by what both ledgers have.
pub type Decide<'a> = dyn FnMut(Vec<Texts>, &Snapshot) -> Option<Vec<Write>> + 'a;

/// The ledger of another tool that is taken over.
pub struct Takeover<'a> {
    pub from: &'a Foreign,
    pub claim: &'a Claim,
    /// What is to be written, by what both ledgers have when nobody else can write to them any more; `None` where
    /// they are left as they are.
    pub decide: &'a mut Decide<'a>,
}

/// How taking over ended.
#[derive(Debug)]
pub enum Taken {
    Done,
    /// Nothing was decided, and nothing done.
    Left,
    /// A run is under way.
    Held(Holder),
    /// Somebody else is at it, or has changed something meanwhile: it is worth another look.
    Busy,
}

/// How undoing that ended.
#[derive(Debug)]
pub enum Undone {
    Done(Unadopted),
    Kept(Kept),
    /// A run is under way.
    Held(Holder),
    /// As [`Taken::Busy`].
    Busy,
}

/// What the catalog says about a statement that cannot run in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Its effect is there.
    Done,
    /// It is not, or the statement may be repeated without harm.
    NotDone,
    /// The catalog does not tell.
    Unknown,
}

/// What follows when a statement that cannot run in a transaction has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing: what became of it is for the next run to find out.
    Unknown,
    /// Nothing of it is there, and another statement may take its place.
    Refused,
    /// What became of it can be seen now, and where it did not take effect it is sent again. Why it failed.
    Look(String),
}

/// While this lives, something is done again and again.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "scylla"))]
pub struct KeepAlive {
    stop: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "scylla"))]
impl KeepAlive {
    /// Calls `renew` every `every` on a thread of its own.
    pub fn start(every: Duration, mut renew: impl FnMut() + Send + 'static) -> Self {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(every) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                renew();
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "scylla"))]
impl Drop for KeepAlive {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A connection type that registries can be written against: `SqliteConnection`, or
/// [`AnyConnection`](crate::AnyConnection) for projects that run on more than one database.
///
/// Sealed: stores are part of this crate.
pub trait StoreConnection: open::Open {}
impl<C: open::Open> StoreConnection for C {}

pub mod open {
    //! Not nameable from outside, so that [`super::StoreConnection`] is sealed.

    use super::{Database, Setting, Store, StoreError};
    use crate::sql::Piece;

    pub trait Open: Sized + 'static {
        /// Opens a store by its URL, to read. The scheme decides which; never a trial.
        fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError>;

        /// What development falls back to where no URL is set at all; `None` where there is nothing
        /// that could be made without a server.
        const DEFAULT_URL: Option<&'static str>;

        /// The kinds of database that it can be connected to.
        const DATABASES: &'static [Database];

        /// What a URL looks like.
        const EXAMPLE_URL: &'static str = "sqlite:///path/to/file.db";

        /// The scheme of a server's URL; `None` where there is no server.
        const SERVER: Option<&'static str> = None;

        /// Whether a body may be written against `Steps`. Not where every statement is one already.
        const HAS_STEPS: bool = true;

        /// Which kind of database a connection that somebody else has made is to; PostgreSQL, where it may be
        /// CockroachDB as well.
        fn kind(&self) -> Database {
            Self::DATABASES[0]
        }

        /// Whether SQLite's foreign keys are on.
        fn has_foreign_keys_on(&mut self) -> crate::Result<bool> {
            Ok(false)
        }

        /// A bare connection.
        fn connect(url: &str) -> Result<Self, StoreError>;

        /// A database of this kind on the server of a URL, to try the migrations out on. Outside development and
        /// test (`relaxed`), over an encrypted connection alone.
        #[cfg(feature = "schema")]
        fn scratch(url: &str, relaxed: bool) -> Result<crate::scratch::ScratchDatabase, StoreError>;

        /// The schema as it is, but for the ledger.
        #[cfg(feature = "schema")]
        fn inspect(&mut self, database: Database) -> crate::Result<crate::schema::Inspected>;

        /// The schema as the text of `schema.rs`.
        #[cfg(feature = "cli")]
        fn print(
            &mut self,
            config: &crate::schema::print::config::PrintConfig,
            without_ledger: bool,
        ) -> Result<crate::schema::print::Printed, crate::schema::print::PrintError>;

        /// What is in the database beside its model, for a copy of all of it.
        #[cfg(feature = "cli")]
        fn beyond(&mut self) -> crate::Result<crate::schema::Beyond> {
            Ok(crate::schema::Beyond::default())
        }

        /// What a query of SQL says whose only column is called `line`.
        #[cfg(feature = "cli")]
        fn lines(&mut self, query: &str) -> crate::Result<Vec<String>> {
            Err(anyhow::anyhow!("there is no SQL here: {query}"))
        }

        /// Whether a table of it has a row.
        #[cfg(feature = "sync")]
        fn has_rows(&mut self, table: &str) -> crate::Result<bool> {
            let _ = table;
            Ok(true)
        }

        /// Sends one statement of a typed change or of a file.
        fn send(&mut self, statement: &str) -> crate::Result;

        /// Sends pieces of a text, one after the other, in the transaction that the engine has opened. Where one
        /// fails, which it was, as far as that is known.
        fn send_all(
            &mut self,
            text: &str,
            pieces: &[Piece<'_>],
        ) -> std::result::Result<(), (Option<usize>, anyhow::Error)> {
            let _ = text;
            for (index, piece) in pieces.iter().enumerate() {
                self.send(piece.statement).map_err(|error| (Some(index), error))?;
            }
            Ok(())
        }

        /// The same, unless its effect `is_there` without it.
        #[cfg(feature = "schema")]
        fn send_unless(&mut self, is_there: bool, statement: &str) -> crate::Result {
            if is_there { Ok(()) } else { self.send(statement) }
        }

        /// What is there before typed changes are made.
        #[cfg(feature = "schema")]
        fn there(&mut self) -> crate::Result<crate::schema::There>;

        /// What SQLite's typed changes need to know of what is there.
        #[cfg(feature = "schema")]
        fn catalog(&mut self) -> Box<dyn crate::schema::Catalog + '_>;
    }
}
