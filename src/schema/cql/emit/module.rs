//! A module that does what changes say.

use super::calls;
use crate::schema::diff::Needed;
use crate::schema::emit::module::{INDENT, comment, framed, wrapped};
use crate::schema::emit::rust::statement;
use crate::schema::recorded::Operation;

/// A typed migration, as rustfmt leaves it. `what` is what it does: a sentence.
pub fn module(what: &str, needed: &[Needed]) -> String {
    let body = statements(needed);
    let imported =
        if body.contains("CqlType::") { "{CqlType, ScyllaConnection}" } else { "ScyllaConnection" };
    let head = format!(
        "//! {}

use updown::prelude::*;
use updown::scylla::{imported};

pub struct Migration;
",
        wrapped(what, "//! ")
    );
    framed(&head, "ScyllaConnection", &body)
}

/// What stands in `fn change`. A change of another kind of database has no place there, and is left out.
fn statements(needed: &[Needed]) -> String {
    let mut body = String::new();
    for one in needed {
        let Operation::Cql(op) = &one.operation else { continue };
        if let Some(loses) = &one.loses {
            body.push_str(&comment(&format!("loses: {loses}")));
        }
        body.push_str(&statement(INDENT, "schema", &calls(op)));
    }
    body
}
