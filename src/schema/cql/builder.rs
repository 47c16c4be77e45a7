//! What the closures of [`Schema`](crate::Schema)'s methods get.

use std::fmt;

use super::columns::ColumnBuilder;
use super::parts::{
    Column, CqlIndex, CqlKeyspace, CqlReplication, CqlTable, CqlView, Field, OptionTo, Target, UserType,
};
use super::types::CqlType;
use super::{Op, Was};
use crate::ledger::quote;
use crate::schema::recorded::Recorded;

/// A table: its columns by a method for each type, and its options.
#[derive(Debug)]
pub struct TableBuilder(pub(super) CqlTable);

impl TableBuilder {
    pub(super) fn new(name: String) -> Self {
        Self(CqlTable { name, columns: Vec::new(), options: Vec::new() })
    }

    pub(super) fn push(&mut self, name: String, kind: CqlType) -> ColumnBuilder<'_> {
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

/// The options of a table that change.
#[derive(Debug)]
pub struct OptionsBuilder(pub(super) Vec<OptionTo>);

impl OptionsBuilder {
    /// An option, with values as CQL has them: `t.option("gc_grace_seconds").from("864000").to("3600")`.
    pub fn option(&mut self, name: impl Into<String>) -> OptionChange<'_> {
        OptionChange { options: &mut self.0, name: name.into(), is_text: false }
    }

    /// What the table is for, in words.
    pub fn comment(&mut self) -> OptionChange<'_> {
        OptionChange { is_text: true, ..self.option("comment") }
    }

    /// How many seconds a row lasts that is written from now on.
    pub fn default_time_to_live(&mut self) -> OptionChange<'_> {
        self.option("default_time_to_live")
    }
}

/// An option that changes.
#[derive(Debug)]
#[must_use = "say `.from(…).to(…)`"]
pub struct OptionChange<'a> {
    options: &'a mut Vec<OptionTo>,
    name: String,
    is_text: bool,
}

impl<'a> OptionChange<'a> {
    /// What it is: the way back.
    pub fn from(self, value: impl fmt::Display) -> OptionFrom<'a> {
        let from = self.written(value);
        OptionFrom { change: self, from }
    }

    fn written(&self, value: impl fmt::Display) -> String {
        let value = value.to_string();
        if self.is_text { quote(&value) } else { value }
    }
}

/// An option that changes from what was said.
#[derive(Debug)]
#[must_use = "say `.to(…)`"]
pub struct OptionFrom<'a> {
    change: OptionChange<'a>,
    from: String,
}

impl OptionFrom<'_> {
    /// What it becomes.
    pub fn to(self, value: impl fmt::Display) {
        let to = self.change.written(value);
        self.change.options.push(OptionTo { name: self.change.name, from: self.from, to });
    }
}

/// A user-defined type: its fields, by a method for each type.
#[derive(Debug)]
pub struct TypeBuilder(pub(super) UserType);

impl TypeBuilder {
    pub(super) fn new(name: String) -> Self {
        Self(UserType { name, fields: Vec::new() })
    }

    pub(super) fn push(&mut self, name: String, kind: CqlType) {
        self.0.fields.push(Field { name, kind });
    }
}

/// A keyspace. How many copies it keeps has to be said.
#[derive(Debug)]
pub struct KeyspaceBuilder(pub(super) CqlKeyspace);

impl KeyspaceBuilder {
    pub(super) fn new(name: String) -> Self {
        Self(CqlKeyspace { name, replication: None, durable_writes: None, tablets: None })
    }

    /// So many copies, wherever the nodes are: for development.
    pub fn simple(mut self, copies: u32) -> Self {
        self.0.replication = Some(CqlReplication::Simple(copies));
        self
    }

    /// So many copies in each data centre.
    pub fn network<D: Into<String>>(mut self, copies: impl IntoIterator<Item = (D, u32)>) -> Self {
        let copies = copies.into_iter().map(|(datacenter, copies)| (datacenter.into(), copies));
        self.0.replication = Some(CqlReplication::Network(copies.collect()));
        self
    }

    /// Whether a write is in the commit log before it is answered; it is, without a word.
    pub fn durable_writes(mut self, durable: bool) -> Self {
        self.0.durable_writes = Some(durable);
        self
    }

