//! Code-first database migrations. See the [README](https://crates.io/crates/updown) for the two
//! commands that one needs, [`Up`] for how a migration is written, and [`Migrator`] for running
//! them from an application.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Without any store the engine has nothing to run on; it still has to build, feature by feature.
#![cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code, unused_imports))]

// What is emitted is compiled into the tests, and names this crate as a user does.
#[cfg(test)]
extern crate self as updown;

mod adopt;
mod again;
mod backup;
mod cancel;
#[cfg(feature = "schema")]
mod check;
#[cfg(feature = "cli")]
mod cli;
mod config;
#[cfg(feature = "sync")]
mod declared;
#[cfg(feature = "cli")]
mod drift;
mod error;
mod execute;
mod explain;
#[cfg(feature = "cli")]
mod export;
mod fingerprint;
mod health;
pub mod hooks;
mod inspect;
mod journal;
mod lease;
mod ledger;
mod listed;
mod locate;
mod log;
mod migration;
mod migrator;
mod mode;
#[cfg(feature = "schema")]
mod offline;
mod plan;
#[cfg(feature = "schema")]
mod preview;
mod probe;
mod project;
mod reach;
mod recorder;
mod registry;
mod rehearse;
mod replace;
mod report;
mod resolve;
#[cfg(feature = "cli")]
mod scaffold;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "schema")]
mod scratch;
mod services;
mod source;
mod sql;
#[cfg(all(feature = "cli", any(feature = "sqlite", feature = "postgres")))]
mod squash;
mod standing;
mod startup;
mod steps;
mod store;
mod telling;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub mod testing;
#[cfg(feature = "tracing")]
mod trace;
mod traits;
mod wait;

pub use adopt::{Adopt, AdoptUndone, AdoptUndoneStore, Adopted, AdoptedMigration, AdoptedStore, Dirty};
pub use backup::{Backup, TakenBackup};
pub use cancel::Cancel;
#[cfg(feature = "schema")]
pub use check::{Checked, CheckedMigration};
#[cfg(feature = "cli")]
pub use cli::cli;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::command;
pub use config::Config;
pub use error::{BackupFailure, Error, Failure, Refusal, Rule, StoreError};
#[cfg(feature = "schema")]
pub use error::{ChangeProblem, InvalidChange, InvalidSchema, SchemaProblem};
#[cfg(feature = "cli")]
pub use export::Exported;
pub use health::{Health, StoreHealth};
pub use hooks::Hooks;
pub use inspect::{
    Difference, MigrationStatus, State, Status, StoreHistory, StoreLock, StoreStatus, Verification,
};
pub use ledger::{Attempt, Before, Direction, Foreign, Holder, Outcome, Tool};
pub use log::LogLines;
pub use migration::Migration;
pub use migrator::Migrator;
pub use mode::Environment;
#[cfg(feature = "schema")]
pub use offline::Flaw;
pub use plan::{Action, Plan, Replacement, Request, Selection};
#[cfg(feature = "schema")]
pub use preview::{MigrationPreview, Preview, TextPreview};
pub use project::Project;
pub use registry::Registry;
pub use report::{Done, Event, Replaced, Report, Reporter, Skipped};
pub use resolve::{Resolution, ResolvedTo};
#[cfg(feature = "schema")]
pub use schema::{Change, Schema};
pub use services::{ServiceStatus, Services};
pub use source::{SqlDirectory, SqlFormat};
pub use standing::{Standing, StoreReport, Unreachable};
pub use startup::{Startup, startup};
pub use steps::Steps;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::AnyConnection;
pub use store::{Database, StoreConnection};
#[cfg(feature = "tracing")]
pub use trace::Tracing;
pub use traits::{Down, Irreversible, Options, Result, Up};
pub use wait::Ready;

/// ScyllaDB and Cassandra.
#[cfg(feature = "scylla")]
pub mod scylla {
    #[cfg(feature = "schema")]
    pub use crate::schema::cql::CqlType;
    pub use crate::store::scylla::{
        Backfill, Cause, Conditional, Effect, Position, Replication, ScyllaConnection, ScyllaError, ScyllaUrl,
    };
    /// The driver, for its types and its derives: `#[scylla(crate = "updown::scylla::driver")]`.
    pub use ::scylla as driver;

    /// What the closures of a typed change in CQL get, and what its methods return.
    #[cfg(feature = "schema")]
    pub mod schema {
        pub use crate::schema::cql::{
            AddedColumn, ColumnBuilder, ColumnDefinition, IndexBuilder, KeyspaceBuilder, NewColumn, NewField,
            OldColumn, OptionChange, OptionFrom, OptionsBuilder, TableBuilder, TypeBuilder, Undo,
            ViewBuilder,
        };
    }
}

/// What a migration's module needs.
pub mod prelude {
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub use crate::AnyConnection;
    #[cfg(feature = "schema")]
    pub use crate::schema::{Change, ForeignKeyAction, Schema, Type, asc, desc, expression};
    pub use crate::{Database, Down, Irreversible, Options, Result, Steps, Up};
    #[cfg(feature = "postgres")]
    pub use diesel::PgConnection;
    #[cfg(feature = "sqlite")]
    pub use diesel::SqliteConnection;
    pub use diesel::connection::SimpleConnection;
}

#[doc(hidden)]
pub mod __private {
    pub use crate::fingerprint::{Language, hash, of_bytes};
    pub use crate::probe::{Fallback, Has, Messages, Probe, assert_bodies, assert_ordered, bodies, either};
    pub use crate::registry::{Bodies, Entry};
    pub use crate::source::statement_count;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/guide.md")]
struct Guide;

#[cfg(doctest)]
#[doc = include_str!("../docs/health.md")]
struct HealthPage;

#[cfg(doctest)]
#[doc = include_str!("../docs/production.md")]
struct Production;

#[cfg(doctest)]
#[doc = include_str!("../docs/schema.md")]
struct DeclaredSchema;

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../docs/services.md")]
struct ServicesPage;

#[cfg(all(doctest, feature = "postgres"))]
#[doc = include_str!("../docs/postgres.md")]
struct Postgres;

#[cfg(all(doctest, feature = "postgres"))]
#[doc = include_str!("../docs/cockroach.md")]
struct Cockroach;

#[cfg(all(doctest, feature = "scylla"))]
#[doc = include_str!("../docs/scylla.md")]
struct Scylla;

#[cfg(all(doctest, any(feature = "sqlite", feature = "postgres")))]
#[doc = include_str!("../docs/coming-from.md")]
struct ComingFrom;

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../docs/from-diesel.md")]
struct FromDiesel;

#[cfg(all(doctest, any(feature = "sqlite", feature = "postgres")))]
#[doc = include_str!("../docs/from-golang-migrate.md")]
struct FromGolangMigrate;

#[cfg(all(doctest, any(feature = "sqlite", feature = "postgres")))]
#[doc = include_str!("../docs/from-a-shared-engine.md")]
struct FromASharedEngine;

#[cfg(all(doctest, feature = "include_dir", any(feature = "sqlite", feature = "postgres")))]
#[doc = include_str!("../docs/from-sqlx.md")]
struct FromSqlx;

#[cfg(all(doctest, any(feature = "sqlite", feature = "postgres")))]
#[doc = include_str!("../docs/from-sea-orm.md")]
struct FromSeaOrm;

#[cfg(all(doctest, feature = "scylla"))]
#[doc = include_str!("../docs/from-gocqlx.md")]
struct FromGocqlx;
