//! Rust's tokens with their places, as far as editing a list as text needs them: words, strings,
//! signs; comments are passed over.
//!
//! Not `proc_macro2`: its spans have no places unless every other use of it pays for them, and a
//! file that somebody is in the middle of editing need not be one that it takes.

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub start: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier, a keyword, a number.
    Word,
    /// A string or a character, with its quotes.
    Literal,
    /// One character of punctuation.
    Sign,
}

impl Token<'_> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub fn is(&self, text: &str) -> bool {
        self.text == text && self.kind != Kind::Literal
    }
}

/// All tokens of a source text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(length) = comment(rest) {
            at += length;
            continue;
        }
        if c.is_whitespace() || c == '\u{feff}' {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = if let Some(length) = literal(rest) {
            (Kind::Literal, length)
        } else if is_word(c) {
            (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()))
        } else {
            (Kind::Sign, c.len_utf8())
        };
        tokens.push(Token { kind, text: &rest[..length], start: at });
        at += length;
    }
    tokens
}

/// Where the line ends that `at` stands in, if there is nothing but blanks and comments up to there.
pub fn end_of_line(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        if rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n") {
            return Some(at);
        }
        at += match comment(rest) {
            Some(length) => length,
            None => rest.chars().next().filter(|c| c.is_whitespace())?.len_utf8(),
        };
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment that `text` begins with, without the end of its line.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        let line = text.find('\n').unwrap_or(text.len());
        return Some(text[..line].trim_end_matches('\r').len());
    }
    if !text.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(text.len())
}

/// The length of the string or character that `text` begins with.
fn literal(text: &str) -> Option<usize> {
    let after_prefix = text.strip_prefix(['b', 'c']).unwrap_or(text);
    if let Some(raw) = after_prefix.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(body) = raw[hashes..].strip_prefix('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let before = text.len() - body.len();
            return Some(body.find(&close).map_or(text.len(), |at| before + at + close.len()));
        }
    }
    let before = text.len() - after_prefix.len();
    if after_prefix.starts_with('"') {
        return Some(before + quoted(after_prefix, '"'));
    }
    let character = after_prefix.strip_prefix('\'')?;
    let mut chars = character.chars();
    let first = chars.next()?;
    // Else it is a lifetime.
    (first == '\\' || chars.next() == Some('\'')).then(|| before + quoted(after_prefix, '\''))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_hide_what_is_in_them() {
        for (source, expected) in [
            ("mod a; // mod b;", &["mod", "a", ";"][..]),
            ("/* x /* y */ z */ a", &["a"]),
            ("/* open", &[]),
            (r#""a\"b" c"#, &[r#""a\"b""#, "c"]),
            ("r#\"a\"b\"# c", &["r#\"a\"b\"#", "c"]),
            ("b\"x\" br\"y\" b'z'", &["b\"x\"", "br\"y\"", "b'z'"]),
            ("'a' 'static '\\'' '\"'", &["'a'", "'", "static", "'\\''", "'\"'"]),
            ("a::b!{c}", &["a", ":", ":", "b", "!", "{", "c", "}"]),
            ("\u{feff}ä // ö\r\nb", &["ä", "b"]),
            ("\"open", &["\"open"]),
        ] {
            let found = tokens(source);
            assert_eq!(found.iter().map(|token| token.text).collect::<Vec<_>>(), expected, "{source}");
            for token in found {
                assert_eq!(&source[token.start..token.end()], token.text);
            }
        }
    }

    #[test]
    fn the_rest_of_a_line() {
        assert_eq!(end_of_line("a, // x\n]", 2), Some(7));
        assert_eq!(end_of_line("a, // x\r\n]", 2), Some(7));
        assert_eq!(end_of_line("a, b", 2), None);
        assert_eq!(end_of_line("a, /* x\ny */\n]", 2), Some(12));
        assert_eq!(end_of_line("a,", 2), Some(2));
    }
}
