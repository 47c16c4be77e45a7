//! The text that the hash of a file of SQL or CQL is taken of.
//!
//! It stands in databases, as a part of `sha256-sql-v1:` and `sha256-cql-v1:`, and must never change. There is one for
//! SQL, whatever database it is for, since the same file may run on several. Exactly:
//!
//! 1. The text is read as PostgreSQL reads it, but what stands in backticks is a name. Comments may stand in each
//!    other; where the text would end in a comment then, they may not. CQL is read as Cassandra reads it.
//! 2. White space, comments and byte order marks are left away.
//! 3. A word, a number and a parameter are in lower case, as ASCII has it.
//! 4. What is in quotes (texts with what stands before them, names, bodies in dollars) is as it stands there, with
//!    `\n` for each `\r\n`, however many `\r` that has. So is `[…]` where words, numbers, `.` and `-` stand in it and nothing else, and one word at
//!    least: SQLite's names. A comment in there is one space.
//! 5. Of what is left, characters of `+-*/<>=~!@#%^&|?` without anything between them are one operator, and so are `::`
//!    and `:=`. One that ends in `+` or `-`, and has none of `~!@#%^&|?`, ends before these, as in PostgreSQL: `=-1` is
//!    `= -1`. Every other character is by itself.
//! 6. A `;` at the beginning, at the end, and behind another one is left away.
//! 7. What is left is joined by one space each.

use std::borrow::Cow;

use super::lexer::Reading;
use super::{Dialect, Kind, Lexeme, lex};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Sql,
    Cql,
}

/// The normal form of a text.
pub fn normal(text: &str, family: Family) -> String {
    let lexemes = read(text, family);
    let mut normal = String::with_capacity(text.len());
    let mut is_divided = false;
    for token in token::tokens(text, &lexemes, family) {
        if token.is_semicolon() {
            is_divided = !normal.is_empty();
            continue;
        }
        if std::mem::take(&mut is_divided) {
            normal.push_str(" ;");
        }
        if !normal.is_empty() {
            normal.push(' ');
        }
        token.write(&mut normal);
    }
    normal
}

/// What the text is read as.
pub fn read(text: &str, family: Family) -> Vec<Lexeme<'_>> {
    if family == Family::Cql {
        return lex(text, Dialect::Cql).collect();
    }
    let nested = Reading { backticks: true, ..Dialect::Postgres.into() };
    let lexemes: Vec<_> = lex(text, nested).collect();
    match lexemes.last() {
        Some(last) if last.is_open && last.kind == Kind::Comment => {
            lex(text, Reading { nested: false, ..nested }).collect()
        }
        _ => lexemes,
    }
}

/// A file that was converted twice has two carriage returns.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if !text.contains("\r\n") {
        return text.into();
    }
    let mut lines = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => lines.extend([line.trim_end_matches('\r'), "\n"]),
            None => lines.push_str(line),
        }
    }
    lines.into()
}

#[cfg(test)]
mod tests;
mod token;
