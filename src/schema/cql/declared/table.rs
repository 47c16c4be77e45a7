//! `CREATE TABLE`.

use super::reader::{Named, Reader};
use super::with::With;
use crate::schema::cql::CqlType;
use crate::schema::cql::text::Wrong;

/// A table, as it is written.
#[derive(Debug)]
pub struct DeclaredTable {
    pub name: Named,
    pub columns: Vec<DeclaredColumn>,
    pub partition: Vec<Named>,
    pub clustering: Vec<Named>,
    pub with: With,
}

/// A column of a table.
#[derive(Debug)]
pub struct DeclaredColumn {
    pub name: Named,
    pub kind: CqlType,
    /// Where its type stands.
    pub kind_at: usize,
    pub is_static: bool,
}

impl Reader<'_> {
    /// `CREATE TABLE` has been read.
    pub fn table(&mut self) -> Result<DeclaredTable, Wrong> {
        self.if_not_exists()?;
        let name = self.object("a table")?;
        self.cursor.symbol('(')?;
        let (mut columns, mut key) = (Vec::new(), None);
        loop {
            let at = self.cursor.at();
            let own_key = match self.cursor.is("primary") && self.cursor.is_then("key") {
                true => {
                    self.cursor.words(&["primary", "key"])?;
                    Some(self.primary_key()?)
                }
                false => {
                    let (column, is_key) = self.column()?;
                    let own = is_key.then(|| (vec![column.name.clone()], Vec::new()));
                    columns.push(column);
                    own
                }
            };
            if own_key.is_some() && key.is_some() {
                let what = format!("table {} has two primary keys", name.name);
                return Err(Wrong::new(at, what, "remove one: several columns are `PRIMARY KEY (a, b)`"));
            }
            key = key.or(own_key);
            if self.cursor.eat_symbol(')') {
                break;
            }
            if !self.cursor.eat_symbol(',') {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
        let Some((partition, clustering)) = key else {
            let what = format!("table {} has no primary key", name.name);
            return Err(Wrong::new(
                name.at,
                what,
                "say which column tells where a row is: `PRIMARY KEY (id)`",
            ));
        };
        Ok(DeclaredTable { name, columns, partition, clustering, with: self.with()? })
    }

    /// And whether it is the key.
    fn column(&mut self) -> Result<(DeclaredColumn, bool), Wrong> {
        let name = self.named("a column")?;
        let kind_at = self.cursor.at();
        let kind = self.kind()?;
        let is_static = self.cursor.eat("static");
        let is_key = self.cursor.is("primary");
        if is_key {
            self.cursor.words(&["primary", "key"])?;
        }
        if self.cursor.is("masked") || self.cursor.is("check") {
            return Err(Wrong::new(
                self.cursor.at(),
                format!("`{}` of a column cannot be declared", self.cursor.peek().text),
                "take it out of this file, and say it in a migration: `schema.raw(\"ALTER TABLE …\")`",
            ));
        }
        Ok((DeclaredColumn { name, kind, kind_at, is_static }, is_key))
    }
}
