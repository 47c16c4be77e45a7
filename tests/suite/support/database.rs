//! What one sees of a database with a connection of one's own, on each store.

mod catalog;
#[cfg(feature = "scylla")]
mod cql;
mod sql;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Home, Store};

/// A second pair of eyes on a database.
pub struct Database {
    eyes: Box<dyn Eyes>,
    #[cfg(feature = "postgres")]
    url: String,
    /// A database that goes with its test stays as long as somebody looks at it.
    _home: Option<Arc<Home>>,
}

impl Database {
    /// By a URL as the fixture has it.
    pub fn open(url: &str) -> Self {
        let eyes: Box<dyn Eyes> = match Store::of(url) {
            #[cfg(feature = "scylla")]
            Store::Cassandra => Box::new(cql::Cql::open(url)),
            _ => Box::new(sql::Sql::open(super::store::plain(url))),
        };
        Self {
            eyes,
            #[cfg(feature = "postgres")]
            url: url.to_owned(),
            _home: None,
        }
    }

    /// With what it looks at, which stays as long.
    pub fn of(home: &Arc<Home>) -> Self {
        Self { _home: Some(home.clone()), ..Self::open(home.url()) }
    }

    /// A third pair of eyes, or hands.
    #[cfg(feature = "postgres")]
    pub fn another(&self) -> Self {
        Self { _home: self._home.clone(), ..Self::open(&self.url) }
    }
}

impl Deref for Database {
    type Target = dyn Eyes;

    fn deref(&self) -> &Self::Target {
        &*self.eyes
    }
}

impl DerefMut for Database {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.eyes
    }
}

pub trait Eyes: Send {
    /// One statement or more.
    fn execute(&mut self, statements: &str);

    /// The one column `line` of a query.
    fn lines(&mut self, query: &str) -> Vec<String>;

    /// The one value `number` of a query.
    fn number(&mut self, query: &str) -> i64;

    /// Whatever there is but the ledger: tables, indexes, views and the rest, as the catalog has them.
    fn schema(&mut self) -> Vec<String>;

    /// The names of a table's columns.
    fn columns(&mut self, table: &str) -> Vec<String>;

    /// Every row of every table but the ledger's.
    fn rows(&mut self) -> Vec<String>;

    fn has(&mut self, table: &str) -> bool;

    /// Whether nobody ever wrote.
    fn is_untouched(&mut self) -> bool {
        self.schema().is_empty() && !self.has("schema_migrations_lease")
    }

    /// Names and hashes, in the order of application.
    fn ledger(&mut self) -> Vec<String>;

    /// `name@batch`, in the order of application.
    fn batches(&mut self) -> Vec<String>;

    /// `name outcome`, oldest first.
    fn history(&mut self) -> Vec<String>;

    /// The name of the migration, for each step.
    fn journal(&mut self) -> Vec<String>;

    /// Schema, data and ledger, but for times and numbers that differ from run to run.
    fn dump(&mut self) -> Vec<String> {
        let journal = self.journal().into_iter().map(|name| format!("journal: {name}"));
        let mut lines = self.schema();
        lines.extend(self.rows());
        lines.extend(self.ledger());
        lines.extend(journal);
        lines
    }

    /// As if its holder had not renewed it for years.
    fn expire_lease(&mut self);

    /// Holds the lease for `by`, as long as this connection lives.
    fn hold_lease(&mut self, by: &str);

    fn free_lease(&mut self);

    /// How many connections wait for a lock inside the database, where one can tell.
    fn waiting(&mut self) -> i64;

    /// Refuses to change the row 5 of `table`, or any.
    fn refuse_updates(&mut self, table: &str);

    fn allow_updates(&mut self, table: &str);
}
