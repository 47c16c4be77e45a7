//! What is declared beside the tables, gathered by table, and whether the database has it.

use super::Needed;
use super::from_model::{self, loose};
use super::plan::{Differ, Phase};
use crate::schema::build::Saying;
use crate::schema::declared::{DeclaredTable, Place, Problem};
use crate::schema::model::{self, Name, Table};
use crate::schema::op::{Constraint, DefaultValue, ForeignKey, Index, IndexColumn};
use crate::schema::recorded::At;
use crate::store::Database;

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

    /// Creates the indexes that are declared for a table.
    pub fn create_index(&mut self, name: &Name, index: &Index, is_addition: bool, place: &Place) {
        let words: Vec<String> = index
            .columns
            .iter()
            .map(|column| if column.is_expression { "expr".to_owned() } else { column.what.clone() })
            .collect();
        let given = Some(index.name.as_str());
        let index = Index { name: self.name(name, given, &words, "idx"), ..index.clone() };
        let needed = Needed::new(crate::schema::op::Op::CreateIndex(index), Some(place));
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
        let used = |column: &&crate::schema::declared::DeclaredColumn| {
            super::uses::uses(expression, &column.name, self.names)
        };
        let found: Vec<String> =
            table.columns.iter().filter(used).map(|column| column.name.clone()).collect();
        if found.len() == 1 { found } else { Vec::new() }
    }
}

/// What happens anyway is not said.
fn usual(action: Option<crate::schema::op::ForeignKeyAction>) -> Option<crate::schema::op::ForeignKeyAction> {
    action.filter(|action| *action != crate::schema::op::ForeignKeyAction::NoAction)
}
