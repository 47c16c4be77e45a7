//! What stands between a keyspace and its declared schema. Pure: no database, no file.

mod columns;
mod derived;
mod key;
mod options;
mod rename;
mod steps;
mod tables;
mod types;

pub use rename::Rename;

use super::declared::Declared;
use super::keyspace::Keyspace;
use crate::schema::diff::Needed;
use steps::Steps;

/// What is to be done, and what cannot be.
#[derive(Debug, Default)]
pub struct Diff {
    /// In an order in which it can be done, and undone the other way round.
    pub needed: Vec<Needed>,
    /// What differs, and CQL cannot change.
    pub problems: Vec<Impossible>,
    /// What would rather be a rename, if somebody says so.
    pub renames: Vec<Rename>,
}

/// What differs, and cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// In a sentence.
    pub what: String,
    /// What to do instead.
    pub hint: String,
    /// `schema.cql:12`.
    pub declared_at: Option<String>,
}

impl Diff {
    /// Whether nothing differs.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.needed.is_empty() && self.problems.is_empty()
    }
}

/// What brings a keyspace to what is declared, with these as renames.
pub fn diff(there: &Keyspace, declared: &Declared, renames: &[Rename]) -> Diff {
    let mut steps = Steps::default();
    let renamed = rename::apply(there, declared, renames, &mut steps);
    types::types(&renamed, declared, &mut steps);
    tables::tables(&renamed, declared, &mut steps);
    derived::indexes(there, declared, &mut steps);
    derived::views(there, declared, &mut steps);
    steps.finish()
}
