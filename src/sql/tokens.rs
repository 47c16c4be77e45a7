//! The words of a statement. What a statement is, is told by them; nothing here knows a grammar.

use super::{Dialect, Kind, Lexeme, lex};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Word(&'a str),
    /// In double quotes, and with them.
    Name(&'a str),
    /// A text, with its quotes, or a number.
    Literal(&'a str),
    Symbol(char),
}

impl Token<'_> {
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }

    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// A word or a name, with its quotes.
    #[cfg(feature = "postgres")]
    pub fn as_it_stands(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Name(text) => Some(text),
            _ => None,
        }
    }

    /// As the schema has it.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.to_lowercase()),
            Self::Name(name) => {
                let inside = &name[1..];
                Some(inside.strip_suffix('"').unwrap_or(inside).replace("\"\"", "\""))
            }
            _ => None,
        }
    }
}

pub fn tokens(text: &str, dialect: Dialect) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut lexemes = lex(text, dialect).peekable();
    while let Some(lexeme) = lexemes.next() {
        let is_sign = (lexeme.is_symbol('+') || lexeme.is_symbol('-'))
            && lexemes.peek().is_some_and(|next| next.kind == Kind::Number)
            && matches!(tokens.last(), Some(Token::Symbol('=' | '(' | ',' | '[' | ':' | '{' | '<' | '>')));
        // The sign of a number is a part of it.
        tokens.extend(token(&lexeme).filter(|_| !is_sign));
    }
    tokens
}

fn token<'a>(lexeme: &Lexeme<'a>) -> Option<Token<'a>> {
    match lexeme.kind {
        Kind::Space | Kind::Comment => None,
        Kind::Word => Some(Token::Word(lexeme.text)),
        Kind::Name => Some(Token::Name(lexeme.text)),
        Kind::Text | Kind::Body | Kind::Number => Some(Token::Literal(lexeme.text)),
        Kind::Parameter | Kind::Symbol => lexeme.text.chars().next().map(Token::Symbol),
    }
}

/// One of the statements of a text.
#[cfg(feature = "postgres")]
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token<'a>>,
}

/// The statements of a text, as PostgreSQL reads it.
#[cfg(feature = "postgres")]
pub fn statements(text: &str) -> Vec<Statement<'_>> {
    let of = |text| Statement { text, tokens: tokens(text, Dialect::Postgres) };
    let pieces = super::split::split(text, Dialect::Postgres);
    pieces.iter().filter(|piece| !piece.is_empty()).map(|piece| of(piece.statement.trim())).collect()
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        statements(sql).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn statements_are_told_apart() {
        assert_eq!(texts("a; b ;; /* why */ c"), ["a", "b", "c"]);
        assert_eq!(texts(" ; -- nothing; here\n /* nor; /* here; */ ; */"), Vec::<&str>::new());
        for one in [
            "SELECT ';', \"a;b\", 'it''s;'",
            "SELECT E'\\';', $$;$$, $a$ ; $$ ; $a$, $1",
            "SELECT 1 -- ; \n + 2",
            "SELECT 'open;",
            "SELECT $open$ ; ",
        ] {
            assert_eq!(texts(one), [one.trim()]);
        }
        assert_eq!(texts("SELECT e'a\\\\'; SELECT $1; SELECT 2").len(), 3);
    }

    #[test]
    fn names_are_as_the_schema_has_them() {
        let names = |sql| tokens(sql, Dialect::Postgres).iter().filter_map(Token::name).collect::<Vec<_>>();
        assert_eq!(names("Abc.\"D\"\"e\" = 'f'"), ["abc", "D\"e"]);
        assert_eq!(names("\"open"), ["open"]);
    }
}
