//! Tables and their options.

use super::columns::of_table;
use crate::schema::cql::parts::{CqlTable, OptionTo};
use crate::schema::cql::text::Value;
use crate::schema::emit::rust::{Call, Expr};

/// `|t| { … }`.
pub fn table(table: &CqlTable) -> Expr {
    let columns = table.columns.iter().map(of_table);
    let options = table.options.iter().map(|(name, value)| {
        vec![match (name.as_str(), text(value), number(value)) {
            ("comment", Some(text), _) => Call::new("comment", [Expr::text(text)]),
            ("default_time_to_live", _, Some(seconds)) => {
                Call::new("default_time_to_live", [Expr::Code(seconds)])
            }
            _ => Call::new("option", [Expr::text(name), Expr::text(value)]),
        }]
    });
    Expr::Block("t", columns.chain(options).collect())
}

/// `|t| { t.comment().from("a").to("b"); }`.
pub fn options(options: &[OptionTo]) -> Expr {
    let one = |option: &OptionTo| {
        let both = |of: fn(&str) -> Option<String>| Some((of(&option.from)?, of(&option.to)?));
        let (name, (from, to)) = match (option.name.as_str(), both(text), both(number)) {
            ("comment", Some((from, to)), _) => (Call::plain("comment"), (Expr::text(from), Expr::text(to))),
            ("default_time_to_live", _, Some((from, to))) => {
                (Call::plain("default_time_to_live"), (Expr::Code(from), Expr::Code(to)))
            }
            (name, ..) => {
                (Call::new("option", [Expr::text(name)]), (Expr::text(&option.from), Expr::text(&option.to)))
            }
        };
        vec![name, Call::new("from", [from]), Call::new("to", [to])]
    };
    Expr::Block("t", options.iter().map(one).collect())
}

/// What a literal of CQL says.
fn text(value: &str) -> Option<String> {
    match Value::of(value) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// As Rust has it: `2_592_000`.
fn number(value: &str) -> Option<String> {
    let digits = value.parse::<u32>().ok()?.to_string();
    let start = digits.len() % 3;
    let mut written = digits[..start].to_owned();
    for at in (start..digits.len()).step_by(3) {
        if at > 0 {
            written.push('_');
        }
        written.push_str(&digits[at..at + 3]);
    }
    // Four digits are read as they are.
    Some(if digits.len() <= 4 { digits } else { written })
}
