//! Columns that nobody declares any more, with what depends on them.

use super::Needed;
use super::from_model;
use super::plan::{Differ, Phase};
use super::uses::uses;
use crate::schema::model::{Column, Name, Table};
use crate::schema::op::{Constraint, Op};
use crate::schema::recorded::Was;
use crate::schema::render::{qualified, quoted};
use crate::store::Database;

const OF_COLUMN: &str = "a column of it is dropped";

impl<'a> Differ<'a> {
    pub fn drop_columns(&mut self, name: &'a Name, table: &'a Table, left: &[&'a Column]) {
        if left.is_empty() {
            return;
        }
        for column in left {
            self.cut_shared(name, table, column);
        }
        for index in &table.indexes {
            let parts = &index.parts;
            let mentions = |column: &&&Column| {
                let is_key = parts.keys.iter().any(|key| match &key.column {
                    Some(name) => self.names.is_same(name, &column.name),
                    None => uses(&key.text, &column.name, self.names),
                });
                let condition = parts.predicate.as_deref().unwrap_or_default();
                is_key
                    || uses(condition, &column.name, self.names)
                    || uses(&parts.options, &column.name, self.names)
            };
            if left.iter().any(|column| mentions(&column)) {
                self.drop_index(name, index, None, None);
            }
        }
        self.drop_shared(name, table, left);
        // What is computed from a column goes before it.
        let mut ordered: Vec<&Column> = left.to_vec();
        ordered.sort_by_key(|column| column.generated.is_none());
        for column in ordered {
            self.drop_column(name, table, column);
        }
        let stays = |column: &&Column| !left.iter().any(|one| self.names.is_same(&one.name, &column.name));
        let mut notes = Vec::new();
        for other in table.columns.iter().filter(stays) {
            let Some(generated) = &other.generated else { continue };
            if let Some(column) = left.iter().find(|one| uses(&generated.expression, &one.name, self.names)) {
                notes.push(format!(
                    "{name}.{} is computed from {name}.{} and stands against dropping it: drop it as well, or keep both",
                    other.name, column.name
                ));
            }
        }
        self.notes.extend(notes);
    }

    fn drop_column(&mut self, name: &'a Name, table: &'a Table, column: &'a Column) {
        let mut was = self.from.column(name, table, column);
        was.constraints = self.own_constraints(name, table, column);
        let op = Op::DropColumn { table: name.to_string(), name: column.name.clone(), was: Was::Known(was) };
        let loses = match &column.generated {
            Some(_) => None,
            None => Some(format!("the column {name}.{} is dropped with its values", column.name)),
        };
        let mut needed = Needed::new(op, None);
        needed.loses = loses;
        self.add(Phase::DropColumn, needed);
        self.note_views(name, &column.name, "dropping it");
    }

    /// Constraints that are of the column alone: they go with it, and come back with it.
    fn own_constraints(&self, name: &Name, table: &Table, column: &Column) -> Vec<Constraint> {
        let is_own = |columns: &[String]| matches!(columns, [only] if self.names.is_same(only, &column.name));
        let mut own = Vec::new();
        let uniques = table.uniques.iter().filter(|key| is_own(&key.columns));
        own.extend(uniques.filter_map(from_model::unique));
        let checks =
            table.checks.iter().filter(|check| self.whose(table, &check.expression) == Some(&column.name));
        own.extend(checks.filter(|check| !self.is_check_gone(name, check)).filter_map(from_model::check));
        let keys = table.foreign_keys.iter().filter(|key| is_own(&key.columns));
        own.extend(keys.filter_map(from_model::foreign_key));
        own
    }

    /// The one column that an expression speaks of.
    fn whose<'t>(&self, table: &'t Table, expression: &str) -> Option<&'t String> {
        let mut used = table.columns.iter().filter(|column| uses(expression, &column.name, self.names));
        match (used.next(), used.next()) {
            (Some(only), None) => Some(&only.name),
            _ => None,
        }
    }

    /// Foreign keys of several columns with this one, and those that refer to it.
    fn cut_shared(&mut self, name: &'a Name, table: &'a Table, column: &Column) {
        let has =
            |differ: &Self, names: &[String]| names.iter().any(|one| differ.names.is_same(one, &column.name));
        let because = "a column of it is dropped";
        for key in &table.foreign_keys {
            let is_said = from_model::foreign_key(key).is_some();
            if has(self, &key.columns) && (key.columns.len() > 1 || !is_said) {
                self.cut(name, key, because);
            }
        }
        for (of, key) in self.referrers(name) {
            if has(self, &key.to_columns) {
                self.cut(of, key, because);
            }
        }
    }

    /// Unique constraints and checks of several columns, one of which goes; and what no change can say.
    fn drop_shared(&mut self, name: &'a Name, table: &'a Table, left: &[&'a Column]) {
        let any = |differ: &Self, names: &[String]| {
            names.iter().any(|one| left.iter().any(|column| differ.names.is_same(one, &column.name)))
        };
        for key in &table.uniques {
            if !any(self, &key.columns) {
                continue;
            }
            match from_model::unique(key) {
                Some(was) if key.columns.len() > 1 => self.drop_constraint(name, was, OF_COLUMN),
                Some(_) => {}
                None => self.drop_unsaid(name, key.name.as_deref(), &key.definition),
            }
            // Others refer to no index, but to what is unique.
            for (of, referrer) in self.referrers(name) {
                if self.names.same_set(&referrer.to_columns, &key.columns) {
                    self.cut(of, referrer, "what it refers to is dropped");
                }
            }
        }
        for check in &table.checks {
            let speaks = left.iter().any(|column| uses(&check.expression, &column.name, self.names));
            if !speaks {
                continue;
            }
            match from_model::check(check) {
                Some(was) if self.whose(table, &check.expression).is_none() => {
                    self.drop_constraint(name, was, OF_COLUMN)
                }
                Some(_) => {}
                None => {
                    let definition = format!("CHECK ({}) NO INHERIT", check.expression);
                    self.drop_unsaid(name, check.name.as_deref(), &definition);
                }
            }
        }
        for one in &table.exclusions {
            if left.iter().any(|column| uses(&one.definition, &column.name, self.names)) {
                self.drop_unsaid(name, Some(&one.name), &one.definition);
            }
        }
    }

    pub fn drop_constraint(&mut self, name: &Name, was: Constraint, because: &str) {
        let called = was.name_on(&name.name);
        let what = was.to_string();
        if !self.gone.insert((self.names.key_of(name), what)) {
            return;
        }
        self.give_back(name, &called);
        let loses = format!("the constraint {called} of {name} is dropped: {because}");
        let op = Op::DropConstraint { table: name.to_string(), name: called, was: Was::Known(was) };
        self.add(Phase::DropConstraint, Needed::new(op, None).loses(loses));
    }

    /// By SQL, since no change can say what it was.
    pub fn drop_unsaid(&mut self, name: &Name, called: Option<&str>, definition: &str) {
        // SQLite takes it with the column, or says that it cannot.
        let Some(called) = called.filter(|_| self.database != Database::Sqlite) else { return };
        let table = qualified(&name.to_string());
        let op = Op::Raw {
            up: vec![format!("ALTER TABLE {table} DROP CONSTRAINT {}", quoted(called))],
            down: Was::Known(vec![format!(
                "ALTER TABLE {table} ADD CONSTRAINT {} {definition}",
                quoted(called)
            )]),
        };
        self.add(Phase::DropConstraint, Needed::new(op, None));
    }
}
