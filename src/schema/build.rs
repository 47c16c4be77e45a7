//! How changes of an SQL schema are written: the methods of [`Schema`], and what their closures get.

mod alter;
#[cfg_attr(not(feature = "cli"), allow(dead_code))]
mod beside;
mod column;
mod constraint;
mod index;
mod objects;
mod safely;
mod table;

pub use alter::{ChangedType, DroppedColumn, DroppedTable};
pub(crate) use beside::Saying;
pub use beside::{Beside, BesideIndex, BesideTable};
pub use column::{ColumnBuilder, Reference, Untyped};
pub use constraint::{
    ConstraintBuilder, DroppedConstraint, NewCheck, NewConstraint, NewForeignKey, WasForeignKey,
};
pub use index::{DroppedIndex, NewIndex, asc, desc, expression};
pub use objects::{DroppedEnum, DroppedView, NewEnumValue, RawSql};
pub use safely::NewNotNull;
pub use table::TableBuilder;

use super::recorded::{Recorded, Schema, Was};
use super::{op::Op, recorded::Operation};
use crate::steps::Steps;
use crate::store::Database;

/// A connection whose database is changed by SQL: `SqliteConnection`, `PgConnection`, `AnyConnection`, and
/// [`Steps`] over one of them.
pub trait Sql: sealed::Sealed {}

/// A connection whose database has enum types, extensions and materialized views: `PgConnection`,
/// `AnyConnection` (there under [`Schema::only_on`], where it may be an SQLite), and [`Steps`] over one of
/// them.
pub trait SqlTypes: Sql {}

mod sealed {
    pub trait Sealed {}
}

#[cfg(feature = "sqlite")]
impl sealed::Sealed for diesel::SqliteConnection {}
#[cfg(feature = "sqlite")]
impl Sql for diesel::SqliteConnection {}
#[cfg(feature = "postgres")]
impl sealed::Sealed for diesel::PgConnection {}
#[cfg(feature = "postgres")]
impl Sql for diesel::PgConnection {}
#[cfg(feature = "postgres")]
impl SqlTypes for diesel::PgConnection {}
#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl sealed::Sealed for crate::AnyConnection {}
#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Sql for crate::AnyConnection {}
#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl SqlTypes for crate::AnyConnection {}
impl<C: Sql> sealed::Sealed for Steps<'_, C> {}
impl<C: Sql> Sql for Steps<'_, C> {}
impl<C: SqlTypes> SqlTypes for Steps<'_, C> {}

impl<C: Sql> Schema<C> {
    /// What `changes` says is for these databases only; on any other it is left out, on the way back too.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # fn change(schema: &mut Schema<AnyConnection>) {
    /// schema.only_on([Database::Postgres], |schema| {
    ///     schema.create_extension("pg_trgm");
    /// });
    /// # }
    /// ```
    pub fn only_on(
        &mut self,
        databases: impl IntoIterator<Item = Database>,
        changes: impl FnOnce(&mut Self),
    ) {
        let wanted: Vec<Database> = databases.into_iter().collect();
        let outer = self.only.clone();
        let both = |outer: &Vec<Database>| wanted.iter().copied().filter(|one| outer.contains(one)).collect();
        self.only = Some(outer.as_ref().map_or_else(|| wanted.clone(), both));
        changes(self);
        self.only = outer;
    }
}

impl Recorded {
    /// The SQL change that was recorded right before.
    fn sql(&mut self) -> &mut Op {
        match &mut self.operation {
            Operation::Sql(op) => op,
            #[cfg(feature = "scylla")]
            Operation::Cql(_) => unreachable!("the builders of SQL record SQL"),
        }
    }
}

/// The last thing that can be said of what is dropped.
macro_rules! irreversible {
    ($($builder:ty: $op:ident;)*) => {$(
        impl $builder {
            /// There is no way back, and why. A rollback that would reach the migration is refused with it.
            pub fn irreversible(self, because: impl Into<String>) {
                if let Op::$op { was, .. } = self.recorded.sql() {
                    *was = Was::Irreversible(because.into());
                }
            }
        }
    )*};
}
irreversible! {
    DroppedTable<'_>: DropTable;
    DroppedColumn<'_>: DropColumn;
    DroppedConstraint<'_>: DropConstraint;
    DroppedEnum<'_>: DropEnum;
    NewEnumValue<'_>: AddEnumValue;
    DroppedView<'_>: DropView;
}
impl<C> DroppedIndex<'_, C> {
    /// There is no way back, and why. A rollback that would reach the migration is refused with it.
    pub fn irreversible(self, because: impl Into<String>) {
        if let Op::DropIndex { was, .. } = self.recorded.sql() {
            *was = Was::Irreversible(because.into());
        }
    }
}

/// Names, as they are given.
fn names<I>(names: I) -> Vec<String>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    names.into_iter().map(Into::into).collect()
}
