//! One connection type for projects that run on more than one database.

use diesel::SqliteConnection;

use super::open::Open;
use super::sqlite::SqliteStore;
use super::url::{self, Scheme};
use super::{Setting, Store, StoreError};

/// A connection to any of the databases whose cargo features are on, chosen by the URL's scheme.
///
/// A Diesel `MultiConnection`: queries in the DSL, `sql_query` and `batch_execute` work as on the
/// inner one. What it cannot do is what not all databases can: inserts of several rows at once,
/// `on_conflict`, `returning`, and types that only one of them has. `match` on it, or
/// [`AnyConnection::as_sqlite`], gives the inner connection, on which all of Diesel works.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// SQLite.
    Sqlite(SqliteConnection),
}

impl AnyConnection {
    /// The inner connection where this is SQLite.
    pub fn as_sqlite(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Self::Sqlite(conn) => Some(conn),
        }
    }
}

impl Open for AnyConnection {
    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => Ok(Box::new(SqliteStore::<Self>::open(rest, setting)?)),
        }
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            (Scheme::Sqlite, rest) => Ok(Self::Sqlite(super::sqlite::connect(rest)?)),
        }
    }
}