    /// Whether its tables are in tablets. ScyllaDB alone knows them.
    pub fn tablets(mut self, enabled: bool) -> Self {
        self.0.tablets = Some(enabled);
        self
    }
}

/// A materialized view. That its key is not null is added to what rows it has.
#[derive(Debug)]
pub struct ViewBuilder(pub(super) CqlView);

impl ViewBuilder {
    pub(super) fn new(name: String) -> Self {
        Self(CqlView {
            name,
            table: String::new(),
            columns: Vec::new(),
            conditions: Vec::new(),
            partition_key: Vec::new(),
            clustering_key: Vec::new(),
            descending: Vec::new(),
            options: Vec::new(),
        })
    }

    /// The table that it is of.
    pub fn from(mut self, table: impl Into<String>) -> Self {
        self.0.table = table.into();
        self
    }

    /// Its columns; all, without a word.
    pub fn select<N: Into<String>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.0.columns.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Which rows it has, word for word: `v.only("kind = 'video'")`.
    pub fn only(mut self, condition: impl Into<String>) -> Self {
        self.0.conditions.push(condition.into());
        self
    }

    /// The columns that say on which nodes a row is.
    pub fn partition_key<N: Into<String>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.0.partition_key.extend(columns.into_iter().map(Into::into));
        self
    }

    /// The columns that say where in its partition a row is.
    pub fn clustering_key<N: Into<String>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.0.clustering_key.extend(columns.into_iter().map(Into::into));
        self
    }

    /// The rows of a partition come in descending order of this column.
    pub fn order_desc(mut self, column: impl Into<String>) -> Self {
        self.0.descending.push(column.into());
        self
    }

    /// An option that follows `WITH`, and its value as CQL has it.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.options.push((name.into(), value.into()));
        self
    }
}

/// An index: what of its column is in it, and how it is kept.
pub struct IndexBuilder<'a> {
    pub(super) recorded: &'a mut Recorded,
    pub(super) index: CqlIndex,
    /// The change that the index belongs to.
    pub(super) change: Box<dyn Fn(CqlIndex) -> Op>,
}

impl fmt::Debug for IndexBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IndexBuilder").field(&self.index).finish()
    }
}

impl IndexBuilder<'_> {
    pub(super) fn index(name: String, table: String, column: String) -> CqlIndex {
        CqlIndex { name, table, column, target: Target::Simple, using: None, options: Vec::new() }
    }

    /// The keys of a map.
    pub fn keys(self) -> Self {
        self.of(Target::Keys)
    }

    /// The values of a list, a set or a map, as it is without a word.
    pub fn values(self) -> Self {
        self.of(Target::Values)
    }

    /// The entries of a map: by key and value.
    pub fn entries(self) -> Self {
        self.of(Target::Entries)
    }

    /// A frozen collection, as a whole.
    pub fn full(self) -> Self {
        self.of(Target::Full)
    }

    /// What keeps it: `sai`, a storage-attached index, from Cassandra 5.0 on; or the name of a class.
    /// <https://cassandra.apache.org/doc/latest/cassandra/reference/cql-commands/create-custom-index.html>
    pub fn using(mut self, kind: impl Into<String>) -> Self {
        self.index.using = Some(kind.into());
        self.said()
    }

    /// An option of what keeps it: `.option("case_sensitive", "false")`.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.index.options.push((name.into(), value.into()));
        self.said()
    }

    fn of(mut self, target: Target) -> Self {
        self.index.target = target;
        self.said()
    }

    pub(super) fn said(self) -> Self {
        self.recorded.operation = (self.change)(self.index.clone()).into();
        self
    }
}

/// A column that was added.
#[derive(Debug)]
pub struct AddedColumn<'a> {
    pub(super) recorded: &'a mut Recorded,
    pub(super) table: String,
    pub(super) column: Column,
}

impl AddedColumn<'_> {
    /// It is not dropped again on the way back, which is refused, and why.
    pub fn irreversible(self, because: impl Into<String>) {
        let back = Was::Irreversible(because.into());
        self.recorded.operation = Op::AddColumn { table: self.table, column: self.column, back }.into();
    }
}
