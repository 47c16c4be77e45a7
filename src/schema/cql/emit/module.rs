//! A module that does what changes say.

use super::calls;
use crate::schema::diff::Needed;
use crate::schema::emit::rust::{statement, width};
use crate::schema::emit::text::WIDEST;
use crate::schema::recorded::Operation;

/// Where the statements stand.
const INDENT: usize = 8;

/// A typed migration, as rustfmt leaves it. `what` is what it does: a sentence.
pub fn module(what: &str, needed: &[Needed]) -> String {
    let body = statements(needed);
    let imported =
        if body.contains("CqlType::") { "{CqlType, ScyllaConnection}" } else { "ScyllaConnection" };
    let used = if body.is_empty() { "_" } else { "" };
    format!(
        "{}
use updown::prelude::*;
use updown::scylla::{imported};

pub struct Migration;

impl Change<ScyllaConnection> for Migration {{
    fn change(&self, {used}schema: &mut Schema<ScyllaConnection>) {{
{body}    }}
}}
",
        lines(what, "//! ")
    )
}

/// What stands in `fn change`. A change of another kind of database has no place there, and is left out.
pub fn statements(needed: &[Needed]) -> String {
    let mut body = String::new();
    let indent = " ".repeat(INDENT);
    for one in needed {
        let Operation::Cql(op) = &one.operation else { continue };
        if let Some(loses) = &one.loses {
            body.push_str(&lines(&format!("loses: {loses}"), &format!("{indent}// ")));
        }
        body.push_str(&statement(INDENT, "schema", &calls(op)));
    }
    body
}

/// Comments that are not too long, where the words are not.
fn lines(text: &str, start: &str) -> String {
    let mut lines = vec![start.to_owned()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last] != start {
            if width(&lines[last]) + 1 + width(word) <= WIDEST {
                lines[last].push(' ');
            } else {
                lines.push(start.to_owned());
            }
        }
        let last = lines.len() - 1;
        lines[last].push_str(word);
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}
