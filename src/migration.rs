//! A migration as the engine runs it: a value with a name, a source and two bodies.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::fingerprint::Language;
#[cfg(feature = "schema")]
use crate::schema::{Change, Typed};
use crate::source::SqlText;
use crate::steps::Steps;
use crate::store::{Database, StoreConnection};
use crate::traits::{Down, Options, Up};

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
    /// The names of those that it took the place of.
    pub(crate) replaces: Vec<Cow<'static, str>>,
    /// Whether it runs again when its content changes, behind the others.
    pub(crate) is_repeatable: bool,
    pub(crate) up: UpBody<C>,
    pub(crate) down: DownBody<C>,
}

/// A body on the way up. Hidden: `registry!` names it.
#[doc(hidden)]
pub enum UpBody<C> {
    Transaction(Arc<dyn Up<C> + Send + Sync>),
    Steps(Arc<dyn for<'a> Up<Steps<'a, C>> + Send + Sync>),
    /// One of the two, once it is known which database it is for.
    #[cfg(feature = "schema")]
    Change(Typed),
    /// The same.
    Sql(Arc<SqlText>),
}

/// A body on the way down. Hidden: `registry!` names it.
#[doc(hidden)]
pub enum DownBody<C> {
    Transaction(Arc<dyn Down<C> + Send + Sync>),
    Steps(Arc<dyn for<'a> Down<Steps<'a, C>> + Send + Sync>),
    Irreversible(Cow<'static, str>),
    /// One of them, once it is known which database it is for.
    #[cfg(feature = "schema")]
    Change(Typed),
    /// The first two of them.
    Sql(Arc<SqlText>),
    /// What is repeatable is undone by nothing.
    Nothing,
}

impl<C> Clone for UpBody<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Transaction(body) => Self::Transaction(body.clone()),
            Self::Steps(body) => Self::Steps(body.clone()),
            #[cfg(feature = "schema")]
            Self::Change(typed) => Self::Change(typed.clone()),
            Self::Sql(text) => Self::Sql(text.clone()),
        }
    }
}

impl<C> Clone for DownBody<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Transaction(body) => Self::Transaction(body.clone()),
            Self::Steps(body) => Self::Steps(body.clone()),
            Self::Irreversible(because) => Self::Irreversible(because.clone()),
            #[cfg(feature = "schema")]
            Self::Change(typed) => Self::Change(typed.clone()),
            Self::Sql(text) => Self::Sql(text.clone()),
            Self::Nothing => Self::Nothing,
        }
    }
}

impl<C> DownBody<C> {
    pub(crate) fn options(&self) -> Options {
        match self {
            Self::Transaction(body) => body.options(),
            Self::Steps(body) => body.options(),
            Self::Irreversible(_) => Options::default(),
            #[cfg(feature = "schema")]
            Self::Change(_) => Options::default(),
            Self::Sql(_) | Self::Nothing => Options::default(),
        }
    }
}

impl<C> UpBody<C> {
    pub(crate) fn options(&self) -> Options {
        match self {
            Self::Transaction(body) => body.options(),
            Self::Steps(body) => body.options(),
            #[cfg(feature = "schema")]
            Self::Change(_) => Options::default(),
            Self::Sql(_) => Options::default(),
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

    /// A migration in steps that has no way back.
    pub fn in_steps_irreversible<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
        because: impl Into<Cow<'static, str>>,
    ) -> Self
    where
        M: for<'a> Up<Steps<'a, C>> + Send + Sync + 'static,
    {
        Self::from_parts(name, source, UpBody::Steps(Arc::new(body)), DownBody::Irreversible(because.into()))
    }

    /// A migration in SQL, or for a connection to ScyllaDB or Cassandra in CQL: what goes forward, and what goes back,
    /// where there is a way. In a transaction, unless a statement of it cannot run in one, or a line in it says
    /// `-- updown: no-transaction`: then statement by statement.
    pub fn sql(
        name: impl Into<Cow<'static, str>>,
        up: impl Into<Cow<'static, str>>,
        down: Option<&str>,
    ) -> Self
    where
        C: StoreConnection,
    {
        let name = name.into();
        let up = SqlText::whole(up, name.clone());
        let down = down.map(|down| SqlText::whole(down.to_owned(), name.clone()));
        let source = up.text.clone();
        let replaces = up.replaces();
        let (up, down) = crate::source::bodies(up, down, false);
        let is_cql = C::DATABASES == [Database::Scylla];
        let language = if is_cql { Language::Cql } else { Language::Sql };
        Self { language, replaces, ..Self::from_parts(name, source, up, down) }
    }

    /// A typed change as a migration, in a transaction where there are any.
    #[cfg(feature = "schema")]
    pub fn change<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
    ) -> Self
    where
        M: Change<C> + Send + Sync + 'static,
    {
        let typed = Typed::new::<C, M>(body);
        Self::from_parts(name, source, UpBody::Change(typed.clone()), DownBody::Change(typed))
    }

