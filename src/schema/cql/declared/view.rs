//! `CREATE MATERIALIZED VIEW`.

use super::reader::{Named, Reader};
use super::with::With;
use crate::schema::cql::text::{Wrong, read_conditions};

/// A materialized view, as it is written.
#[derive(Debug)]
pub struct DeclaredView {
    pub name: Named,
    pub table: Named,
    /// None: all.
    pub columns: Option<Vec<Named>>,
    pub conditions: Vec<String>,
    pub partition: Vec<Named>,
    pub clustering: Vec<Named>,
    pub with: With,
}

impl Reader<'_> {
    /// `CREATE MATERIALIZED VIEW` has been read.
    pub fn view(&mut self) -> Result<DeclaredView, Wrong> {
        self.if_not_exists()?;
        let name = self.object("a materialized view")?;
        self.cursor.words(&["as", "select"])?;
        let columns = match self.cursor.eat_symbol('*') {
            true => None,
            false => {
                let mut columns = vec![self.named("a column")?];
                while self.cursor.eat_symbol(',') {
                    columns.push(self.named("a column")?);
                }
                Some(columns)
            }
        };
        self.cursor.words(&["from"])?;
        let table = self.object("a table")?;
        self.cursor.words(&["where"])?;
        let conditions = read_conditions(&mut self.cursor, |cursor| cursor.is("primary"))?;
        self.cursor.words(&["primary", "key"])?;
        let (partition, clustering) = self.primary_key()?;
        Ok(DeclaredView { name, table, columns, conditions, partition, clustering, with: self.with()? })
    }
}
