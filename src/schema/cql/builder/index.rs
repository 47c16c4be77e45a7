//! Indexes.

use std::fmt;

use crate::schema::cql::Op;
use crate::schema::cql::parts::{CqlIndex, Target};
use crate::schema::recorded::Recorded;

/// An index: what of its column is in it, and how it is kept.
pub struct IndexBuilder<'a> {
    pub(in crate::schema::cql) recorded: &'a mut Recorded,
    pub(in crate::schema::cql) index: CqlIndex,
    /// The change that the index belongs to.
    pub(in crate::schema::cql) change: Box<dyn Fn(CqlIndex) -> Op>,
}

impl fmt::Debug for IndexBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IndexBuilder").field(&self.index).finish()
    }
}

impl IndexBuilder<'_> {
    pub(in crate::schema::cql) fn index(name: String, table: String, column: String) -> CqlIndex {
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

    pub(in crate::schema::cql) fn said(self) -> Self {
        self.recorded.operation = (self.change)(self.index.clone()).into();
        self
    }
}
