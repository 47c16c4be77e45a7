//! Each change in words.

use std::fmt;

use super::{Column, Constraint, DefaultValue, Index, Op, Type};

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(table) => {
                let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                write!(f, "create table {} ({})", table.name, columns.join(", "))
            }
            Self::DropTable { name, .. } => write!(f, "drop table {name}"),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::AddColumn { table, column } => write!(f, "add column {table}.{column}"),
            Self::DropColumn { table, name, .. } => write!(f, "drop column {table}.{name}"),
            Self::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Self::ChangeType { table, column, from, to, .. } => {
                write!(f, "change the type of {table}.{column} from {from} to {to}")
            }
            Self::SetNotNull { table, column, .. } => write!(f, "require {table}.{column}"),
            Self::DropNotNull { table, column, .. } => write!(f, "let {table}.{column} be null"),
            Self::ChangeDefault { table, column, to: Some(to), .. } => {
                write!(f, "set the default of {table}.{column} to {to}")
            }
            Self::ChangeDefault { table, column, to: None, .. } => {
                write!(f, "drop the default of {table}.{column}")
            }
            Self::ChangeComment { table, column, to, .. } => {
                let verb = if to.is_some() { "comment on" } else { "drop the comment on" };
                match column {
                    Some(column) => write!(f, "{verb} {table}.{column}"),
                    None => write!(f, "{verb} table {table}"),
                }
            }
            Self::CreateIndex(index) => {
                let verb = if index.unique { "create unique index" } else { "create index" };
                write!(f, "{verb} {index}")
            }
            Self::DropIndex { name, concurrently, .. } => {
                write!(f, "drop index {name}{}", if *concurrently { " concurrently" } else { "" })
            }
            Self::RenameIndex { from, to } => write!(f, "rename index {from} to {to}"),
            Self::AddConstraint { table, constraint, not_valid } => {
                let not_valid = if *not_valid { ", not valid yet" } else { "" };
                write!(f, "add {constraint} on {table}{not_valid}")
            }
            Self::DropConstraint { table, name, .. } => write!(f, "drop constraint {name} on {table}"),
            Self::ValidateConstraint { table, name } => write!(f, "validate constraint {name} on {table}"),
            Self::CreateEnum { name, values } => write!(f, "create enum {name} ({})", values.join(", ")),
            Self::DropEnum { name, .. } => write!(f, "drop enum {name}"),
            Self::RenameEnum { from, to } => write!(f, "rename enum {from} to {to}"),
            Self::AddEnumValue { name, value, .. } => write!(f, "add value {value} to enum {name}"),
            Self::RenameEnumValue { name, from, to } => {
                write!(f, "rename value {from} of enum {name} to {to}")
            }
            Self::RemoveEnumValue { name, value, .. } => write!(f, "remove value {value} from enum {name}"),
            Self::CreateView { name, materialized, .. } => write!(f, "create {} {name}", view(*materialized)),
            Self::DropView { name, materialized, .. } => write!(f, "drop {} {name}", view(*materialized)),
            Self::ChangeView { name, .. } => write!(f, "change view {name}"),
            Self::CreateExtension { name } => write!(f, "create extension {name}"),
            Self::DropExtension { name } => write!(f, "drop extension {name}"),
            Self::Raw { up, .. } => {
                let first = up.first().map(|sql| sql.split_whitespace().collect::<Vec<_>>().join(" "));
                write!(f, "run {}", first.unwrap_or_else(|| "nothing".to_owned()))
            }
        }
    }
}

fn view(materialized: bool) -> &'static str {
    if materialized { "materialized view" } else { "view" }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}{})", self.name, self.kind, if self.not_null { ", not null" } else { "" })
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("{}{}", column.what, if column.descending { " desc" } else { "" }))
            .collect();
        write!(f, "{} on {} ({})", self.name, self.table, columns.join(", "))?;
        if let Some(condition) = &self.only_where {
            write!(f, " where {condition}")?;
        }
        if self.concurrently { f.write_str(" concurrently") } else { Ok(()) }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::PrimaryKey { name, .. } => ("primary key", name),
            Self::Unique { name, .. } => ("unique constraint", name),
            Self::Check { name, .. } => ("check", name),
            Self::ForeignKey(key) => ("foreign key", &key.name),
        };
        f.write_str(kind)?;
        if let Some(name) = name {
            write!(f, " {name}")?;
        }
        match self {
            Self::PrimaryKey { columns, .. } | Self::Unique { columns, .. } => {
                write!(f, " ({})", columns.join(", "))
            }
            Self::Check { expression, .. } => write!(f, " ({expression})"),
            Self::ForeignKey(key) => {
                write!(f, " ({}) to {} ({})", key.columns.join(", "), key.to_table, key.to_columns.join(", "))
            }
        }
    }
}

impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", crate::ledger::quote(text)),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::Now => f.write_str("now"),
            Self::Expression(sql) => f.write_str(sql),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(length) => write!(f, "char({length})"),
            Self::String(Some(length)) => write!(f, "string({length})"),
            Self::String(None) => f.write_str("string"),
            Self::Text => f.write_str("text"),
            Self::SmallInteger => f.write_str("small integer"),
            Self::Integer => f.write_str("integer"),
            Self::BigInteger => f.write_str("big integer"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::Decimal(Some((precision, scale))) => write!(f, "decimal({precision}, {scale})"),
            Self::Decimal(None) => f.write_str("decimal"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampWithTimeZone => f.write_str("timestamp with time zone"),
            Self::Interval => f.write_str("interval"),
            Self::Blob => f.write_str("blob"),
            Self::Json => f.write_str("json"),
            Self::JsonBinary => f.write_str("binary json"),
            Self::Uuid => f.write_str("uuid"),
            Self::Inet => f.write_str("inet"),
            Self::Cidr => f.write_str("cidr"),
            Self::MacAddr => f.write_str("macaddr"),
            Self::Array(of) => write!(f, "array of {of}"),
            Self::Enum(name) => write!(f, "enum {name}"),
            Self::Custom(sql) => f.write_str(sql),
        }
    }
}
