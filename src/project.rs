//! The project: the stores of one code base, in the order in which they run.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::execute::{Opened, Session};
#[cfg(feature = "schema")]
use crate::listed::{self, Listed, Listing};
#[cfg(feature = "schema")]
use crate::registry::BadList;
use crate::registry::Registry;
#[cfg(feature = "schema")]
use crate::schema::Already;
#[cfg(feature = "schema")]
use crate::store::Database;
use crate::store::{Setting, StoreConnection, StoreError};

/// The stores of one code base, in the order in which they run. Made by
/// [`project!`](crate::project).
pub struct Project {
    pub(crate) stores: Vec<StoreEntry>,
    /// The directory of the migrations crate when it was built.
    pub(crate) manifest_dir: &'static str,
    /// The version that goes into the history.
    pub(crate) version: String,
    /// Whose migrations these are, where nobody says otherwise.
    pub(crate) service: Option<String>,
}

pub(crate) type OpenFn = dyn Fn(&str, Setting) -> Result<Box<dyn Session>, StoreError> + Send + Sync;

#[cfg(feature = "schema")]
pub(crate) type ScratchFn =
    dyn Fn(&str, bool) -> Result<crate::scratch::ScratchDatabase, StoreError> + Send + Sync;
#[cfg(feature = "schema")]
pub(crate) type ListsFn = dyn Fn() -> Result<Vec<(Database, Vec<Listed>)>, BadList> + Send + Sync;

pub(crate) struct StoreEntry {
    pub name: String,
    /// The environment variable that has its URL.
    pub url_var: String,
    pub optional: bool,
    /// What development falls back to where no URL is set at all.
    pub default_url: Option<&'static str>,
    /// For those who have none yet.
    pub example_url: &'static str,
    /// What the variables of the URL's parts begin with.
    pub prefix: String,
    /// What a URL that is said in parts begins with; `None` where there is no server.
    pub scheme: Option<&'static str>,
    /// What is declared of its schema beside `table!`.
    #[cfg(feature = "schema")]
    #[cfg_attr(not(feature = "sync"), allow(dead_code))]
    pub beside: Option<fn(&mut crate::schema::Beside)>,
    pub kind: StoreKind,
}

pub(crate) enum StoreKind {
    Registry {
        open: Box<OpenFn>,
        /// The kinds of database that it can be.
        #[cfg(feature = "sync")]
        databases: &'static [Database],
        /// The list as it is on each kind of database that the connection can have.
        #[cfg(feature = "schema")]
        lists: Box<ListsFn>,
        /// A database like the one of a URL, to try the migrations out on.
        #[cfg(feature = "schema")]
        scratch: Box<ScratchFn>,
    },
    /// Its cargo feature is off; which one.
    Placeholder(&'static str),
}

impl Project {
    /// A project without stores. [`project!`](crate::project) fills one in.
    #[doc(hidden)]
    pub fn at(manifest_dir: &'static str, version: &str) -> Self {
        Self { stores: Vec::new(), manifest_dir, version: version.to_owned(), service: None }
    }

    /// A project of one store named `main`, for registries that are made at run time.
    pub fn of<C, R>(registry: R) -> Self
    where
        C: StoreConnection,
        R: Borrow<Registry<C>> + Send + Sync + 'static,
    {
        Self::at("", "").store("main", registry)
    }

    /// Adds a store. Its URL is in `DATABASE_URL` where it is the first, else in `NAME_URL`, where a `DB` at
    /// the end of the name does not count.
    ///
    /// # Panics
    /// Where the name is not made of lower-case letters, digits and `_`, or is there already, or would have
    /// another store's variable.
    #[must_use]
    pub fn store<C, R>(self, name: &str, registry: R) -> Self
    where
        C: StoreConnection,
        R: Borrow<Registry<C>> + Send + Sync + 'static,
    {
        let registry = Arc::new(registry);
        let kind = StoreKind::Registry {
            #[cfg(feature = "schema")]
            lists: {
                let registry = registry.clone();
                Box::new(move || {
                    C::DATABASES.iter().map(|database| listed_on((*registry).borrow(), *database)).collect()
                })
            },
            #[cfg(feature = "schema")]
            scratch: Box::new(C::scratch),
            #[cfg(feature = "sync")]
            databases: C::DATABASES,
            open: Box::new(move |url, setting| {
                let (relaxed, sql_in_steps) = (setting.relaxed, !setting.use_transactions);
                let store = C::open(url, setting)?;
                Ok(Box::new(Opened::new(store, (*registry).borrow(), relaxed, sql_in_steps)?))
            }),
        };
        self.add(name, C::DEFAULT_URL, C::EXAMPLE_URL, C::SERVER, kind)
    }

    /// A store whose cargo feature is off.
    #[doc(hidden)]
    #[must_use]
    pub fn placeholder(self, name: &str, feature: &'static str) -> Self {
        // Whatever it is: that it is configured is an error.
        self.add(name, None, "…", Some("server"), StoreKind::Placeholder(feature))
    }

    /// A store of which nothing but its variables matters.
    #[cfg(feature = "cli")]
    pub(crate) fn unlisted(self, name: &str) -> Self {
        self.placeholder(name, "")
    }

    /// Whose stores have no default: a file that nobody named would be made beside the migrations of another database.
    #[cfg(feature = "cli")]
    pub(crate) fn without_default_url(mut self) -> Self {
        self.stores.iter_mut().for_each(|store| store.default_url = None);
        self
    }

    /// Marks the store that was added last as one that is skipped where it has no URL.
    #[must_use]
    pub fn optional(mut self) -> Self {
        if let Some(store) = self.stores.last_mut() {
            store.optional = true;
        }
        self
    }

