//! A module that does what changes say.

use super::rust::{statement, width};
use super::sayable::sayable;
use super::source::calls;
use super::text::WIDEST;
use crate::scaffold::templates::Against;
use crate::schema::diff::Needed;
use crate::schema::recorded::Operation;

/// A typed migration.
#[derive(Clone, Copy, Debug)]
pub struct Module<'a> {
    /// What it does: a sentence.
    pub about: &'a str,
    /// What it is written against: `AnyConnection`, `SqliteConnection`, `PgConnection`, …, as the list has it.
    pub connection: &'a str,
    /// Against `Steps` over that.
    pub in_steps: bool,
    /// What it changes, in order.
    pub changes: &'a [Needed],
}

/// Where the statements stand.
pub const INDENT: usize = 8;

/// Its source, as rustfmt leaves it.
pub fn module(what: &Module<'_>) -> String {
    let against = Against { connection: what.connection, in_steps: what.in_steps };
    let (head, kind) = (against.head(&wrapped(what.about, "//! ")), against.kind());
    let mut body = String::new();
    for needed in what.changes {
        for note in notes(needed) {
            body.push_str(&comment(&note));
        }
        for operation in said(&needed.operation, what.in_steps) {
            body.push_str(&statement(INDENT, "schema", &calls(&operation)));
        }
    }
    framed(&head, &kind, &body)
}

/// What a module begins with, and its statements in what is implemented for a connection.
pub fn framed(head: &str, kind: &str, body: &str) -> String {
    let used = if body.is_empty() { "_" } else { "" };
    format!(
        "{head}
impl Change<{kind}> for Migration {{
    fn change(&self, {used}schema: &mut Schema<{kind}>) {{
{body}    }}
}}
"
    )
}

fn said(operation: &Operation, in_steps: bool) -> Vec<Operation> {
    match operation {
        Operation::Sql(op) => sayable(op, in_steps).into_iter().map(Operation::Sql).collect(),
        #[cfg(feature = "scylla")]
        other => vec![other.clone()],
    }
}

/// What whoever reads it has to know.
fn notes(needed: &Needed) -> Vec<String> {
    let loses = needed.loses.iter().map(|what| format!("loses: {what}"));
    let fails = needed.fails_with_rows.iter().map(|why| format!("fails on a table with rows: {why}"));
    loses.chain(fails).collect()
}

/// Above a statement.
pub fn comment(text: &str) -> String {
    let indent = " ".repeat(INDENT);
    format!("{indent}// {}\n", wrapped(text, &format!("{indent}// ")))
}

/// Lines that are not too long, where the words are not; `start` is what all but the first begin with.
pub fn wrapped(text: &str, start: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last].push_str(word);
        } else if width(start) + width(&lines[last]) + 1 + width(word) <= WIDEST {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join(&format!("\n{start}"))
}
