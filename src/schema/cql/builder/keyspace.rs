//! Keyspaces.

use crate::schema::cql::parts::{CqlKeyspace, CqlReplication};

/// A keyspace. How many copies it keeps has to be said.
#[derive(Debug)]
pub struct KeyspaceBuilder(pub(in crate::schema::cql) CqlKeyspace);

impl KeyspaceBuilder {
    pub(in crate::schema::cql) fn new(name: String) -> Self {
        Self(CqlKeyspace { name, replication: None, durable_writes: None, tablets: None })
    }

    /// So many copies, wherever the nodes are: for development.
    pub fn simple(mut self, copies: u32) -> Self {
        self.0.replication = Some(CqlReplication::Simple(copies));
        self
    }

    /// So many copies in each data centre.
    pub fn network<D: Into<String>>(mut self, copies: impl IntoIterator<Item = (D, u32)>) -> Self {
        let copies = copies.into_iter().map(|(datacenter, copies)| (datacenter.into(), copies));
        self.0.replication = Some(CqlReplication::Network(copies.collect()));
        self
    }

    /// Whether a write is in the commit log before it is answered; it is, without a word.
    pub fn durable_writes(mut self, durable: bool) -> Self {
        self.0.durable_writes = Some(durable);
        self
    }

    /// Whether its tables are in tablets. ScyllaDB alone knows them.
    pub fn tablets(mut self, enabled: bool) -> Self {
        self.0.tablets = Some(enabled);
        self
    }
}