    /// Says what the schema of a store has that Diesel's `table!` cannot say, beside its `schema.rs`: indexes,
    /// defaults, unique and foreign keys, checks. `updown schema diff`, `schema sync` and `new --diff` go by it.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # updown::registry! { pub static MAIN: SqliteConnection = [] }
    /// use updown::schema::Beside;
    ///
    /// fn declared(schema: &mut Beside) {
    ///     schema.table("videos", |t| {
    ///         t.index(["user_id", "created_at"]);
    ///     });
    /// }
    ///
    /// pub fn project() -> updown::Project {
    ///     updown::project! { main: MAIN }.declare("main", declared)
    /// }
    /// # project();
    /// ```
    ///
    /// # Panics
    /// Where there is no such store.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn declare(mut self, store: &str, declared: fn(&mut crate::schema::Beside)) -> Self {
        let found = self.stores.iter_mut().find(|entry| entry.name == store);
        found.unwrap_or_else(|| panic!("there is no store {store}")).beside = Some(declared);
        self
    }

    /// What is declared beside the `schema.rs` of a store.
    #[cfg(feature = "sync")]
    pub(crate) fn beside(&self, store: &str) -> Option<fn(&mut crate::schema::Beside)> {
        self.stores.iter().find(|entry| entry.name == store)?.beside
    }

    /// The store that the workspace's `diesel.toml` is about: the first one of SQL.
    #[cfg(feature = "sync")]
    pub(crate) fn first_with_tables(&self) -> Option<&str> {
        let is_sql = |entry: &&StoreEntry| match &entry.kind {
            StoreKind::Registry { databases, .. } => !databases.contains(&Database::Scylla),
            StoreKind::Placeholder(_) => false,
        };
        self.stores.iter().find(is_sql).map(|entry| entry.name.as_str())
    }

    /// The version that goes into the history; by default the one of the migrations crate.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Says which service's migrations these are, where several services share one database. `SERVICE`, `--service`
    /// and [`Config::service`](crate::Config::service) go over it.
    ///
    /// # Panics
    /// Where the name has other characters than letters, digits, `-`, `_` and `.`, or more than 63 of them.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        if let Err(error) = crate::config::check_service(service) {
            panic!("{error}: {}", error.hint().unwrap_or_default());
        }
        self.service = Some(service.to_owned());
        self
    }

    fn add(
        mut self,
        name: &str,
        default_url: Option<&'static str>,
        example_url: &'static str,
        scheme: Option<&'static str>,
        kind: StoreKind,
    ) -> Self {
        assert!(
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "the store name {name:?} has to be made of lower-case letters, digits and `_`"
        );
        assert!(self.stores.iter().all(|store| store.name != name), "two stores are named {name}");
        let upper = name.to_ascii_uppercase();
        let short = upper.strip_suffix("DB").map(|name| name.trim_end_matches('_'));
        let short = short.filter(|name| !name.is_empty()).unwrap_or(&upper);
        // The variables that everybody knows.
        let (url_var, prefix) = match self.stores.is_empty() {
            true => ("DATABASE_URL".to_owned(), "DB".to_owned()),
            false => (format!("{short}_URL"), short.to_owned()),
        };
        if let Some(other) = self.stores.iter().find(|store| store.url_var == url_var) {
            panic!("the stores {} and {name} would both be where {url_var} says", other.name);
        }
        // A second store that is called `db`: it has a URL.
        let scheme = scheme.filter(|_| self.stores.iter().all(|store| store.prefix != prefix));
        self.stores.push(StoreEntry {
            name: name.to_owned(),
            url_var,
            optional: false,
            default_url,
            example_url,
            prefix,
            scheme,
            #[cfg(feature = "schema")]
            beside: None,
            kind,
        });
        self
    }
}

/// What a registry lists on a kind of database.
#[cfg(feature = "schema")]
fn listed_on<C: StoreConnection>(
    registry: &Registry<C>,
    database: Database,
) -> Result<(Database, Vec<Listed>), BadList> {
    let how = Listing { database, in_steps: database.changes_in_steps(), sql_in_steps: false };
    Ok((database, listed::on(registry, how, &Already::default())?.1))
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stores.iter().map(|store| &store.name)).finish()
    }
}

/// Names every store of a project, in the order in which they run:
///
/// ```
/// # use updown::prelude::*;
/// # updown::registry! { pub static MAIN: SqliteConnection = [] }
/// pub fn project() -> updown::Project {
///     updown::project! { main: MAIN }
/// }
/// # assert_eq!(format!("{:?}", project()), r#"["main"]"#);
/// ```
///
/// The URL of the first store is `DATABASE_URL`; that of another one its name and `_URL`. A store
/// may stand under `#[cfg(feature = "…")]`: where that is off, a named placeholder is left, so that
/// its URL is an error and not silently ignored. `name: REGISTRY => optional` is skipped without an
/// error where it has no URL.
#[macro_export]
macro_rules! project {
    ($($(#[cfg($($cfg:tt)+)])? $name:ident : $registry:path $(=> $optional:ident)?),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut project = $crate::Project::at(
            ::core::env!("CARGO_MANIFEST_DIR"),
            ::core::env!("CARGO_PKG_VERSION"),
        );
        $(
            $(#[cfg($($cfg)+)])?
            {
                project = project.store(::core::stringify!($name), &$registry);
            }
            $(
                #[cfg(not($($cfg)+))]
                {
                    project = project.placeholder(::core::stringify!($name), ::core::stringify!($($cfg)+));
                }
            )?
            $(project = project.$optional();)?
        )*
        project
    }};
}
