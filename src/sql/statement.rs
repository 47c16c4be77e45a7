//! What a statement is, as far as its first words say it.

use super::{Dialect, Kind, lex};

pub use super::block::{Block, Boundary};

/// The words that a statement begins with, up to what is none: at most `count`.
pub fn first_words(statement: &str, dialect: Dialect, count: usize) -> Vec<&str> {
    lex(statement, dialect)
        .filter(|lexeme| !lexeme.is_trivia())
        .take_while(|lexeme| lexeme.kind == Kind::Word)
        .take(count)
        .map(|lexeme| lexeme.text)
        .collect()
}

/// Whether a text has nothing that a database would do: white space, comments and `;` alone.
pub fn is_nothing(text: &str, dialect: Dialect) -> bool {
    lex(text, dialect).all(|lexeme| lexeme.is_trivia() || lexeme.is_symbol(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_up_to_what_is_none() {
        for (statement, count, expected) in [
            ("CREATE TABLE t (id INT)", 2, &["CREATE", "TABLE"][..]),
            ("CREATE TABLE t (id INT)", 9, &["CREATE", "TABLE", "t"]),
            ("/* a */ create -- b\n table \"t\"", 9, &["create", "table"]),
            ("(SELECT 1)", 1, &[]),
            ("SELECT 1", 2, &["SELECT"]),
            ("", 2, &[]),
        ] {
            assert_eq!(first_words(statement, Dialect::Postgres, count), expected, "{statement:?}");
        }
    }

    #[test]
    fn white_space_comments_and_semicolons_are_nothing() {
        for nothing in ["", "\u{feff}", " ;; -- a\n /* b */ ;", "\r\n"] {
            assert!(is_nothing(nothing, Dialect::Sqlite), "{nothing:?}");
        }
        for something in ["SELECT 1", "''", ".", "; a"] {
            assert!(!is_nothing(something, Dialect::Sqlite), "{something:?}");
        }
        assert!(is_nothing("// a", Dialect::Cql));
        assert!(!is_nothing("// a", Dialect::Postgres));
    }
}