    /// A typed change as a migration in steps.
    #[cfg(feature = "schema")]
    pub fn change_in_steps<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
    ) -> Self
    where
        M: for<'a> Change<Steps<'a, C>> + Send + Sync + 'static,
    {
        let typed = Typed::in_steps::<C, M>(body);
        Self::from_parts(name, source, UpBody::Change(typed.clone()), DownBody::Change(typed))
    }

    /// Of bodies that are made already.
    pub(crate) fn of_bodies(
        name: String,
        source: Cow<'static, str>,
        up: UpBody<C>,
        down: DownBody<C>,
    ) -> Self {
        Self::from_parts(name, source, up, down)
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
            replaces: Vec::new(),
            is_repeatable: false,
            up,
            down,
        }
    }

    /// A migration that runs again whenever its `source` changes, behind all that are not repeatable; in a transaction.
    /// It needs no number in its name, and no way back: a rollback that reaches it leaves what it made, and has it run
    /// again.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// use updown::{Migration, Registry};
    ///
    /// # struct Report;
    /// # impl Up<SqliteConnection> for Report { fn up(&self, _: &mut SqliteConnection) -> Result { Ok(()) } }
    /// let sql = "DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT max(id) AS id FROM videos";
    /// let registry: Registry<SqliteConnection> = Registry::from_migrations(vec![
    ///     Migration::sql("0001_videos", "CREATE TABLE videos (id INTEGER)", Some("DROP TABLE videos")),
    ///     Migration::sql("latest", sql, Some("DROP VIEW latest")).runs_again(),
    ///     Migration::repeatable("report", "version 2", Report),
    /// ]);
    /// # let _ = registry;
    /// ```
    pub fn repeatable<M>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        body: M,
    ) -> Self
    where
        M: Up<C> + Send + Sync + 'static,
    {
        Self::from_parts(name, source, UpBody::Transaction(Arc::new(body)), DownBody::Nothing).runs_again()
    }

    /// Makes any migration one like [`Migration::repeatable`]. A rollback runs its way back, where it has one.
    #[must_use]
    pub fn runs_again(mut self) -> Self {
        self.is_repeatable = true;
        if matches!(self.down, DownBody::Irreversible(_)) {
            self.down = DownBody::Nothing;
        }
        self
    }

    /// Accepts `hash` as a former content of this migration, as `formerly` in a registry does.
    #[must_use]
    pub fn formerly(mut self, hash: impl Into<Cow<'static, str>>) -> Self {
        self.formerly.push(hash.into());
        self
    }

    /// Takes the place of these, as `replaces` in a registry does. A database in which all of them are applied counts it
    /// as applied, and their rows in the ledger become its own; where none is, it runs like any other.
    #[must_use]
    pub fn replaces<N: Into<Cow<'static, str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.replaces.extend(names.into_iter().map(Into::into));
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

impl<C> Migration<C> {
    /// With its file, where it has one, for those who look for it.
    pub(crate) fn shown(&self) -> String {
        match &self.file {
            Some(file) => format!("`{}` ({file})", self.name),
            None => format!("`{}`", self.name),
        }
    }
}

#[cfg(feature = "schema")]
impl<C> Migration<C> {
    /// The typed change that it is made of, where it is.
    pub(crate) fn typed(&self) -> Option<&Typed> {
        match &self.up {
            UpBody::Change(typed) => Some(typed),
            _ => None,
        }
    }
}

