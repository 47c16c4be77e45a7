//! What the module of a migration implements, and how its bodies want to be run.

use std::time::Duration;

/// What the body of a migration returns: anything that `?` can turn into an [`anyhow::Error`].
pub type Result<T = (), E = anyhow::Error> = std::result::Result<T, E>;

/// The way forward of a migration.
///
/// `C` is what the body gets, and says what is promised:
///
/// - `Up<SqliteConnection>` (or `AnyConnection`) runs in **one transaction** together with the
///   row of the ledger: both are there afterwards, or neither is.
/// - `Up<Steps<'_, SqliteConnection>>` runs **outside a transaction**, statement by statement, each
///   entered in the journal. An interrupted run goes on where it stopped. See [`Steps`](crate::Steps).
///
/// A body may run more than once: a transaction that was rolled back, a dry run, a database that
/// asked for a retry. It must not do what a rollback cannot undo, such as sending mail.
///
/// ```
/// use updown::prelude::*;
///
/// pub struct Migration;
///
/// impl Up<SqliteConnection> for Migration {
///     fn up(&self, conn: &mut SqliteConnection) -> Result {
///         conn.batch_execute("CREATE TABLE videos (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")?;
///         Ok(())
///     }
/// }
/// impl Down<SqliteConnection> for Migration {
///     fn down(&self, conn: &mut SqliteConnection) -> Result {
///         conn.batch_execute("DROP TABLE videos")?;
///         Ok(())
///     }
/// }
/// ```
///
/// Later versions may add methods with a default body, never one that has to be written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Up<{C}>`",
    note = "the connection type in `impl Up<…>` has to be the one of the registry"
)]
pub trait Up<C> {
    /// Makes the change.
    ///
    /// # Errors
    /// Whatever the body returns: the run stops, the transaction is rolled back, and what was
    /// applied before stays.
    fn up(&self, conn: &mut C) -> Result;

    /// How this body wants to be run.
    fn options(&self) -> Options {
        Options::default()
    }
}

/// The way back of a migration. See [`Up`] for what `C` promises.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Down<{C}>`",
    note = "a migration implements `Down`, or `Irreversible` with the reason"
)]
pub trait Down<C> {
    /// Undoes what [`Up::up`] did.
    ///
    /// # Errors
    /// Whatever the body returns: the rollback stops there.
    fn down(&self, conn: &mut C) -> Result;

    /// How this body wants to be run.
    fn options(&self) -> Options {
        Options::default()
    }
}

/// Says, instead of [`Down`], that there is no way back, and why.
///
/// ```
/// # use updown::prelude::*;
/// # struct Migration;
/// impl Irreversible for Migration {
///     const BECAUSE: &str = "the dropped column's values are gone";
/// }
/// ```
///
/// A rollback that would reach such a migration is refused with the reason before it undoes
/// anything.
pub trait Irreversible {
    /// Why; shown when a rollback is refused.
    const BECAUSE: &str;
}

/// How one body wants to be run. Start from [`Options::new`] and chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    pub(crate) foreign_keys_off: bool,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

impl Options {
    /// The defaults: foreign keys as the connection has them, the run's timeouts.
    pub const fn new() -> Self {
        Self { foreign_keys_off: false, lock_timeout: None, statement_timeout: None, timeout: None }
    }

    /// Turns foreign keys off around the transaction, and checks them all before the commit.
    ///
    /// Rebuilding a table on SQLite (create, copy, drop, rename) needs it: with foreign keys on,
    /// dropping the old table deletes its rows, with all that refers to them, and the pragma does
    /// nothing inside a transaction. See <https://sqlite.org/lang_altertable.html#otheralter>.
    #[must_use]
    pub const fn foreign_keys_off(mut self) -> Self {
        self.foreign_keys_off = true;
        self
    }

    /// How long one statement may wait for a lock (SQLite: `busy_timeout`); zero: for ever on a server.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// How long one statement may run on a server; zero: for ever. SQLite has no such limit.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// How long the whole body may take; zero: as long as it likes. Goes over
    /// [`Config::migration_timeout`](crate::Config::migration_timeout). On a server the statement that runs then is
    /// cancelled; on SQLite, ScyllaDB and Cassandra it is the last one.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}
