//! Where a message of PostgreSQL's protocol begins and ends, and which statements are in its text.

/// One message: its kind (0 for those before the session, which have none), its length, and the rest.
pub struct Message<'a> {
    pub kind: u8,
    rest: &'a [u8],
    /// With kind and length.
    pub size: usize,
}

impl<'a> Message<'a> {
    /// `None` where not all of it is there yet.
    pub fn first(bytes: &'a [u8], in_session: bool) -> Option<Self> {
        let start = usize::from(in_session);
        let length: [u8; 4] = bytes.get(start..start + 4)?.try_into().ok()?;
        let size = start + usize::try_from(u32::from_be_bytes(length)).ok()?.max(4);
        let rest = bytes.get(start + 4..size)?;
        Some(Self { kind: if in_session { bytes[0] } else { 0 }, rest, size })
    }

    /// `SSLRequest` and `GSSENCRequest`.
    pub fn asks_for_encryption(&self) -> bool {
        self.rest == 80_877_103_u32.to_be_bytes() || self.rest == 80_877_104_u32.to_be_bytes()
    }

    /// The texts that it begins with, each of which ends with a NUL.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.rest.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned())
    }
}

/// What a piece of SQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Also a comment.
    Space,
    /// A keyword, a name or a number.
    Word,
    /// A literal or a name in quotes of any kind, with them.
    Quoted,
    /// One character of anything else.
    Sign,
}

/// A text in its pieces: together they are all of it.
pub fn pieces(sql: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let next = rest.chars().next()?;
        let (kind, end) = match next {
            '\'' | '"' => (Kind::Quoted, quoted(rest, next, false)),
            '-' if rest.starts_with("--") => (Kind::Space, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (Kind::Space, comment(rest)),
            '$' => match dollar(rest) {
                1 => (Kind::Sign, 1),
                end => (Kind::Quoted, end),
            },
            _ if next.is_whitespace() => {
                (Kind::Space, rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()))
            }
            _ if next.is_alphanumeric() || next == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let escapes = rest[..end].eq_ignore_ascii_case("e") && rest[end..].starts_with('\'');
                if escapes {
                    (Kind::Quoted, end + quoted(&rest[end..], '\'', true))
                } else {
                    (Kind::Word, end)
                }
            }
            _ => (Kind::Sign, next.len_utf8()),
        };
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        Some((kind, piece))
    })
}

/// How many of its statements are a `COMMIT`.
pub fn commits(sql: &str) -> usize {
    let mut count = 0;
    let mut is_first = true;
    for (kind, text) in pieces(sql) {
        match kind {
            Kind::Space => {}
            Kind::Sign if text == ";" => is_first = true,
            _ => {
                let is_commit = text.eq_ignore_ascii_case("commit") || text.eq_ignore_ascii_case("end");
                count += usize::from(is_first && kind == Kind::Word && is_commit);
                is_first = false;
            }
        }
    }
    count
}

/// Where the literal or name ends that begins here. A doubled quote does not end it.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, next)) = chars.next() {
        if next == quote && chars.next_if(|(_, behind)| *behind == quote).is_none() {
            return at + 1;
        }
        if escapes && next == '\\' {
            chars.next();
        }
    }
    text.len()
}

fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text.as_bytes()[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text.as_bytes()[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// `$tag$ … $tag$`, or a parameter's dollar alone.
fn dollar(text: &str) -> usize {
    let Some(end) = text[1..].find('$').map(|at| at + 2) else { return 1 };
    let tag = &text[..end];
    if tag[1..end - 1].chars().any(|c| !c.is_alphanumeric() && c != '_') {
        return 1;
    }
    text[end..].find(tag).map_or(text.len(), |at| end + at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_counted_in_batches_too() {
        for (sql, count) in [
            ("COMMIT", 1),
            ("BEGIN; INSERT INTO t VALUES (1)", 0),
            ("RELEASE SAVEPOINT a; commit;\nBEGIN; SAVEPOINT a", 1),
            ("-- why; \nEND; /* COMMIT; /* */ ; */ BEGIN; COMMIT AND CHAIN", 2),
            ("INSERT INTO t VALUES ('; COMMIT', E'\\'; COMMIT', 'it''s; COMMIT', \"; COMMIT\")", 0),
            ("SELECT 1 AS \"; COMMIT\"; COMMIT", 1),
            ("DO $x$ BEGIN COMMIT; END $x$; SELECT $1; COMMIT", 1),
        ] {
            assert_eq!(commits(sql), count, "{sql}");
        }
    }

    #[test]
    fn the_pieces_are_all_of_it() {
        let sql = "SELECT $1, E'\\'' -- ;\n, \"a b\", $x$ ' $x$, 'it''s'; é/* ; */COMMIT";
        assert_eq!(pieces(sql).map(|(_, text)| text).collect::<String>(), sql);
        let words: Vec<&str> =
            pieces(sql).filter(|(kind, _)| *kind == Kind::Word).map(|(_, text)| text).collect();
        assert_eq!(words, ["SELECT", "1", "é", "COMMIT"]);
        let quoted = pieces(sql).filter(|(kind, _)| *kind == Kind::Quoted).count();
        assert_eq!(quoted, 4);
    }

    #[test]
    fn messages_are_taken_as_they_come() {
        let query = b"Q\0\0\0\x0bCOMMIT\0S\0\0\0\x04";
        for size in 0..12 {
            assert!(Message::first(&query[..size], true).is_none(), "{size}");
        }
        let first = Message::first(query, true).unwrap();
        assert_eq!((first.kind, first.size, first.texts().next().unwrap().as_str()), (b'Q', 12, "COMMIT"));
        assert_eq!(Message::first(&query[12..], true).unwrap().kind, b'S');
        let startup = [&8_u32.to_be_bytes()[..], &80_877_103_u32.to_be_bytes()].concat();
        assert!(Message::first(&startup, false).unwrap().asks_for_encryption());
    }
}
