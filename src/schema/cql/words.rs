//! Each change in words.

use std::fmt;

use super::Op;
use super::parts::{Column, CqlIndex};
use super::statement::target;

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateKeyspace(keyspace) => write!(f, "create keyspace {}", keyspace.name),
            Self::DropKeyspace { name, .. } => write!(f, "drop keyspace {name}"),
            Self::CreateTable(table) => write!(f, "create table {}", table.name),
            Self::DropTable { name, .. } => write!(f, "drop table {name}"),
            Self::AlterTable { table, options } => {
                write!(f, "change table {table}")?;
                for (at, option) in options.iter().enumerate() {
                    let comma = if at == 0 { ":" } else { "," };
                    write!(f, "{comma} {} from {} to {}", option.name, option.from, option.to)?;
                }
                Ok(())
            }
            Self::AddColumn { table, column, .. } => write!(f, "add column {table}.{column}"),
            Self::DropColumn { table, name, .. } => write!(f, "drop column {table}.{name}"),
            Self::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Self::CreateType(kind) => write!(f, "create type {}", kind.name),
            Self::DropType { name, .. } => write!(f, "drop type {name}"),
            Self::AddTypeField { name, field, .. } => {
                write!(f, "add field {name}.{} ({})", field.name, field.kind)
            }
            Self::RenameTypeField { name, from, to } => write!(f, "rename field {name}.{from} to {to}"),
            Self::CreateIndex(index) => write!(f, "create index {index}"),
            Self::DropIndex { name, .. } => write!(f, "drop index {name}"),
            Self::CreateMaterializedView(view) => {
                write!(f, "create materialized view {} of {}", view.name, view.table)
            }
            Self::DropMaterializedView { name, .. } => write!(f, "drop materialized view {name}"),
            Self::Raw { up, .. } => write!(f, "run {}", up.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}{})", self.name, self.kind, if self.is_static { ", static" } else { "" })
    }
}

impl fmt::Display for CqlIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} ({})", self.name, self.table, target(self))?;
        self.using.as_ref().map_or(Ok(()), |using| write!(f, " using {using}"))
    }
}
