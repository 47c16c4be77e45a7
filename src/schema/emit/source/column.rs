//! Tables and columns, as the closures say them.

use std::collections::HashSet;

use super::constraint::{actions, called};
use super::kind;
use crate::schema::emit::rust::{Call, Expr};
use crate::schema::op::{Column, Constraint, DefaultValue, ForeignKey, Identity, Table};

/// `|t| { … }`.
pub fn table(table: &Table) -> Expr {
    let mut taken = HashSet::new();
    let mut statements: Vec<Vec<Call>> = Vec::new();
    for column in &table.columns {
        let (method, arguments) = kind::method(&column.kind);
        let what = std::iter::once(Expr::text(&column.name)).chain(arguments);
        let mut calls = vec![Call::new(method, what)];
        calls.extend(details(&table.name, column, &mut taken));
        statements.push(calls);
    }
    statements.extend(table.constraints.iter().map(|one| constraint(&table.name, one, &mut taken)));
    statements.extend(table.comment.iter().map(|text| vec![Call::new("comment", [Expr::text(text)])]));
    statements.extend(table.strict.then(|| vec![Call::plain("strict")]));
    statements.extend(table.without_rowid.then(|| vec![Call::plain("without_rowid")]));
    Expr::Block("t", statements)
}

/// `|c| c.text()`.
pub fn untyped(table: &str, column: &Column) -> Expr {
    let (method, arguments) = kind::method(&column.kind);
    let mut calls = vec![Call::new(method, arguments)];
    let mut column = column.clone();
    column.constraints.retain(|constraint| !matches!(constraint, Constraint::ForeignKey(_)));
    calls.extend(details(table, &column, &mut HashSet::new()));
    Expr::Says("c", calls)
}

/// The table and the column that it refers to.
pub fn reference(column: &Column) -> Option<[Expr; 2]> {
    column.constraints.iter().find_map(|constraint| match constraint {
        Constraint::ForeignKey(key) => {
            let to = key.to_columns.first().map(String::as_str).unwrap_or_default();
            Some([Expr::text(&key.to_table), Expr::text(to)])
        }
        _ => None,
    })
}

/// What stands behind the type.
fn details(table: &str, column: &Column, taken: &mut HashSet<String>) -> Vec<Call> {
    let mut calls = Vec::new();
    let is_key = column.is_primary_key();
    for one in &column.constraints {
        if let Constraint::PrimaryKey { .. } = one {
            calls.push(Call::plain("primary_key"));
        }
    }
    match column.identity {
        Some(Identity::ByDefault) => calls.push(Call::plain("auto_increment")),
        Some(Identity::Always) => calls.push(Call::plain("identity_always")),
        None if column.not_null && !is_key => calls.push(Call::plain("not_null")),
        None => {}
    }
    match &column.default {
        None => {}
        Some(DefaultValue::Now) => calls.push(Call::plain("default_now")),
        Some(DefaultValue::Expression(sql)) => calls.push(Call::new("default_sql", [Expr::text(sql)])),
        Some(value) => calls.push(Call::new("default", [kind::value(value)])),
    }
    if let Some(generated) = &column.generated {
        let method = if generated.stored { "generated_stored" } else { "generated_virtual" };
        calls.push(Call::new(method, [Expr::text(&generated.expression)]));
    }
    calls.extend(column.collation.as_ref().map(|name| Call::new("collate", [Expr::text(name)])));
    calls.extend(column.comment.as_ref().map(|text| Call::new("comment", [Expr::text(text)])));
    for one in &column.constraints {
        let is_named = needs_name(table, Some(&column.name), one, taken);
        taken.extend(one.name().map(ToOwned::to_owned));
        match one {
            Constraint::PrimaryKey { .. } => {}
            Constraint::Unique { .. } => calls.push(Call::plain("unique")),
            Constraint::Check { expression, .. } => calls.push(Call::new("check", [Expr::text(expression)])),
            Constraint::ForeignKey(key) => {
                let to = key.to_columns.first().map(String::as_str).unwrap_or_default();
                calls.push(Call::new("references", [Expr::text(&key.to_table), Expr::text(to)]));
                calls.extend(key.name.as_ref().filter(|_| is_named).map(|name| called(name)));
                calls.extend(actions(key));
            }
        }
    }
    calls
}

fn constraint(table: &str, constraint: &Constraint, taken: &mut HashSet<String>) -> Vec<Call> {
    let is_named = needs_name(table, None, constraint, taken);
    taken.extend(constraint.name().map(ToOwned::to_owned));
    let name = constraint.name().filter(|_| is_named).map(called);
    let mut calls = match constraint {
        Constraint::PrimaryKey { columns, .. } => vec![Call::new("primary_key", [Expr::texts(columns)])],
        Constraint::Unique { columns, .. } => vec![Call::new("unique", [Expr::texts(columns)])],
        Constraint::Check { expression, .. } => vec![Call::new("check", [Expr::text(expression)])],
        Constraint::ForeignKey(key) => {
            let what = [Expr::texts(&key.columns), Expr::text(&key.to_table), Expr::texts(&key.to_columns)];
            vec![Call::new("foreign_key", what)]
        }
    };
    calls.extend(name);
    if let Constraint::ForeignKey(key) = constraint {
        calls.extend(actions(key));
    }
    calls
}

/// Whether its name is another one than it would get without; `taken` are those that others have.
pub fn needs_name(
    table: &str,
    column: Option<&str>,
    constraint: &Constraint,
    taken: &HashSet<String>,
) -> bool {
    let mut nameless = match constraint {
        Constraint::PrimaryKey { name, .. } => return name.is_some(),
        Constraint::Unique { columns, .. } => Constraint::Unique { name: None, columns: columns.clone() },
        Constraint::Check { expression, .. } => {
            Constraint::Check { name: None, expression: expression.clone() }
        }
        Constraint::ForeignKey(key) => Constraint::ForeignKey(ForeignKey { name: None, ..key.clone() }),
    };
    nameless.give_name(table, column, &mut taken.clone());
    nameless.name() != constraint.name()
}
