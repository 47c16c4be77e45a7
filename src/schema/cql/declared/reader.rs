//! Reads names, which may have that of their keyspace before them.

use crate::schema::cql::CqlType;
use crate::schema::cql::text::{Cursor, Wrong, read_kind};

/// A name, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub at: usize,
}

/// What is left of a text, and the keyspace that it is about, once that was said.
#[derive(Debug)]
pub struct Reader<'a> {
    pub cursor: Cursor<'a>,
    keyspace: Option<String>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Result<Self, Wrong> {
        Ok(Self { cursor: Cursor::new(text)?, keyspace: None })
    }

    /// The name of a table, a type, an index or a view.
    pub fn object(&mut self, of: &str) -> Result<Named, Wrong> {
        let mut named = self.named(of)?;
        if self.cursor.eat_symbol('.') {
            self.is_about(named.name, named.at)?;
            named = self.named(of)?;
        }
        Ok(named)
    }

    pub fn named(&mut self, of: &str) -> Result<Named, Wrong> {
        let at = self.cursor.at();
        Ok(Named { name: self.cursor.name(of)?, at })
    }

    /// A column of a list.
    pub fn columns(&mut self) -> Result<Vec<Named>, Wrong> {
        self.cursor.list(|cursor| {
            let at = cursor.at();
            Ok(Named { name: cursor.name("a column")?, at })
        })
    }

    pub fn kind(&mut self) -> Result<CqlType, Wrong> {
        let Self { cursor, keyspace } = self;
        read_kind(cursor, &mut |name, at| same(keyspace, name, at))
    }

    pub fn is_about(&mut self, keyspace: String, at: usize) -> Result<(), Wrong> {
        same(&mut self.keyspace, keyspace, at)
    }

    pub fn if_not_exists(&mut self) -> Result<(), Wrong> {
        if self.cursor.eat("if") { self.cursor.words(&["not", "exists"]) } else { Ok(()) }
    }

    /// `PRIMARY KEY` has been read: what is in it, the partition key first.
    pub fn primary_key(&mut self) -> Result<(Vec<Named>, Vec<Named>), Wrong> {
        self.cursor.symbol('(')?;
        let partition = match self.cursor.is_symbol('(') {
            true => self.columns()?,
            false => vec![self.named("a column")?],
        };
        let mut clustering = Vec::new();
        while self.cursor.eat_symbol(',') {
            clustering.push(self.named("a column")?);
        }
        if !self.cursor.eat_symbol(')') {
            return Err(self.cursor.expected("`,` or `)`"));
        }
        Ok((partition, clustering))
    }
}

fn same(known: &mut Option<String>, keyspace: String, at: usize) -> Result<(), Wrong> {
    match known {
        Some(known) if *known != keyspace => Err(Wrong::new(
            at,
            format!("this is of keyspace {keyspace}, and what is before it of {known}"),
            "leave the keyspace out before every name: a file is about one, which the URL names",
        )),
        _ => {
            *known = Some(keyspace);
            Ok(())
        }
    }
}
