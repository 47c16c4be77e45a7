//! A text in words, without loss: what it reads, joined, is the text again. It never fails, and reads on behind
//! whatever is wrong; what does not end is marked.

/// Whose words. CockroachDB reads as PostgreSQL does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
    Cql,
}

/// What the databases do not read alike.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// `E'…'` with backslashes, `B'…'` and `U&'…'`.
    pub prefixes: bool,
    /// `$$ … $$` and `$tag$ … $tag$`.
    pub dollars: bool,
    /// `[a b]` is a name.
    pub brackets: bool,
    /// `` `a b` `` is a name.
    pub backticks: bool,
    /// Comments may stand in each other.
    pub nested: bool,
    /// `//` begins a comment.
    pub slashes: bool,
    /// A carriage return alone ends a comment, too.
    pub returns: bool,
    /// `0b5c0b5c-…` without quotes is one word.
    pub uuids: bool,
    /// `a$b` is one word.
    pub dollars_in_words: bool,
    /// With what a parameter begins.
    pub parameters: &'static str,
}

impl From<Dialect> for Reading {
    fn from(dialect: Dialect) -> Self {
        let (is_sqlite, is_postgres) = (dialect == Dialect::Sqlite, dialect == Dialect::Postgres);
        Self {
            prefixes: is_postgres,
            dollars: !is_sqlite,
            brackets: is_sqlite,
            backticks: is_sqlite,
            nested: is_postgres,
            slashes: dialect == Dialect::Cql,
            returns: !is_sqlite,
            uuids: dialect == Dialect::Cql,
            dollars_in_words: dialect != Dialect::Cql,
            parameters: match dialect {
                Dialect::Sqlite => "?:@$",
                // `:name` is none there: `a[1:b]`, `{'a':b}`.
                Dialect::Postgres => "$",
                Dialect::Cql => "?",
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// White space, and a byte order mark.
    Space,
    Comment,
    /// A keyword, or a name without quotes.
    Word,
    /// A name in quotes, and with them.
    Name,
    /// A text in quotes, and with them and what stands before them.
    Text,
    /// `$$ … $$`, with the dollars.
    Body,
    /// A number, or a UUID.
    Number,
    /// `$1`, `?`, `:name`.
    Parameter,
    /// One character of what is left.
    Symbol,
}

/// A word, and what stands between words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme<'a> {
    pub kind: Kind,
    /// As it stands there.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub at: usize,
    /// Its end is missing.
    pub is_open: bool,
}

impl Lexeme<'_> {
    /// Where it ends, in bytes.
    pub const fn end(&self) -> usize {
        self.at + self.text.len()
    }

    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub fn is_symbol(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol && self.text.starts_with(symbol)
    }

    /// Nothing that a database would read.
    pub const fn is_trivia(&self) -> bool {
        matches!(self.kind, Kind::Space | Kind::Comment)
    }
}

/// All of a text.
pub fn lex(text: &str, reading: impl Into<Reading>) -> Lexemes<'_> {
    Lexemes { text, at: 0, reading: reading.into() }
}

pub struct Lexemes<'a> {
    text: &'a str,
    at: usize,
    reading: Reading,
}

impl<'a> Iterator for Lexemes<'a> {
    type Item = Lexeme<'a>;

    fn next(&mut self) -> Option<Lexeme<'a>> {
        let rest = &self.text[self.at..];
        let first = *rest.as_bytes().first()?;
        let (kind, size) = self.reading.first(rest, first);
        let (size, is_open) = match size {
            Size::Of(size) => (size, false),
            Size::Open => (rest.len(), true),
        };
        let lexeme = Lexeme { kind, text: &rest[..size], at: self.at, is_open };
        self.at += size;
        Some(lexeme)
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// How long something is, in bytes.
#[derive(Clone, Copy)]
enum Size {
    Of(usize),
    /// As long as all that is left, and not ended there.
    Open,
}

impl Size {
    fn behind(self, before: usize) -> Self {
        match self {
            Self::Of(size) => Self::Of(before + size),
            Self::Open => Self::Open,
        }
    }

    fn found(end: Option<usize>) -> Self {
        end.map_or(Self::Open, Self::Of)
    }
}

impl Reading {
    fn first(self, rest: &str, first: u8) -> (Kind, Size) {
        let bytes = rest.as_bytes();
        match first {
            _ if is_space(first) => (Kind::Space, Size::Of(while_bytes(rest, 1, is_space))),
            b'-' | b'/' if self.is_line_comment(rest) => (Kind::Comment, Size::Of(self.line_end(rest))),
            b'/' if rest.starts_with("/*") => (Kind::Comment, self.block_comment(bytes)),
            b'\'' => (Kind::Text, quoted(bytes, b'\'')),
            b'"' => (Kind::Name, quoted(bytes, b'"')),
            b'`' if self.backticks => (Kind::Name, quoted(bytes, b'`')),
            b'[' if self.brackets => (Kind::Name, Size::found(rest.find(']').map(|end| end + 1))),
            _ if first.is_ascii_digit() => (Kind::Number, Size::Of(self.number(rest))),
            _ if rest.starts_with(BYTE_ORDER_MARK) => (Kind::Space, Size::Of(BYTE_ORDER_MARK.len_utf8())),
            _ if is_letter(first) => self.word(rest),
            b'$' if self.dollars && tag(rest).is_some() => (Kind::Body, body(rest)),
            _ => match self.parameter(rest) {
                Some(size) => (Kind::Parameter, Size::Of(size)),
                None => (Kind::Symbol, Size::Of(1)),
            },
        }
    }

