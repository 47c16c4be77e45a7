//! One connection type for projects that run on more than one database.

#[cfg(feature = "postgres")]
use diesel::PgConnection;
#[cfg(feature = "sqlite")]
use diesel::SqliteConnection;

use super::open::Open;
#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite::{self, SqliteStore};
use super::url::{self, Scheme};
use super::{Database, Setting, Store, StoreError};

/// A connection to any of the databases whose cargo features are on, chosen by the URL's scheme.
///
/// A Diesel `MultiConnection`: queries in the DSL, `sql_query` and `batch_execute` work as on the
/// inner one. What it cannot do is what not all databases can: inserts of several rows at once,
/// `on_conflict`, `returning`, and types that only one of them has. `as_sqlite` and `as_pg` give the
/// inner connection, on which all of Diesel works.
#[derive(diesel::MultiConnection)]
#[non_exhaustive]
pub enum AnyConnection {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Pg(PgConnection),
}

impl AnyConnection {
    /// The inner connection where this is SQLite.
    #[cfg(feature = "sqlite")]
    pub fn as_sqlite(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Self::Sqlite(conn) => Some(conn),
            #[cfg(feature = "postgres")]
            Self::Pg(_) => None,
        }
    }

    /// The inner connection where this is PostgreSQL.
    #[cfg(feature = "postgres")]
    pub fn as_pg(&mut self) -> Option<&mut PgConnection> {
        match self {
            Self::Pg(conn) => Some(conn),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
        }
    }
}

impl Open for AnyConnection {
    const SERVER: Option<&'static str> = Some("postgres");
    const DATABASES: &'static [Database] = &[
        #[cfg(feature = "sqlite")]
        Database::Sqlite,
        #[cfg(feature = "postgres")]
        Database::Postgres,
        #[cfg(feature = "postgres")]
        Database::Cockroach,
    ];
    const DEFAULT_URL: Option<&'static str> =
        if cfg!(feature = "sqlite") { Some("sqlite:dev.db") } else { None };

    fn open(url: &str, setting: Setting) -> Result<Box<dyn Store<Self>>, StoreError> {
        match url::parse(url)? {
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, rest) => Ok(Box::new(SqliteStore::<Self>::open(rest, setting)?)),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => postgres::open(url, setting),
        }
    }

    fn kind(&self) -> Database {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.kind(),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.kind(),
        }
    }

    fn has_foreign_keys_on(&mut self) -> crate::Result<bool> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.has_foreign_keys_on(),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.has_foreign_keys_on(),
        }
    }

    #[cfg(feature = "schema")]
    fn scratch(url: &str, relaxed: bool) -> Result<crate::scratch::ScratchDatabase, StoreError> {
        match url::parse(url)? {
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, _) => SqliteConnection::scratch(url, relaxed),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => PgConnection::scratch(url, relaxed),
        }
    }

    #[cfg(feature = "schema")]
    fn inspect(&mut self, database: Database) -> crate::Result<crate::schema::Inspected> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.inspect(database),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.inspect(database),
        }
    }

    #[cfg(feature = "cli")]
    fn print(
        &mut self,
        config: &crate::schema::print::config::PrintConfig,
        without_ledger: bool,
    ) -> std::result::Result<crate::schema::print::Printed, crate::schema::print::PrintError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.print(config, without_ledger),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.print(config, without_ledger),
        }
    }

    #[cfg(feature = "cli")]
    fn beyond(&mut self) -> crate::Result<crate::schema::Beyond> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.beyond(),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.beyond(),
        }
    }

    #[cfg(feature = "cli")]
    fn lines(&mut self, query: &str) -> crate::Result<Vec<String>> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.lines(query),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.lines(query),
        }
    }

    #[cfg(feature = "sync")]
    fn has_rows(&mut self, table: &str) -> crate::Result<bool> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.has_rows(table),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.has_rows(table),
        }
    }

    fn send(&mut self, statement: &str) -> crate::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.send(statement),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.send(statement),
        }
    }

    fn send_all(
        &mut self,
        text: &str,
        pieces: &[crate::sql::Piece<'_>],
    ) -> Result<(), (Option<usize>, anyhow::Error)> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.send_all(text, pieces),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.send_all(text, pieces),
        }
    }

    #[cfg(feature = "schema")]
    fn there(&mut self) -> crate::Result<crate::schema::There> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.there(),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.there(),
        }
    }

    #[cfg(feature = "schema")]
    fn catalog(&mut self) -> Box<dyn crate::schema::Catalog + '_> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.catalog(),
            #[cfg(feature = "postgres")]
            Self::Pg(conn) => conn.catalog(),
        }
    }

    fn connect(url: &str) -> Result<Self, StoreError> {
        match url::parse(url)? {
            #[cfg(feature = "sqlite")]
            (Scheme::Sqlite, rest) => Ok(Self::Sqlite(sqlite::connect(rest)?)),
            #[cfg(feature = "postgres")]
            (Scheme::Postgres, _) => Ok(Self::Pg(postgres::connect(url)?)),
        }
    }
}
