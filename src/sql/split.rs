//! A text in statements, as the database that gets them divides it. What it is divided into, joined, is the text.

use super::statement::{Block, Boundary};
use super::{Dialect, Lexeme, lex};

/// A statement with what stands before it and the `;` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// With its comments and its `;`: all of them, joined, are the text.
    pub whole: &'a str,
    /// Without comments and white space around it, and without its `;`. Empty where there is no statement.
    pub statement: &'a str,
    /// Where the statement begins in the text, in bytes.
    pub offset: usize,
    /// What has `;` inside of it and had not ended at the end of the text.
    pub open: Option<Block>,
}

impl Piece<'_> {
    /// White space, comments, or a `;`.
    pub const fn is_empty(&self) -> bool {
        self.statement.is_empty()
    }
}

/// The pieces of a text. What stands behind the last `;` is one of its own, if it is only a comment.
pub fn split(text: &str, dialect: Dialect) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut begun = Begun::at(0, dialect);
    for lexeme in lex(text, dialect) {
        if lexeme.is_trivia() {
            continue;
        }
        if lexeme.is_symbol(';') && begun.boundary.divides() {
            pieces.push(begun.piece(text, lexeme.at, lexeme.end()));
            begun = Begun::at(lexeme.end(), dialect);
        } else {
            begun.see(&lexeme);
        }
    }
    if begun.start < text.len() {
        let mut last = begun.piece(text, text.len(), text.len());
        last.open = begun.boundary.open();
        pieces.push(last);
    }
    pieces
}

/// A piece of which the end has not been seen.
struct Begun<'a> {
    start: usize,
    /// Where its statement stands.
    statement: Option<(usize, usize)>,
    boundary: Boundary<'a>,
}

impl<'a> Begun<'a> {
    const fn at(start: usize, dialect: Dialect) -> Self {
        Self { start, statement: None, boundary: Boundary::new(dialect) }
    }

    fn see(&mut self, lexeme: &Lexeme<'a>) {
        let begin = self.statement.map_or(lexeme.at, |(begin, _)| begin);
        self.statement = Some((begin, lexeme.end()));
        self.boundary.see(lexeme);
    }

    /// An empty statement stands where one would end.
    fn piece(&self, text: &'a str, empty: usize, end: usize) -> Piece<'a> {
        let (from, to) = self.statement.unwrap_or((empty, empty));
        Piece { whole: &text[self.start..end], statement: &text[from..to], offset: from, open: None }
    }
}

#[cfg(test)]
mod tests;
