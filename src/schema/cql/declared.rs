//! `schema.cql` as the declared schema: our own text of it, and what `DESCRIBE KEYSPACE` gives.

mod index;
mod names;
mod reader;
mod resolve;
mod statement;
mod table;
mod unread;
mod view;
mod with;

use std::collections::BTreeMap;

pub use unread::Unread;

use super::keyspace::Keyspace;
use reader::Reader;

/// What is declared, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    pub keyspace: Keyspace,
    file: String,
    /// By what it is called: `column videos.title`.
    lines: BTreeMap<String, usize>,
    /// The columns of each table as they are written.
    order: BTreeMap<String, Vec<String>>,
}

/// Reads what is declared. `file` is what it is called in an error.
///
/// # Errors
///
/// Where the text makes no sense, with the place.
pub fn read(file: &str, text: &str) -> Result<Declared, Box<Unread>> {
    let unread = |wrong| Box::new(Unread::new(file, text, wrong));
    let mut reader = Reader::new(text).map_err(unread)?;
    let statements = reader.statements().map_err(unread)?;
    let mut declared = Declared { file: file.to_owned(), ..Declared::default() };
    declared.resolve(statements, text).map_err(unread)?;
    Ok(declared)
}

impl From<Keyspace> for Declared {
    /// A keyspace that is declared nowhere.
    fn from(keyspace: Keyspace) -> Self {
        Self { keyspace, ..Self::default() }
    }
}

impl Declared {
    /// Where something stands: `schema.cql:12`.
    pub fn at(&self, what: &str) -> Option<String> {
        self.lines.get(what).map(|line| format!("{}:{line}", self.file))
    }

    /// The columns of a table as they are written.
    pub fn order(&self, table: &str) -> &[String] {
        self.order.get(table).map_or(&[], Vec::as_slice)
    }
}
