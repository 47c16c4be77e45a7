//! What PostgreSQL cannot keep when a column gets a type of another kind: what is written for the old one.

use super::from_model;
use super::plan::Differ;
use super::uses::uses;
use crate::schema::model::{Check, Column, Index, Name, Table};
use crate::schema::op::{Constraint, Type};

impl<'a> Differ<'a> {
    /// Indexes by an expression or a class of operators, and checks; what is declared comes again.
    pub fn drop_what_is_for(&mut self, name: &'a Name, table: &'a Table, column: &Column, to: &Type) {
        let extras = self.extras_of(name);
        for index in &table.indexes {
            if !self.is_for(index, &column.name, to) {
                continue;
            }
            let is_declared = extras.indexes.iter().any(|(wanted, _)| self.same_index(name, wanted, index));
            let loses = format!(
                "the index {} is dropped, since it may not be one for the new type of {name}.{}",
                index.name, column.name
            );
            self.drop_index(name, index, (!is_declared).then_some(loses), None);
        }
        let names = self.names;
        for check in table.checks.iter().filter(|check| uses(&check.expression, &column.name, names)) {
            let Some(was) = from_model::check(check) else { continue };
            self.drop_constraint(name, was, "it may not be one for the new type of a column");
        }
        for key in table.uniques.iter().filter(|key| *to == Type::Json && key.columns.contains(&column.name))
        {
            let Some(was) = from_model::unique(key) else { continue };
            self.drop_constraint(name, was, "JSON that is kept as it was written cannot be unique");
        }
    }

    pub fn is_check_gone(&self, name: &Name, check: &Check) -> bool {
        let Some(was) = from_model::check(check) else { return false };
        self.gone.contains(&(self.names.key_of(name), Constraint::to_string(&was)))
    }

    fn is_for(&self, index: &Index, column: &str, to: &Type) -> bool {
        let parts = &index.parts;
        let is_special = |method: &Option<String>| method.as_deref().is_some_and(|method| method != "btree");
        let by_key = parts.keys.iter().any(|key| match &key.column {
            Some(name) => {
                let is_it = self.names.is_same(name, column);
                is_it && (!key.details.is_empty() || is_special(&parts.method) || *to == Type::Json)
            }
            None => uses(&key.text, column, self.names),
        });
        by_key || parts.predicate.as_deref().is_some_and(|sql| uses(sql, column, self.names))
    }
}
