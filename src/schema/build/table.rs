//! Tables: created, dropped, renamed.

use std::collections::HashSet;
use std::panic::Location;

use super::alter::DroppedTable;
use super::column::ColumnBuilder;
use super::constraint::ConstraintBuilder;
use super::{Sql, names};
use crate::schema::op::{Column, Constraint, ForeignKey, Op, Table, Type};
use crate::schema::recorded::{Schema, Was};

/// A table, to say what it has.
#[derive(Debug)]
pub struct TableBuilder {
    pub(super) table: Table,
}

impl<C: Sql> Schema<C> {
    /// Creates a table. Undone by dropping it.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<AnyConnection>) {
    /// schema.create_table("videos", |t| {
    ///     t.big_integer("id").primary_key();
    ///     t.big_integer("upload_id").not_null().references("video_uploads", "id").on_delete(ForeignKeyAction::Cascade);
    ///     t.text("title").not_null();
    ///     t.text("visibility").not_null().default("private");
    ///     t.timestamp("created_at").not_null().default_now();
    ///     t.unique(["upload_id", "title"]);
    /// });
    /// # }
    /// ```
    #[track_caller]
    pub fn create_table(&mut self, name: impl Into<String>, say: impl FnOnce(&mut TableBuilder)) {
        self.record(Op::CreateTable(TableBuilder::said(name, say)), Location::caller());
    }

    /// Drops a table. Say what it was, so that it can be created again, or that there is no way back.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<SqliteConnection>) {
    /// schema.drop_table("drafts").was(|t| {
    ///     t.big_integer("id").primary_key();
    /// });
    /// schema.drop_table("sessions").irreversible("who was signed in is forgotten");
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_table(&mut self, name: impl Into<String>) -> DroppedTable<'_> {
        let op = Op::DropTable { name: name.into(), was: Was::Unsaid };
        DroppedTable { recorded: self.record(op, Location::caller()) }
    }

    /// Renames a table. Its indexes and constraints keep their names.
    #[track_caller]
    pub fn rename_table(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.record(Op::RenameTable { from: from.into(), to: to.into() }, Location::caller());
    }
}

impl TableBuilder {
    /// A table as `say` has it.
    pub(super) fn said(name: impl Into<String>, say: impl FnOnce(&mut Self)) -> Table {
        let mut builder = Self { table: Table::nothing(&name.into()) };
        say(&mut builder);
        let mut table = builder.table;
        let mut taken = HashSet::new();
        let name = table.name.clone();
        for column in &mut table.columns {
            column.name_constraints(&name, &mut taken);
        }
        for constraint in &mut table.constraints {
            constraint.give_name(&name, None, &mut taken);
        }
        table
    }

    /// A column of a type that is known when the program runs.
    pub(super) fn column(&mut self, name: impl Into<String>, kind: Type) -> ColumnBuilder<'_> {
        self.table.columns.push(Column::new(name, kind));
        let last = self.table.columns.len() - 1;
        ColumnBuilder { column: &mut self.table.columns[last] }
    }

    /// The primary key of several columns.
    pub fn primary_key<I>(&mut self, columns: I) -> ConstraintBuilder<'_>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.constraint(Constraint::PrimaryKey { name: None, columns: names(columns) })
    }

    /// No row has the same values as another one in these columns.
    pub fn unique<I>(&mut self, columns: I) -> ConstraintBuilder<'_>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.constraint(Constraint::Unique { name: None, columns: names(columns) })
    }

    /// What holds for each row, in SQL.
    pub fn check(&mut self, expression: impl Into<String>) -> ConstraintBuilder<'_> {
        self.constraint(Constraint::Check { name: None, expression: expression.into() })
    }

    /// A foreign key of several columns.
    pub fn foreign_key<F, T>(
        &mut self,
        columns: F,
        table: impl Into<String>,
        to_columns: T,
    ) -> super::Reference<'_>
    where
        F: IntoIterator,
        F::Item: Into<String>,
        T: IntoIterator,
        T::Item: Into<String>,
    {
        let key = ForeignKey::new(columns, table, to_columns);
        self.table.constraints.push(Constraint::ForeignKey(key));
        match self.table.constraints.last_mut() {
            Some(Constraint::ForeignKey(key)) => super::Reference { key },
            _ => unreachable!("it was put there just now"),
        }
    }

    /// What it is, for those who look into the database. SQLite keeps none.
    pub fn comment(&mut self, text: impl Into<String>) {
        self.table.comment = Some(text.into());
    }

    /// SQLite's `STRICT`: a column holds nothing but its type. Elsewhere every table is.
    pub fn strict(&mut self) {
        self.table.strict = true;
    }

    /// SQLite's `WITHOUT ROWID`: the table is its primary key's tree. Elsewhere without a meaning.
    pub fn without_rowid(&mut self) {
        self.table.without_rowid = true;
    }

    fn constraint(&mut self, constraint: Constraint) -> ConstraintBuilder<'_> {
        self.table.constraints.push(constraint);
        let last = self.table.constraints.len() - 1;
        ConstraintBuilder { constraint: &mut self.table.constraints[last] }
    }
}

impl Column {
    /// Every constraint gets the name that PostgreSQL would give it, so that it can be dropped by it
    /// wherever it is.
    pub(super) fn name_constraints(&mut self, table: &str, taken: &mut HashSet<String>) {
        for constraint in &mut self.constraints {
            constraint.give_name(table, Some(&self.name), taken);
        }
    }
}

impl Constraint {
    /// A primary key keeps none: there is only one.
    pub(in crate::schema) fn give_name(
        &mut self,
        table: &str,
        column: Option<&str>,
        taken: &mut HashSet<String>,
    ) {
        let base = match (&*self, column) {
            (Self::PrimaryKey { .. }, _) => return,
            (Self::Check { name: None, .. }, Some(column)) => format!("{table}_{column}_check"),
            (constraint, _) => constraint.name_on(table),
        };
        let numbered = (1..).map(|number| format!("{base}{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name));
        let free = free.unwrap_or(base);
        taken.insert(free.clone());
        match self {
            Self::PrimaryKey { name, .. } | Self::Unique { name, .. } | Self::Check { name, .. } => {
                *name = Some(free)
            }
            Self::ForeignKey(key) => key.name = Some(free),
        }
    }
}
