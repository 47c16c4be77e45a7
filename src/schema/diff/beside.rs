//! What is declared beside the tables, gathered by table, and whether the database has it.

use super::plan::Differ;
use crate::schema::build::Saying;
use crate::schema::declared::{DeclaredTable, Place, Problem};
use crate::schema::model::Name;
use crate::schema::op::{Constraint, DefaultValue, ForeignKey, Index};
use crate::schema::recorded::At;

/// What a table has beside its columns.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    pub indexes: Vec<(Index, Place)>,
    pub constraints: Vec<(Constraint, Place)>,
    /// By column.
    pub defaults: Vec<(String, DefaultValue, Place)>,
    /// Columns that the database numbers.
    pub counts: Vec<(String, Place)>,
}

impl Extras {
    pub fn default_of(&self, column: &str) -> Option<&DefaultValue> {
        self.defaults.iter().find(|(name, ..)| name == column).map(|(_, value, _)| value)
    }

    pub fn counts(&self, column: &str) -> bool {
        self.counts.iter().any(|(name, _)| name == column)
    }
}

impl<'a> Differ<'a> {
    /// What stands beside a table.
    pub fn extras_of(&self, name: &Name) -> Extras {
        self.extras.get(&self.names.key_of(name)).cloned().unwrap_or_default()
    }

    pub fn collect_extras(&mut self) {
        let beside: Vec<_> = self.declared.beside.on(self.database).collect();
        for of in beside {
            let name = self.names.parse(&of.name);
            let Some(table) = self.lookup.declared(&name) else {
                self.wrong(of.at, format!("no `table!` declares {}", of.name), self.near(&of.name));
                continue;
            };
            for said in &of.said {
                self.collect(table, &said.what, said.at);
            }
        }
        for reference in &self.declared.references {
            self.collect_reference(reference);
        }
    }

    fn near(&self, wanted: &str) -> String {
        let declared = self.declared.tables.iter().map(|table| table.name.to_string());
        let near = declared.into_iter().find(|name| strsim::osa_distance(name, wanted) <= 2);
        near.map_or_else(
            || "declare the table in schema.rs first".to_owned(),
            |near| format!("did you mean {near}?"),
        )
    }

    fn wrong(&mut self, at: At, what: String, hint: String) {
        self.problems.push(Problem::new(&at.into(), what, hint));
    }

    /// The column as the database has it.
    fn column(&mut self, table: &DeclaredTable, wanted: &str, at: At) -> Option<String> {
        let found = table.columns.iter().find(|column| self.names.is_same(&column.name, wanted));
        if found.is_none() {
            let have: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
            let what = format!("the table {} has no column {wanted}", table.name);
            self.wrong(at, what, format!("it has {}", have.join(", ")));
        }
        found.map(|column| column.name.clone())
    }

    fn columns(&mut self, table: &DeclaredTable, wanted: &[String], at: At) -> Option<Vec<String>> {
        let found: Vec<Option<String>> = wanted.iter().map(|name| self.column(table, name, at)).collect();
        if wanted.is_empty() {
            self.wrong(at, format!("this is of no column of {}", table.name), "name one".to_owned());
            return None;
        }
        found.into_iter().collect()
    }

    fn collect(&mut self, table: &DeclaredTable, what: &Saying, at: At) {
        let id = self.names.key_of(&table.name);
        let place = Place::from(at);
        match what {
            Saying::Index(index) => {
                let plain = index.columns.iter().filter(|column| !column.is_expression);
                let mut columns: Vec<String> = plain.map(|column| column.what.clone()).collect();
                columns.extend(index.including.iter().cloned());
                if !columns.is_empty() && self.columns(table, &columns, at).is_none() {
                    return;
                }
                let index = Index { table: self.names.of_table(&table.name).to_string(), ..index.clone() };
                self.extras.entry(id).or_default().indexes.push((index, place));
            }
            Saying::Constraint(constraint) => {
                let constraint = match constraint {
                    Constraint::Unique { columns, name } => {
                        let Some(columns) = self.columns(table, columns, at) else { return };
                        Constraint::Unique { name: name.clone(), columns }
                    }
                    Constraint::ForeignKey(key) => {
                        let Some(columns) = self.columns(table, &key.columns, at) else { return };
                        let Some((to_table, to_columns)) = self.target(key, at) else { return };
                        Constraint::ForeignKey(ForeignKey { columns, to_table, to_columns, ..key.clone() })
                    }
                    other => other.clone(),
                };
                self.extras.entry(id).or_default().constraints.push((constraint, place));
            }
            Saying::Default { column, value } => {
                let Some(column) = self.column(table, column, at) else { return };
                self.extras.entry(id).or_default().defaults.push((column, value.clone(), place));
            }
            Saying::Counts { column } => {
                let Some(column) = self.column(table, column, at) else { return };
                self.extras.entry(id).or_default().counts.push((column, place));
            }
        }
    }

    /// The table that a foreign key is to refer to, and its columns, as the database has them.
    fn target(&mut self, key: &ForeignKey, at: At) -> Option<(String, Vec<String>)> {
        let to = self.names.parse(&key.to_table);
        if let Some(target) = self.lookup.declared(&to) {
            let columns = self.columns(target, &key.to_columns, at)?;
            return Some((self.names.of_table(&target.name).to_string(), columns));
        }
        let is_going = self.going.contains(&self.names.key_of(&to));
        match self.lookup.table(&to).filter(|_| !is_going) {
            Some((name, _)) => Some((name.to_string(), key.to_columns.clone())),
            None => {
                let what = format!("the foreign key refers to {}, which no `table!` declares", key.to_table);
                self.wrong(at, what, self.near(&key.to_table));
                None
            }
        }
    }

    /// A `joinable!`, as far as nothing beside it says the same, and more.
    fn collect_reference(&mut self, reference: &crate::schema::declared::DeclaredReference) {
        if self.lookup.is_view(&reference.table) || self.lookup.is_view(&reference.to) {
            return;
        }
        let to = self.names.of_table(&reference.to);
        let key = ForeignKey::new([reference.column.clone()], to.to_string(), [reference.to_column.clone()]);
        let extras = self.extras.entry(self.names.key_of(&reference.table)).or_default();
        let is_same = |(other, _): &(Constraint, Place)| match other {
            Constraint::ForeignKey(other) => {
                (&other.columns, &other.to_table, &other.to_columns)
                    == (&key.columns, &key.to_table, &key.to_columns)
            }
            _ => false,
        };
        if !extras.constraints.iter().any(is_same) {
            extras.constraints.push((Constraint::ForeignKey(key), reference.place.clone()));
        }
    }
}
