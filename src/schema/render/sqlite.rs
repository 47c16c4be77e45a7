//! SQLite: what its `ALTER TABLE` can do, and the rest by building the table anew.
//!
//! See <https://sqlite.org/lang_altertable.html>.

use super::{Catalog, Unfit, column, constraint, create_index, create_table, qualified, quoted, types};
use crate::schema::op::{Column, Constraint, DefaultValue, Op, Type};
use crate::schema::rebuild::{Current, Edit, Which, rebuild, renamed_index};
use crate::schema::recorded::Was;
use crate::store::Database;

const SQLITE: Database = Database::Sqlite;

pub fn statements(op: &Op, catalog: &mut dyn Catalog) -> Result<Vec<String>, Unfit> {
    if let Some((table, _)) = edit(op) {
        return built_anew(table, op, catalog);
    }
    let alter = |table: &str, what: String| vec![format!("ALTER TABLE {} {what}", qualified(table))];
    Ok(match op {
        Op::CreateTable(table) => vec![create_table(table, SQLITE)?],
        Op::DropTable { name, .. } => vec![format!("DROP TABLE {}", qualified(name))],
        Op::RenameTable { from, to } => alter(from, format!("RENAME TO {}", quoted(to))),
        Op::AddColumn { table, column } => {
            let mut definition = column::definition(column, SQLITE, false)?;
            for constraint in &column.constraints {
                definition.push_str(&format!(" {}", constraint::of_column(constraint, SQLITE)?));
            }
            alter(table, format!("ADD COLUMN {definition}"))
        }
        Op::DropColumn { table, name, .. } => alter(table, format!("DROP COLUMN {}", quoted(name))),
        Op::RenameColumn { table, from, to } => {
            alter(table, format!("RENAME COLUMN {} TO {}", quoted(from), quoted(to)))
        }
        // It keeps none.
        Op::ChangeComment { .. } => Vec::new(),
        Op::CreateIndex(index) => vec![create_index(index, SQLITE)?],
        Op::DropIndex { name, .. } => vec![format!("DROP INDEX {}", qualified(name))],
        Op::RenameIndex { from, to } => {
            let Some(sql) = catalog.index(from)? else {
                return Err(Unfit::new(
                    format!("there is no index {from}"),
                    "`updown plan --sql` shows what is there by then",
                ));
            };
            let Some(create) = renamed_index(&sql, to) else {
                return Err(Unfit::new(
                    format!("the text of the index {from} is not understood: {sql}"),
                    "drop it and create it under the other name",
                ));
            };
            vec![format!("DROP INDEX {}", quoted(from)), create]
        }
        Op::ValidateConstraint { .. } => Vec::new(),
        Op::CreateView { name, materialized: true, .. } | Op::DropView { name, materialized: true, .. } => {
            return Err(missing(&format!("materialized views such as {name}"), "a view, or a table"));
        }
        Op::CreateView { name, select, .. } => vec![create_view(name, select)],
        Op::DropView { name, .. } => vec![format!("DROP VIEW {}", quoted(name))],
        Op::ChangeView { name, to, .. } => {
            vec![format!("DROP VIEW {}", quoted(name)), create_view(name, to)]
        }
        Op::CreateEnum { name, .. }
        | Op::DropEnum { name, .. }
        | Op::RenameEnum { from: name, .. }
        | Op::AddEnumValue { name, .. }
        | Op::RenameEnumValue { name, .. }
        | Op::RemoveEnumValue { name, .. } => {
            return Err(missing(&format!("enum types such as {name}"), "a text with a `check`"));
        }
        Op::CreateExtension { name } | Op::DropExtension { name } => {
            return Err(missing(&format!("extensions such as {name}"), "what is built in"));
        }
        Op::Raw { up, .. } => up.clone(),
        Op::ChangeType { .. }
        | Op::SetNotNull { .. }
        | Op::DropNotNull { .. }
        | Op::ChangeDefault { .. }
        | Op::AddConstraint { .. }
        | Op::DropConstraint { .. } => Vec::new(),
    })
}

fn missing(what: &str, instead: &str) -> Unfit {
    Unfit::new(
        format!("SQLite has no {what}"),
        format!("use {instead}, or write it under `schema.only_on([Database::Postgres], |schema| …)`"),
    )
}

fn create_view(name: &str, select: &str) -> String {
    format!("CREATE VIEW {} AS {select}", quoted(name))
}

fn built_anew(table: &str, op: &Op, catalog: &mut dyn Catalog) -> Result<Vec<String>, Unfit> {
    let Some(current) = catalog.current(table)? else {
        return Err(Unfit::new(
            format!("there is no table {table}"),
            "create it before it is changed; `updown status` shows what was applied",
        ));
    };
    let edits = match edit(op) {
        Some((_, make)) => make(current.is_strict())?,
        None => Vec::new(),
    };
    let why_not = |why: String| Unfit::new(why, "change that first, in the same `change`");
    match op {
        Op::DropConstraint { was: Was::Known(was), .. } => {
            dropped(table, &current, edits, was).map_err(why_not)
        }
        _ => rebuild(table, &current, &edits).map_err(why_not),
    }
}

