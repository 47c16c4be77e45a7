//! Reads the schema of a database. Nothing here writes.

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqlite")]
pub mod sqlite_table;

#[cfg(feature = "cli")]
use std::collections::BTreeMap;

#[cfg(feature = "cli")]
use super::model::Name;

/// What a database has beside its model, for a copy of all of it. PostgreSQL's alone.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, Default)]
pub struct Beyond {
    /// The schemas but the first one of the search path and those of the system.
    pub schemas: Vec<String>,
    /// The schemas of extensions that are not in the first one of the search path.
    pub extensions: BTreeMap<String, String>,
    /// The sequences that columns own, by table and column.
    pub sequences: BTreeMap<(Name, String), Owned>,
    /// The tables and views that each view reads.
    pub reads: BTreeMap<Name, Vec<Name>>,
    /// Statements behind all else, with what undoes each; nothing where that goes with something else.
    pub statements: Vec<(String, String)>,
    /// What is there and is not understood, in words: `the aggregate total(integer)`.
    pub left_out: Vec<String>,
}

/// A sequence that a column owns.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owned {
    /// Its name.
    pub name: Name,
    /// Whether it is that of an identity column.
    pub is_identity: bool,
    /// `AS bigint START WITH …`.
    pub definition: String,
    /// Whether a sequence that is made without a word has the same.
    pub is_usual: bool,
}
