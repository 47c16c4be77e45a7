//! The names of indexes and constraints: those that were given, and those that PostgreSQL would give.

use super::Needed;
use super::plan::{Differ, Phase};
use crate::schema::declared::{DeclaredColumn, Place};
use crate::schema::model::Name;
use crate::schema::op::{Constraint, ForeignKey, Index, Op};

impl<'a> Differ<'a> {
    pub fn take_names(&mut self) {
        for (name, table) in &self.model.tables {
            self.take(name, &name.name);
            let keys = table.uniques.iter().chain(&table.primary_key).filter_map(|key| key.name.as_ref());
            let checks = table.checks.iter().filter_map(|check| check.name.as_ref());
            let references = table.foreign_keys.iter().filter_map(|key| key.name.as_ref());
            let indexes = table.indexes.iter().map(|index| &index.name);
            for one in keys.chain(checks).chain(references).chain(indexes) {
                self.take(name, one);
            }
        }
        for name in self.model.views.keys() {
            self.take(name, &name.name);
        }
    }

    pub fn take(&mut self, table: &Name, name: &str) {
        self.taken.insert((table.schema.clone(), self.names.key(name)));
    }

    pub fn give_back(&mut self, table: &Name, name: &str) {
        self.taken.remove(&(table.schema.clone(), self.names.key(name)));
    }

    /// The name that was given; else the usual one, with a number where it is taken.
    pub fn name(&mut self, table: &Name, given: Option<&str>, columns: &[String], suffix: &str) -> String {
        if let Some(given) = given.filter(|given| !given.is_empty()) {
            self.take(table, given);
            return given.to_owned();
        }
        let free = (0_usize..).find_map(|number| {
            let number = if number == 0 { String::new() } else { number.to_string() };
            let name = usual(&table.name, columns, &format!("{suffix}{number}"));
            let is_taken = self.taken.contains(&(table.schema.clone(), self.names.key(&name)));
            (!is_taken).then_some(name)
        });
        let name = free.unwrap_or_default();
        self.take(table, &name);
        name
    }

    /// Creates the indexes that are declared for a table.
    pub fn create_index(&mut self, name: &Name, index: &Index, is_addition: bool, place: &Place) {
        let words: Vec<String> = index
            .columns
            .iter()
            .map(|column| if column.is_expression { "expr".to_owned() } else { column.what.clone() })
            .collect();
        let given = Some(index.name.as_str());
        let index = Index { name: self.name(name, given, &words, "idx"), ..index.clone() };
        let needed = Needed::new(Op::CreateIndex(index), Some(place));
        self.add(Phase::CreateIndex, needed.addition(is_addition));
    }

    /// The constraint with its name.
    pub fn named(&mut self, name: &Name, constraint: &Constraint) -> Constraint {
        let given = constraint.name().map(str::to_owned);
        let (columns, suffix) = match constraint {
            Constraint::PrimaryKey { .. } => return constraint.clone(),
            Constraint::Unique { columns, .. } => (columns.clone(), "key"),
            Constraint::ForeignKey(key) => (key.columns.clone(), "fkey"),
            Constraint::Check { expression, .. } => (self.only_column(name, expression), "check"),
        };
        let called = Some(self.name(name, given.as_deref(), &columns, suffix));
        match constraint.clone() {
            Constraint::Unique { columns, .. } => Constraint::Unique { name: called, columns },
            Constraint::Check { expression, .. } => Constraint::Check { name: called, expression },
            Constraint::ForeignKey(key) => Constraint::ForeignKey(ForeignKey { name: called, ..key }),
            key @ Constraint::PrimaryKey { .. } => key,
        }
    }

    /// Where a check speaks of one column alone, PostgreSQL names it after that.
    fn only_column(&self, name: &Name, expression: &str) -> Vec<String> {
        let Some(table) = self.lookup.declared(name) else { return Vec::new() };
        let used = |column: &&DeclaredColumn| super::uses::uses(expression, &column.name, self.names);
        let found: Vec<String> =
            table.columns.iter().filter(used).map(|column| column.name.clone()).collect();
        if found.len() == 1 { found } else { Vec::new() }
    }
}

/// As PostgreSQL makes it: with as much of the names as there is room for.
pub fn usual(table: &str, columns: &[String], suffix: &str) -> String {
    const LONGEST: usize = 63;
    let mut parts = [table.to_owned(), columns.join("_")];
    let joins = if parts[1].is_empty() { 1 } else { 2 };
    while parts[0].len() + parts[1].len() + suffix.len() + joins > LONGEST {
        let longer = usize::from(parts[1].len() > parts[0].len());
        if parts[longer].pop().is_none() {
            break;
        }
    }
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).chain([suffix]).filter(|part| !part.is_empty()).collect();
    parts.join("_")
}
