//! A text as a literal of Rust.

use super::rust::width;

/// How wide a line may be: rustfmt's `max_width`.
pub const WIDEST: usize = 100;

/// On one line, where it can be: a text with line breaks is written as it is, in a raw literal.
pub fn literal(text: &str) -> Option<String> {
    let has_breaks = text.contains('\n');
    if has_breaks && !is_odd(text) {
        return None;
    }
    Some(match text.contains('"') && !is_odd(text) {
        true => raw(text),
        false => format!("\"{}\"", escaped(text)),
    })
}

/// On one line, whatever is in it.
pub fn one_line(text: &str) -> String {
    literal(text).unwrap_or_else(|| format!("\"{}\"", escaped(text)))
}

/// Where it stands alone on its lines, `indent` from the left.
pub fn block(text: &str, indent: usize) -> String {
    match literal(text) {
        None => raw(text),
        Some(line) if indent + width(&line) < WIDEST => line,
        Some(_) => wrapped(text, indent),
    }
}

/// What cannot be written as it is: a compiler turns `\r\n` into `\n`, and nobody sees the others.
fn is_odd(text: &str) -> bool {
    text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || is_unseen(c))
}

/// Those that turn the direction of a line, which the compiler warns of, and those without a width.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn raw(text: &str) -> String {
    let fits = |hashes: &String| !text.contains(&format!("\"{hashes}"));
    let needs_none = !text.contains('"') && !text.contains('\\');
    if needs_none {
        return format!("\"{text}\"");
    }
    let hashes = (0..).map(|count| "#".repeat(count)).find(fits).unwrap_or_default();
    format!("r{hashes}\"{text}\"{hashes}")
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\0' => written.push_str("\\0"),
            c if c.is_control() || is_unseen(c) => written.extend(c.escape_unicode()),
            c => written.push(c),
        }
    }
    written
}

/// Over several lines: a `\` at the end of one takes the blanks before the next one away, so that a line ends
/// behind a blank and begins with none.
fn wrapped(text: &str, indent: usize) -> String {
    let room = WIDEST.saturating_sub(indent + 4).max(20);
    let escaped = escaped(text);
    let mut lines: Vec<String> = vec![String::new()];
    let mut rest = escaped.as_str();
    while !rest.is_empty() {
        let word = rest.find(' ').map_or(rest.len(), |at| at + 1);
        let blanks = rest[word..].len() - rest[word..].trim_start_matches(' ').len();
        let (piece, behind) = rest.split_at(word + blanks);
        rest = behind;
        let line = lines.len() - 1;
        if !lines[line].is_empty() && width(&lines[line]) + width(piece.trim_end()) > room {
            lines.push(String::new());
        }
        let line = lines.len() - 1;
        lines[line].push_str(piece);
    }
    let between = format!("\\\n{}", " ".repeat(indent + 1));
    format!("\"{}\"", lines.join(&between))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the compiler reads.
    fn read(literal: &str) -> String {
        match syn::parse_str(literal).expect(literal) {
            syn::Lit::Str(text) => text.value(),
            _ => panic!("{literal} is no text"),
        }
    }

    #[test]
    fn what_is_written_is_what_is_meant() {
        let long = "SELECT  a,   b FROM \"t\" WHERE x = 'it''s' AND y LIKE '%\\%' ".repeat(4);
        for text in [
            "",
            " ",
            "a",
            "it's \"this\"",
            "a\\b",
            "\"#",
            "two\nlines",
            "two\n \"lines\"#\n",
            "odd\r\nlines\u{7}\0",
            "\u{202e}backwards\nx",
            "tab\tä",
            &long,
            &"x".repeat(200),
            &format!("{} {}", "x".repeat(99), "y".repeat(99)),
        ] {
            assert_eq!(read(&block(text, 8)), text);
            if let Some(line) = literal(text) {
                assert!(!line.contains('\n'), "{line}");
                assert_eq!(read(&line), text);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_broken_between_words() {
        let text =
            "CHECK (status IN ('pending', 'processing', 'completed', 'failed')) AND (length(title) <= 100)";
        let lines = block(text, 8);
        assert!(lines.lines().count() == 2 && lines.lines().all(|line| line.len() <= WIDEST), "{lines}");
        assert!(block(text, 0).lines().count() == 1);
    }
}
