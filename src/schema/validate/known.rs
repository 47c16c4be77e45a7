//! What is known of the tables while one goes through the changes of a migration.

use std::collections::{BTreeMap, BTreeSet};

use super::{LONGEST_NAME, Tables};
use crate::schema::op::{Column, Constraint, Index, Op, Table};
use crate::schema::render::Unfit;
use crate::store::Database;

/// The tables, as the changes before have left them.
pub struct Known {
    database: Database,
    /// Those of this migration.
    pub made: BTreeMap<String, Table>,
    /// Those that are there; none where nobody knows.
    there: Option<Tables>,
}

impl Known {
    pub fn new(database: Database, there: Option<Tables>) -> Self {
        Self { database, made: BTreeMap::new(), there }
    }

    /// All tables that there are now, where that is known.
    pub fn there_now(self) -> Option<Tables> {
        let made = self.made.into_values().map(|table| table.name);
        self.there.map(|there| there.into_iter().chain(made).collect())
    }

    pub fn look_at(&mut self, op: &Op, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
        self.names(op, say);
        match op {
            Op::CreateTable(table) => {
                self.create(table, later, say);
                self.made.insert(self.key(&table.name), table.clone());
            }
            Op::DropTable { name, .. } => {
                self.expect(name, say);
                self.forget(name);
            }
            Op::RenameTable { from, to } => {
                self.expect(from, say);
                let table = self.made.get(&self.key(from)).cloned();
                self.forget(from);
                if let Some(table) = table {
                    self.made.insert(self.key(to), table);
                } else if let Some(there) = &mut self.there {
                    there.insert(to.clone());
                }
            }
            Op::AddColumn { table, column } => self.add_column(table, column, later, say),
            Op::DropColumn { table, name, .. } => {
                self.expect_columns(table, std::slice::from_ref(name), say);
                let name = name.clone();
                self.change(table, |table| table.columns.retain(|column| column.name != name));
            }
            Op::RenameColumn { table, from, to } => {
                self.expect_columns(table, std::slice::from_ref(from), say);
                self.change(table, |table| {
                    table
                        .columns
                        .iter_mut()
                        .filter(|column| column.name == *from)
                        .for_each(|column| column.name.clone_from(to));
                });
            }
            Op::ChangeType { table, column, .. }
            | Op::SetNotNull { table, column, .. }
            | Op::DropNotNull { table, column, .. }
            | Op::ChangeDefault { table, column, .. } => {
                self.expect_columns(table, std::slice::from_ref(column), say);
            }
            Op::ChangeComment { table, column, .. } => {
                self.expect_columns(table, column.as_slice(), say);
            }
            Op::CreateIndex(index) => self.index(index, say),
            Op::AddConstraint { table, constraint, .. } => {
                self.expect(table, say);
                self.add_constraint(table, constraint, later, say);
                let constraint = constraint.clone();
                self.change(table, |table| table.constraints.push(constraint));
            }
            Op::DropConstraint { table, name, .. } => {
                self.expect(table, say);
                let own = |constraint: &Constraint, table: &str| constraint.name_on(table) == *name;
                self.change(table, |table| {
                    let of = table.name.clone();
                    table.constraints.retain(|constraint| !own(constraint, &of));
                    for column in &mut table.columns {
                        column.constraints.retain(|constraint| !own(constraint, &of));
                    }
                });
            }
            Op::ValidateConstraint { table, .. } => self.expect(table, say),
            // Whatever it does to tables, nobody knows.
            Op::Raw { .. } => self.there = None,
            _ => {}
        }
    }

    /// SQLite compares names without regard to the case of letters.
    pub fn key(&self, name: &str) -> String {
        if self.database == Database::Sqlite { name.to_lowercase() } else { name.to_owned() }
    }

    pub fn is_there(&self, name: &str) -> Option<bool> {
        if self.made.contains_key(&self.key(name)) {
            return Some(true);
        }
        let there = self.there.as_ref()?;
        Some(there.iter().any(|table| self.key(table) == self.key(name)))
    }

    fn expect(&self, name: &str, say: &mut dyn FnMut(Unfit)) {
        if self.is_there(name) == Some(false) {
            let near = self.near(name);
            say(Unfit::new(
                format!("there is no table {name}"),
                near.map_or_else(
                    || "create it before it is changed".to_owned(),
                    |near| format!("did you mean {near}?"),
                ),
            ));
        }
    }

    pub fn near(&self, name: &str) -> Option<String> {
        let made = self.made.values().map(|table| table.name.as_str());
        let there = self.there.iter().flatten().map(String::as_str);
        made.chain(there).find(|other| strsim::osa_distance(other, name) <= 2).map(ToOwned::to_owned)
    }

