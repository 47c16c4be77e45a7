//! What a database has, as the parts that changes are made of: a migration that drops something says by them
//! what it was, and one with the whole of a database what there is.

mod defaults;
mod index;
mod loose;
#[cfg(test)]
mod tests;
mod types;

pub use loose::loose;
pub use types::name_of as type_name_of;

use crate::schema::model::{self, Model, Name, ReferentialAction, one_line, without_parentheses};
use crate::schema::op;
use crate::schema::render::list;
use crate::store::Database;

/// A model, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct FromModel<'a> {
    pub database: Database,
    pub model: &'a Model,
}

impl FromModel<'_> {
    /// The table with its columns and constraints, as far as a change can say them; see
    /// [`FromModel::unsaid`] for what it cannot. Its indexes are changes of their own.
    pub fn table(&self, name: &Name, table: &model::Table) -> op::Table {
        let mut made = op::Table {
            name: name.to_string(),
            columns: table.columns.iter().map(|column| self.column(name, table, column)).collect(),
            constraints: Vec::new(),
            comment: table.comment.clone(),
            strict: table.strict,
            without_rowid: table.without_rowid,
        };
        for constraint in self.constraints(name, table) {
            let inline = matches!(&constraint, op::Constraint::PrimaryKey { name: None, .. });
            let own = match constraint.columns() {
                [only] if inline || matches!(constraint, op::Constraint::ForeignKey(_)) => {
                    made.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(only))
                }
                _ => None,
            };
            match own {
                Some(column) => column.constraints.push(constraint),
                None => made.constraints.push(constraint),
            }
        }
        made
    }

    /// The column, without constraints.
    pub fn column(&self, name: &Name, table: &model::Table, column: &model::Column) -> op::Column {
        let mut kind = self.kind(&column.sql_type, table.strict);
        let mut default = column.default.as_deref();
        if let Some(serial) = default.and_then(|sql| self.serial(name, column, sql)) {
            kind = op::Type::Custom(serial.to_owned());
            default = None;
        }
        let default = default.map(|sql| self.default(sql, &kind));
        op::Column {
            name: column.name.clone(),
            kind,
            not_null: !column.nullable,
            default,
            generated: column.generated.as_ref().map(|generated| op::Generated {
                expression: without_parentheses(&generated.expression).to_owned(),
                stored: generated.stored,
            }),
            identity: column.identity.map(|identity| match identity {
                model::Identity::Always => op::Identity::Always,
                model::Identity::ByDefault | model::Identity::Autoincrement => op::Identity::ByDefault,
            }),
            collation: column.collation.clone(),
            comment: column.comment.clone(),
            constraints: Vec::new(),
        }
    }

    /// Its constraints, as far as a change can say them: primary key, unique ones, checks, foreign keys.
    pub fn constraints(&self, name: &Name, table: &model::Table) -> Vec<op::Constraint> {
        let mut found: Vec<op::Constraint> = Vec::new();
        found.extend(table.primary_key.as_ref().map(|key| self.primary_key(name, key)));
        found.extend(table.uniques.iter().filter_map(unique));
        found.extend(table.checks.iter().filter_map(check));
        found.extend(table.foreign_keys.iter().filter_map(foreign_key));
        found
    }

    /// A primary key that has the name which the database gives is left without one.
    pub fn primary_key(&self, table: &Name, key: &model::Key) -> op::Constraint {
        let usual = op::Constraint::PrimaryKey { name: None, columns: Vec::new() }.name_on(&table.name);
        let name = key.name.clone().filter(|name| *name != usual);
        op::Constraint::PrimaryKey { name, columns: key.columns.clone() }
    }

    /// What of a table no typed change can say, in words; for a database with schemas the SQL that makes it
    /// as well.
    pub fn unsaid(&self, name: &Name, table: &model::Table) -> Vec<Unsaid> {
        let mut found = Vec::new();
        let mut add = |what: String, constraint: Option<(&str, &str)>| {
            let sql = constraint.filter(|_| self.database != Database::Sqlite).map(|(called, definition)| {
                let table = crate::schema::render::qualified(&name.to_string());
                format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {} {definition}",
                    crate::schema::render::quoted(called)
                )
            });
            found.push(Unsaid { what, sql });
        };
        for key in table.uniques.iter().filter(|key| unique(key).is_none()) {
            let called = key.name.as_deref();
            add(
                format!("the unique constraint {}", called.unwrap_or(&key.definition)),
                called.map(|called| (called, &*key.definition)),
            );
        }
        for one in table.checks.iter().filter(|one| check(one).is_none()) {
            let definition = format!("CHECK ({}) NO INHERIT", one.expression);
            let called = one.name.as_deref();
            add(
                format!("the check {}", called.unwrap_or(&definition)),
                called.map(|called| (called, &*definition)),
            );
        }
        for key in table.foreign_keys.iter().filter(|key| foreign_key(key).is_none()) {
            let called = key.name.as_deref();
            add(
                format!("the foreign key {}", called.unwrap_or(&key.definition)),
                called.map(|called| (called, &*key.definition)),
            );
        }
        for one in &table.exclusions {
            add(format!("the exclusion constraint {}", one.name), Some((&one.name, &one.definition)));
        }
        if let Some(key) = &table.primary_key
            && !is_plain(&key.definition, "PRIMARY KEY", &key.columns)
        {
            add(format!("how its primary key is written: {}", key.definition), None);
        }
        for column in &table.columns {
            if let Some(how) = &column.not_null_conflict {
                add(format!("ON CONFLICT {how} of {}", column.name), None);
            }
        }
        if table.unlogged {
            add("that it is unlogged".to_owned(), None);
        }
        if let Some(key) = &table.partition_key {
            add(format!("that it is partitioned by {key}"), None);
        }
        if let Some(part) = &table.partition_of {
            add(format!("that it is a partition of {}", part.of), None);
        }
        found
    }
}

