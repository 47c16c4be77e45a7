//! ScyllaDB, and Cassandra, which speaks the same protocol: how a URL names a cluster, and the
//! connection to it.

mod adopt;
mod agreement;
mod backfill;
mod body;
mod connect;
mod connection;
mod data;
mod engine;
mod erase;
mod error;
mod journaled;
mod keyspace;
mod partition;
mod record;
mod rehearsal;
mod retry;
mod rows;
mod runtime;
#[cfg(feature = "schema")]
mod scratch;
mod shape;
mod statement;
#[cfg(feature = "scylla-tls")]
mod tls;
mod url;

pub use backfill::Backfill;
pub use connection::{Conditional, ScyllaConnection};
pub use error::{Cause, Effect, Position, ScyllaError};
#[cfg(feature = "schema")]
pub(crate) use statement::is_use;
pub use url::{Replication, ScyllaUrl};
