//! What may be a rename, and the model as it is once some were made.

use super::Needed;
use super::plan::Differ;
use super::uses::renamed;
use crate::schema::declared::{DeclaredColumn, DeclaredTable};
use crate::schema::model::{Column, Model, Name, Table};
use crate::schema::op::Op;

/// Something that is dropped, and something alike that is added: it may have been renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleRename {
    /// The table of a column; none for a table.
    pub table: Option<Name>,
    /// What it is called.
    pub from: String,
    /// What is declared.
    pub to: String,
}

impl std::fmt::Display for PossibleRename {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.table {
            Some(table) => write!(f, "{table}.{} to {table}.{}", self.from, self.to),
            None => write!(f, "{} to {}", self.from, self.to),
        }
    }
}

impl<'a> Differ<'a> {
    /// Columns of the same type, one of which is new and one left over; those with like names first.
    pub fn possible_columns(&mut self, name: &Name, added: &[&DeclaredColumn], left: &[&Column]) {
        let Some((_, table)) = self.lookup.table(name) else { return };
        let mut found = Vec::new();
        for column in left.iter().filter(|column| column.generated.is_none()) {
            for new in added {
                if new.nullable == column.nullable && self.has_type(new, None, table, column) {
                    let distance = strsim::osa_distance(&new.name, &column.name);
                    found.push((distance, column.name.clone(), new.name.clone()));
                }
            }
        }
        found.sort();
        let rename = |(_, from, to)| PossibleRename { table: Some(name.clone()), from, to };
        self.renames.extend(found.into_iter().map(rename));
    }

    /// Tables with the same columns.
    pub fn possible_tables(&mut self, new: &[&'a DeclaredTable], left: &[(&'a Name, &'a Table)]) {
        let mut found = Vec::new();
        for (name, table) in left {
            for other in new {
                let to = self.names.of_table(&other.name);
                if to.schema == name.schema && self.is_alike(other, table) {
                    let distance = strsim::osa_distance(&to.name, &name.name);
                    found.push((distance, name.to_string(), to.to_string()));
                }
            }
        }
        found.sort();
        let rename = |(_, from, to)| PossibleRename { table: None, from, to };
        self.renames.extend(found.into_iter().map(rename));
    }

    fn is_alike(&self, declared: &DeclaredTable, table: &Table) -> bool {
        declared.columns.len() == table.columns.len()
            && declared.columns.iter().all(|wanted| {
                let column =
                    table.columns.iter().find(|column| self.names.is_same(&column.name, &wanted.name));
                column.is_some_and(|column| self.has_type(wanted, None, table, column))
            })
    }
}

/// The model as it is behind the renames, and what makes them.
pub fn apply(model: &Model, renames: &[PossibleRename]) -> (Model, Vec<Needed>) {
    let (mut model, mut needed) = (model.clone(), Vec::new());
    let mut tables: Vec<(Name, Name)> = Vec::new();
    let names = |name: &str| match name.split_once('.') {
        Some((schema, name)) => Name { schema: Some(schema.to_owned()), name: name.to_owned() },
        None => Name::new(name),
    };
    for rename in renames.iter().filter(|rename| rename.table.is_none()) {
        let (from, to) = (names(&rename.from), names(&rename.to));
        let Some(table) = model.tables.remove(&from) else { continue };
        model.tables.insert(to.clone(), table);
        for key in model.tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
            if key.to == from {
                key.to = to.clone();
            }
        }
        let op = Op::RenameTable { from: rename.from.clone(), to: rename.to.clone() };
        needed.push(Needed::new(op, None));
        tables.push((from, to));
    }
    for rename in renames {
        let Some(table) = &rename.table else { continue };
        let table = tables.iter().find(|(from, _)| from == table).map_or(table, |(_, to)| to);
        let Some(found) = model.tables.get_mut(table) else { continue };
        rename_column(found, &rename.from, &rename.to);
        for key in model.tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
            if key.to == *table {
                replace(&mut key.to_columns, &rename.from, &rename.to);
            }
        }
        let (table, from, to) = (table.to_string(), rename.from.clone(), rename.to.clone());
        needed.push(Needed::new(Op::RenameColumn { table, from, to }, None));
    }
    (model, needed)
}

fn replace(columns: &mut [String], from: &str, to: &str) {
    columns.iter_mut().filter(|column| *column == from).for_each(|column| to.clone_into(column));
}

fn rename_column(table: &mut Table, from: &str, to: &str) {
    let again = |sql: &mut String| *sql = renamed(sql, from, to);
    for column in &mut table.columns {
        if column.name == from {
            to.clone_into(&mut column.name);
        }
        column.generated.iter_mut().for_each(|generated| again(&mut generated.expression));
    }
    for key in table.uniques.iter_mut().chain(&mut table.primary_key) {
        replace(&mut key.columns, from, to);
        again(&mut key.definition);
    }
    table.checks.iter_mut().for_each(|check| again(&mut check.expression));
    table.exclusions.iter_mut().for_each(|one| again(&mut one.definition));
    for key in &mut table.foreign_keys {
        replace(&mut key.columns, from, to);
    }
    for index in &mut table.indexes {
        for key in &mut index.parts.keys {
            again(&mut key.text);
            if key.column.as_deref() == Some(from) {
                key.column = Some(to.to_owned());
            }
        }
        index.parts.predicate.iter_mut().for_each(again);
        again(&mut index.parts.options);
        again(&mut index.definition);
    }
}
