//! Primary keys.

use super::Needed;
use super::plan::{Differ, Phase};
use crate::schema::declared::{DeclaredColumn, DeclaredTable};
use crate::schema::model::{Column, Name, Table};
use crate::schema::op::{Constraint, ForeignKey, Op};
use crate::schema::recorded::Was;
use crate::store::Database;

impl<'a> Differ<'a> {
    /// Whether what a foreign key refers to stays as it is.
    pub fn is_settled(&self, declared: &DeclaredTable, table: &Table, key: &ForeignKey) -> bool {
        let keys = table.uniques.iter().chain(&table.primary_key);
        let is_key = keys.into_iter().any(|one| self.names.same_set(&one.columns, &key.to_columns));
        let stays = |name: &String| {
            let column = table.columns.iter().find(|column| self.names.is_same(&column.name, name));
            let wanted = declared.columns.iter().find(|column| self.names.is_same(&column.name, name));
            column
                .zip(wanted)
                .is_some_and(|(column, wanted)| self.has_type(wanted, Some(declared), table, column))
        };
        is_key && !self.key_changes(declared, table) && key.to_columns.iter().all(stays)
    }

    pub fn key_changes(&self, declared: &DeclaredTable, table: &Table) -> bool {
        let was = table.primary_key.as_ref().map(|key| &key.columns[..]).unwrap_or_default();
        let is_implicit = was.is_empty()
            && declared.columns.iter().any(|column| {
                let has = table.columns.iter().any(|other| self.names.is_same(&other.name, &column.name));
                !has && self.is_implicit_rowid(table, declared, column)
            });
        !is_implicit && !self.names.same_set(was, &declared.primary_key)
    }

    pub fn change_primary_key(&mut self, declared: &'a DeclaredTable, name: &'a Name, table: &'a Table) {
        if !self.key_changes(declared, table) {
            return;
        }
        let wanted = Constraint::PrimaryKey { name: None, columns: declared.primary_key.clone() };
        let of = name.to_string();
        if let Some(key) = &table.primary_key {
            for (from, referrer) in self.referrers(name) {
                if self.names.same_set(&referrer.to_columns, &key.columns) {
                    self.cut(from, referrer, "the primary key that it refers to is changed");
                }
            }
            let was = self.from.primary_key(name, key);
            if self.database == Database::Cockroach {
                return self.alter_primary_key(&of, &key.columns, declared);
            }
            let called = key.name.clone().unwrap_or_else(|| was.name_on(&name.name));
            let op = Op::DropConstraint { table: of.clone(), name: called, was: Was::Known(was) };
            self.add(Phase::DropConstraint, Needed::new(op, Some(&declared.place)));
        }
        let op = Op::AddConstraint { table: of, constraint: wanted, not_valid: false };
        let needed = Needed::new(op, Some(&declared.place)).addition(table.primary_key.is_none());
        self.add(Phase::AddConstraint, needed);
    }

    /// CockroachDB has no table without a primary key.
    fn alter_primary_key(&mut self, table: &str, was: &[String], declared: &DeclaredTable) {
        let alter = |columns: &[String]| {
            let (table, list) =
                (crate::schema::render::qualified(table), crate::schema::render::list(columns));
            format!("ALTER TABLE {table} ALTER PRIMARY KEY USING COLUMNS ({list})")
        };
        let op = Op::Raw { up: vec![alter(&declared.primary_key)], down: Was::Known(vec![alter(was)]) };
        self.add(Phase::AddConstraint, Needed::new(op, Some(&declared.place)));
    }

    /// What Diesel calls the row's number of a table of SQLite without a primary key.
    pub fn is_implicit_rowid(
        &self,
        table: &Table,
        declared: &DeclaredTable,
        column: &DeclaredColumn,
    ) -> bool {
        self.database == Database::Sqlite
            && table.primary_key.is_none()
            && ["rowid", "oid", "_rowid_"].contains(&&*column.name)
            && declared.primary_key == [column.name.clone()]
    }
}

/// Whether a column of SQLite is the number of its row.
pub fn is_rowid(table: &Table, column: &Column) -> bool {
    let is_alone = table
        .primary_key
        .as_ref()
        .is_some_and(|key| matches!(&key.columns[..], [only] if only.eq_ignore_ascii_case(&column.name)));
    is_alone && !table.without_rowid && column.sql_type.eq_ignore_ascii_case("integer")
}
