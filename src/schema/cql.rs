//! Typed changes in CQL, as data: what a builder records, is sent as one statement, and can be reversed.
//! `Display` says each in words.

mod builder;
mod changes;
mod columns;
pub mod declared;
pub mod diff;
#[cfg(feature = "cli")]
pub mod emit;
pub mod inspect;
pub mod keyspace;
mod name;
mod options;
mod parts;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
pub mod print;
mod problems;
mod reverse;
mod statement;
#[cfg(test)]
mod tests;
mod text;
mod there;
mod types;
mod undo;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
pub mod whole;
mod words;

pub use builder::{
    AddedColumn, IndexBuilder, KeyspaceBuilder, OptionChange, OptionFrom, OptionsBuilder, TableBuilder,
    TypeBuilder, ViewBuilder,
};
pub use columns::{ColumnBuilder, ColumnDefinition, NewColumn, NewField, OldColumn};
pub use inspect::inspect;
pub use keyspace::Keyspace;
pub use there::{adds, is_there};
pub use types::CqlType;
pub use undo::Undo;

use parts::{Column, CqlIndex, CqlKeyspace, CqlTable, CqlView, Field, OptionTo, UserType};

use super::recorded::Was;

/// One change, which is one statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    CreateKeyspace(CqlKeyspace),
    DropKeyspace {
        name: String,
        was: Was<CqlKeyspace>,
    },
    CreateTable(CqlTable),
    DropTable {
        name: String,
        was: Was<CqlTable>,
    },
    /// Options of a table, with what they were.
    AlterTable {
        table: String,
        options: Vec<OptionTo>,
    },
    AddColumn {
        table: String,
        column: Column,
        /// Whether it may be dropped again.
        back: Was<()>,
    },
    DropColumn {
        table: String,
        name: String,
        was: Was<Column>,
    },
    /// Of the primary key: no other column can be renamed.
    RenameColumn {
        table: String,
        from: String,
        to: String,
    },
    CreateType(UserType),
    DropType {
        name: String,
        was: Was<UserType>,
    },
    /// Never known: a field cannot be taken away.
    AddTypeField {
        name: String,
        field: Field,
        back: Was<std::convert::Infallible>,
    },
    RenameTypeField {
        name: String,
        from: String,
        to: String,
    },
    CreateIndex(CqlIndex),
    DropIndex {
        name: String,
        was: Was<CqlIndex>,
    },
    CreateMaterializedView(CqlView),
    DropMaterializedView {
        name: String,
        was: Was<CqlView>,
    },
    Raw {
        up: String,
        /// None of them: there is nothing to undo.
        down: Was<Vec<String>>,
    },
}
