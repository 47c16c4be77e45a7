//! ScyllaDB, and Cassandra, which speaks the same protocol: how a URL names a cluster, and the
//! connection to it.

mod agreement;
mod connect;
mod connection;
mod data;
mod engine;
mod error;
mod journaled;
mod partition;
mod runtime;
mod statement;
#[cfg(feature = "scylla-tls")]
mod tls;
mod url;

pub use connection::{Conditional, ScyllaConnection};
pub use error::{Cause, Effect, Position, ScyllaError};
pub use url::{Replication, ScyllaUrl};
