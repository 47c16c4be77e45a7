//! Whether the database has what is declared, whatever it is called there.

use super::from_model::{self, loose};
use super::plan::Differ;
use crate::schema::model::{self, Name, Table};
use crate::schema::op::{Constraint, ForeignKey, ForeignKeyAction, Index, IndexColumn};
use crate::store::Database;

impl<'a> Differ<'a> {
    /// Whether the table has an index like this.
    pub fn same_index(&self, name: &Name, wanted: &Index, found: &model::Index) -> bool {
        let Some(found) = self.from.index(name, found) else { return false };
        let keys = |index: &Index| -> Vec<IndexColumn> {
            let mut keys = index.columns.clone();
            // What is kept beside the key is a part of it there.
            if self.database == Database::Sqlite {
                keys.extend(index.including.iter().map(|column| column.as_str().into()));
            }
            keys
        };
        let same_key = |(one, other): (&IndexColumn, &IndexColumn)| {
            let same_what = match one.is_expression {
                true => loose(&one.what) == loose(&other.what),
                false => self.names.is_same(&one.what, &other.what),
            };
            let is_sqlite = self.database == Database::Sqlite;
            one.is_expression == other.is_expression
                && same_what
                && one.descending == other.descending
                && (is_sqlite || one.operator_class == other.operator_class)
        };
        let (some, others) = (keys(wanted), keys(&found));
        let method = |index: &Index| index.method.clone().unwrap_or_else(|| "btree".to_owned());
        let condition = |index: &Index| index.only_where.as_deref().map(loose);
        some.len() == others.len()
            && some.iter().zip(&others).all(same_key)
            && wanted.unique == found.unique
            && method(wanted) == method(&found)
            && condition(wanted) == condition(&found)
            && (self.database == Database::Sqlite || wanted.including == found.including)
    }

    /// Whether no two rows of the table can have the same in these columns. `keeps_key`: its primary key stays.
    pub fn is_unique(&self, table: &Table, keeps_key: bool, columns: &[String]) -> bool {
        let keys = table.uniques.iter().chain(table.primary_key.iter().filter(|_| keeps_key));
        let by_constraint = keys.into_iter().any(|key| self.names.same_set(&key.columns, columns));
        let by_index = table.indexes.iter().any(|index| {
            let keys: Option<Vec<String>> = index.parts.keys.iter().map(|key| key.column.clone()).collect();
            index.parts.unique
                && index.valid
                && index.parts.predicate.is_none()
                && keys.is_some_and(|keys| self.names.same_set(&keys, columns))
        });
        by_constraint || by_index
    }

    /// Whether a foreign key of the database is the one that is wanted, as far as that says.
    pub fn same_key(&self, wanted: &ForeignKey, found: &model::ForeignKey) -> bool {
        let Some(Constraint::ForeignKey(made)) = from_model::foreign_key(found) else { return false };
        self.same_ends(wanted, found)
            && (wanted.on_delete.is_none() || usual(wanted.on_delete) == made.on_delete)
            && (wanted.on_update.is_none() || usual(wanted.on_update) == made.on_update)
            && (!wanted.deferrable || made.deferrable)
    }

    /// Whether it is from the same columns to the same.
    pub fn same_ends(&self, wanted: &ForeignKey, found: &model::ForeignKey) -> bool {
        let pairs = |from: &[String], to: &[String]| {
            let pairs = from.iter().zip(to).map(|(from, to)| (self.names.key(from), self.names.key(to)));
            pairs.collect::<std::collections::BTreeSet<_>>()
        };
        let to = self.names.key_of(&self.names.parse(&wanted.to_table));
        to == self.names.key_of(&found.to)
            && pairs(&wanted.columns, &wanted.to_columns) == pairs(&found.columns, &found.to_columns)
    }
}

/// What happens anyway is not said.
fn usual(action: Option<ForeignKeyAction>) -> Option<ForeignKeyAction> {
    action.filter(|action| *action != ForeignKeyAction::NoAction)
}
