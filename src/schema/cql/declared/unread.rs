//! Why `schema.cql` cannot be read, with the place.

use std::fmt;

use crate::schema::cql::text::Wrong;
use crate::schema::declared::caret;

/// What is wrong, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub file: String,
    /// From 1; and so is the column.
    pub line: usize,
    pub column: usize,
    /// The line.
    pub text: String,
    pub what: String,
    pub hint: String,
}

impl Unread {
    pub fn new(file: &str, text: &str, wrong: Wrong) -> Self {
        let before = &text[..wrong.at];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            file: file.to_owned(),
            line: line_of(text, wrong.at),
            column: text[start..wrong.at].chars().count() + 1,
            text: text[start..].lines().next().unwrap_or_default().to_owned(),
            what: wrong.what,
            hint: wrong.hint,
        }
    }

    /// The line of the text with a caret below.
    pub fn excerpt(&self) -> String {
        format!("   | {}\n   | {}", self.text, caret(&self.text, self.column))
    }
}

/// The line of a byte, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// With the line, and a caret below it.
impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, .. } = self;
        write!(f, "{file}:{line}:{column}: {what}\n{}", self.excerpt())
    }
}

impl std::error::Error for Unread {}
