//! Constraints.

use crate::schema::emit::rust::{Call, Expr};
use crate::schema::op::{Constraint, ForeignKey, ForeignKeyAction};

/// One that is added to a table.
pub fn added(table: &str, constraint: &Constraint, not_valid: bool) -> Vec<Call> {
    let table_name = Expr::text(table);
    let is_default = |nameless: Constraint| nameless.name_on(table) == constraint.name_on(table);
    let mut calls = match constraint {
        Constraint::PrimaryKey { name, columns } => {
            let mut calls = vec![Call::new("add_primary_key", [table_name, Expr::texts(columns)])];
            calls.extend(name.as_ref().map(|name| called(name)));
            calls
        }
        Constraint::Unique { columns, .. } => {
            let nameless = Constraint::Unique { name: None, columns: columns.clone() };
            let mut calls = vec![Call::new("add_unique", [table_name, Expr::texts(columns)])];
            calls.extend((!is_default(nameless)).then(|| called(&constraint.name_on(table))));
            calls
        }
        Constraint::Check { expression, .. } => {
            let name = Expr::text(constraint.name_on(table));
            vec![Call::new("add_check", [table_name, name, Expr::text(expression)])]
        }
        Constraint::ForeignKey(key) => {
            let nameless = Constraint::ForeignKey(ForeignKey { name: None, ..key.clone() });
            let what = [
                table_name,
                Expr::texts(&key.columns),
                Expr::text(&key.to_table),
                Expr::texts(&key.to_columns),
            ];
            let mut calls = vec![Call::new("add_foreign_key", what)];
            calls.extend((!is_default(nameless)).then(|| called(&constraint.name_on(table))));
            calls.extend(actions(key));
            calls
        }
    };
    calls.extend(not_valid.then(|| Call::plain("not_valid")));
    calls
}

/// One that is dropped: what it was. Its name is said already.
pub fn was(constraint: &Constraint) -> Vec<Call> {
    match constraint {
        Constraint::PrimaryKey { columns, .. } => vec![Call::new("was_primary_key", [Expr::texts(columns)])],
        Constraint::Unique { columns, .. } => vec![Call::new("was_unique", [Expr::texts(columns)])],
        Constraint::Check { expression, .. } => vec![Call::new("was_check", [Expr::text(expression)])],
        Constraint::ForeignKey(key) => {
            let what = [Expr::texts(&key.columns), Expr::text(&key.to_table), Expr::texts(&key.to_columns)];
            let mut calls = vec![Call::new("was_foreign_key", what)];
            calls.extend(actions(key));
            calls
        }
    }
}

/// What a foreign key does.
pub fn actions(key: &ForeignKey) -> Vec<Call> {
    let on = |method, action: Option<ForeignKeyAction>| {
        action.map(|action| Call::new(method, [Expr::Code(format!("ForeignKeyAction::{action:?}"))]))
    };
    let deferrable = key.deferrable.then(|| Call::plain("deferrable"));
    [on("on_delete", key.on_delete), on("on_update", key.on_update), deferrable]
        .into_iter()
        .flatten()
        .collect()
}

pub fn called(name: &str) -> Call {
    Call::new("name", [Expr::text(name)])
}
