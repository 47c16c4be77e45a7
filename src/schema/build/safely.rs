//! What is done to a table in use, so that those who use it do not wait.

use std::marker::PhantomData;
use std::panic::Location;

use super::Sql;
use crate::schema::op::Op;
use crate::schema::recorded::{Recorded, Schema};
use crate::steps::Steps;

/// A column that is required, to say more about.
#[derive(Debug)]
pub struct NewNotNull<'a, C> {
    pub(super) recorded: &'a mut Recorded,
    connection: PhantomData<fn(C)>,
}

impl<C: Sql> Schema<C> {
    /// Requires a value in each row. Fails where one is missing.
    ///
    /// On PostgreSQL all rows are read while nobody else may touch the table; in steps there is
    /// [`NewNotNull::by_check`].
    #[track_caller]
    pub fn set_not_null(&mut self, table: impl Into<String>, column: impl Into<String>) -> NewNotNull<'_, C> {
        let op = Op::SetNotNull { table: table.into(), column: column.into(), by_check: false };
        NewNotNull { recorded: self.record(op, Location::caller()), connection: PhantomData }
    }
}

impl<C> NewNotNull<'_, Steps<'_, C>> {
    /// By way of a check that is added for new rows, validated while others write, and then taken for the
    /// proof that no value is missing: four steps, of which none keeps others waiting for long.
    ///
    /// See <https://www.postgresql.org/docs/current/sql-altertable.html>, under `SET NOT NULL`. Elsewhere as
    /// usual.
    pub fn by_check(self) {
        if let Op::SetNotNull { by_check, .. } = self.recorded.sql() {
            *by_check = true;
        }
    }
}

impl<C: Sql> Schema<Steps<'_, C>> {
    /// Looks at all rows for a constraint that was added with `not_valid`, while others write.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<Steps<'_, PgConnection>>) {
    /// schema.add_foreign_key("videos", ["upload_id"], "video_uploads", ["id"]).not_valid();
    /// schema.validate_constraint("videos", "videos_upload_id_fkey");
    /// # }
    /// ```
    #[track_caller]
    pub fn validate_constraint(&mut self, table: impl Into<String>, name: impl Into<String>) {
        let op = Op::ValidateConstraint { table: table.into(), name: name.into() };
        self.record(op, Location::caller());
    }
}
