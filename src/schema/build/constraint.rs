//! Constraints of a table that is there.

use std::collections::HashSet;
use std::panic::Location;

use super::column::foreign_key;
use super::{Sql, names};
use crate::schema::op::{Constraint, ForeignKey, ForeignKeyAction, Op};
use crate::schema::recorded::{Recorded, Schema, Was};

/// A constraint of a table that is created, to say more about.
#[derive(Debug)]
pub struct ConstraintBuilder<'a> {
    pub(super) constraint: &'a mut Constraint,
}

impl ConstraintBuilder<'_> {
    /// Its name; else the one that PostgreSQL would give it.
    pub fn name(self, given: impl Into<String>) {
        self.constraint.rename(given.into());
    }
}

impl Constraint {
    /// By the name under which it is dropped. A primary key by its usual one has none on SQLite, and need not have
    /// one elsewhere.
    pub(in crate::schema) fn was_called(&mut self, table: &str, dropped: &str) {
        let table = table.rsplit('.').next().unwrap_or_default();
        if !matches!(self, Self::PrimaryKey { name: None, .. }) || self.name_on(table) != dropped {
            self.rename(dropped.to_owned());
        }
    }

    pub(in crate::schema) fn rename(&mut self, given: String) {
        match self {
            Self::PrimaryKey { name, .. } | Self::Unique { name, .. } | Self::Check { name, .. } => {
                *name = Some(given);
            }
            Self::ForeignKey(key) => key.name = Some(given),
        }
    }
}

/// A constraint that is added, to say more about.
#[derive(Debug)]
pub struct NewConstraint<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A check that is added, to say more about.
#[derive(Debug)]
pub struct NewCheck<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A foreign key that is added, to say more about.
#[derive(Debug)]
pub struct NewForeignKey<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A constraint that is dropped: what was it?
#[derive(Debug)]
#[must_use = "say what it was with `.was_unique([…])` and the like, or `.irreversible(\"because\")`"]
pub struct DroppedConstraint<'a> {
    pub(super) recorded: &'a mut Recorded,
}

/// A foreign key as it was, to say more about.
#[derive(Debug)]
pub struct WasForeignKey<'a> {
    pub(super) recorded: &'a mut Recorded,
}

impl<C: Sql> Schema<C> {
    /// Makes these columns the primary key of a table that has none.
    #[track_caller]
    pub fn add_primary_key<I>(&mut self, table: impl Into<String>, columns: I) -> NewConstraint<'_>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let constraint = Constraint::PrimaryKey { name: None, columns: names(columns) };
        self.add_constraint(table.into(), constraint, Location::caller())
    }

    /// No row is to have the same values as another one in these columns.
    #[track_caller]
    pub fn add_unique<I>(&mut self, table: impl Into<String>, columns: I) -> NewConstraint<'_>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let constraint = Constraint::Unique { name: None, columns: names(columns) };
        self.add_constraint(table.into(), constraint, Location::caller())
    }

    /// What is to hold for each row, in SQL, under a name.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.add_check("videos", "videos_slug_is_short", "length(slug) <= 100");
    /// # }
    /// ```
    #[track_caller]
    pub fn add_check(
        &mut self,
        table: impl Into<String>,
        name: impl Into<String>,
        expression: impl Into<String>,
    ) -> NewCheck<'_> {
        let constraint = Constraint::Check { name: Some(name.into()), expression: expression.into() };
        NewCheck { recorded: self.add_constraint(table.into(), constraint, Location::caller()).recorded }
    }

    /// These columns are to refer to a row of another table.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.add_foreign_key("videos", ["upload_id"], "video_uploads", ["id"]).on_delete(ForeignKeyAction::Cascade);
    /// # }
    /// ```
    #[track_caller]
    pub fn add_foreign_key<F, T>(
        &mut self,
        table: impl Into<String>,
        columns: F,
        to_table: impl Into<String>,
        to_columns: T,
    ) -> NewForeignKey<'_>
    where
        F: IntoIterator,
        F::Item: Into<String>,
        T: IntoIterator,
        T::Item: Into<String>,
    {
        let key = ForeignKey::new(columns, to_table, to_columns);
        let added = self.add_constraint(table.into(), Constraint::ForeignKey(key), Location::caller());
        NewForeignKey { recorded: added.recorded }
    }

    fn add_constraint(
        &mut self,
        table: String,
        mut constraint: Constraint,
        at: &'static Location<'static>,
    ) -> NewConstraint<'_> {
        constraint.give_name(&table, None, &mut HashSet::new());
        let op = Op::AddConstraint { table, constraint, not_valid: false };
        NewConstraint { recorded: self.record(op, at) }
    }

    /// Drops a constraint by its name: one without a given name has PostgreSQL's (`videos_slug_key`,
    /// `videos_upload_id_fkey`, `videos_size_check`, `videos_pkey`). Say what it was, or that there is no way
    /// back.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<PgConnection>) {
    /// schema.drop_constraint("videos", "videos_slug_key").was_unique(["slug"]);
    /// # }
    /// ```
    #[track_caller]
    pub fn drop_constraint(
        &mut self,
        table: impl Into<String>,
        name: impl Into<String>,
    ) -> DroppedConstraint<'_> {
        let op = Op::DropConstraint { table: table.into(), name: name.into(), was: Was::Unsaid };
        DroppedConstraint { recorded: self.record(op, Location::caller()) }
    }
}

