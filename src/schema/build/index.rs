//! Indexes.

use std::marker::PhantomData;
use std::panic::Location;

use super::{Sql, names};
use crate::schema::op::{Index, IndexColumn, Op};
use crate::schema::recorded::{Recorded, Schema, Was};
use crate::steps::Steps;

/// A column of an index, in ascending order.
pub fn asc(column: impl Into<String>) -> IndexColumn {
    IndexColumn { what: column.into(), is_expression: false, descending: false, operator_class: None }
}

/// A column of an index, in descending order.
pub fn desc(column: impl Into<String>) -> IndexColumn {
    IndexColumn { descending: true, ..asc(column) }
}

/// An expression of an index, in SQL: `expression("lower(email)")`.
pub fn expression(sql: impl Into<String>) -> IndexColumn {
    IndexColumn { is_expression: true, ..asc(sql) }
}

impl From<&str> for IndexColumn {
    fn from(column: &str) -> Self {
        asc(column)
    }
}

impl From<String> for IndexColumn {
    fn from(column: String) -> Self {
        asc(column)
    }
}

impl IndexColumn {
    /// In descending order.
    #[must_use]
    pub fn desc(self) -> Self {
        Self { descending: true, ..self }
    }

    /// PostgreSQL: with this operator class, such as `text_pattern_ops` or `gin_trgm_ops`.
    #[must_use]
    pub fn operator_class(self, name: impl Into<String>) -> Self {
        Self { operator_class: Some(name.into()), ..self }
    }
}

/// An index that is created, to say more about.
#[derive(Debug)]
pub struct NewIndex<'a, C> {
    pub(super) recorded: &'a mut Recorded,
    connection: PhantomData<fn(C)>,
}

/// An index that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say what it was with `.was(\"table\", [\"column\"])`, or `.irreversible(\"because\")`"]
pub struct DroppedIndex<'a, C> {
    pub(super) recorded: &'a mut Recorded,
    connection: PhantomData<fn(C)>,
}

impl<C: Sql> Schema<C> {
    /// Creates an index. Undone by dropping it.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<AnyConnection>) {
    /// schema.create_index("idx_videos_upload_id", "videos", ["upload_id"]).unique();
    /// schema.create_index("idx_videos_recent", "videos", [asc("user_id"), desc("created_at")])
    ///     .only_where("visibility = 'public'");
    /// schema.create_index("idx_users_email", "users", [expression("lower(email)")]).unique();
    /// # }
    /// ```
    #[track_caller]
    pub fn create_index<I>(
        &mut self,
        name: impl Into<String>,
        table: impl Into<String>,
        columns: I,
    ) -> NewIndex<'_, C>
    where
        I: IntoIterator,
        I::Item: Into<IndexColumn>,
    {
        let op = Op::CreateIndex(Index::new(name, table, columns));
        NewIndex { recorded: self.record(op, Location::caller()), connection: PhantomData }
    }

    /// Drops an index. Say what it was, or that there is no way back.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<AnyConnection>) {
    /// schema.drop_index("idx_videos_upload_id").was("videos", ["upload_id"]).unique();
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_index(&mut self, name: impl Into<String>) -> DroppedIndex<'_, C> {
        let op = Op::DropIndex { name: name.into(), concurrently: false, was: Was::Unsaid };
        DroppedIndex { recorded: self.record(op, Location::caller()), connection: PhantomData }
    }

    /// Renames an index. On SQLite it is built anew.
    #[track_caller]
    pub fn rename_index(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.record(Op::RenameIndex { from: from.into(), to: to.into() }, Location::caller());
    }
}

impl Index {
    pub(super) fn new<I>(name: impl Into<String>, table: impl Into<String>, columns: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<IndexColumn>,
    {
        Self {
            name: name.into(),
            table: table.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            unique: false,
            only_where: None,
            including: Vec::new(),
            method: None,
            concurrently: false,
        }
    }
}

impl<C> NewIndex<'_, C> {
    fn index(&mut self) -> &mut Index {
        match self.recorded.sql() {
            Op::CreateIndex(index) | Op::DropIndex { was: Was::Known(index), .. } => index,
            _ => unreachable!("it was recorded just now"),
        }
    }

    /// No two rows have the same in it.
    pub fn unique(mut self) -> Self {
        self.index().unique = true;
        self
    }

    /// Only these rows are in it: a condition in SQL.
    pub fn only_where(mut self, condition: impl Into<String>) -> Self {
        self.index().only_where = Some(condition.into());
        self
    }

    /// Keeps these columns beside the key, so that a query needs no look at the table (`INCLUDE`). On SQLite,
    /// which has nothing of the kind, they become the last columns of the key where the index is not unique.
    pub fn including<I>(mut self, columns: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.index().including = names(columns);
        self
    }

    /// Of this kind: `gin`, `gist`, `hash`, `brin`, … PostgreSQL; CockroachDB has `gin`.
    pub fn using(mut self, method: impl Into<String>) -> Self {
        self.index().method = Some(method.into());
        self
    }
}

impl<C> NewIndex<'_, Steps<'_, C>> {
    /// Builds it beside those who write, and drops it so on the way back. PostgreSQL; elsewhere as usual, which
    /// on CockroachDB comes to the same.
    pub fn concurrently(mut self) -> Self {
        self.index().concurrently = true;
        self
    }
}

impl<'a, C> DroppedIndex<'a, C> {
    /// What it was. The result takes what else it was: `.unique()` and the like.
    pub fn was<I>(self, table: impl Into<String>, columns: I) -> NewIndex<'a, C>
    where
        I: IntoIterator,
        I::Item: Into<IndexColumn>,
    {
        if let Op::DropIndex { name, concurrently, was } = self.recorded.sql() {
            let index = Index { concurrently: *concurrently, ..Index::new(name.clone(), table, columns) };
            *was = Was::Known(index);
        }
        NewIndex { recorded: self.recorded, connection: PhantomData }
    }
}

impl<C> DroppedIndex<'_, Steps<'_, C>> {
    /// Drops it beside those who read, and builds it so on the way back. PostgreSQL; elsewhere as usual.
    pub fn concurrently(self) -> Self {
        if let Op::DropIndex { concurrently, .. } = self.recorded.sql() {
            *concurrently = true;
        }
        self
    }
}
