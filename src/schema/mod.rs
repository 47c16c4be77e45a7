//! Typed changes: what a migration does to the schema, as values that are rendered for each database
//! and know their reverse.

mod already;
mod build;
#[cfg(feature = "scylla")]
pub(crate) mod cql;
// A library without a command line only asks whether a change is there already.
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]
pub(crate) mod declared;
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]
pub(crate) mod diff;
#[cfg(feature = "cli")]
pub(crate) mod drift;
#[cfg(feature = "cli")]
pub(crate) mod emit;
mod hazards;
mod inspect;
mod inspected;
// One database alone fills in a part of it.
#[cfg_attr(not(all(feature = "sqlite", feature = "postgres")), allow(dead_code, unused_imports))]
pub(crate) mod model;
pub(crate) mod op;
mod preview;
#[cfg(feature = "sync")]
pub(crate) mod print;
#[cfg(feature = "sqlite")]
mod rebuild;
pub(crate) mod recorded;
mod render;
mod there;
mod typed;
mod validate;

pub(crate) use already::Already;
pub use build::{
    Beside, BesideIndex, BesideTable, ChangedType, ColumnBuilder, ConstraintBuilder, DroppedColumn,
    DroppedConstraint, DroppedEnum, DroppedIndex, DroppedTable, DroppedView, NewCheck, NewConstraint,
    NewEnumValue, NewForeignKey, NewIndex, NewNotNull, RawSql, Reference, Sql, SqlTypes, TableBuilder,
    Untyped, WasForeignKey, asc, desc, expression,
};
#[cfg(feature = "scylla")]
pub(crate) use cql::inspect as inspect_cql;
#[cfg(feature = "cli")]
pub(crate) use inspect::Beyond;
#[cfg(all(feature = "postgres", feature = "cli"))]
pub(crate) use inspect::postgres::beyond as beyond_postgres;
#[cfg(feature = "postgres")]
pub(crate) use inspect::postgres::inspect as inspect_postgres;
#[cfg(feature = "sqlite")]
pub(crate) use inspect::sqlite::inspect as inspect_sqlite;
pub(crate) use inspected::Inspected;
pub use model::Difference;
pub(crate) use model::{Facts, differences};
pub use op::{DefaultValue, ForeignKeyAction, IndexColumn, Type};
pub use preview::{ChangePreview, TypedPreview};
pub(crate) use preview::{Rehearsal, warnings};
#[cfg(feature = "sync")]
pub(crate) use recorded::Operation;
pub(crate) use recorded::Problem;
pub use recorded::{Change, Schema};
pub(crate) use render::Catalog;
#[cfg(feature = "sqlite")]
use render::Unfit;
#[cfg(all(feature = "sync", any(feature = "sqlite", feature = "postgres")))]
pub(crate) use render::qualified;
#[cfg(all(feature = "cli", any(feature = "sqlite", feature = "postgres")))]
pub(crate) use render::{quoted, statements as statements_of};
pub(crate) use there::There;
#[cfg(feature = "postgres")]
pub(crate) use there::on_postgres;
#[cfg(feature = "sqlite")]
pub(crate) use there::on_sqlite;
pub(crate) use typed::{Place, Typed};
pub(crate) use validate::Tables;

/// Of databases whose statements do not depend on what is in them.
pub(crate) struct NoCatalog;

impl Catalog for NoCatalog {
    #[cfg(feature = "sqlite")]
    fn current(&mut self, table: &str) -> Result<Option<rebuild::Current>, Unfit> {
        let what = format!("nobody knows how the table {table} is");
        Err(Unfit::new(what, "`updown plan --sql` looks at the database"))
    }

    #[cfg(feature = "sqlite")]
    fn index(&mut self, name: &str) -> Result<Option<String>, Unfit> {
        let what = format!("nobody knows how the index {name} is");
        Err(Unfit::new(what, "`updown plan --sql` looks at the database"))
    }
}
