//! Which rows a materialized view has.

use super::cursor::{Cursor, Wrong};
use super::lexer::{Kind, Token};
use crate::schema::cql::name::quoted;

/// Written in capitals; anything else that is a word is a name.
const WORDS: [&str; 10] = ["AND", "IS", "NOT", "NULL", "IN", "CONTAINS", "KEY", "TOKEN", "TRUE", "FALSE"];

/// The parts of a condition as the database has it, in one form. What cannot be read is one part.
pub fn conditions(written: &str) -> Vec<String> {
    let read =
        Cursor::new(written).and_then(|mut cursor| read_conditions(&mut cursor, |cursor| cursor.is_end()));
    read.unwrap_or_else(|_| vec![written.to_owned()])
}

/// The parts of a condition, which are divided by `AND`, up to its end.
pub fn read_conditions(
    cursor: &mut Cursor<'_>,
    is_end: impl Fn(&Cursor<'_>) -> bool,
) -> Result<Vec<String>, Wrong> {
    let mut parts = Vec::new();
    let mut part: Vec<Token<'_>> = Vec::new();
    let mut depth = 0;
    while !(cursor.is_end() || depth == 0 && is_end(cursor)) {
        match cursor.peek().kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') => depth -= 1,
            Kind::Symbol(';') => break,
            _ => {}
        }
        if depth == 0 && cursor.is("and") {
            if part.is_empty() {
                return Err(cursor.expected("a condition"));
            }
            parts.push(written(&part));
            part.clear();
            cursor.take();
        } else {
            part.push(cursor.take());
        }
    }
    if part.is_empty() {
        return Err(cursor.expected("a condition"));
    }
    parts.push(written(&part));
    Ok(parts)
}

fn written(part: &[Token<'_>]) -> String {
    let mut text = String::new();
    for (at, token) in part.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &part[before].kind);
        let is_close = |kind: &Kind| matches!(kind, Kind::Symbol(')' | ',' | '.' | ';'));
        let is_open = |kind: &Kind| matches!(kind, Kind::Symbol('(' | '.'));
        // `>=` is one.
        let is_one =
            matches!((before, &token.kind), (Some(Kind::Symbol('<' | '>' | '!')), Kind::Symbol('=')));
        if before.is_some_and(|before| !is_open(before)) && !is_close(&token.kind) && !is_one {
            text.push(' ');
        }
        match &token.kind {
            Kind::Word => {
                let upper = token.text.to_uppercase();
                // A column may be called `key`.
                let is_call = part.get(at + 1).is_some_and(|next| next.kind == Kind::Symbol('('));
                let is_name = !WORDS.contains(&upper.as_str()) || (at == 0 && !is_call);
                text.push_str(&if is_name { quoted(&token.text.to_lowercase()) } else { upper });
            }
            Kind::Name(name) => text.push_str(&quoted(name)),
            _ => text.push_str(token.text),
        }
    }
    text
}