    fn forget(&mut self, name: &str) {
        let key = self.key(name);
        self.made.remove(&key);
        let sqlite = self.database == Database::Sqlite;
        if let Some(there) = &mut self.there {
            there.retain(|table| if sqlite { table.to_lowercase() != key } else { *table != key });
        }
    }

    fn change(&mut self, table: &str, change: impl FnOnce(&mut Table)) {
        let key = self.key(table);
        if let Some(table) = self.made.get_mut(&key) {
            change(table);
        }
    }

    /// That a table of this migration has the columns; of the others nobody knows.
    fn expect_columns(&self, table: &str, columns: &[String], say: &mut dyn FnMut(Unfit)) {
        self.expect(table, say);
        let Some(table) = self.made.get(&self.key(table)) else { return };
        for name in columns {
            if !table.columns.iter().any(|column| self.key(&column.name) == self.key(name)) {
                let have: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                say(Unfit::new(
                    format!("the table {} has no column {name}", table.name),
                    format!("it has {}", have.join(", ")),
                ));
            }
        }
    }

    fn create(&self, table: &Table, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
        if self.is_there(&table.name) == Some(true) {
            say(Unfit::new(format!("there is a table {} already", table.name), "give it another name"));
        }
        if table.columns.is_empty() {
            say(Unfit::new(
                format!("the table {} has no column", table.name),
                "write `t.big_integer(\"id\").primary_key()`",
            ));
        }
        let mut seen = BTreeSet::new();
        for column in &table.columns {
            if !seen.insert(self.key(&column.name)) {
                say(Unfit::new(
                    format!("the table {} has two columns {}", table.name, column.name),
                    "keep one of them",
                ));
            }
        }
        let keys = table.all_constraints().filter(|one| matches!(one, Constraint::PrimaryKey { .. })).count();
        if keys > 1 {
            say(two_primary_keys(&table.name));
        }
        for constraint in table.all_constraints() {
            for name in constraint.columns() {
                if !seen.contains(&self.key(name)) {
                    let have: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                    say(Unfit::new(
                        format!("{constraint} is about {name}, which the table {} does not have", table.name),
                        format!("it has {}", have.join(", ")),
                    ));
                }
            }
            if let Constraint::ForeignKey(key) = constraint {
                self.foreign_key(table, key, later, say);
            }
        }
    }

    fn add_column(&mut self, table: &str, column: &Column, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
        self.expect(table, say);
        if let Some(made) = self.made.get(&self.key(table))
            && made.columns.iter().any(|other| self.key(&other.name) == self.key(&column.name))
        {
            say(Unfit::new(
                format!("the table {table} has a column {} already", column.name),
                "keep one of them",
            ));
        }
        for constraint in &column.constraints {
            self.add_constraint(table, constraint, later, say);
        }
        let column = column.clone();
        self.change(table, |table| table.columns.push(column));
    }

    fn add_constraint(
        &self,
        table: &str,
        constraint: &Constraint,
        later: &[&Op],
        say: &mut dyn FnMut(Unfit),
    ) {
        let made = self.made.get(&self.key(table));
        let is_key = |one: &Constraint| matches!(one, Constraint::PrimaryKey { .. });
        if is_key(constraint) && made.is_some_and(|table| table.all_constraints().any(is_key)) {
            say(two_primary_keys(table));
        }
        if let Constraint::ForeignKey(key) = constraint {
            let unknown = Table::nothing(table);
            self.foreign_key(made.unwrap_or(&unknown), key, later, say);
        }
    }

    fn index(&self, index: &Index, say: &mut dyn FnMut(Unfit)) {
        let columns: Vec<String> = index
            .columns
            .iter()
            .filter(|column| !column.is_expression)
            .map(|column| column.what.clone())
            .chain(index.including.iter().cloned())
            .collect();
        if index.columns.is_empty() {
            say(Unfit::new(format!("the index {} has no column", index.name), "name one"));
        }
        self.expect_columns(&index.table, &columns, say);
    }

    fn names(&self, op: &Op, say: &mut dyn FnMut(Unfit)) {
        for name in op.names() {
            if name.is_empty() || name.contains('\0') {
                say(Unfit::new(
                    format!("{name:?} is no name"),
                    "a name has at least one character, and no NUL",
                ));
            }
            let longest = name.split('.').map(str::len).max().unwrap_or(0);
            if self.database != Database::Sqlite && longest > LONGEST_NAME {
                say(Unfit::new(
                    format!(
                        "the name {name} has {longest} bytes, and {} cuts off what is beyond {LONGEST_NAME}",
                        self.database
                    ),
                    "give it a shorter one; a constraint gets its own with `.name(\"…\")`",
                ));
            }
        }
    }
}

fn two_primary_keys(table: &str) -> Unfit {
    Unfit::new(
        format!("the table {table} has two primary keys"),
        "one of several columns is written `t.primary_key([\"a\", \"b\"])`",
    )
}