impl NewConstraint<'_> {
    /// Its name; else the one that PostgreSQL would give it.
    pub fn name(self, given: impl Into<String>) -> Self {
        if let Op::AddConstraint { constraint, .. } = self.recorded.sql() {
            constraint.rename(given.into());
        }
        self
    }
}

/// What is looked at later.
macro_rules! not_valid {
    ($($builder:ty;)*) => {$(
        impl $builder {
            /// For rows that are written from here on: those that are there are not read, and writers do not
            /// wait. They are looked at by `validate_constraint`, in a step of its own. PostgreSQL and
            /// CockroachDB; SQLite looks at all rows.
            pub fn not_valid(self) -> Self {
                if let Op::AddConstraint { not_valid, .. } = self.recorded.sql() {
                    *not_valid = true;
                }
                self
            }
        }
    )*};
}
not_valid! {
    NewCheck<'_>;
    NewForeignKey<'_>;
}

foreign_key! {
    NewForeignKey<'_>: key;
    WasForeignKey<'_>: key;
}

impl WasForeignKey<'_> {
    fn key(&mut self) -> &mut ForeignKey {
        match self.recorded.sql() {
            Op::DropConstraint { was: Was::Known(Constraint::ForeignKey(key)), .. } => key,
            _ => unreachable!("it was said just now"),
        }
    }
}

impl NewForeignKey<'_> {
    fn key(&mut self) -> &mut ForeignKey {
        match self.recorded.sql() {
            Op::AddConstraint { constraint: Constraint::ForeignKey(key), .. } => key,
            _ => unreachable!("it was recorded just now"),
        }
    }
}

impl<'a> DroppedConstraint<'a> {
    /// It was the primary key of these columns.
    pub fn was_primary_key<I>(self, columns: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.known(Constraint::PrimaryKey { name: None, columns: names(columns) });
    }

    /// It was a unique constraint of these columns.
    pub fn was_unique<I>(self, columns: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.known(Constraint::Unique { name: None, columns: names(columns) });
    }

    /// It was this check.
    pub fn was_check(self, expression: impl Into<String>) {
        self.known(Constraint::Check { name: None, expression: expression.into() });
    }

    /// It was a foreign key of these columns.
    pub fn was_foreign_key<F, T>(
        self,
        columns: F,
        to_table: impl Into<String>,
        to_columns: T,
    ) -> WasForeignKey<'a>
    where
        F: IntoIterator,
        F::Item: Into<String>,
        T: IntoIterator,
        T::Item: Into<String>,
    {
        let mut key = ForeignKey::new(columns, to_table, to_columns);
        if let Op::DropConstraint { name, was, .. } = self.recorded.sql() {
            key.name = Some(name.clone());
            *was = Was::Known(Constraint::ForeignKey(key));
        }
        WasForeignKey { recorded: self.recorded }
    }

    fn known(self, mut constraint: Constraint) {
        if let Op::DropConstraint { table, name, was } = self.recorded.sql() {
            constraint.was_called(table, name);
            *was = Was::Known(constraint);
        }
    }
}
