//! Foreign keys that go for a while, or for good.

use std::collections::HashMap;

use super::plan::{Cut, Differ, Phase};
use super::{Needed, from_model, lost};
use crate::schema::model::{ForeignKey, Name};
use crate::schema::op::{Constraint, Op, Type};
use crate::schema::recorded::{Operation, Was};
use crate::schema::render::{qualified, quoted};
use crate::store::Database;

impl<'a> Differ<'a> {
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
            match &mut needed.operation {
                Operation::Sql(Op::DropColumn { table, was: Was::Known(was), .. }) => {
                    let Some(cut) = cut.get(table) else { continue };
                    was.constraints.retain(|one| !cut.contains(one));
                }
                Operation::Sql(Op::DropTable { name, was: Was::Known(was) }) => {
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

/// Why a foreign key goes that comes again as another one.
pub const DECLARED_OTHERWISE: &str = "it is declared otherwise";

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
