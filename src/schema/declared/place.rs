//! Where something is declared, and what is wrong with it there.

use std::fmt;

use crate::schema::recorded::At;

/// A place in a text; `Display` is `schema.rs:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; 0 where it is not known.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl From<At> for Place {
    fn from(at: At) -> Self {
        Self { file: at.file.to_owned(), line: at.line as usize, column: 0 }
    }
}

/// What is wrong with a declaration; `Display` is all of it, in lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// In a sentence.
    pub what: String,
    /// What to write instead; empty where that is clear.
    pub hint: String,
    /// The line of the text.
    pub line: Option<String>,
}

impl Problem {
    /// One whose line nobody has.
    pub fn new(place: &Place, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { place: place.clone(), what: what.into(), hint: hint.into(), line: None }
    }

    /// The line of the text with a caret below; empty where the line is not known.
    pub fn excerpt(&self) -> String {
        let Some(line) = &self.line else { return String::new() };
        let number = self.place.line.to_string();
        let gap = " ".repeat(number.len());
        format!("{number} | {line}\n{gap} | {}", caret(line, self.place.column))
    }
}

/// A `^` that stands below a column of a line, from 1.
pub fn caret(line: &str, column: usize) -> String {
    // Tabs stay tabs, so that it stands below its character.
    let before = line.chars().take(column.saturating_sub(1));
    before.map(|c| if c == '\t' { '\t' } else { ' ' }).chain(['^']).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if self.place.column > 0 {
            write!(f, ":{}", self.place.column)?;
        }
        write!(f, ": {}", self.what)?;
        let excerpt = self.excerpt();
        if !excerpt.is_empty() {
            write!(f, "\n{excerpt}")?;
        }
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n{}", self.hint) }
    }
}
