//! `CREATE INDEX`.

use std::collections::BTreeMap;

use super::reader::{Named, Reader};
use crate::schema::cql::parts::Target;
use crate::schema::cql::text::{Value, Wrong, read_value};

/// An index, as it is written.
#[derive(Debug)]
pub struct DeclaredIndex {
    pub name: Named,
    pub table: Named,
    pub target: Target,
    pub column: Named,
    pub class: Option<String>,
    pub options: BTreeMap<String, String>,
}

impl Reader<'_> {
    pub fn index(&mut self) -> Result<DeclaredIndex, Wrong> {
        self.cursor.eat("custom");
        self.cursor.words(&["index"])?;
        self.if_not_exists()?;
        let at = self.cursor.at();
        let name = if self.cursor.is("on") { None } else { Some(self.object("an index")?) };
        self.cursor.words(&["on"])?;
        let table = self.object("a table")?;
        self.cursor.symbol('(')?;
        let (target, column) = self.target()?;
        self.cursor.symbol(')')?;
        let class = match self.cursor.eat("using") {
            true => Some(self.cursor.text("the name of a class in single quotes")?),
            false => None,
        };
        let options = match self.cursor.eat("with") {
            true => self.index_options()?,
            false => BTreeMap::new(),
        };
        // As the database calls it.
        let name = name.unwrap_or_else(|| Named { name: format!("{}_{}_idx", table.name, column.name), at });
        Ok(DeclaredIndex { name, table, target, column, class, options })
    }

    fn target(&mut self) -> Result<(Target, Named), Wrong> {
        if self.cursor.is_symbol('(') {
            return Err(self.local());
        }
        let first = self.named("a column")?;
        let (target, column) = match self.cursor.eat_symbol('(') {
            false => (Target::Simple, first),
            true => {
                let target = match first.name.as_str() {
                    "keys" => Target::Keys,
                    "values" => Target::Values,
                    "entries" => Target::Entries,
                    "full" => Target::Full,
                    other => {
                        let what = format!("there is no index on {other}(…)");
                        let hint = "it is on a column, or on keys, values, entries or full of one";
                        return Err(Wrong::new(first.at, what, hint));
                    }
                };
                let column = self.named("a column")?;
                self.cursor.symbol(')')?;
                (target, column)
            }
        };
        if self.cursor.is_symbol(',') { Err(self.local()) } else { Ok((target, column)) }
    }

    fn local(&self) -> Wrong {
        Wrong::new(
            self.cursor.at(),
            "an index on several columns cannot be declared",
            "take it out of this file, and make it in a migration: `schema.raw(\"CREATE INDEX …\")`",
        )
    }

    fn index_options(&mut self) -> Result<BTreeMap<String, String>, Wrong> {
        self.cursor.words(&["options"])?;
        self.cursor.symbol('=')?;
        let at = self.cursor.at();
        match read_value(&mut self.cursor)? {
            Value::Map(options) => Ok(options),
            other => Err(Wrong::new(
                at,
                format!("{} is no map of options", other.cql()),
                "write it as `{'case_sensitive': 'false'}`",
            )),
        }
    }
}
