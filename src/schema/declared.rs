//! The schema that the code declares: Diesel's `table!` in `schema.rs`, and what stands beside it.

mod custom;
mod place;
mod read;
mod resolve;
mod sql_type;
#[cfg(test)]
mod tests;
mod types;

pub use custom::CustomType;
#[cfg(feature = "scylla")]
pub use place::caret;
pub use place::{Place, Problem};
pub use types::Types;

use super::build::Beside;
use super::model::Name;

/// Everything that is declared for one database.
#[derive(Debug, Default)]
pub struct Declared {
    /// In the order of the text.
    pub tables: Vec<DeclaredTable>,
    /// Each `joinable!`.
    pub references: Vec<DeclaredReference>,
    /// What no `table!` can say.
    pub beside: Beside,
}

/// A `table!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredTable {
    /// As the database has it.
    pub name: Name,
    /// The module that `table!` makes.
    pub rust_name: String,
    /// Names of columns, as the database has them.
    pub primary_key: Vec<String>,
    /// In the order of the text.
    pub columns: Vec<DeclaredColumn>,
    /// Where it stands.
    pub place: Place,
    /// The modules that it stands in.
    module: Vec<String>,
}

/// A column of a `table!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// As the database has it.
    pub name: String,
    /// As Rust has it.
    pub rust_name: String,
    /// Without `Nullable`.
    pub sql_type: SqlType,
    /// Whether it is `Nullable`.
    pub nullable: bool,
    /// `#[max_length = …]`.
    pub max_length: Option<u32>,
    /// Where it stands.
    pub place: Place,
}

/// A type of Diesel, without `Nullable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType {
    /// The last name of its path.
    pub name: String,
    /// What stands in `<…>`.
    pub of: Vec<SqlType>,
    /// Where it is a struct that is declared in what was read.
    pub custom: Option<CustomType>,
}

/// `joinable!(child -> parent (column))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredReference {
    /// The table that refers.
    pub table: Name,
    /// Its column.
    pub column: String,
    /// The table that it refers to.
    pub to: Name,
    /// The primary key there.
    pub to_column: String,
    /// Where it stands.
    pub place: Place,
}

impl Declared {
    /// Reads the text of each file; the first of the pair is what it is called in messages.
    ///
    /// # Errors
    ///
    /// All that is wrong in them.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<Problem>> {
        read::read(files)
    }
}
