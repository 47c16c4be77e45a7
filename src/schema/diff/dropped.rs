//! Tables that nobody declares any more, and foreign keys that go for a while or for good.

use std::collections::{HashMap, HashSet};

use super::plan::{Cut, Differ, Phase};
use super::{Needed, from_model, lost};
use crate::schema::model::{ForeignKey, Name, Table};
use crate::schema::op::{Constraint, Op, Type};
use crate::schema::recorded::{Operation, Was};
use crate::schema::render::{qualified, quoted};
use crate::store::Database;

/// Why a foreign key goes that comes again as another one.
pub const DECLARED_OTHERWISE: &str = "it is declared otherwise";

impl<'a> Differ<'a> {
    /// Those that refer to others first.
    pub fn drop_tables(&mut self, left: &[(&'a Name, &'a Table)]) {
        for (name, _) in left {
            for (of, key) in self.referrers(name) {
                if !self.going.contains(&self.names.key_of(of)) {
                    self.cut(of, key, format!("{name} is dropped"));
                }
            }
        }
        for (name, table) in self.in_order(left) {
            self.drop_table(name, table);
        }
    }

    /// Each before those that it refers to. Where they refer to each other, a foreign key is cut.
    fn in_order(&mut self, left: &[(&'a Name, &'a Table)]) -> Vec<(&'a Name, &'a Table)> {
        let mut waiting: Vec<(&'a Name, &'a Table)> = left.to_vec();
        let mut gone: HashSet<Name> = HashSet::new();
        let mut ordered = Vec::new();
        while !waiting.is_empty() {
            let stands_against = |differ: &Self, name: &Name| {
                differ
                    .referrers(name)
                    .into_iter()
                    .filter(|(of, key)| {
                        let of_key = differ.names.key_of(of);
                        differ.going.contains(&of_key)
                            && of_key != differ.names.key_of(name)
                            && !gone.contains(&of_key)
                            && !differ.is_cut(of, key)
                    })
                    .collect::<Vec<_>>()
            };
            let free = waiting.iter().position(|(name, _)| stands_against(self, name).is_empty());
            let at = free.unwrap_or_else(|| {
                for (of, key) in stands_against(self, waiting[0].0) {
                    self.cut(of, key, "the tables refer to each other");
                }
                0
            });
            let (name, table) = waiting.remove(at);
            gone.insert(self.names.key_of(name));
            ordered.push((name, table));
        }
        ordered
    }

    fn drop_table(&mut self, name: &'a Name, table: &'a Table) {
        for index in &table.indexes {
            self.drop_index(name, index, None, None);
        }
        let keys = table.foreign_keys.iter().filter(|key| self.is_cut(name, key));
        let cut: Vec<String> = keys.filter_map(|key| key.name.as_deref().map(quoted)).collect();
        let mut unsaid = Vec::new();
        for one in self.from.unsaid(name, table) {
            match one.sql {
                // A foreign key is cut where it stands against something, and else goes with the table.
                Some(sql) if cut.contains(&constraint_of(&sql)) => {}
                Some(sql) => {
                    let called = constraint_of(&sql);
                    let up = format!("ALTER TABLE {} DROP CONSTRAINT {called}", qualified(&name.to_string()));
                    let op = Op::Raw { up: vec![up], down: Was::Known(vec![sql]) };
                    self.add(Phase::DropConstraint, Needed::new(op, None));
                }
                None => unsaid.push(one.what),
            }
        }
        let was = self.from.table(name, table);
        self.give_back(name, &name.name);
        for called in self.from.constraints(name, table).iter().filter_map(Constraint::name) {
            self.give_back(name, called);
        }
        let mut loses = format!("the table {name} is dropped with its rows");
        if !unsaid.is_empty() {
            loses.push_str(&format!("; the way back does not know {}", unsaid.join(", ")));
        }
        let op = Op::DropTable { name: name.to_string(), was: Was::Known(was) };
        self.add(Phase::DropTable, Needed::new(op, None).loses(loses));
        let of_table = format!(" on {name}");
        let triggers =
            self.model.others.keys().filter(|what| what.starts_with("trigger ") && what.ends_with(&of_table));
        let found: Vec<String> = triggers
            .map(|trigger| format!("the {trigger} goes with it, and the way back does not know it"))
            .collect();
        self.notes.extend(found);
        let views = self.model.views.iter();
        let found: Vec<String> = views
            .filter(|(_, view)| super::uses::uses(&view.definition, &name.name, self.names))
            .map(|(view, _)| {
                format!("the view {view} uses {name} and stands against dropping it: drop it before that")
            })
            .collect();
        self.notes.extend(found);
    }

    /// The foreign keys that were cut: dropped, and added again where they still can be.
    pub fn settle_cuts(&mut self) {
        self.strip_cuts();
        for (_, cut) in std::mem::take(&mut self.cuts) {
            let Cut { table, key, because } = cut;
            let comes_back = because != DECLARED_OTHERWISE && self.can_be(table, key);
            let (drop, add) = ops(table, key);
            let mut needed = Needed::new(drop, None);
            if !comes_back
                && !self.is_declared_anew(table, key)
                && !self.going.contains(&self.names.key_of(table))
            {
                let columns = key.columns.join(", ");
                needed.loses =
                    Some(format!("{table}.{columns} does not refer to {} any more: {because}", key.to));
            }
            self.add(Phase::DropForeignKey, needed);
            if comes_back && !self.is_declared_anew(table, key) {
                let mut again = Needed::new(add, None);
                again.is_addition = false;
                self.add(Phase::AddForeignKey, again);
            }
        }
    }