/// By its name; else, where a hand-written migration has given it none, by what it is.
fn dropped(
    table: &str,
    current: &Current,
    by_name: Vec<Edit>,
    was: &Constraint,
) -> Result<Vec<String>, String> {
    let which = match was {
        Constraint::PrimaryKey { .. } => Which::PrimaryKey,
        Constraint::Unique { columns, .. } => Which::Unique(columns.clone()),
        Constraint::Check { expression, .. } => Which::Check(expression.clone()),
        Constraint::ForeignKey(key) => Which::ForeignKey(key.columns.clone()),
    };
    rebuild(table, current, &by_name).or_else(|_| rebuild(table, current, &[Edit::DropConstraint { which }]))
}

type MakeEdits<'a> = Box<dyn Fn(bool) -> Result<Vec<Edit>, Unfit> + 'a>;

/// The table and what is edited in it, where it has to be built anew. What is written depends on whether the
/// table is `STRICT`.
pub fn edit(op: &Op) -> Option<(&str, MakeEdits<'_>)> {
    match op {
        Op::AddColumn { table, column } if !can_be_added(column) => {
            Some((table, Box::new(move |strict| added(column, strict))))
        }
        Op::DropColumn { table, name, was } if !can_be_dropped(was) => {
            Some((table, Box::new(move |_| Ok(vec![Edit::DropColumn { name: name.clone() }]))))
        }
        Op::ChangeType { table, column, to, .. } => Some((
            table,
            Box::new(move |strict| {
                let sql_type = types::sql_type(to, SQLITE, strict)?;
                Ok(vec![Edit::SetType { column: column.clone(), sql_type }])
            }),
        )),
        Op::SetNotNull { table, column, .. } => Some((table, not_null(column, true))),
        Op::DropNotNull { table, column, .. } => Some((table, not_null(column, false))),
        Op::ChangeDefault { table, column, to, .. } => Some((
            table,
            Box::new(move |_| {
                let default = to.as_ref().map(|to| column::default(to, &Type::Text)).transpose()?;
                Ok(vec![Edit::SetDefault { column: column.clone(), default }])
            }),
        )),
        Op::AddConstraint { table, constraint, .. } => Some((
            table,
            Box::new(move |_| {
                Ok(vec![Edit::AddConstraint { definition: constraint::definition(constraint, SQLITE)? }])
            }),
        )),
        Op::DropConstraint { table, name, .. } => Some((
            table,
            Box::new(move |_| Ok(vec![Edit::DropConstraint { which: Which::Named(name.clone()) }])),
        )),
        _ => None,
    }
}

fn not_null(column: &str, not_null: bool) -> MakeEdits<'_> {
    Box::new(move |_| Ok(vec![Edit::SetNotNull { column: column.to_owned(), not_null }]))
}

/// The column and its constraints.
fn added(column: &Column, strict: bool) -> Result<Vec<Edit>, Unfit> {
    let mut edits = vec![Edit::AddColumn { definition: column::definition(column, SQLITE, strict)? }];
    for constraint in column.constraints.iter().filter(|constraint| !column::is_inline(constraint)) {
        edits.push(Edit::AddConstraint { definition: constraint::definition(constraint, SQLITE)? });
    }
    Ok(edits)
}

/// What `ADD COLUMN` takes: a constant default, no key, nothing that is kept.
fn can_be_added(column: &Column) -> bool {
    let is_constant = match &column.default {
        None => true,
        Some(DefaultValue::Now | DefaultValue::Expression(_)) => false,
        Some(_) => true,
    };
    let is_key = |constraint: &Constraint| {
        matches!(constraint, Constraint::PrimaryKey { .. } | Constraint::Unique { .. })
    };
    let refers = |constraint: &Constraint| matches!(constraint, Constraint::ForeignKey(_));
    is_constant
        && (!column.not_null || column.default.is_some())
        && !column.constraints.iter().any(is_key)
        // With foreign keys on, only NULL can be its default.
        && (column.default.is_none() || !column.constraints.iter().any(refers))
        && column.generated.as_ref().is_none_or(|generated| !generated.stored)
        && column.identity.is_none()
}

/// What `DROP COLUMN` takes: a column that nothing is said of elsewhere.
fn can_be_dropped(was: &Was<Column>) -> bool {
    match was {
        Was::Known(column) => column.constraints.is_empty(),
        Was::Irreversible(_) | Was::Unsaid => false,
    }
}
