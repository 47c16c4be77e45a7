//! Materialized views.

use crate::schema::cql::parts::CqlView;

/// A materialized view. That its key is not null is added to what rows it has.
#[derive(Debug)]
pub struct ViewBuilder(pub(in crate::schema::cql) CqlView);

impl ViewBuilder {
    pub(in crate::schema::cql) fn new(name: String) -> Self {
        Self(CqlView {
            name,
            table: String::new(),
            columns: Vec::new(),
            conditions: Vec::new(),
            partition_key: Vec::new(),
            clustering_key: Vec::new(),
            descending: Vec::new(),
            ascending: Vec::new(),
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

    /// The columns that say where in its partition a row is; where nothing is said of the order, each in that of
    /// the table.
    pub fn clustering_key<N: Into<String>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.0.clustering_key.extend(columns.into_iter().map(Into::into));
        self
    }

    /// The rows of a partition come in descending order of this column, and in ascending order of those of which
    /// it is not said.
    pub fn order_desc(mut self, column: impl Into<String>) -> Self {
        self.0.descending.push(column.into());
        self
    }

    /// The rows of a partition come in ascending order of this column, also where those of the table do not.
    pub fn order_asc(mut self, column: impl Into<String>) -> Self {
        self.0.ascending.push(column.into());
        self
    }

    /// An option that follows `WITH`, and its value as CQL has it.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.options.push((name.into(), value.into()));
        self
    }
}
