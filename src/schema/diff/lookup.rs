//! Things by their names, as the database compares those.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::schema::declared::{Declared, DeclaredTable};
use crate::schema::model::{ForeignKey, Model, Name, Table};
use crate::store::Database;

/// How names are compared: SQLite does not look at the case of letters.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    database: Database,
    /// Whether the schema `public` is one that needs no mention.
    public_is_usual: bool,
}

impl Names {
    pub fn new(database: Database, model: &Model) -> Self {
        let names = model.tables.keys().chain(model.views.keys());
        let mut schemas = names.filter_map(|name| name.schema.as_deref());
        Self { database, public_is_usual: !schemas.any(|schema| schema == "public") }
    }

    /// The same for what is the same.
    pub fn key(self, name: &str) -> String {
        if self.database == Database::Sqlite { name.to_lowercase() } else { name.to_owned() }
    }

    pub fn is_same(self, one: &str, other: &str) -> bool {
        if self.database == Database::Sqlite { one.eq_ignore_ascii_case(other) } else { one == other }
    }

    /// The name of a table, without a schema that needs none.
    pub fn of_table(self, name: &Name) -> Name {
        let is_usual = |schema: &str| match self.database {
            Database::Sqlite => schema == "main",
            _ => schema == "public" && self.public_is_usual,
        };
        let schema = name.schema.clone().filter(|schema| !is_usual(schema));
        Name { schema, name: name.name.clone() }
    }

    /// The same for the same table.
    pub fn key_of(self, name: &Name) -> Name {
        let name = self.of_table(name);
        Name { name: self.key(&name.name), ..name }
    }

    /// `table`, or `schema.table`.
    pub fn parse(self, name: &str) -> Name {
        match name.split_once('.') {
            Some((schema, name)) => {
                self.of_table(&Name { schema: Some(schema.to_owned()), name: name.to_owned() })
            }
            None => Name::new(name),
        }
    }

    /// Whether two lists have the same names, in whatever order.
    pub fn same_set(self, some: &[String], others: &[String]) -> bool {
        let set = |names: &[String]| names.iter().map(|name| self.key(name)).collect::<BTreeSet<_>>();
        set(some) == set(others)
    }
}

/// What there is, and what is declared, by name.
pub struct Lookup<'a> {
    pub names: Names,
    pub tables: HashMap<Name, (&'a Name, &'a Table)>,
    pub views: BTreeMap<Name, &'a Name>,
    pub declared: HashMap<Name, &'a DeclaredTable>,
    /// The foreign keys that refer to a table, with the table that they are of.
    pub referrers: HashMap<Name, Vec<(&'a Name, &'a ForeignKey)>>,
}

impl<'a> Lookup<'a> {
    pub fn new(names: Names, model: &'a Model, declared: &'a Declared) -> Self {
        let mut referrers: HashMap<Name, Vec<_>> = HashMap::new();
        for (name, table) in &model.tables {
            for key in &table.foreign_keys {
                referrers.entry(names.key_of(&key.to)).or_default().push((name, key));
            }
        }
        Self {
            names,
            tables: model.tables.iter().map(|(name, table)| (names.key_of(name), (name, table))).collect(),
            views: model.views.keys().map(|name| (names.key_of(name), name)).collect(),
            declared: declared.tables.iter().map(|table| (names.key_of(&table.name), table)).collect(),
            referrers,
        }
    }

    pub fn table(&self, name: &Name) -> Option<(&'a Name, &'a Table)> {
        self.tables.get(&self.names.key_of(name)).copied()
    }

    pub fn declared(&self, name: &Name) -> Option<&'a DeclaredTable> {
        self.declared.get(&self.names.key_of(name)).copied()
    }

    pub fn is_view(&self, name: &Name) -> bool {
        self.views.contains_key(&self.names.key_of(name))
    }
}
