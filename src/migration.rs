//! A migration as the engine runs it: a value with a name, a source and two bodies.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::fingerprint::Language;
#[cfg(feature = "schema")]
use crate::schema::{Change, Typed};
use crate::steps::Steps;
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
}

impl<C> Clone for UpBody<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Transaction(body) => Self::Transaction(body.clone()),
            Self::Steps(body) => Self::Steps(body.clone()),
            #[cfg(feature = "schema")]
            Self::Change(typed) => Self::Change(typed.clone()),
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

#[cfg(feature = "schema")]
impl<C: crate::StoreConnection> Migration<C> {
    /// With the bodies that it has on a database.
    pub(crate) fn on(
        mut self,
        database: crate::store::Database,
        in_steps: bool,
        already: &crate::schema::Already,
    ) -> Self {
        if let Some((up, down)) = self.typed().map(|typed| typed.bodies(database, in_steps, already)) {
            (self.up, self.down) = (up, down);
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