    fn is_line_comment(self, rest: &str) -> bool {
        rest.starts_with("--") || (self.slashes && rest.starts_with("//"))
    }

    fn line_end(self, rest: &str) -> usize {
        while_bytes(rest, 2, |byte| byte != b'\n' && !(self.returns && byte == b'\r'))
    }

    fn block_comment(self, bytes: &[u8]) -> Size {
        let (mut at, mut depth) = (2, 1_usize);
        while at + 1 < bytes.len() {
            match &bytes[at..at + 2] {
                b"*/" if depth == 1 => return Size::Of(at + 2),
                b"*/" => {
                    depth -= 1;
                    at += 2;
                }
                b"/*" if self.nested => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        Size::Open
    }

    /// What begins with a letter: `E'…'` is none.
    fn word(self, rest: &str) -> (Kind, Size) {
        let bytes = rest.as_bytes();
        let is_before =
            |prefix: &[u8]| bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if (!self.uuids && is_before(b"x'")) || (self.prefixes && is_before(b"b'")) {
            return (Kind::Text, quoted(&bytes[1..], b'\'').behind(1));
        }
        if self.prefixes && is_before(b"e'") {
            return (Kind::Text, escaped(rest));
        }
        if self.prefixes && is_before(b"u&'") {
            return (Kind::Text, quoted(&bytes[2..], b'\'').behind(2));
        }
        if self.prefixes && is_before(b"u&\"") {
            return (Kind::Name, quoted(&bytes[2..], b'"').behind(2));
        }
        if self.uuids && is_uuid(rest) {
            return (Kind::Number, Size::Of(UUID));
        }
        (Kind::Word, Size::Of(self.letters(rest)))
    }

    fn letters(self, rest: &str) -> usize {
        while_bytes(rest, 0, |byte| {
            is_letter(byte) || byte.is_ascii_digit() || (byte == b'$' && self.dollars_in_words)
        })
    }

    fn number(self, rest: &str) -> usize {
        if self.uuids && is_uuid(rest) {
            return UUID;
        }
        let end = while_bytes(rest, 1, |byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_');
        let is_hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
        let has_sign = rest[end..].starts_with(['+', '-'])
            && rest[..end].ends_with(['e', 'E'])
            && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit());
        if is_hexadecimal || !has_sign {
            return end;
        }
        while_bytes(rest, end + 1, |byte| byte.is_ascii_digit())
    }

    fn parameter(self, rest: &str) -> Option<usize> {
        let mark = rest.chars().next().filter(|mark| self.parameters.contains(*mark))?;
        let end = match mark {
            '$' if self.dollars => while_bytes(rest, 1, |byte| byte.is_ascii_digit()),
            '?' => return Some(while_bytes(rest, 1, |byte| byte.is_ascii_digit())),
            _ => 1 + self.letters(&rest[1..]),
        };
        Some(end).filter(|end| *end > 1)
    }
}

/// Where the bytes that are meant end, from `at` on. All that is asked for takes whole characters.
fn while_bytes(rest: &str, at: usize, is_meant: impl Fn(u8) -> bool) -> usize {
    rest.as_bytes()[at..].iter().position(|byte| !is_meant(*byte)).map_or(rest.len(), |found| at + found)
}

/// The white space of the databases: what else Unicode has of it is a letter to them.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Something in quotes; a quote that is doubled is a part of it.
fn quoted(bytes: &[u8], quote: u8) -> Size {
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == quote)) {
        at += found + 1;
        if bytes.get(at) != Some(&quote) {
            return Size::Of(at);
        }
        at += 1;
    }
    Size::Open
}

/// `E'…'`, in which a backslash takes the next character with it. It goes on in the next line where that begins
/// with a quote.
fn escaped(rest: &str) -> Size {
    let bytes = rest.as_bytes();
    let mut at = 2;
    while let Some(byte) = bytes.get(at) {
        at += match (byte, bytes.get(at + 1)) {
            (b'\\', Some(_)) | (b'\'', Some(b'\'')) => 2,
            (b'\'', _) => match continued(&rest[at + 1..]) {
                Some(gap) => gap + 2,
                None => return Size::Of(at + 1),
            },
            _ => 1,
        };
    }
    Size::Open
}

/// How much stands before the quote with which a text goes on: white space with the end of a line in it.
fn continued(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut at, mut has_line_end) = (0, false);
    loop {
        match bytes.get(at)? {
            b'\'' => return Some(at).filter(|_| has_line_end),
            b'-' if rest[at..].starts_with("--") => {
                at = while_bytes(rest, at, |byte| byte != b'\n' && byte != b'\r');
            }
            byte if is_space(*byte) => {
                has_line_end |= matches!(byte, b'\n' | b'\r');
                at += 1;
            }
            _ => return None,
        }
    }
}

/// The tag at the beginning of a body, with its dollars.
fn tag(rest: &str) -> Option<&str> {
    let is_of_name = |byte: u8| is_letter(byte) || byte.is_ascii_digit();
    let end = while_bytes(rest, 1, is_of_name);
    let is_tag = rest.as_bytes().get(end) == Some(&b'$') && !rest.as_bytes()[1].is_ascii_digit();
    is_tag.then(|| &rest[..=end])
}

fn body(rest: &str) -> Size {
    let tag = tag(rest).unwrap_or("$$");
    Size::found(rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len()))
}

const UUID: usize = 36;

fn is_uuid(rest: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    rest.len() >= UUID
        && rest
            .bytes()
            .take(UUID)
            .enumerate()
            .all(|(at, byte)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests;
