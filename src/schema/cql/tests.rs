//! What is recorded, sent, said and refused, without a server; and what is declared, on one.

mod declared;
mod diffed;
#[cfg(feature = "cli")]
mod emitted;
mod on_cassandra;
mod problems;
mod reversed;
mod statements;
mod there;

use super::Op;
use crate::schema::recorded::{Operation, Recorded, Schema};
use crate::store::scylla::ScyllaConnection;

fn recorded(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> Vec<Recorded> {
    let mut schema = Schema::new();
    change(&mut schema);
    schema.recorded
}

fn op(recorded: &Recorded) -> &Op {
    cql(&recorded.operation)
}

fn cql(operation: &Operation) -> &Op {
    let Operation::Cql(op) = operation else { panic!("{operation:?} is no CQL") };
    op
}

fn statements(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> Vec<String> {
    recorded(change).iter().map(|recorded| op(recorded).statement()).collect()
}