    /// What is dropped on its own is no part of the column or the table that goes behind it.
    fn strip_cuts(&mut self) {
        let mut cut: HashMap<String, Vec<Constraint>> = HashMap::new();
        for one in self.cuts.values() {
            cut.entry(one.table.to_string()).or_default().extend(from_model::foreign_key(one.key));
        }
        for needed in self.needed_mut() {
            let op = match &mut needed.operation {
                Operation::Sql(op) => op,
                #[cfg(feature = "scylla")]
                Operation::Cql(_) => continue,
            };
            match op {
                Op::DropColumn { table, was: Was::Known(was), .. } => {
                    let Some(cut) = cut.get(table) else { continue };
                    was.constraints.retain(|one| !cut.contains(one));
                }
                Op::DropTable { name, was: Was::Known(was) } => {
                    let Some(cut) = cut.get(name) else { continue };
                    was.constraints.retain(|one| !cut.contains(one));
                    for column in &mut was.columns {
                        column.constraints.retain(|one| !cut.contains(one));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether it is added because it is declared.
    fn is_declared_anew(&self, table: &Name, key: &ForeignKey) -> bool {
        self.extras_of(table).constraints.iter().any(|(one, _)| match one {
            Constraint::ForeignKey(wanted) => self.same_ends(wanted, key) && !self.same_key(wanted, key),
            _ => false,
        })
    }

    /// Whether a foreign key can be once everything else is done.
    fn can_be(&self, table: &Name, key: &ForeignKey) -> bool {
        let going = |name: &Name| self.going.contains(&self.names.key_of(name));
        if going(table) || going(&key.to) {
            return false;
        }
        let kinds = |of: &Name, columns: &[String]| -> Option<Vec<Type>> {
            columns.iter().map(|column| self.final_type(of, column)).collect()
        };
        let (Some(from), Some(to)) = (kinds(table, &key.columns), kinds(&key.to, &key.to_columns)) else {
            return false;
        };
        let comparable = from.iter().zip(&to).all(|(one, other)| lost::is_comparable(one, other));
        (comparable || self.database == Database::Sqlite) && self.is_final_key(&key.to, &key.to_columns)
    }

    /// What a column is of once everything is done; none where it is gone.
    fn final_type(&self, table: &Name, column: &str) -> Option<Type> {
        let (_, found) = self.lookup.table(table)?;
        let is = found.columns.iter().find(|other| self.names.is_same(&other.name, column));
        let kept = |column: &crate::schema::model::Column| self.from.kind(&column.sql_type, found.strict);
        let Some(declared) = self.lookup.declared(table) else { return is.map(kept) };
        let wanted = declared.columns.iter().find(|other| self.names.is_same(&other.name, column))?;
        match is {
            Some(column) if self.has_type(wanted, Some(declared), found, column) => Some(kept(column)),
            _ => self.types.sql(wanted).ok(),
        }
    }

    /// Whether columns are the primary key or unique once everything is done.
    fn is_final_key(&self, table: &Name, columns: &[String]) -> bool {
        let Some((_, found)) = self.lookup.table(table) else { return false };
        let by_unique = found.uniques.iter().any(|key| self.names.same_set(&key.columns, columns));
        let Some(declared) = self.lookup.declared(table) else {
            return by_unique || self.is_unique(found, true, columns);
        };
        let by_extras = self.extras_of(table).constraints.iter().any(|(one, _)| match one {
            Constraint::Unique { columns: of, .. } => self.names.same_set(of, columns),
            _ => false,
        });
        by_unique || by_extras || self.names.same_set(&declared.primary_key, columns)
    }
}

/// What drops a foreign key, and what adds it.
fn ops(table: &Name, key: &ForeignKey) -> (Op, Op) {
    let of = table.to_string();
    match from_model::foreign_key(key) {
        Some(constraint) => {
            let name = constraint.name_on(&table.name);
            let drop = Op::DropConstraint { table: of.clone(), name, was: Was::Known(constraint.clone()) };
            (drop, Op::AddConstraint { table: of, constraint, not_valid: false })
        }
        None => {
            let (of, called) = (qualified(&of), quoted(key.name.as_deref().unwrap_or_default()));
            let drop = vec![format!("ALTER TABLE {of} DROP CONSTRAINT {called}")];
            let add = vec![format!("ALTER TABLE {of} ADD CONSTRAINT {called} {}", key.definition)];
            (
                Op::Raw { up: drop.clone(), down: Was::Known(add.clone()) },
                Op::Raw { up: add, down: Was::Known(drop) },
            )
        }
    }
}

/// The name behind `ADD CONSTRAINT`, with its quotes.
fn constraint_of(sql: &str) -> String {
    use crate::schema::model::words::{Language, words};
    let found = words(sql, Language::Standard);
    let at = found.iter().position(|word| word.is("CONSTRAINT"));
    at.and_then(|at| found.get(at + 1)).map(|word| word.text.to_owned()).unwrap_or_default()
}
