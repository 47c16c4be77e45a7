//! Typed changes: what a migration does to the schema, as values that are rendered for each database
//! and know their reverse.

#[cfg(feature = "scylla")]
pub mod cql;
mod op;
mod recorded;

pub use recorded::{At, Change, Operation, Problem, Recorded, Schema, Was, WayBack};
