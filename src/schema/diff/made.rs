//! Tables that are not there yet.

use std::collections::HashSet;

use super::Needed;
use super::beside::Extras;
use super::plan::{Differ, Phase};
use crate::schema::declared::{DeclaredColumn, DeclaredTable, Place, Problem};
use crate::schema::model::Name;
use crate::schema::op::{Column, Constraint, ForeignKey, Identity, Op, Table};
use crate::schema::recorded::Was;
use crate::schema::render::quoted;
use crate::store::Database;

impl<'a> Differ<'a> {
    /// Creates them, those that others refer to first.
    pub fn create_tables(&mut self, new: &[&'a DeclaredTable]) {
        self.create_schemas(new);
        let mut waiting: HashSet<Name> = new.iter().map(|table| self.names.key_of(&table.name)).collect();
        for table in self.ordered(new) {
            waiting.remove(&self.names.key_of(&table.name));
            self.create_table(table, &waiting);
        }
    }

    /// Those of tables in schemas in which nothing is that one could see. An empty one may be there.
    fn create_schemas(&mut self, new: &[&'a DeclaredTable]) {
        if self.database == Database::Sqlite {
            return;
        }
        let model = self.model;
        let names = model.tables.keys().chain(model.views.keys()).chain(model.enums.keys());
        let mut there: HashSet<String> = names.filter_map(|name| name.schema.clone()).collect();
        for table in new {
            let Some(schema) = self.names.of_table(&table.name).schema else { continue };
            if there.insert(schema.clone()) {
                let up = vec![format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&schema))];
                // Whether it was there before, nobody knows.
                let op = Op::Raw { up, down: Was::Known(Vec::new()) };
                self.add(Phase::CreateTable, Needed::new(op, Some(&table.place)).addition(true));
            }
        }
    }

    /// Each behind those that it refers to, as far as that is possible.
    fn ordered(&self, new: &[&'a DeclaredTable]) -> Vec<&'a DeclaredTable> {
        fn visit<'a>(
            differ: &Differ<'a>,
            table: &'a DeclaredTable,
            new: &[&'a DeclaredTable],
            seen: &mut HashSet<Name>,
            ordered: &mut Vec<&'a DeclaredTable>,
        ) {
            if !seen.insert(differ.names.key_of(&table.name)) {
                return;
            }
            for (constraint, _) in &differ.extras_of(&table.name).constraints {
                let Constraint::ForeignKey(key) = constraint else { continue };
                let to = differ.names.key_of(&differ.names.parse(&key.to_table));
                if let Some(target) = differ.lookup.declared.get(&to)
                    && new.iter().any(|other| std::ptr::eq(*other, *target))
                {
                    visit(differ, target, new, seen, ordered);
                }
            }
            ordered.push(table);
        }
        let (mut seen, mut ordered) = (HashSet::new(), Vec::new());
        for table in new {
            visit(self, table, new, &mut seen, &mut ordered);
        }
        ordered
    }

    fn create_table(&mut self, table: &'a DeclaredTable, waiting: &HashSet<Name>) {
        let name = self.names.of_table(&table.name);
        if !self.can_be_named(&name, &table.place) {
            return;
        }
        self.take(&name, &name.name);
        let extras = self.extras_of(&name);
        let mut made = Table::nothing(&name.to_string());
        for column in &table.columns {
            made.columns.extend(self.new_column(column, &extras));
        }
        let key = Constraint::PrimaryKey { name: None, columns: table.primary_key.clone() };
        let own = match &table.primary_key[..] {
            [only] => made.columns.iter_mut().find(|column| column.name == *only),
            _ => None,
        };
        match own {
            Some(column) => column.constraints.push(key),
            None if table.primary_key.is_empty() => {}
            None => made.constraints.push(key),
        }
        for (constraint, place) in &extras.constraints {
            let constraint = self.named(&name, constraint);
            let (later, single) = match &constraint {
                Constraint::ForeignKey(key) => {
                    (!self.is_ready(&name, key, waiting), Some(&key.columns).filter(|it| it.len() == 1))
                }
                _ => (false, None),
            };
            if later {
                let op = Op::AddConstraint { table: name.to_string(), constraint, not_valid: false };
                self.need(Phase::AddForeignKey, op, Some(place));
                continue;
            }
            let own = single.and_then(|columns| made.columns.iter_mut().find(|it| it.name == columns[0]));
            match own {
                Some(column) => column.constraints.push(constraint),
                None => made.constraints.push(constraint),
            }
        }
        self.need(Phase::CreateTable, Op::CreateTable(made), Some(&table.place));
        for (index, place) in &extras.indexes {
            self.create_index(&name, index, true, place);
        }
    }

    /// Whether what a foreign key refers to is there while tables are created.
    fn is_ready(&self, of: &Name, key: &ForeignKey, waiting: &HashSet<Name>) -> bool {
        let to = self.names.parse(&key.to_table);
        if self.names.key_of(&to) == self.names.key_of(of) {
            return true;
        }
        match self.lookup.table(&to) {
            // It may become something else before it can be referred to.
            Some((_, target)) => {
                self.lookup.declared(&to).is_none_or(|declared| self.is_settled(declared, target, key))
            }
            None => !waiting.contains(&self.names.key_of(&to)),
        }
    }

    /// A name with a dot in it cannot be written in a change, where a dot stands behind the schema.
    fn can_be_named(&mut self, name: &Name, place: &Place) -> bool {
        let has_dot = name.name.contains('.') || name.schema.as_ref().is_some_and(|it| it.contains('.'));
        let is_there = |schema: &String| {
            self.database != Database::Sqlite
                || self.model.tables.keys().any(|name| name.schema.as_ref() == Some(schema))
        };
        if has_dot {
            let what =
                format!("the table \"{}\" has a dot in its name, which no typed change can write", name.name);
            self.problems.push(Problem::new(place, what, "create it with `schema.raw(\"CREATE TABLE …\")`"));
        } else if let Some(schema) = name.schema.as_ref().filter(|schema| !is_there(schema)) {
            let what = format!("SQLite has no schema {schema} for the table {}", name.name);
            self.problems.push(Problem::new(place, what, format!("write `{} (…)`", name.name)));
        } else {
            return true;
        }
        false
    }

    /// None where its type cannot be, which is said.
    pub fn new_column(&mut self, column: &DeclaredColumn, extras: &Extras) -> Option<Column> {
        let kind = match self.types.sql(column) {
            Ok(kind) => kind,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let mut made = Column::new(column.name.clone(), kind);
        made.not_null = !column.nullable;
        made.default = extras.default_of(&column.name).cloned();
        if extras.counts(&column.name) {
            made.identity = Some(Identity::ByDefault);
            made.not_null = true;
        }
        Some(made)
    }
}
