//! What is in a database, whichever kind it is.

#[cfg(feature = "scylla")]
use super::cql::Keyspace;
use super::model::{Facts, Model};

/// The schema of a database, but for the ledger.
#[derive(Clone, Debug)]
pub enum Inspected {
    /// Of an SQL database.
    Sql(Box<Model>),
    /// Of ScyllaDB or Cassandra.
    #[cfg(feature = "scylla")]
    Cql(Keyspace),
}

impl Inspected {
    /// One fact for each thing in it.
    pub fn facts(&self) -> Facts {
        match self {
            Self::Sql(model) => model.facts(),
            #[cfg(feature = "scylla")]
            Self::Cql(keyspace) => keyspace.facts(),
        }
    }
}
