//! The stores that a test runs on, and a database for one of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Database, Fixture};

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
    /// A PostgreSQL that is treated as CockroachDB: simulated.
    Cockroach,
    Cassandra,
}

/// Runs the tests of a file, which take a [`Store`], on each; those behind `real:` on databases that are
/// what they say, since one that is simulated is refused in production; those behind `sql:` on databases
/// with transactions alone. A test that is not named here is dead code, which the compiler says.
macro_rules! for_each_store {
    ($($test:ident),* $(,)? $(; real: $($real:ident),* $(,)?)? $(; sql: $($sql:ident),* $(,)?)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::support::Store::Sqlite) })*
            $($(#[test] fn $real() { super::$real($crate::support::Store::Sqlite) })*)?
            $($(#[test] fn $sql() { super::$sql($crate::support::Store::Sqlite) })*)*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $crate::support::for_each_store! {
                @ if $crate::support::postgres::is_there(), Postgres: $($test)* $($($real)*)? $($($sql)*)*
            }
        }
        #[cfg(feature = "postgres")]
        mod cockroach_simulated {
            $crate::support::for_each_store! {
                @ if $crate::support::postgres::is_there(), Cockroach: $($test)*
            }
        }
        #[cfg(feature = "scylla")]
        mod cassandra {
            $crate::support::for_each_store! {
                @ if $crate::support::cassandra::is_there(), Cassandra: $($test)* $($($real)*)?
            }
        }
    };
    (@ if $is_there:expr, $store:ident: $($test:ident)*) => {
        $(#[test] fn $test() {
            if $is_there {
                super::$test($crate::support::Store::$store)
            }
        })*
    };
}
pub(crate) use for_each_store;

/// What a URL has besides that of a PostgreSQL.
const SIMULATE: &str = "?updown_simulate=cockroachdb";

/// The same without it, as others than updown take it.
pub fn plain(url: &str) -> &str {
    url.strip_suffix(SIMULATE).unwrap_or(url)
}

impl Store {
    /// Which one a URL is of.
    pub fn of(url: &str) -> Self {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            _ if url.contains(SIMULATE) => Self::Cockroach,
            Some("sqlite") => Self::Sqlite,
            Some("scylla" | "cassandra") => Self::Cassandra,
            _ => Self::Postgres,
        }
    }

    /// Those for which the programs of their database, or of another tool, are to be had here.
    pub fn with_programs() -> Vec<Self> {
        #[cfg(feature = "postgres")]
        if super::postgres::is_there() {
            return vec![Self::Sqlite, Self::Postgres];
        }
        vec![Self::Sqlite]
    }

    /// The project of that name, in development, on a database that is new, and on SQLite and Cassandra
    /// not even there.
    pub fn fixture(self, project: &str) -> Fixture {
        Fixture::on(self, project)
    }

    /// Whether what has failed was undone as a whole, and not statement by statement.
    pub fn has_transactions(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }

    /// What differs between those that have them, and those on which each statement is a step.
    pub fn whole_or_in_steps<T>(self, whole: T, in_steps: T) -> T {
        if self.has_transactions() { whole } else { in_steps }
    }

    /// What differs between them.
    pub fn each<T>(self, sqlite: T, postgres: T, cassandra: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres | Self::Cockroach => postgres,
            Self::Cassandra => cassandra,
        }
    }

    /// What differs between those with SQL.
    pub fn either<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres | Self::Cockroach => postgres,
            Self::Cassandra => unreachable!("such a test is named behind `sql:`"),
        }
    }

    /// What differs between the two languages.
    pub fn in_sql_or_cql<T>(self, sql: T, cql: T) -> T {
        match self {
            Self::Sqlite | Self::Postgres | Self::Cockroach => sql,
            Self::Cassandra => cql,
        }
    }

    /// What is said of a statement with a word in it that makes no sense.
    pub fn near(self, word: &str) -> String {
        self.in_sql_or_cql(format!("near \"{word}\""), format!("at input '{word}'"))
    }
}

/// A database of its own for one test, which goes with the last who knows it.
pub struct Home {
    store: Store,
    url: String,
    is_lent: bool,
}

impl Home {
    /// On SQLite a file of that name, which is not made, and neither is a keyspace on Cassandra.
    pub fn new(store: Store, file: &Path) -> Arc<Self> {
        let url = match store {
            Store::Sqlite => format!("sqlite://{}", file.display()),
            #[cfg(feature = "postgres")]
            Store::Postgres => super::postgres::create_database().expect("the server is there"),
            #[cfg(feature = "postgres")]
            Store::Cockroach => super::postgres::create_database().expect("the server is there") + SIMULATE,
            #[cfg(not(feature = "postgres"))]
            Store::Postgres | Store::Cockroach => unreachable!("its feature is off"),
            #[cfg(feature = "scylla")]
            Store::Cassandra => super::cassandra::url().expect("the server is there"),
            #[cfg(not(feature = "scylla"))]
            Store::Cassandra => unreachable!("its feature is off"),
        };
        Arc::new(Self { store, url, is_lent: false })
    }

    /// A PostgreSQL database that was made for this test.
    #[cfg(feature = "postgres")]
    pub fn at(url: &str) -> Arc<Self> {
        Arc::new(Self { store: Store::Postgres, url: url.to_owned(), is_lent: false })
    }

    /// A PostgreSQL database that goes with somebody else.
    #[cfg(feature = "postgres")]
    pub fn lent(url: &str) -> Arc<Self> {
        Arc::new(Self { store: Store::Postgres, url: url.to_owned(), is_lent: true })
    }

    pub fn store(&self) -> Store {
        self.store
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn database(self: &Arc<Self>) -> Database {
        Database::of(self)
    }

    /// Whether nothing was ever written: no file, no table, or no keyspace.
    pub fn is_untouched(self: &Arc<Self>) -> bool {
        match self.store {
            Store::Sqlite => self.files().is_empty(),
            _ => self.database().is_untouched(),
        }
    }

    /// As it was when it was new.
    pub fn clear(self: &Arc<Self>) {
        match self.store {
            Store::Sqlite => {
                for file in self.files() {
                    std::fs::remove_file(file).expect("it can be removed");
                }
            }
            _ => self.database().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
        }
    }

    /// The URL of the same database, where it can only be read.
    pub fn read_only(self: &Arc<Self>) -> String {
        if self.store == Store::Postgres {
            self.database().execute(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$",
            );
            return self.url.clone();
        }
        format!("{}?mode=ro", self.url)
    }

    /// The file, and those that SQLite makes beside it.
    fn files(&self) -> Vec<PathBuf> {
        let file = Path::new(self.url.trim_start_matches("sqlite://"));
        let (directory, name) = (file.parent().expect("a directory"), file.file_name().expect("a name"));
        let name = name.to_str().expect("text");
        std::fs::read_dir(directory)
            .expect("the fixture's directory")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| {
                path.file_name().and_then(|name| name.to_str()).is_some_and(|found| found.starts_with(name))
            })
            .collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        match self.store {
            _ if self.is_lent => {}
            #[cfg(feature = "postgres")]
            Store::Postgres | Store::Cockroach => super::postgres::drop_database(plain(&self.url)),
            #[cfg(feature = "scylla")]
            Store::Cassandra => super::cassandra::drop_keyspace(&self.url),
            _ => {}
        }
    }
}
