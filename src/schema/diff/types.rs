//! Columns that are of another type than is declared.

use super::extras::as_is;
use super::key::is_rowid;
use super::plan::{Differ, Phase};
use super::uses::uses;
use super::{Needed, lost};
use crate::schema::declared::{DeclaredColumn, DeclaredTable};
use crate::schema::model::{Column, Name, Table};
use crate::schema::op::Op;
use crate::store::Database;

impl<'a> Differ<'a> {
    /// Whether a column is of the type that is declared for it.
    pub fn has_type(
        &self,
        wanted: &DeclaredColumn,
        declared: Option<&DeclaredTable>,
        table: &Table,
        column: &Column,
    ) -> bool {
        let stays = |declared: Option<&DeclaredTable>, column: &Column| {
            declared.is_none_or(|declared| {
                matches!(&declared.primary_key[..], [only] if only.eq_ignore_ascii_case(&column.name))
            })
        };
        let refers = || {
            table.foreign_keys.iter().any(|key| {
                let Some((_, target)) = self.lookup.table(&key.to) else { return false };
                let to = target.columns.iter().find(|to| key.to_columns == [to.name.clone()]);
                let declared = self.lookup.declared(&key.to);
                key.columns == [column.name.clone()]
                    && to.is_some_and(|to| is_rowid(target, to) && stays(declared, to))
            })
        };
        let is_alias = || is_rowid(table, column) && stays(declared, column);
        let is_rowid = self.database == Database::Sqlite && (is_alias() || refers());
        self.types.is_same(wanted, column, is_rowid, table.strict)
    }

    /// Whether it has dropped the default for it.
    pub fn change_type(
        &mut self,
        name: &'a Name,
        table: &'a Table,
        wanted: &DeclaredColumn,
        column: &'a Column,
    ) -> bool {
        let from = self.from.kind(&column.sql_type, table.strict);
        let to = match self.types.sql(wanted) {
            Ok(to) => to,
            Err(problem) => {
                self.problems.push(problem);
                return false;
            }
        };
        let using = lost::using(self.database, &column.name, &from, &to);
        let drops_default = using.is_some() && column.default.is_some();
        let back_using = lost::using(self.database, &column.name, &to, &from);
        let mut loses =
            lost::narrowed(&from, &to).map(|what| format!("{name}.{} becomes {to}: {what}", column.name));
        // A default is not converted by an expression.
        if let Some(default) = column.default.as_deref().filter(|_| using.is_some()) {
            let default = self.from.default(default, &from);
            let op = Op::ChangeDefault {
                table: name.to_string(),
                column: column.name.clone(),
                from: Some(as_is(default.clone(), &from)),
                to: None,
            };
            let lost = format!("{name}.{} has no default any more; it was {default}", column.name);
            self.add(Phase::ChangeColumn, Needed::new(op, Some(&wanted.place)).loses(lost));
        }
        if self.database != Database::Sqlite && !lost::is_comparable(&from, &to) {
            self.cut_of_column(name, table, &column.name, "the type of a column is changed");
            self.drop_what_is_for(name, table, column, &to);
        }
        // What the rows have is not touched there.
        if self.database == Database::Sqlite && column.sql_type.is_empty() {
            loses = None;
        }
        let (table, column_name) = (name.to_string(), column.name.clone());
        let op = Op::ChangeType { table, column: column_name, from, to, using, back_using };
        let mut needed = Needed::new(op, Some(&wanted.place));
        needed.loses = loses;
        self.add(Phase::ChangeColumn, needed);
        self.note_views(name, &column.name, "changing its type");
        drops_default
    }

    /// The foreign keys from a column, and those to it.
    pub fn cut_of_column(&mut self, name: &'a Name, table: &'a Table, column: &str, because: &str) {
        let has = |differ: &Self, names: &[String]| names.iter().any(|one| differ.names.is_same(one, column));
        for key in &table.foreign_keys {
            if has(self, &key.columns) {
                self.cut(name, key, because);
            }
        }
        for (of, key) in self.referrers(name) {
            if has(self, &key.to_columns) {
                self.cut(of, key, because);
            }
        }
    }

    /// PostgreSQL refuses to change what a view shows, and SQLite to drop it.
    pub fn note_views(&mut self, name: &Name, column: &str, what: &str) {
        let is_drop = what.starts_with("dropping");
        if self.database == Database::Sqlite && !is_drop {
            return;
        }
        let speaks = |sql: &str| uses(sql, &name.name, self.names) && uses(sql, column, self.names);
        let views = self.model.views.iter().filter(|(_, view)| speaks(&view.definition));
        let found: Vec<String> = views
            .map(|(view, _)| {
                format!("the view {view} uses {name}.{column} and stands against {what}: drop it before that, and create it again")
            })
            .collect();
        self.notes.extend(found);
    }
}
