//! Tables, their columns, and user-defined types.

use crate::ledger::quote;
use crate::schema::cql::columns::ColumnBuilder;
use crate::schema::cql::parts::{Column, CqlTable, Field, UserType};
use crate::schema::cql::{CqlType, Op, Was};
use crate::schema::recorded::Recorded;

/// A table: its columns by a method for each type, and its options.
#[derive(Debug)]
pub struct TableBuilder(pub(in crate::schema::cql) CqlTable);

impl TableBuilder {
    pub(in crate::schema::cql) fn new(name: String) -> Self {
        Self(CqlTable { name, columns: Vec::new(), options: Vec::new() })
    }

    pub(in crate::schema::cql) fn push(&mut self, name: String, kind: CqlType) -> ColumnBuilder<'_> {
        self.0.columns.push(Column { name, kind, key: None, descending: None, is_static: false });
        let last = self.0.columns.len() - 1;
        ColumnBuilder(&mut self.0.columns[last])
    }

    /// What it is for, in words.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.option("comment", quote(text.as_ref()));
    }

    /// How many seconds a row lasts where nothing else is said when it is written. At most twenty years.
    pub fn default_time_to_live(&mut self, seconds: u32) {
        self.option("default_time_to_live", seconds.to_string());
    }

    /// An option that follows `WITH`, and its value as CQL has it: `t.option("gc_grace_seconds", "3600")`,
    /// `t.option("compaction", "{'class': 'LeveledCompactionStrategy'}")`.
    pub fn option(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.options.push((name.into(), value.into()));
    }
}

/// A column that was added.
#[derive(Debug)]
pub struct AddedColumn<'a> {
    pub(in crate::schema::cql) recorded: &'a mut Recorded,
    pub(in crate::schema::cql) table: String,
    pub(in crate::schema::cql) column: Column,
}

impl AddedColumn<'_> {
    /// It is not dropped again on the way back, which is refused, and why.
    pub fn irreversible(self, because: impl Into<String>) {
        let back = Was::Irreversible(because.into());
        self.recorded.operation = Op::AddColumn { table: self.table, column: self.column, back }.into();
    }
}

/// A user-defined type: its fields, by a method for each type.
#[derive(Debug)]
pub struct TypeBuilder(pub(in crate::schema::cql) UserType);

impl TypeBuilder {
    pub(in crate::schema::cql) fn new(name: String) -> Self {
        Self(UserType { name, fields: Vec::new() })
    }

    pub(in crate::schema::cql) fn push(&mut self, name: String, kind: CqlType) {
        self.0.fields.push(Field { name, kind });
    }
}
