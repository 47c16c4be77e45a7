//! The messages of PostgreSQL's protocol, taken apart and made.
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::io::{Error, ErrorKind, Read, Result};

/// What a startup packet begins with where it is something else.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
const CANCEL: u32 = 80_877_102;

/// One message: its kind (0 for the first of a connection, which has none), and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub body: Vec<u8>,
}

/// An error as a server tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: String,
    pub message: String,
}

impl Failure {
    pub fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned() }
    }

    /// The statement that makes PostgreSQL say it: what becomes of the transaction is then right by itself.
    pub fn raised(&self) -> String {
        let quoted = |text: &str| text.replace('\'', "''");
        format!(
            "DO $simulated$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}', MESSAGE = '{}'; END $simulated$",
            quoted(&self.code),
            quoted(&self.message),
        )
    }
}

impl Frame {
    pub fn read(from: &mut impl Read) -> Result<Self> {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        let body = rest(from)?;
        Ok(Self { kind: kind[0], body })
    }

    /// The first message of a connection.
    pub fn first(from: &mut impl Read) -> Result<Self> {
        Ok(Self { kind: 0, body: rest(from)? })
    }

    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.body.len() + 4).expect("a short message");
        let mut bytes = Vec::with_capacity(self.body.len() + 5);
        bytes.extend((self.kind != 0).then_some(self.kind));
        bytes.extend(length.to_be_bytes());
        bytes.extend(&self.body);
        bytes
    }

    fn number(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.body.get(at..at + 4)?.try_into().ok()?))
    }

    pub fn asks_for_encryption(&self) -> bool {
        self.number(0).is_some_and(|number| ENCRYPTION.contains(&number))
    }

    pub fn is_cancel(&self) -> bool {
        self.number(0) == Some(CANCEL)
    }

    /// What a startup packet says: names and values.
    pub fn settings(&self) -> Vec<(String, String)> {
        let texts: Vec<String> = Self { kind: 0, body: self.body[4..].to_vec() }.texts().collect();
        let pairs = texts.chunks_exact(2).take_while(|pair| !pair[0].is_empty());
        pairs.map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    }

    pub fn setting(&self, name: &str) -> Option<String> {
        self.settings().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    pub fn with_settings(&self, settings: &[(String, String)]) -> Self {
        let texts: Vec<&str> =
            settings.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        Self { kind: 0, body: [&self.body[..4], &with_nul(&texts), &[0]].concat() }
    }

    /// Whether the server asks for something that the client has to send: a password, or more of it.
    pub fn asks_for_password(&self) -> bool {
        self.kind == b'R' && !matches!(self.number(0), Some(0 | 12))
    }

    /// The texts that it begins with, each of which ends with a NUL.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.body.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned())
    }

    pub fn query(sql: &str) -> Self {
        Self { kind: b'Q', body: with_nul(&[sql]) }
    }

    /// `Parse`, without types.
    pub fn parse(name: &str, sql: &str) -> Self {
        Self { kind: b'P', body: [with_nul(&[name, sql]), vec![0; 2]].concat() }
    }

    /// The same `Parse` with another text.
    pub fn with_text(&self, sql: &str) -> Self {
        let name = self.texts().next().unwrap_or_default();
        let before = name.len() + 1 + self.texts().nth(1).unwrap_or_default().len() + 1;
        Self { kind: self.kind, body: [with_nul(&[&name, sql]), self.body[before..].to_vec()].concat() }
    }

    /// `Bind` without parameters; results as text.
    pub fn bind(portal: &str, statement: &str) -> Self {
        Self { kind: b'B', body: [with_nul(&[portal, statement]), vec![0; 6]].concat() }
    }

    pub fn execute(portal: &str) -> Self {
        Self { kind: b'E', body: [with_nul(&[portal]), vec![0; 4]].concat() }
    }

    pub fn close_statement(name: &str) -> Self {
        Self { kind: b'C', body: [b"S".to_vec(), with_nul(&[name])].concat() }
    }

    pub fn sync() -> Self {
        Self { kind: b'S', body: Vec::new() }
    }

    /// What the server answers, by its kind alone.
    pub fn empty(kind: u8) -> Self {
        Self { kind, body: Vec::new() }
    }

    pub fn complete(tag: &str) -> Self {
        Self { kind: b'C', body: with_nul(&[tag]) }
    }

    pub fn ready(status: u8) -> Self {
        Self { kind: b'Z', body: vec![status] }
    }

    pub fn error(failure: &Failure) -> Self {
        let fields = [('S', "ERROR"), ('V', "ERROR"), ('C', &failure.code), ('M', &failure.message)];
        let fields: Vec<String> = fields.iter().map(|(kind, text)| format!("{kind}{text}")).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Self { kind: b'E', body: [with_nul(&fields), vec![0]].concat() }
    }

    /// What an `ErrorResponse` says.
    pub fn failure(&self) -> Failure {
        let field = |kind| self.texts().find_map(|text| text.strip_prefix(kind).map(str::to_owned));
        Failure { code: field('C').unwrap_or_default(), message: field('M').unwrap_or_default() }
    }

    /// An `ErrorResponse` of PostgreSQL's as CockroachDB would have it, which never says where in the text.
    pub fn in_other_words(&self) -> Self {
        let Failure { code, message } = self.failure();
        let message = match (code.as_str(), message.as_str()) {
            ("57014", "canceling statement due to user request") => "query execution canceled".to_owned(),
            ("57014", "canceling statement due to statement timeout") => {
                "query execution canceled due to statement timeout".to_owned()
            }
            ("40001", _) if !message.starts_with("restart transaction") => {
                format!("restart transaction: {message}")
            }
            _ => message,
        };
        let mut fields: Vec<String> =
            self.texts().filter(|text| !text.is_empty() && !text.starts_with(['P', 'M'])).collect();
        fields.push(format!("M{message}"));
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Self { kind: self.kind, body: [with_nul(&fields), vec![0]].concat() }
    }

    /// The values of a `DataRow` that came as text.
    pub fn row(&self) -> Vec<Option<String>> {
        let mut values = Vec::new();
        let mut at = 2;
        while let Some(length) = self.number(at) {
            at += 4;
            // -1 is NULL.
            let Ok(length) = usize::try_from(length.cast_signed()) else {
                values.push(None);
                continue;
            };
            let value = self.body.get(at..at + length).unwrap_or_default();
            values.push(Some(String::from_utf8_lossy(value).into_owned()));
            at += length;
        }
        values
    }
}

fn rest(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(Error::other)?;
    let length = length.checked_sub(4).ok_or(ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn with_nul(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| text.bytes().chain([0])).collect()
}
