//! What stands between a database and its declared schema, as changes. Pure: no database, no file.

mod alone;
mod beside;
mod changed;
mod columns;
mod cuts;
mod dropped;
mod extras;
pub mod from_model;
mod key;
mod lookup;
mod lost;
mod made;
mod names;
mod plan;
mod renames;
mod retyped;
mod same;
#[cfg(test)]
mod tests;
pub mod there;
mod types;
mod uses;

use super::declared::{Declared, Place, Problem};
use super::model::{Model, Name};
use super::recorded::Operation;
use crate::store::Database;

pub use renames::PossibleRename;

/// One change that brings a database nearer to what is declared.
#[derive(Clone, Debug)]
pub struct Needed {
    /// The change, with what its reverse needs.
    pub operation: Operation,
    /// Whether it only adds something: what sync may do.
    pub is_addition: bool,
    /// What is lost by it, in a sentence, where something is: `the column videos.slug is dropped with its values`.
    pub loses: Option<String>,
    /// Why it fails on a table with rows, in a sentence, where it does:
    /// `videos.slug gets no value in the rows that there are`.
    pub fails_with_rows: Option<String>,
    /// Where what is declared stands: `schema.rs:12`.
    pub declared_at: Option<String>,
}

impl Needed {
    /// One that adds, loses and is hindered by nothing, as far as nobody says so.
    pub fn new(operation: impl Into<Operation>, at: Option<&Place>) -> Self {
        Self {
            operation: operation.into(),
            is_addition: false,
            loses: None,
            fails_with_rows: None,
            declared_at: at.map(ToString::to_string),
        }
    }

    /// With whether it only adds something.
    #[must_use]
    pub fn addition(self, is_addition: bool) -> Self {
        Self { is_addition, ..self }
    }

    /// With what is lost.
    #[must_use]
    pub fn loses(self, what: impl Into<String>) -> Self {
        Self { loses: Some(what.into()), ..self }
    }
}

/// All that differs.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// The changes, in an order in which they can be made.
    pub needed: Vec<Needed>,
    /// What may be a rename, and is dropped and added as it stands.
    pub renames: Vec<PossibleRename>,
    /// What was left alone, or stands against a change, in sentences.
    pub notes: Vec<String>,
}

/// What differs. `is_meant` tells for a table that nobody declares whether it belongs to the schema: those
/// that do not are left alone, and the others dropped.
///
/// # Errors
///
/// Declarations that the database cannot have.
#[cfg(test)]
pub fn diff(
    database: Database,
    model: &Model,
    declared: &Declared,
    is_meant: &dyn Fn(&Name) -> bool,
) -> Result<Diff, Vec<Problem>> {
    with_renames(database, model, declared, is_meant, &[])
}

/// The same where it is known which of the possible renames are some: those of tables may give others, of
/// columns.
///
/// # Errors
///
/// Declarations that the database cannot have.
pub fn with_renames(
    database: Database,
    model: &Model,
    declared: &Declared,
    is_meant: &dyn Fn(&Name) -> bool,
    renames: &[PossibleRename],
) -> Result<Diff, Vec<Problem>> {
    let (model, mut needed) = renames::apply(model, renames);
    let found = plan::diff(database, &model, declared, is_meant)?;
    needed.extend(found.needed);
    Ok(Diff { needed, ..found })
}
