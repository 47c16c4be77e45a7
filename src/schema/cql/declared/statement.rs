//! One statement after the other.

use super::index::DeclaredIndex;
use super::reader::{Named, Reader};
use super::table::DeclaredTable;
use super::view::DeclaredView;
use crate::schema::cql::CqlType;
use crate::schema::cql::text::Wrong;

/// What is written, before anything is looked up in anything else.
#[derive(Debug, Default)]
pub struct Statements {
    pub types: Vec<DeclaredUserType>,
    pub tables: Vec<DeclaredTable>,
    pub indexes: Vec<DeclaredIndex>,
    pub views: Vec<DeclaredView>,
}

/// A user-defined type.
#[derive(Debug)]
pub struct DeclaredUserType {
    pub name: Named,
    pub fields: Vec<(Named, CqlType)>,
}

impl Reader<'_> {
    pub fn statements(&mut self) -> Result<Statements, Wrong> {
        let mut all = Statements::default();
        while !self.cursor.is_end() {
            if self.cursor.eat_symbol(';') {
                continue;
            }
            self.statement(&mut all)?;
            // The last one may go without.
            if !self.cursor.is_end() {
                self.cursor.symbol(';')?;
            }
        }
        Ok(all)
    }

    fn statement(&mut self, all: &mut Statements) -> Result<(), Wrong> {
        let at = self.cursor.at();
        if self.cursor.eat("use") {
            let keyspace = self.named("a keyspace")?;
            return self.is_about(keyspace.name, keyspace.at);
        }
        if !self.cursor.eat("create") {
            return Err(Wrong::new(
                at,
                format!("`{}` declares nothing", self.cursor.peek().text),
                "write what there is to be, as `DESCRIBE KEYSPACE` does: `CREATE TABLE …;`. What changes it is for a migration",
            ));
        }
        if self.cursor.eat("keyspace") {
            return self.keyspace();
        }
        if self.cursor.eat("type") {
            all.types.push(self.user_type()?);
        } else if self.cursor.eat("table") || self.cursor.eat("columnfamily") {
            all.tables.push(self.table()?);
        } else if self.cursor.is("index") || (self.cursor.is("custom") && self.cursor.is_then("index")) {
            all.indexes.push(self.index()?);
        } else if self.cursor.eat("materialized") {
            self.cursor.words(&["view"])?;
            all.views.push(self.view()?);
        } else {
            return Err(self.other(at));
        }
        Ok(())
    }

    /// How many copies it has is not declared: that differs from one environment to the next.
    fn keyspace(&mut self) -> Result<(), Wrong> {
        self.if_not_exists()?;
        let keyspace = self.named("a keyspace")?;
        self.is_about(keyspace.name, keyspace.at)?;
        while !self.cursor.is_end() && !self.cursor.is_symbol(';') {
            self.cursor.take();
        }
        Ok(())
    }

    fn user_type(&mut self) -> Result<DeclaredUserType, Wrong> {
        self.if_not_exists()?;
        let name = self.object("a type")?;
        self.cursor.symbol('(')?;
        let mut fields = Vec::new();
        loop {
            fields.push((self.named("a field")?, self.kind()?));
            if self.cursor.eat_symbol(')') {
                return Ok(DeclaredUserType { name, fields });
            }
            if !self.cursor.eat_symbol(',') {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
    }

    fn other(&self, at: usize) -> Wrong {
        let next = self.cursor.peek().text.to_lowercase();
        let what = match next.as_str() {
            "function" | "or" => "a function",
            "aggregate" => "an aggregate",
            "trigger" => "a trigger",
            "role" | "user" => "a role",
            _ => {
                return self.cursor.expected("`TYPE`, `TABLE`, `INDEX` or `MATERIALIZED VIEW`");
            }
        };
        Wrong::new(
            at,
            format!("{what} is no part of a declared schema"),
            "take it out of this file, and make it in a migration: `schema.raw(\"CREATE …\")`",
        )
    }
}