impl<C: StoreConnection> Migration<C> {
    /// With the bodies that it has on a database.
    pub(crate) fn on(
        mut self,
        database: Database,
        in_steps: bool,
        #[cfg(feature = "schema")] already: &crate::schema::Already,
    ) -> Self {
        #[cfg(feature = "schema")]
        if let Some((up, down)) = self.typed().map(|typed| typed.bodies(database, in_steps, already)) {
            (self.up, self.down) = (up, down);
        }
        if let UpBody::Sql(text) = &self.up {
            self.up = text.up(database, in_steps);
        }
        if let DownBody::Sql(text) = &self.down {
            self.down = text.down(database, in_steps);
        }
        self
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
            replaces: self.replaces.clone(),
            is_repeatable: self.is_repeatable,
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

/// The number in a migration's name: `m0002_create_videos` has 2, `m20261121174200_x` the time. So do the names that
/// other tools give: `V2__x`, `2024-12-27-101500_x` and `20241227_101500_x`.
///
/// `None` where the name does not begin with a number, or it does not fit.
pub(crate) const fn number_of(name: &str) -> Option<u64> {
    let bytes = name.as_bytes();
    let mut at = match bytes {
        [b'm' | b'V', ..] => 1,
        _ => 0,
    };
    let first = at;
    let mut number: u64 = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() {
            number = match number.checked_mul(10) {
                Some(tens) => match tens.checked_add((bytes[at] - b'0') as u64) {
                    Some(sum) => sum,
                    None => return None,
                },
                None => return None,
            };
        } else if !is_within(bytes, first, at) {
            break;
        }
        at += 1;
    }
    if at == first { None } else { Some(number) }
}

/// The digits of that number as they stand there.
pub fn digits_of(name: &str) -> Option<String> {
    let bytes = name.as_bytes();
    let first = usize::from(matches!(bytes, [b'm' | b'V', ..]));
    let rest = bytes.iter().enumerate().skip(first);
    let end = rest.take_while(|(at, byte)| byte.is_ascii_digit() || is_within(bytes, first, *at)).count();
    let digits: String = name.get(first..first + end)?.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Whether what is no digit stands inside of a number that began at `first`: a dash between two digits, or what
/// stands between a date of eight digits and a time of six.
const fn is_within(bytes: &[u8], first: usize, at: usize) -> bool {
    if at == first || at + 1 >= bytes.len() || !bytes[at + 1].is_ascii_digit() {
        return false;
    }
    match bytes[at] {
        b'-' => true,
        b'_' if at == first + 8 => {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end].is_ascii_digit() {
                end += 1;
            }
            end == at + 7 && (end == bytes.len() || bytes[end] == b'_')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{digits_of, number_of};

    #[test]
    fn a_name_begins_with_its_number() {
        assert_eq!(number_of("m0002_create_videos"), Some(2));
        assert_eq!(number_of("m20261121174200_x"), Some(20_261_121_174_200));
        assert_eq!(number_of("0007"), Some(7));
        assert_eq!(number_of("create_videos"), None);
        assert_eq!(number_of("m"), None);
        assert_eq!(number_of("m99999999999999999999_x"), None);
    }

    #[test]
    fn its_digits_are_those_of_the_number() {
        let digits = |name| digits_of(name).unwrap_or_default();
        assert_eq!(digits("m0002_create_videos"), "0002");
        assert_eq!(digits("2024-01-01-000000_x"), "20240101000000");
        assert_eq!(digits("20241227_101500_x"), "20241227101500");
        assert_eq!(digits("00000000000000_diesel_initial_setup"), "00000000000000");
        assert_eq!(digits("V2__initial"), "2");
        assert_eq!(digits("R__views"), "");
        assert_eq!(digits("0007"), "0007");
    }

    #[test]
    fn so_do_the_names_of_other_tools() {
        assert_eq!(number_of("2024-12-27-101500_add_x"), Some(20_241_227_101_500));
        assert_eq!(number_of("20241227_101500_add_x"), Some(20_241_227_101_500));
        assert_eq!(number_of("20241227_101500"), Some(20_241_227_101_500));
        assert_eq!(number_of("20241227_10150_add_x"), Some(20_241_227), "no time");
        assert_eq!(number_of("0000001_101500_add_x"), Some(1), "no date");
        assert_eq!(number_of("m20220101_000001_create_table"), Some(20_220_101_000_001));
        assert_eq!(number_of("V2__initial"), Some(2));
        assert_eq!(number_of("000002_add_user_avatar"), Some(2));
        assert_eq!(number_of("00000000000000_diesel_initial_setup"), Some(0));
        assert_eq!(number_of("1-a"), Some(1));
        assert_eq!(number_of("R__views"), None);
    }
}
