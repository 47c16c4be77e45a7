//! What is wrong with a keyspace, or a user-defined type, whatever else there is.

use super::table::twice;
use super::{Wrong, wrong};
use crate::schema::cql::CqlType;
use crate::schema::cql::parts::{CqlKeyspace, CqlReplication, Field};

pub fn against_keyspace(keyspace: &CqlKeyspace) -> Vec<Wrong> {
    let copies: Option<u64> = match &keyspace.replication {
        None => None,
        Some(CqlReplication::Simple(copies)) => Some(u64::from(*copies)),
        Some(CqlReplication::Network(copies)) => {
            Some(copies.iter().map(|(_, copies)| u64::from(*copies)).sum())
        }
    };
    match copies {
        Some(1..) => Vec::new(),
        _ => vec![wrong(
            format!("keyspace {} keeps no copy of anything", keyspace.name),
            "say how many: `k.network([(\"dc1\", 3)])`, or `k.simple(1)`",
        )],
    }
}

/// What a type cannot have in it.
pub fn against_fields(name: &str, fields: &[Field]) -> Vec<Wrong> {
    let mut found = Vec::new();
    if fields.is_empty() {
        found.push(wrong(format!("type {name} has no fields"), "add one: `t.text(\"…\")`"));
    }
    for field in twice(fields.iter().map(|field| &field.name)) {
        found.push(wrong(format!("type {name} has two fields {field}"), "rename or remove one of them"));
    }
    for field in fields {
        match &field.kind {
            CqlType::Counter => found.push(wrong(
                format!("field {name}.{} is a counter", field.name),
                "make it a `bigint`: a counter is a column of its own",
            )),
            CqlType::Udt(of) => found.push(wrong(
                format!("field {name}.{} is a user-defined type that is not frozen", field.name),
                format!("freeze it: `t.udt(\"{}\", \"{of}\")`", field.name),
            )),
            _ => {}
        }
    }
    found
}
