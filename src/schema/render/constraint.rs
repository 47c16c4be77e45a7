//! Constraints, as a table has them.

use super::{Unfit, list, qualified, quoted};
use crate::schema::op::{Constraint, ForeignKey, ForeignKeyAction};
use crate::store::Database;

/// `CONSTRAINT "name" …`, as `CREATE TABLE` and `ADD` take it.
pub fn definition(constraint: &Constraint, database: Database) -> Result<String, Unfit> {
    let what = match constraint {
        Constraint::PrimaryKey { columns, .. } => format!("PRIMARY KEY ({})", list(columns)),
        Constraint::Unique { columns, .. } => format!("UNIQUE ({})", list(columns)),
        Constraint::Check { expression, .. } => format!("CHECK ({expression})"),
        Constraint::ForeignKey(key) => {
            format!("FOREIGN KEY ({}) {}", list(&key.columns), references(key, database)?)
        }
    };
    Ok(format!("{}{what}", named(constraint)))
}

/// `CONSTRAINT "name" …`, as a column has it.
#[cfg(feature = "sqlite")]
pub fn of_column(constraint: &Constraint, database: Database) -> Result<String, Unfit> {
    let what = match constraint {
        Constraint::PrimaryKey { .. } => "PRIMARY KEY".to_owned(),
        Constraint::Unique { .. } => "UNIQUE".to_owned(),
        Constraint::Check { expression, .. } => format!("CHECK ({expression})"),
        Constraint::ForeignKey(key) => references(key, database)?,
    };
    Ok(format!("{}{what}", named(constraint)))
}

fn named(constraint: &Constraint) -> String {
    constraint.name().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default()
}

fn references(key: &ForeignKey, database: Database) -> Result<String, Unfit> {
    if key.deferrable && database == Database::Cockroach {
        return Err(Unfit::new(
            format!("CockroachDB has no deferrable foreign keys, and {} is one", key.columns.join(", ")),
            "leave `.deferrable()` away",
        ));
    }
    let action = |event: &str, action: Option<ForeignKeyAction>| {
        action.map(|action| format!(" ON {event} {}", word(action))).unwrap_or_default()
    };
    Ok(format!(
        "REFERENCES {} ({}){}{}{}",
        qualified(&key.to_table),
        list(&key.to_columns),
        action("DELETE", key.on_delete),
        action("UPDATE", key.on_update),
        if key.deferrable { " DEFERRABLE INITIALLY DEFERRED" } else { "" }
    ))
}

fn word(action: ForeignKeyAction) -> &'static str {
    match action {
        ForeignKeyAction::Cascade => "CASCADE",
        ForeignKeyAction::SetNull => "SET NULL",
        ForeignKeyAction::SetDefault => "SET DEFAULT",
        ForeignKeyAction::Restrict => "RESTRICT",
        ForeignKeyAction::NoAction => "NO ACTION",
    }
}
