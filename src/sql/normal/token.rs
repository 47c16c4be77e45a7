//! What counts as one in the normal form.

use super::{Family, unix_lines};
use crate::sql::{Kind, Lexeme};

/// What counts as one.
#[derive(Clone, Copy)]
pub enum Token<'t, 'a> {
    /// In lower case.
    Folded(&'a str),
    /// As it stands there.
    Kept(&'a str),
    /// A name in brackets.
    Bracketed(&'t [Lexeme<'a>]),
}

impl Token<'_, '_> {
    pub fn is_semicolon(self) -> bool {
        matches!(self, Self::Kept(";"))
    }

    pub fn write(self, normal: &mut String) {
        match self {
            Self::Folded(text) => normal.extend(text.chars().map(|c| c.to_ascii_lowercase())),
            Self::Kept(text) => normal.push_str(&unix_lines(text)),
            Self::Bracketed(lexemes) => {
                for lexeme in lexemes {
                    let is_comment = lexeme.kind == Kind::Comment;
                    normal.push_str(&if is_comment { " ".into() } else { unix_lines(lexeme.text) });
                }
            }
        }
    }
}

/// What counts, one after the other.
pub fn tokens<'t, 'a>(text: &'a str, lexemes: &'t [Lexeme<'a>], family: Family) -> Tokens<'t, 'a> {
    Tokens { text, lexemes, at: 0, signs_end: 0, family }
}

pub struct Tokens<'t, 'a> {
    text: &'a str,
    lexemes: &'t [Lexeme<'a>],
    at: usize,
    /// Up to there each is a sign by itself: to look for it once more at each would take as long as there are many.
    signs_end: usize,
    family: Family,
}

impl<'t, 'a> Iterator for Tokens<'t, 'a> {
    type Item = Token<'t, 'a>;

    fn next(&mut self) -> Option<Token<'t, 'a>> {
        while self.lexemes.get(self.at)?.is_trivia() {
            self.at += 1;
        }
        let rest = &self.lexemes[self.at..];
        let bracketed = bracketed(rest).filter(|_| self.family == Family::Sql);
        let (token, count) = match rest[0].kind {
            _ if bracketed.is_some() => {
                let count = bracketed.unwrap_or(1);
                (Token::Bracketed(&rest[..count]), count)
            }
            Kind::Word | Kind::Number | Kind::Parameter => (Token::Folded(rest[0].text), 1),
            Kind::Symbol => {
                let count = self.operator(rest);
                (Token::Kept(&self.text[rest[0].at..rest[count - 1].end()]), count)
            }
            _ => (Token::Kept(rest[0].text), 1),
        };
        self.at += count;
        Some(token)
    }
}

impl Tokens<'_, '_> {
    /// How many make up an operator.
    fn operator(&mut self, rest: &[Lexeme<'_>]) -> usize {
        if rest[0].is_symbol(':') {
            return 1 + rest.get(1).map_or(0, |next| usize::from(is_any(next, ":=")));
        }
        if self.at < self.signs_end {
            return 1;
        }
        let run = rest.iter().take_while(|lexeme| is_any(lexeme, "+-*/<>=~!@#%^&|?")).count().max(1);
        if rest[..run].iter().any(|lexeme| is_any(lexeme, "~!@#%^&|?")) {
            return run;
        }
        self.signs_end = self.at + run;
        rest[..run].iter().rposition(|lexeme| !is_any(lexeme, "+-")).map_or(1, |last| last + 1)
    }
}

fn is_any(lexeme: &Lexeme<'_>, of: &str) -> bool {
    lexeme.kind == Kind::Symbol && lexeme.text.chars().all(|symbol| of.contains(symbol))
}

/// How many make up a name in brackets.
fn bracketed(lexemes: &[Lexeme<'_>]) -> Option<usize> {
    if !lexemes[0].is_symbol('[') {
        return None;
    }
    let is_inside = |lexeme: &Lexeme<'_>| {
        lexeme.is_trivia()
            || matches!(lexeme.kind, Kind::Word | Kind::Number)
            || lexeme.is_symbol('.')
            || lexeme.is_symbol('-')
    };
    let inside = lexemes[1..].iter().take_while(|lexeme| is_inside(lexeme)).count();
    let has_word = lexemes[1..=inside].iter().any(|lexeme| lexeme.kind == Kind::Word);
    let is_closed = lexemes.get(inside + 1).is_some_and(|lexeme| lexeme.is_symbol(']'));
    (is_closed && has_word).then_some(inside + 2)
}
