//! What a migration is: the traits that its module implements, and the value that the engine runs.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::fingerprint::Language;
use crate::steps::Steps;

/// What the body of a migration returns: anything that `?` can turn into an [`anyhow::Error`].
pub type Result<T = (), E = anyhow::Error> = std::result::Result<T, E>;

/// The way forward of a migration.
///
/// `C` is what the body gets, and says what is promised:
///
/// - `Up<SqliteConnection>` (or `AnyConnection`) runs in **one transaction** together with the
///   row of the ledger: both are there afterwards, or neither is.
/// - `Up<Steps<'_, SqliteConnection>>` runs **outside a transaction**, statement by statement, each
///   entered in the journal. An interrupted run goes on where it stopped. See [`Steps`].
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
}

impl Options {
    /// The defaults: foreign keys as the connection has them, the run's lock timeout.
    pub const fn new() -> Self {
        Self { foreign_keys_off: false, lock_timeout: None }
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

    /// How long one statement may wait for a lock (SQLite: `busy_timeout`).
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }
}

/// A migration as a value: a name, the text that its hash is taken of, and the two bodies.
///
/// Modules in a [`registry!`](crate::registry) become such values by themselves. Code that makes
/// migrations at run time builds them with [`Migration::new`].
pub struct Migration<C> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) source: Cow<'static, str>,
    pub(crate) language: Language,
    pub(crate) file: Option<Cow<'static, str>>,
    pub(crate) formerly: Vec<Cow<'static, str>>,
    pub(crate) up: UpBody<C>,
    pub(crate) down: DownBody<C>,
}

/// A body on the way up. Hidden: `registry!` names it.
#[doc(hidden)]
pub enum UpBody<C> {
    Transaction(Arc<dyn Up<C> + Send + Sync>),
    Steps(Arc<dyn for<'a> Up<Steps<'a, C>> + Send + Sync>),
}

/// A body on the way down. Hidden: `registry!` names it.
#[doc(hidden)]
pub enum DownBody<C> {
    Transaction(Arc<dyn Down<C> + Send + Sync>),
    Steps(Arc<dyn for<'a> Down<Steps<'a, C>> + Send + Sync>),
    Irreversible(Cow<'static, str>),
}

impl<C> Clone for UpBody<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Transaction(body) => Self::Transaction(body.clone()),
            Self::Steps(body) => Self::Steps(body.clone()),
        }
    }
}

impl<C> Clone for DownBody<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Transaction(body) => Self::Transaction(body.clone()),
            Self::Steps(body) => Self::Steps(body.clone()),
            Self::Irreversible(because) => Self::Irreversible(because.clone()),
        }
    }
}

impl<C> DownBody<C> {
    pub(crate) fn options(&self) -> Options {
        match self {
            Self::Transaction(body) => body.options(),
            Self::Steps(body) => body.options(),
            Self::Irreversible(_) => Options::default(),
        }
    }
}

impl<C> UpBody<C> {
    pub(crate) fn options(&self) -> Options {
        match self {
            Self::Transaction(body) => body.options(),
            Self::Steps(body) => body.options(),
        }
    }
}

impl<C: 'static> Migration<C> {
    /// A migration in a transaction, from a value that implements both traits.
    ///
    /// `source` is what the hash is taken of: the text that the migration was made from.
    pub fn new<M>(name: impl Into<Cow<'static, str>>, source: impl Into<Cow<'static, str>>, body: M) -> Self
    where
        M: Up<C> + Down<C> + Send + Sync + 'static,
    {
        let body = Arc::new(body);
        Self::from_parts(name, source, UpBody::Transaction(body.clone()), DownBody::Transaction(body))
    }

    /// A migration in a transaction that has no way back.
    pub fn irreversible<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
        because: impl Into<Cow<'static, str>>,
    ) -> Self
    where
        M: Up<C> + Send + Sync + 'static,
    {
        Self::from_parts(
            name,
            source,
            UpBody::Transaction(Arc::new(body)),
            DownBody::Irreversible(because.into()),
        )
    }

    /// A migration in steps, from a value that implements both traits for [`Steps`].
    pub fn in_steps<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
    ) -> Self
    where
        M: for<'a> Up<Steps<'a, C>> + for<'a> Down<Steps<'a, C>> + Send + Sync + 'static,
    {
        let body = Arc::new(body);
        Self::from_parts(name, source, UpBody::Steps(body.clone()), DownBody::Steps(body))
    }

    fn from_parts(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        up: UpBody<C>,
        down: DownBody<C>,
    ) -> Self {
        Self {
            name: name.into(),
            source: source.into(),
            language: Language::Text,
            file: None,
            formerly: Vec::new(),
            up,
            down,
        }
    }

    /// Accepts `hash` as a former content of this migration, as `formerly` in a registry does.
    #[must_use]
    pub fn formerly(mut self, hash: impl Into<Cow<'static, str>>) -> Self {
        self.formerly.push(hash.into());
        self
    }

    /// The file that errors point to.
    #[must_use]
    pub fn file(mut self, file: impl Into<Cow<'static, str>>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The name, as the ledger has it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<C> Clone for Migration<C> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            source: self.source.clone(),
            language: self.language,
            file: self.file.clone(),
            formerly: self.formerly.clone(),
            up: self.up.clone(),
            down: self.down.clone(),
        }
    }
}

impl<C> fmt::Debug for Migration<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migration").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The number in a migration's name: `m0002_create_videos` has 2, `m20261121174200_x` the time.
///
/// `None` where the name does not begin with `m` and a digit, or the number does not fit.
pub(crate) const fn number_of(name: &str) -> Option<u64> {
    let bytes = name.as_bytes();
    let mut at = if !bytes.is_empty() && bytes[0] == b'm' { 1 } else { 0 };
    let first = at;
    let mut number: u64 = 0;
    while at < bytes.len() && bytes[at].is_ascii_digit() {
        number = match number.checked_mul(10) {
            Some(tens) => match tens.checked_add((bytes[at] - b'0') as u64) {
                Some(sum) => sum,
                None => return None,
            },
            None => return None,
        };
        at += 1;
    }
    if at == first { None } else { Some(number) }
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn a_name_begins_with_its_number() {
        assert_eq!(number_of("m0002_create_videos"), Some(2));
        assert_eq!(number_of("m20261121174200_x"), Some(20_261_121_174_200));
        assert_eq!(number_of("0007"), Some(7));
        assert_eq!(number_of("create_videos"), None);
        assert_eq!(number_of("m"), None);
        assert_eq!(number_of("m99999999999999999999_x"), None);
    }
}
