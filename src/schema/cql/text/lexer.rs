//! The words of a text in CQL, and where each stands.

use super::Wrong;

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it stands.
    Word,
    /// In double quotes; the name in them.
    Name(String),
    /// In single quotes, or between `$$`; the text in them.
    Text(String),
    /// A number, a UUID or bytes.
    Number,
    Symbol(char),
    End,
}

/// A word.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Its first byte.
    pub at: usize,
}

/// All of them, and `End` behind them.
pub fn tokens(source: &str) -> Result<Vec<Token<'_>>, Wrong> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if let Some(size) = comment(rest, at)? {
            at += size;
        } else {
            let (kind, size) = token(rest, first, at)?;
            tokens.push(Token { kind, text: &rest[..size], at });
            at += size;
        }
    }
    tokens.push(Token { kind: Kind::End, text: "", at: source.len() });
    Ok(tokens)
}

fn comment(rest: &str, at: usize) -> Result<Option<usize>, Wrong> {
    if rest.starts_with("--") || rest.starts_with("//") {
        return Ok(Some(rest.find('\n').unwrap_or(rest.len())));
    }
    if !rest.starts_with("/*") {
        return Ok(None);
    }
    let end = rest[2..].find("*/").map(|end| end + 4);
    end.map(Some).ok_or_else(|| Wrong::new(at, "this comment has no end", "close it with `*/`"))
}

fn token(rest: &str, first: char, at: usize) -> Result<(Kind, usize), Wrong> {
    match first {
        '\'' => {
            let size = quoted(rest, '\'')
                .ok_or_else(|| Wrong::new(at, "this text has no end", "close it with `'`"))?;
            Ok((Kind::Text(rest[1..size - 1].replace("''", "'")), size))
        }
        '"' => {
            let size = quoted(rest, '"')
                .ok_or_else(|| Wrong::new(at, "this name has no end", "close it with `\"`"))?;
            Ok((Kind::Name(rest[1..size - 1].replace("\"\"", "\"")), size))
        }
        '$' if rest.starts_with("$$") => {
            let end = rest[2..]
                .find("$$")
                .ok_or_else(|| Wrong::new(at, "this text has no end", "close it with `$$`"))?;
            Ok((Kind::Text(rest[2..2 + end].to_owned()), end + 4))
        }
        _ if is_number(rest) => Ok((Kind::Number, number(rest))),
        _ if first.is_alphabetic() || first == '_' => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            Ok((Kind::Word, end))
        }
        other => Ok((Kind::Symbol(other), other.len_utf8())),
    }
}

/// Where something in quotes ends; a quote that is doubled is a part of it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += rest[at..].find(quote)? + 1;
        if !rest[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

fn is_number(rest: &str) -> bool {
    let digits = rest.strip_prefix('-').unwrap_or(rest);
    digits.starts_with(|c: char| c.is_ascii_digit()) || is_uuid(rest)
}

fn number(rest: &str) -> usize {
    if is_uuid(rest) {
        return 36;
    }
    let mut end = 1;
    for letter in rest[1..].chars() {
        // The sign of an exponent.
        let is_sign = matches!(letter, '+' | '-')
            && rest[..end].ends_with(['e', 'E'])
            && !rest.trim_start_matches('-').starts_with("0x");
        if !letter.is_ascii_alphanumeric() && letter != '.' && !is_sign {
            break;
        }
        end += letter.len_utf8();
    }
    end
}

fn is_uuid(rest: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    rest.len() >= 36 && rest.bytes().take(36).enumerate().all(is_right)
}
