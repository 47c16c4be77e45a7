//! What is wrong with a change, found before anything runs: from the code, and from which tables there are.

use std::collections::{BTreeMap, BTreeSet};

use super::op::{Column, Constraint, ForeignKey, Index, Op, Table};
use super::recorded::{Problem, Recorded, WayBack};
use super::render::{self, Unfit};
use crate::store::Database;

/// The names of the tables that are there, as the database has them.
pub type Tables = BTreeSet<String>;

/// How long a name may be, in bytes: PostgreSQL cuts off what is beyond it.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>
const LONGEST_NAME: usize = 63;

/// `recorded` is one migration's, for this database. `tables`: those that are there before it, and then behind
/// it; none where nobody knows.
pub fn problems(recorded: &[Recorded], database: Database, tables: &mut Option<Tables>) -> Vec<Problem> {
    #[cfg(feature = "scylla")]
    if database == Database::Scylla {
        return super::cql::Op::problems(recorded);
    }
    let mut known = Known { database, made: BTreeMap::new(), there: tables.take() };
    let mut found = Vec::new();
    for (index, change) in recorded.iter().enumerate() {
        let mut say = |unfit: Unfit| found.push(change.problem(unfit.what, unfit.hint));
        if let WayBack::Unsaid(hint) = change.operation.reverse() {
            say(Unfit::new(format!("{} does not say what undoes it", change.operation), hint));
        }
        let Some(op) = change.operation.sql() else { continue };
        let later: Vec<&Op> =
            recorded[index + 1..].iter().filter_map(|later| later.operation.sql()).collect();
        known.look_at(op, &later, &mut say);
        if let Err(unfit) = render::fits(op, database) {
            say(unfit);
        }
    }
    let made = known.made.into_values().map(|table| table.name);
    *tables = known.there.map(|there| there.into_iter().chain(made).collect());
    found
}

/// What is known of the tables while one goes through the changes.
struct Known {
    database: Database,
    /// Those of this migration.
    made: BTreeMap<String, Table>,
    /// Those that are there; none where nobody knows.
    there: Option<Tables>,
}

impl Known {
    fn look_at(&mut self, op: &Op, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
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
    fn key(&self, name: &str) -> String {
        if self.database == Database::Sqlite { name.to_lowercase() } else { name.to_owned() }
    }

    fn is_there(&self, name: &str) -> Option<bool> {
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

    fn near(&self, name: &str) -> Option<String> {
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

    /// `table` is the one that refers, as it will be.
    fn foreign_key(&self, table: &Table, key: &ForeignKey, later: &[&Op], say: &mut dyn FnMut(Unfit)) {
        let columns = key.columns.join(", ");
        if key.columns.len() != key.to_columns.len() || key.columns.is_empty() {
            say(Unfit::new(
                format!(
                    "the foreign key of {}.{columns} has {} columns and refers to {}",
                    table.name,
                    key.columns.len(),
                    key.to_columns.len()
                ),
                "name as many columns of the other table",
            ));
        }
        let to_itself = self.key(&table.name) == self.key(&key.to_table);
        // Of a table that was there before, the columns are not known.
        let own = Some(table).filter(|table| to_itself && !table.columns.is_empty());
        let Some(target) = own.or_else(|| self.made.get(&self.key(&key.to_table))) else {
            let comes =
                later.iter().any(|op| matches!(op, Op::CreateTable(made) if made.name == key.to_table));
            if comes {
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to {}, which is created behind it",
                        table.name, key.to_table
                    ),
                    format!(
                        "create {0} first; where each refers to the other, add this one at the end: \
                         `schema.add_foreign_key(\"{1}\", …, \"{0}\", …)`",
                        key.to_table, table.name
                    ),
                ));
            } else if self.is_there(&key.to_table) == Some(false) {
                let near = self.near(&key.to_table).map(|near| format!("did you mean {near}?"));
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to the table {}, which does not exist",
                        table.name, key.to_table
                    ),
                    near.unwrap_or_else(|| "create it in a migration before this one".to_owned()),
                ));
            }
            return;
        };
        for name in &key.to_columns {
            if !target.columns.iter().any(|column| self.key(&column.name) == self.key(name)) {
                say(Unfit::new(
                    format!(
                        "{}.{columns} refers to {}.{name}, which does not exist",
                        table.name, target.name
                    ),
                    "name its primary key, or a unique column",
                ));
                return;
            }
        }
        let is_key = |constraint: &Constraint| match constraint {
            Constraint::PrimaryKey { columns, .. } | Constraint::Unique { columns, .. } => {
                let these: BTreeSet<&String> = columns.iter().collect();
                these == key.to_columns.iter().collect()
            }
            _ => false,
        };
        if !target.all_constraints().any(is_key) {
            say(Unfit::new(
                format!(
                    "{}.{columns} refers to {}.{}, which is neither its primary key nor unique",
                    table.name,
                    target.name,
                    key.to_columns.join(", ")
                ),
                "make it unique, or refer to the primary key",
            ));
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