/// What no typed change can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// `the exclusion constraint apart`.
    pub what: String,
    /// What makes it on a table without it.
    pub sql: Option<String>,
}

/// None where it has more to it than its columns.
pub fn unique(key: &model::Key) -> Option<op::Constraint> {
    let (name, columns) = (key.name.clone(), key.columns.clone());
    is_plain(&key.definition, "UNIQUE", &key.columns).then_some(op::Constraint::Unique { name, columns })
}

/// None where it is not for those that inherit from the table.
pub fn check(check: &model::Check) -> Option<op::Constraint> {
    let expression = without_parentheses(&check.expression).to_owned();
    (!check.no_inherit).then(|| op::Constraint::Check { name: check.name.clone(), expression })
}

/// None where it can be deferred and is not, and for `MATCH FULL`.
pub fn foreign_key(key: &model::ForeignKey) -> Option<op::Constraint> {
    let is_full = one_line(&key.definition).to_lowercase().contains(" match full");
    if is_full || key.deferrable != key.initially_deferred {
        return None;
    }
    Some(op::Constraint::ForeignKey(op::ForeignKey {
        name: key.name.clone(),
        columns: key.columns.clone(),
        to_table: key.to.to_string(),
        to_columns: key.to_columns.clone(),
        on_delete: action(key.on_delete),
        on_update: action(key.on_update),
        deferrable: key.deferrable,
    }))
}

/// None for what happens anyway.
fn action(action: ReferentialAction) -> Option<op::ForeignKeyAction> {
    match action {
        ReferentialAction::NoAction => None,
        ReferentialAction::Restrict => Some(op::ForeignKeyAction::Restrict),
        ReferentialAction::Cascade => Some(op::ForeignKeyAction::Cascade),
        ReferentialAction::SetNull => Some(op::ForeignKeyAction::SetNull),
        ReferentialAction::SetDefault => Some(op::ForeignKeyAction::SetDefault),
    }
}

/// Whether a key says no more than its columns.
fn is_plain(definition: &str, kind: &str, columns: &[String]) -> bool {
    let said = one_line(definition).to_lowercase();
    said == one_line(&format!("{kind} ({})", list(columns))).to_lowercase()
}
