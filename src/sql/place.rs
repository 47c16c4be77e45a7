//! Where something stands in a text, as an editor says it.

use std::fmt;

/// A line and a column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    /// In characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The place of a byte of the text. A byte order mark at its beginning is in no column, and `\r\n` is the end of one
/// line. What is behind the end is at the end, and what is inside of a character is at its beginning.
pub fn place(text: &str, offset: usize) -> Place {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let (before, behind) = text.split_at(offset);
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_in_line_end = behind.starts_with('\n') && line.ends_with('\r');
    Place {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + usize::from(!is_in_line_end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_where_an_editor_shows_it() {
        for (text, offset, line, column) in [
            ("", 0, 1, 1),
            ("ab", 0, 1, 1),
            ("ab", 2, 1, 3),
            ("ab", 9, 1, 3),
            ("a\nb", 1, 1, 2),
            ("a\nb", 2, 2, 1),
            ("a\n", 2, 2, 1),
            ("a\r\nb", 1, 1, 2),
            ("a\r\nb", 2, 1, 2),
            ("a\r\nb", 3, 2, 1),
            ("a\rb", 2, 1, 3),
            ("é€x", 5, 1, 3),
            ("é€x", 3, 1, 2),
            ("é\né€x", 8, 2, 3),
            ("\u{feff}ab", 0, 1, 1),
            ("\u{feff}ab", 2, 1, 1),
            ("\u{feff}ab", 3, 1, 1),
            ("\u{feff}ab", 4, 1, 2),
            ("\u{feff}\nab", 5, 2, 2),
            ("a\u{feff}b", 4, 1, 3),
        ] {
            assert_eq!(place(text, offset), Place { line, column }, "{text:?} {offset}");
        }
        assert_eq!(place("a\nbc", 3).to_string(), "2:2");
    }
}
