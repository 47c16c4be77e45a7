//! A database's schema as the text of `schema.rs`, byte for byte as `diesel print-schema` writes it: with the same
//! `diesel.toml`, the same options, and the same oddities, so that either may be used on a project.

#[cfg_attr(not(feature = "cli"), allow(dead_code))]
pub mod config;
#[cfg(feature = "cli")]
mod custom_types;
#[cfg(feature = "cli")]
mod finish;
#[cfg(feature = "cli")]
mod known_types;
#[cfg(feature = "cli")]
mod names;
#[cfg(all(feature = "cli", feature = "postgres"))]
mod postgres;
#[cfg(feature = "cli")]
mod related;
#[cfg(all(feature = "cli", feature = "sqlite"))]
mod sqlite;
#[cfg(feature = "cli")]
mod tables;
#[cfg(feature = "cli")]
mod text;

#[cfg(all(feature = "cli", feature = "postgres"))]
use diesel::PgConnection;
#[cfg(all(feature = "cli", feature = "sqlite"))]
use diesel::SqliteConnection;

#[cfg(feature = "cli")]
use crate::error::{Error, StoreError};
#[cfg(feature = "cli")]
use config::PrintConfig;
#[cfg(feature = "cli")]
use tables::Tables;

/// A schema as text.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// What stands in `schema.rs`.
    pub text: String,
    /// What should be known of it, and is no error.
    pub warnings: Vec<String>,
}

/// Why a schema could not be printed.
#[cfg(feature = "cli")]
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// What there is has no place in a `schema.rs`, or the `diesel.toml` asks for what cannot be.
    #[error("{message}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Of the database.
    #[error("{0}")]
    Database(#[from] diesel::result::Error),
}

#[cfg(feature = "cli")]
impl PrintError {
    fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: hint.into() }
    }

    /// As what a run ends with that was about this store.
    pub fn of_store(self, store: &str) -> Error {
        match self {
            Self::Refused { message, hint } => Error::usage(format!("store {store}: {message}"), hint),
            Self::Database(error) => Error::store(store, StoreError::Query(error.to_string())),
        }
    }
}

/// The schema of an SQLite database. The ledger's tables are left out where `without_ledger` says so, and by the
/// filter.
///
/// # Errors
/// Those of SQLite; a type that Diesel has none for; a patch that does not apply.
#[cfg(all(feature = "cli", feature = "sqlite"))]
pub fn print_sqlite(
    conn: &mut SqliteConnection,
    config: &PrintConfig,
    without_ledger: bool,
) -> Result<Printed, PrintError> {
    let tables = sqlite::read(conn, config, without_ledger)?;
    print(&tables, config)
}

/// One schema of a PostgreSQL database. Five queries at most, however large it is.
///
/// # Errors
/// Those of the server; a table without a primary key; a patch that does not apply.
#[cfg(all(feature = "cli", feature = "postgres"))]
pub fn print_postgres(
    conn: &mut PgConnection,
    config: &PrintConfig,
    without_ledger: bool,
) -> Result<Printed, PrintError> {
    let tables = postgres::read(conn, config, without_ledger)?;
    print(&tables, config)
}

/// Of a store that has no tables of Diesel's.
#[cfg(all(feature = "cli", feature = "scylla"))]
pub fn no_tables() -> PrintError {
    PrintError::refused("a schema.rs is for SQLite and PostgreSQL", "CQL has `schema.cql` in its place")
}

#[cfg(feature = "cli")]
fn print(tables: &Tables, config: &PrintConfig) -> Result<Printed, PrintError> {
    let mut warnings = tables.warnings();
    let text = finish::finish(text::text(tables, config), config, &mut warnings)?;
    Ok(Printed { text, warnings })
}
