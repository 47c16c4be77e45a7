//! Tables that nobody declares any more, and foreign keys that go for a while or for good.

use std::collections::HashSet;

use super::Needed;
use super::plan::{Differ, Phase};
use crate::schema::model::{Name, Table};
use crate::schema::op::{Constraint, Op};
use crate::schema::recorded::Was;
use crate::schema::render::{qualified, quoted};

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
}

/// The name behind `ADD CONSTRAINT`, with its quotes.
fn constraint_of(sql: &str) -> String {
    use crate::schema::model::words::{Language, words};
    let found = words(sql, Language::Standard);
    let at = found.iter().position(|word| word.is("CONSTRAINT"));
    at.and_then(|at| found.get(at + 1)).map(|word| word.text.to_owned()).unwrap_or_default()
}
