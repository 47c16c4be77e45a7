//! A table that is there, against what is declared of it.

use super::Needed;
use super::beside::Extras;
use super::key::is_rowid;
use super::plan::{Differ, Phase};
use crate::schema::declared::{DeclaredColumn, DeclaredTable};
use crate::schema::model::{Column, Name, Table};
use crate::schema::op::{Op, Type};
use crate::store::Database;

impl<'a> Differ<'a> {
    pub fn change_table(&mut self, declared: &'a DeclaredTable, name: &'a Name, table: &'a Table) {
        let extras = self.extras_of(name);
        let find = |differ: &Self, column: &DeclaredColumn| {
            table.columns.iter().find(|other| differ.names.is_same(&other.name, &column.name))
        };
        let mut added = Vec::new();
        for column in &declared.columns {
            match find(self, column) {
                Some(found) => self.change_column(declared, name, table, column, found, &extras),
                None if self.is_implicit_rowid(table, declared, column) => {}
                None => added.push(column),
            }
        }
        let is_left = |column: &&Column| {
            !declared.columns.iter().any(|other| self.names.is_same(&other.name, &column.name))
        };
        let left: Vec<&'a Column> = table.columns.iter().filter(is_left).collect();
        self.possible_columns(name, &added, &left);
        self.change_primary_key(declared, name, table);
        self.drop_columns(name, table, &left);
        for column in added {
            self.add_column(name, column, &extras);
        }
        self.change_extras(name, table, !self.key_changes(declared, table), &extras);
    }

    fn add_column(&mut self, name: &Name, column: &DeclaredColumn, extras: &Extras) {
        let Some(made) = self.new_column(column, extras) else { return };
        let counts = matches!(&made.kind, Type::Custom(kind) if kind.ends_with("serial"));
        let is_empty = made.not_null && made.default.is_none() && made.identity.is_none() && !counts;
        let op = Op::AddColumn { table: name.to_string(), column: made };
        let mut needed = Needed::new(op, Some(&column.place)).addition(true);
        needed.fails_with_rows =
            is_empty.then(|| format!("{name}.{} gets no value in the rows that there are", column.name));
        self.add(Phase::AddColumn, needed);
    }

    fn change_column(
        &mut self,
        declared: &'a DeclaredTable,
        name: &'a Name,
        table: &'a Table,
        wanted: &'a DeclaredColumn,
        column: &'a Column,
        extras: &Extras,
    ) {
        let mut default = column.default.as_deref();
        if !self.has_type(wanted, Some(declared), table, column)
            && self.change_type(name, table, wanted, column)
        {
            default = None;
        }
        let in_key = |key: &[String]| key.iter().any(|key| self.names.is_same(key, &column.name));
        let was_in_key = table.primary_key.as_ref().is_some_and(|key| in_key(&key.columns));
        let is_in_key = in_key(&declared.primary_key);
        let implied = match self.database {
            // A key alone says nothing about NULL, but where it is the row's number or the table has none.
            Database::Sqlite => {
                was_in_key && (table.strict || table.without_rowid || is_rowid(table, column))
            }
            _ => was_in_key,
        };
        let table_name = name.to_string();
        let op = match (wanted.nullable, column.nullable) {
            (false, true) => {
                Some(Op::SetNotNull { table: table_name, column: column.name.clone(), by_check: false })
            }
            // The database requires it, whatever is declared.
            (true, false) if implied && is_in_key && !self.key_changes(declared, table) => None,
            (true, false) if is_in_key && self.database != Database::Sqlite => None,
            (true, false) => {
                Some(Op::DropNotNull { table: table_name, column: column.name.clone(), by_check: false })
            }
            // It would go with the key.
            (false, false)
                if implied && self.database == Database::Sqlite && self.key_changes(declared, table) =>
            {
                Some(Op::SetNotNull { table: table_name, column: column.name.clone(), by_check: false })
            }
            _ => None,
        };
        if let Some(op) = op {
            let sets = matches!(op, Op::SetNotNull { .. }) && column.nullable;
            let mut needed = Needed::new(op, Some(&wanted.place));
            needed.fails_with_rows =
                sets.then(|| format!("it fails where a row of {name} has no {}", column.name));
            self.add(Phase::ChangeColumn, needed);
        }
        if let Some((_, value, place)) = extras.defaults.iter().find(|(of, ..)| *of == wanted.name) {
            let kind = self.from.kind(&column.sql_type, table.strict);
            let was = default.map(|sql| self.from.default(sql, &kind));
            self.change_default(name, column, (&kind, was), value, place);
        }
        if let Some((_, place)) = extras.counts.iter().find(|(of, _)| *of == wanted.name) {
            self.count(name, table, column, place);
        }
    }
}
