//! The changes of an SQL schema, as data: what a builder records, a database renders, and can be
//! reversed. `Display` says each in words.

mod parts;
mod reverse;
mod words;

pub use parts::{
    Column, Constraint, DefaultValue, ForeignKey, ForeignKeyAction, Generated, Identity, Index, IndexColumn,
    Table, Type,
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
        from: Option<DefaultValue>,
        to: Option<DefaultValue>,
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

impl Op {
    /// The table that it is about, where it is about one.
    pub fn table(&self) -> Option<&str> {
        Some(match self {
            Self::CreateTable(table) => &table.name,
            Self::DropTable { name, .. } => name,
            Self::RenameTable { from, .. } => from,
            Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::ChangeType { table, .. }
            | Self::SetNotNull { table, .. }
            | Self::DropNotNull { table, .. }
            | Self::ChangeDefault { table, .. }
            | Self::ChangeComment { table, .. }
            | Self::AddConstraint { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::ValidateConstraint { table, .. } => table,
            Self::CreateIndex(index) | Self::DropIndex { was: Was::Known(index), .. } => &index.table,
            _ => return None,
        })
    }

    /// Every name that it gives to something.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::CreateTable(table) => {
                let columns = table.columns.iter().map(|column| column.name.as_str());
                let constraints = table.all_constraints().filter_map(Constraint::name);
                std::iter::once(table.name.as_str()).chain(columns).chain(constraints).collect()
            }
            Self::AddColumn { column, .. } => {
                let constraints = column.constraints.iter().filter_map(Constraint::name);
                std::iter::once(column.name.as_str()).chain(constraints).collect()
            }
            Self::CreateIndex(index) => vec![&index.name],
            Self::AddConstraint { constraint, .. } => constraint.name().into_iter().collect(),
            Self::RenameTable { to, .. }
            | Self::RenameColumn { to, .. }
            | Self::RenameIndex { to, .. }
            | Self::RenameEnum { to, .. }
            | Self::RenameEnumValue { to, .. } => vec![to],
            Self::CreateEnum { name, values } => {
                std::iter::once(name).chain(values).map(String::as_str).collect()
            }
            Self::AddEnumValue { value, .. } => vec![value],
            Self::CreateView { name, .. } | Self::CreateExtension { name } => vec![name],
            _ => Vec::new(),
        }
    }
}
