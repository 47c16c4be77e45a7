//! A table that is there, against what is declared of it.

use super::beside::Extras;
use super::from_model::loose;
use super::plan::{Differ, Phase};
use super::uses::uses;
use super::{Needed, lost};
use crate::schema::declared::{DeclaredColumn, DeclaredTable, Place, Problem};
use crate::schema::model::{Column, Name, Table};
use crate::schema::op::{Constraint, DefaultValue, ForeignKey, Op, Type};
use crate::schema::recorded::Was;
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

    /// What Diesel calls the row's number of a table of SQLite without a primary key.
    fn is_implicit_rowid(&self, table: &Table, declared: &DeclaredTable, column: &DeclaredColumn) -> bool {
        self.database == Database::Sqlite
            && table.primary_key.is_none()
            && ["rowid", "oid", "_rowid_"].contains(&&*column.name)
            && declared.primary_key == [column.name.clone()]
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
    fn change_type(
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

    fn change_default(
        &mut self,
        name: &Name,
        column: &Column,
        (kind, was): (&Type, Option<DefaultValue>),
        wanted: &DefaultValue,
        place: &Place,
    ) {
        if was.as_ref().is_some_and(|was| same_default(was, wanted, kind)) {
            return;
        }
        let op = Op::ChangeDefault {
            table: name.to_string(),
            column: column.name.clone(),
            from: was.clone().map(|was| as_is(was, kind)),
            to: Some(as_is(wanted.clone(), kind)),
        };
        self.add(Phase::ChangeColumn, Needed::new(op, Some(place)).addition(was.is_none()));
    }

    /// Has the database number a column that it does not number yet.
    fn count(&mut self, name: &Name, table: &Table, column: &Column, place: &Place) {
        let default = column.default.as_deref().unwrap_or_default();
        let counts = column.identity.is_some()
            || is_rowid(table, column)
            || default.starts_with("nextval(")
            || default.contains("unique_rowid()");
        if counts {
            return;
        }
        let (of, called) = (name.to_string(), column.name.clone());
        let is_alone = table.primary_key.as_ref().is_some_and(|key| key.columns == [column.name.clone()]);
        let op = if self.database == Database::Sqlite && !is_alone {
            let what = format!("SQLite counts in the primary key alone, and {name}.{} is none", column.name);
            self.problems.push(Problem::new(place, what, "make it the primary key, or count with a trigger"));
            return;
        } else if self.database == Database::Sqlite {
            // The one type by which a primary key is the number of the row.
            let from = self.from.kind(&column.sql_type, table.strict);
            Op::ChangeType {
                table: of,
                column: called,
                from,
                to: Type::Integer,
                using: None,
                back_using: None,
            }
        } else {
            let alter = format!(
                "ALTER TABLE {} ALTER COLUMN {}",
                crate::schema::render::qualified(&of),
                crate::schema::render::quoted(&called)
            );
            Op::Raw {
                up: vec![format!("{alter} ADD GENERATED BY DEFAULT AS IDENTITY")],
                down: Was::Known(vec![format!("{alter} DROP IDENTITY")]),
            }
        };
        self.add(Phase::AddConstraint, Needed::new(op, Some(place)));
    }

    fn change_extras(&mut self, name: &'a Name, table: &'a Table, keeps_key: bool, extras: &Extras) {
        for (wanted, place) in &extras.indexes {
            let stays =
                |index: &&crate::schema::model::Index| index.valid && !self.is_index_gone(name, index);
            if table.indexes.iter().filter(stays).any(|index| self.same_index(name, wanted, index)) {
                continue;
            }
            let named = table.indexes.iter().find(|index| self.names.is_same(&index.name, &wanted.name));
            if let Some(other) = named {
                self.drop_index(name, other, None, Some(place));
            }
            self.create_index(name, wanted, named.is_none(), place);
        }
        for (wanted, place) in &extras.constraints {
            let is_there = match wanted {
                Constraint::Unique { columns, .. } => self.is_unique(table, keeps_key, columns),
                Constraint::PrimaryKey { .. } => true,
                Constraint::Check { expression, .. } => {
                    let stays = |check: &&crate::schema::model::Check| !self.is_check_gone(name, check);
                    let mut checks = table.checks.iter().filter(stays);
                    checks.any(|check| loose(&check.expression) == loose(expression))
                }
                Constraint::ForeignKey(wanted) => {
                    let mut keys = table.foreign_keys.iter();
                    keys.any(|key| self.same_key(wanted, key))
                }
            };
            if !is_there {
                self.add_constraint(name, table, wanted, place);
            }
        }
    }

    /// With what had its name before, and was something else.
    fn add_constraint(&mut self, name: &'a Name, table: &'a Table, wanted: &Constraint, place: &Place) {
        let mut is_addition = true;
        if let Constraint::ForeignKey(wanted) = wanted
            && let Some(other) = table.foreign_keys.iter().find(|key| self.same_ends(wanted, key))
        {
            // The same, but for what it does.
            other.name.iter().for_each(|called| self.give_back(name, called));
            is_addition = false;
            self.cut(name, other, super::dropped::DECLARED_OTHERWISE);
        } else if let Some(called) = wanted.name()
            && let Some(was) =
                self.from.constraints(name, table).into_iter().find(|one| one.name() == Some(called))
        {
            is_addition = false;
            self.give_back(name, called);
            let op =
                Op::DropConstraint { table: name.to_string(), name: called.to_owned(), was: Was::Known(was) };
            self.add(Phase::DropConstraint, Needed::new(op, Some(place)));
        }
        let constraint = self.named(name, wanted);
        let phase = match constraint {
            Constraint::ForeignKey(_) => Phase::AddForeignKey,
            _ => Phase::AddConstraint,
        };
        let op = Op::AddConstraint { table: name.to_string(), constraint, not_valid: false };
        self.add(phase, Needed::new(op, Some(place)).addition(is_addition));
    }

    fn key_changes(&self, declared: &DeclaredTable, table: &Table) -> bool {
        let was = table.primary_key.as_ref().map(|key| &key.columns[..]).unwrap_or_default();
        let is_implicit = was.is_empty()
            && declared.columns.iter().any(|column| {
                let has = table.columns.iter().any(|other| self.names.is_same(&other.name, &column.name));
                !has && self.is_implicit_rowid(table, declared, column)
            });
        !is_implicit && !self.names.same_set(was, &declared.primary_key)
    }

    fn change_primary_key(&mut self, declared: &'a DeclaredTable, name: &'a Name, table: &'a Table) {
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
}

/// Whether a column of SQLite is the number of its row.
pub fn is_rowid(table: &Table, column: &Column) -> bool {
    let is_alone = table
        .primary_key
        .as_ref()
        .is_some_and(|key| matches!(&key.columns[..], [only] if only.eq_ignore_ascii_case(&column.name)));
    is_alone && !table.without_rowid && column.sql_type.eq_ignore_ascii_case("integer")
}

/// A day's or a time's own word for now: a change of a default does not know the type.
fn as_is(value: DefaultValue, kind: &Type) -> DefaultValue {
    match (&value, kind) {
        (DefaultValue::Now, Type::Date) => DefaultValue::Expression("CURRENT_DATE".to_owned()),
        (DefaultValue::Now, Type::Time) => DefaultValue::Expression("CURRENT_TIME".to_owned()),
        _ => value,
    }
}

fn same_default(was: &DefaultValue, wanted: &DefaultValue, kind: &Type) -> bool {
    let sql = |value: &DefaultValue| match as_is(value.clone(), kind) {
        DefaultValue::Now => "CURRENT_TIMESTAMP".to_owned(),
        DefaultValue::Text(text) => crate::ledger::quote(&text),
        DefaultValue::Float(number) => number.to_string(),
        other => other.to_string(),
    };
    // A number may be written as a text, and a truth as a number.
    let plain = |value: &DefaultValue| loose(&sql(value)).trim_matches('\'').to_owned();
    was == wanted || plain(was) == plain(wanted)
}
