//! What is not a table: enum types, views, extensions, and SQL of one's own.

use std::panic::Location;

use super::{Sql, SqlTypes, names};
use crate::schema::op::Op;
use crate::schema::recorded::{Recorded, Schema, Was};

/// An enum type that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say which values it had with `.was([…])`, or `.irreversible(\"because\")`"]
pub struct DroppedEnum<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A value that an enum type gets: which were there before?
#[derive(Debug)]
#[must_use = "say which values there were with `.was([…])`, or `.irreversible(\"because\")`"]
pub struct NewEnumValue<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A view that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say what it was with `.was(\"SELECT …\")`, or `.irreversible(\"because\")`"]
pub struct DroppedView<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// SQL of one's own: what undoes it?
#[derive(Debug)]
#[must_use = "say what undoes it: `.reverse(\"…\")`, `.nothing_to_reverse()`, or `.irreversible(\"because\")`"]
pub struct RawSql<'a> {
    pub(super) recorded: &'a mut Recorded,
}

impl<C: Sql> Schema<C> {
    /// Creates a view of a query.
    #[track_caller]
    pub fn create_view(&mut self, name: impl Into<String>, select: impl Into<String>) {
        let op = Op::CreateView { name: name.into(), select: select.into(), materialized: false };
        self.record(op, Location::caller());
    }

    /// Drops a view. Say what it was, or that there is no way back.
    #[track_caller]
    pub fn drop_view(&mut self, name: impl Into<String>) -> DroppedView<'_> {
        let op = Op::DropView { name: name.into(), materialized: false, was: Was::Unsaid };
        DroppedView { recorded: self.record(op, Location::caller()) }
    }

    /// Gives a view another query: it is dropped and created, since columns may go.
    #[track_caller]
    pub fn change_view(&mut self, name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) {
        self.record(
            Op::ChangeView { name: name.into(), from: from.into(), to: to.into() },
            Location::caller(),
        );
    }

    /// Runs one statement of SQL. Say what undoes it.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<SqliteConnection>) {
    /// schema.raw("UPDATE videos SET slug = lower(title)").nothing_to_reverse();
    /// schema.raw("CREATE TRIGGER t AFTER INSERT ON videos BEGIN SELECT 1; END").reverse("DROP TRIGGER t");
    /// # }
    /// ```
    #[track_caller]
    pub fn raw(&mut self, sql: impl Into<String>) -> RawSql<'_> {
        let op = Op::Raw { up: vec![sql.into()], down: Was::Unsaid };
        RawSql { recorded: self.record(op, Location::caller()) }
    }
}

impl<C: SqlTypes> Schema<C> {
    /// Creates an enum type. PostgreSQL and CockroachDB.
    #[track_caller]
    pub fn create_enum<I>(&mut self, name: impl Into<String>, values: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.record(Op::CreateEnum { name: name.into(), values: names(values) }, Location::caller());
    }

    /// Drops an enum type. Say which values it had, or that there is no way back.
    #[track_caller]
    pub fn drop_enum(&mut self, name: impl Into<String>) -> DroppedEnum<'_> {
        let op = Op::DropEnum { name: name.into(), was: Was::Unsaid };
        DroppedEnum { recorded: self.record(op, Location::caller()) }
    }

    /// Renames an enum type.
    #[track_caller]
    pub fn rename_enum(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.record(Op::RenameEnum { from: from.into(), to: to.into() }, Location::caller());
    }

    /// Gives an enum type one more value, at the end. PostgreSQL cannot take one away: say which there were, and
    /// the way back makes the type anew (which reads every table that has it), or that there is no way back.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.add_enum_value("upload_status", "archived").was(["pending", "done"]);
    /// # }
    /// ```
    #[track_caller]
    pub fn add_enum_value(&mut self, name: impl Into<String>, value: impl Into<String>) -> NewEnumValue<'_> {
        let op = Op::AddEnumValue { name: name.into(), value: value.into(), after: None, was: Was::Unsaid };
        NewEnumValue { recorded: self.record(op, Location::caller()) }
    }

    /// Renames a value of an enum type, in every row that has it.
    #[track_caller]
    pub fn rename_enum_value(
        &mut self,
        name: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) {
        let op = Op::RenameEnumValue { name: name.into(), from: from.into(), to: to.into() };
        self.record(op, Location::caller());
    }

    /// Creates a view whose rows are kept until `REFRESH MATERIALIZED VIEW`.
    #[track_caller]
    pub fn create_materialized_view(&mut self, name: impl Into<String>, select: impl Into<String>) {
        let op = Op::CreateView { name: name.into(), select: select.into(), materialized: true };
        self.record(op, Location::caller());
    }

    /// Drops one. Say what it was, or that there is no way back.
    #[track_caller]
    pub fn drop_materialized_view(&mut self, name: impl Into<String>) -> DroppedView<'_> {
        let op = Op::DropView { name: name.into(), materialized: true, was: Was::Unsaid };
        DroppedView { recorded: self.record(op, Location::caller()) }
    }

    /// Creates an extension. PostgreSQL.
    #[track_caller]
    pub fn create_extension(&mut self, name: impl Into<String>) {
        self.record(Op::CreateExtension { name: name.into() }, Location::caller());
    }

    /// Drops an extension, where nothing uses it. PostgreSQL.
    #[track_caller]
    pub fn drop_extension(&mut self, name: impl Into<String>) {
        self.record(Op::DropExtension { name: name.into() }, Location::caller());
    }
}

impl DroppedEnum<'_> {
    /// Which values it had, in order.
    pub fn was<I>(self, values: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        if let Op::DropEnum { was, .. } = self.recorded.sql() {
            *was = Was::Known(names(values));
        }
    }
}

impl NewEnumValue<'_> {
    /// Right behind this one, not at the end.
    pub fn after(self, other: impl Into<String>) -> Self {
        if let Op::AddEnumValue { after, .. } = self.recorded.sql() {
            *after = Some(other.into());
        }
        self
    }

    /// Which values there were, in order: the way back makes the type anew with these. It fails where a row has
    /// the new one.
    pub fn was<I>(self, values: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        if let Op::AddEnumValue { was, .. } = self.recorded.sql() {
            *was = Was::Known(names(values));
        }
    }
}

impl DroppedView<'_> {
    /// Its query.
    pub fn was(self, select: impl Into<String>) {
        if let Op::DropView { was, .. } = self.recorded.sql() {
            *was = Was::Known(select.into());
        }
    }
}

impl RawSql<'_> {
    /// One statement that undoes it.
    pub fn reverse(self, sql: impl Into<String>) {
        self.down(Was::Known(vec![sql.into()]));
    }

    /// The way back does nothing here: what it did goes with another change, or does no harm.
    pub fn nothing_to_reverse(self) {
        self.down(Was::Known(Vec::new()));
    }

    /// There is no way back, and why. A rollback that would reach the migration is refused with it.
    pub fn irreversible(self, because: impl Into<String>) {
        self.down(Was::Irreversible(because.into()));
    }

    fn down(self, said: Was<Vec<String>>) {
        if let Op::Raw { down, .. } = self.recorded.sql() {
            *down = said;
        }
    }
}
