//! Code-first database migrations. See the [README](https://crates.io/crates/updown) for the two
//! commands that one needs, [`Up`] for how a migration is written, and [`Migrator`] for running
//! them from an application.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Without any store the engine has nothing to run on; it still has to build, feature by feature.
#![cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code, unused_imports))]

// What is emitted is compiled into the tests, and names this crate as a user does.
#[cfg(test)]
extern crate self as updown;

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
mod plan;
#[cfg(feature = "schema")]
mod preview;
mod probe;
mod project;
mod reach;
mod recorder;
mod registry;
mod rehearse;
mod report;
mod resolve;
#[cfg(feature = "cli")]
mod scaffold;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "schema")]
mod scratch;
mod services;
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
pub use health::{Health, StoreHealth};
pub use hooks::Hooks;
pub use inspect::{
    Difference, MigrationStatus, State, Status, StoreHistory, StoreLock, StoreStatus, Verification,
};
pub use ledger::{Attempt, Before, Direction, Holder, Outcome};
pub use log::LogLines;
pub use migration::Migration;
pub use migrator::Migrator;
pub use mode::Environment;
pub use plan::{Action, Plan, Request, Selection};
#[cfg(feature = "schema")]
pub use preview::{MigrationPreview, Preview};
pub use project::Project;
pub use registry::Registry;
pub use report::{Done, Event, Report, Reporter, Skipped};
pub use resolve::Resolution;
#[cfg(feature = "schema")]
pub use schema::{Change, Schema};
pub use services::{ServiceStatus, Services};
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
    pub use crate::probe::{Fallback, Has, Messages, Probe, assert_bodies, assert_ordered, bodies, either};
    pub use crate::registry::Entry;
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
