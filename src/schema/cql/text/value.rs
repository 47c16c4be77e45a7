//! Values of options.

use std::collections::BTreeMap;

use super::cursor::{Cursor, Wrong};
use super::lexer::Kind;
use crate::ledger::quote;

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    /// A number, `true` or `false`.
    Plain(String),
    /// Keys and values as texts, whether they stood in quotes or not.
    Map(BTreeMap<String, String>),
}

impl Value {
    /// As CQL has it, in one form.
    pub fn cql(&self) -> String {
        match self {
            Self::Text(text) => quote(text),
            Self::Plain(plain) => plain.clone(),
            Self::Map(map) => {
                let entries: Vec<String> =
                    map.iter().map(|(name, value)| format!("{}: {}", quote(name), quote(value))).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// As the options of a table are kept: with the names of classes alone, without whose package they are in.
    pub fn without_packages(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(class(&text).to_owned()),
            Self::Map(map) => {
                Self::Map(map.into_iter().map(|(name, value)| (name, class(&value).to_owned())).collect())
            }
            plain @ Self::Plain(_) => plain,
        }
    }

    /// Of what [`cql`](Self::cql) has written.
    pub fn of(cql: &str) -> Option<Self> {
        let mut cursor = Cursor::new(cql).ok()?;
        let value = read_value(&mut cursor).ok()?;
        cursor.is_end().then_some(value)
    }
}

/// Reads one.
pub fn read_value(cursor: &mut Cursor<'_>) -> Result<Value, Wrong> {
    if !cursor.eat_symbol('{') {
        return single(cursor);
    }
    let mut map = BTreeMap::new();
    while !cursor.eat_symbol('}') {
        let at = cursor.at();
        let (name, _) = plain(cursor)?;
        cursor.symbol(':')?;
        let (value, _) = plain(cursor)?;
        if map.insert(name.clone(), value).is_some() {
            return Err(Wrong::new(at, format!("`{name}` is here a second time"), "remove one of them"));
        }
        if !cursor.eat_symbol(',') && !cursor.is_symbol('}') {
            return Err(cursor.expected("`,` or `}`"));
        }
    }
    Ok(Value::Map(map))
}

fn single(cursor: &mut Cursor<'_>) -> Result<Value, Wrong> {
    let (value, is_text) = plain(cursor)?;
    Ok(if is_text { Value::Text(value) } else { Value::Plain(value) })
}

/// Whether it stood in quotes, too.
fn plain(cursor: &mut Cursor<'_>) -> Result<(String, bool), Wrong> {
    let found = match &cursor.peek().kind {
        Kind::Text(text) => (text.clone(), true),
        Kind::Number => (cursor.peek().text.to_owned(), false),
        Kind::Word => (cursor.peek().text.to_lowercase(), false),
        _ => return Err(cursor.expected("a value")),
    };
    cursor.take();
    Ok(found)
}

/// Whose package a class is in, nobody writes.
pub fn class(text: &str) -> &str {
    text.strip_prefix("org.apache.cassandra.").map_or(text, |class| class.rsplit('.').next().unwrap_or(class))
}
