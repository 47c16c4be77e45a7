//! Changes of a table and of its columns.

use std::collections::HashSet;
use std::panic::Location;

use super::column::{ColumnBuilder, Untyped};
use super::table::TableBuilder;
use super::{Sql, SqlTypes};
use crate::schema::op::{Column, DefaultValue, Op, Type};
use crate::schema::recorded::{Recorded, Schema, Was};

/// A table that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say what it was with `.was(|t| …)`, or `.irreversible(\"because\")`"]
pub struct DroppedTable<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A column that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say what it was with `.was(|c| c.text())`, or `.irreversible(\"because\")`"]
pub struct DroppedColumn<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A type that is changed, to say more about.
#[derive(Debug)]
pub struct ChangedType<'a> {
    pub(super) recorded: &'a mut Recorded,
}

impl<C: Sql> Schema<C> {
    /// Adds a column. Undone by dropping it, with its values.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.add_column("videos", "slug", |c| c.text().not_null().default(""));
    /// # }
    /// ```
    #[track_caller]
    pub fn add_column(
        &mut self,
        table: impl Into<String>,
        name: impl Into<String>,
        say: impl FnOnce(Untyped<'_>) -> ColumnBuilder<'_>,
    ) {
        self.add(table.into(), Column::said(name, say), Location::caller());
    }

    /// Adds a column that refers to a row of another table.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.add_reference("videos", "series_id", |c| c.big_integer(), "series", "id");
    /// # }
    /// ```
    #[track_caller]
    pub fn add_reference(
        &mut self,
        table: impl Into<String>,
        name: impl Into<String>,
        say: impl FnOnce(Untyped<'_>) -> ColumnBuilder<'_>,
        to_table: impl Into<String>,
        to_column: impl Into<String>,
    ) {
        let mut column = Column::said(name, say);
        ColumnBuilder { column: &mut column }.references(to_table, to_column);
        self.add(table.into(), column, Location::caller());
    }

    fn add(&mut self, table: String, mut column: Column, at: &'static Location<'static>) {
        column.name_constraints(&table, &mut HashSet::new());
        self.record(Op::AddColumn { table, column }, at);
    }

    /// Drops a column, with its values. Say what it was, so that it can be added again (without them), or that
    /// there is no way back.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<SqliteConnection>) {
    /// schema.drop_column("videos", "rating").was(|c| c.integer().not_null().default(0));
    /// schema.drop_column("users", "password").irreversible("only hashes are kept from here on");
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_column(&mut self, table: impl Into<String>, name: impl Into<String>) -> DroppedColumn<'_> {
        let op = Op::DropColumn { table: table.into(), name: name.into(), was: Was::Unsaid };
        DroppedColumn { recorded: self.record(op, Location::caller()) }
    }

    /// Renames a column, in what refers to it too.
    #[track_caller]
    pub fn rename_column(
        &mut self,
        table: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) {
        let op = Op::RenameColumn { table: table.into(), from: from.into(), to: to.into() };
        self.record(op, Location::caller());
    }

    /// Changes the type of a column. What does not fit fails, and changes nothing.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.change_type("videos", "views", Type::Integer, Type::BigInteger);
    /// # }
    /// ```
    #[track_caller]
    pub fn change_type(
        &mut self,
        table: impl Into<String>,
        column: impl Into<String>,
        from: Type,
        to: Type,
    ) -> ChangedType<'_> {
        let (table, column) = (table.into(), column.into());
        let op = Op::ChangeType { table, column, from, to, using: None, back_using: None };
        ChangedType { recorded: self.record(op, Location::caller()) }
    }

    /// Lets a column be null. Undone by requiring a value again, which fails where one is missing by then.
    #[track_caller]
    pub fn drop_not_null(&mut self, table: impl Into<String>, column: impl Into<String>) {
        let op = Op::DropNotNull { table: table.into(), column: column.into(), by_check: false };
        self.record(op, Location::caller());
    }

    /// Changes what a row has where no value is given; `None`: nothing. Rows that are there keep what they have.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.change_default("videos", "visibility", Some("private"), Some("unlisted"));
    /// schema.change_default("videos", "rating", None::<i32>, Some(0));
    /// # }
    /// ```
    #[track_caller]
    pub fn change_default<F, T>(
        &mut self,
        table: impl Into<String>,
        column: impl Into<String>,
        from: Option<F>,
        to: Option<T>,
    ) where
        F: Into<DefaultValue>,
        T: Into<DefaultValue>,
    {
        let (table, column) = (table.into(), column.into());
        let op = Op::ChangeDefault { table, column, from: from.map(Into::into), to: to.map(Into::into) };
        self.record(op, Location::caller());
    }
}

impl<C: SqlTypes> Schema<C> {
    /// Changes the comment on a table.
    #[track_caller]
    pub fn change_table_comment(&mut self, table: impl Into<String>, from: Option<&str>, to: Option<&str>) {
        self.change_comment(table.into(), None, [from, to], Location::caller());
    }

    /// Changes the comment on a column.
    #[track_caller]
    pub fn change_column_comment(
        &mut self,
        table: impl Into<String>,
        column: impl Into<String>,
        from: Option<&str>,
        to: Option<&str>,
    ) {
        self.change_comment(table.into(), Some(column.into()), [from, to], Location::caller());
    }

    fn change_comment(
        &mut self,
        table: String,
        column: Option<String>,
        change: [Option<&str>; 2],
        at: &'static Location<'static>,
    ) {
        let [from, to] = change.map(|text| text.map(ToOwned::to_owned));
        self.record(Op::ChangeComment { table, column, from, to }, at);
    }
}

impl DroppedTable<'_> {
    /// What it was: the way back creates it so, without rows.
    pub fn was(self, say: impl FnOnce(&mut TableBuilder)) {
        if let Op::DropTable { name, was } = self.recorded.sql() {
            *was = Was::Known(TableBuilder::said(name.clone(), say));
        }
    }
}

impl DroppedColumn<'_> {
    /// What it was: the way back adds it so, without values.
    pub fn was(self, say: impl FnOnce(Untyped<'_>) -> ColumnBuilder<'_>) {
        if let Op::DropColumn { table, name, was } = self.recorded.sql() {
            let mut column = Column::said(name.clone(), say);
            column.name_constraints(table, &mut HashSet::new());
            *was = Was::Known(column);
        }
    }
}

impl ChangedType<'_> {
    /// PostgreSQL and CockroachDB: how a value of the new type is made of the old one where there is no cast,
    /// and back, both in SQL.
    pub fn using(self, up: impl Into<String>, down: impl Into<String>) {
        if let Op::ChangeType { using, back_using, .. } = self.recorded.sql() {
            *using = Some(up.into());
            *back_using = Some(down.into());
        }
    }
}
