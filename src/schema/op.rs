//! The changes of an SQL schema, as data: what a builder records, a database renders, and can be
//! reversed. `Display` says each in words.

mod parts;
mod reverse;
mod words;

pub use parts::{
    Action, Column, Constraint, Default, ForeignKey, Generated, Identity, Index, IndexColumn, Table, Type,
};

use super::recorded::Was;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    CreateTable(Table),
    DropTable {
        name: String,
        was: Was<Table>,
    },
    RenameTable {
        from: String,
        to: String,
    },
    AddColumn {
        table: String,
        column: Column,
    },
    DropColumn {
        table: String,
        name: String,
        was: Was<Column>,
    },
    RenameColumn {
        table: String,
        from: String,
        to: String,
    },
    ChangeType {
        table: String,
        column: String,
        from: Type,
        to: Type,
        /// How a value of the new type is made of the old one, where a cast is not enough; and back.
        using: Option<String>,
        back_using: Option<String>,
    },
    SetNotNull {
        table: String,
        column: String,
        /// By way of a validated check, so that the table is not locked while it is read.
        by_check: bool,
    },
    DropNotNull {
        table: String,
        column: String,
        /// What its reverse is to do.
        by_check: bool,
    },
    ChangeDefault {
        table: String,
        column: String,
        from: Option<Default>,
        to: Option<Default>,
    },
    ChangeComment {
        table: String,
        /// None: of the table itself.
        column: Option<String>,
        from: Option<String>,
        to: Option<String>,
    },
    CreateIndex(Index),
    DropIndex {
        name: String,
        concurrently: bool,
        was: Was<Index>,
    },
    RenameIndex {
        from: String,
        to: String,
    },
    AddConstraint {
        table: String,
        constraint: Constraint,
        /// Only for rows that are written from now on.
        not_valid: bool,
    },
    DropConstraint {
        table: String,
        name: String,
        was: Was<Constraint>,
    },
    ValidateConstraint {
        table: String,
        name: String,
    },
    CreateEnum {
        name: String,
        values: Vec<String>,
    },
    DropEnum {
        name: String,
        was: Was<Vec<String>>,
    },
    RenameEnum {
        from: String,
        to: String,
    },
    AddEnumValue {
        name: String,
        value: String,
        /// Right behind this one; none: at the end.
        after: Option<String>,
        /// All values that there were.
        was: Was<Vec<String>>,
    },
    RenameEnumValue {
        name: String,
        from: String,
        to: String,
    },
    /// Takes values away: only as the way back of [`Op::AddEnumValue`].
    RemoveEnumValue {
        name: String,
        value: String,
        /// All that stay.
        values: Vec<String>,
    },
    CreateView {
        name: String,
        select: String,
        materialized: bool,
    },
    DropView {
        name: String,
        materialized: bool,
        /// Its query.
        was: Was<String>,
    },
    ChangeView {
        name: String,
        from: String,
        to: String,
    },
    CreateExtension {
        name: String,
    },
    DropExtension {
        name: String,
    },
    Raw {
        up: Vec<String>,
        down: Was<Vec<String>>,
    },
}
