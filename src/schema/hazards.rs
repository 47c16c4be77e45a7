//! What keeps others waiting when it is done to a table in use, and its safe form.

use std::collections::BTreeSet;

use super::op::{Constraint, DefaultValue, Op, Type};
use super::recorded::Recorded;
use crate::store::Database;

/// A warning for each, with its place. `recorded` is one migration's on this database; what it does to the
/// tables that it creates itself keeps nobody waiting.
pub fn warnings(recorded: &[Recorded], database: Database) -> Vec<String> {
    if !matches!(database, Database::Postgres | Database::Cockroach) {
        return Vec::new();
    }
    let mut made = BTreeSet::new();
    let mut found = Vec::new();
    for change in recorded {
        let Some(op) = change.operation.sql() else { continue };
        if let Op::CreateTable(table) = op {
            made.insert(table.name.clone());
        }
        let Some(table) = op.table().filter(|table| !made.contains(*table)) else { continue };
        let said = if database == Database::Postgres { on_postgres(op) } else { on_cockroach(op) };
        if let Some((effect, instead)) = said {
            found.push(format!("{}: {op}: {}; {instead}", change.at, effect.replace("{table}", table)));
        }
    }
    found
}

/// What happens meanwhile, and what to write. The locks are those of
/// <https://www.postgresql.org/docs/current/sql-altertable.html>.
fn on_postgres(op: &Op) -> Option<(&'static str, &'static str)> {
    Some(match op {
        Op::CreateIndex(index) if !index.concurrently => (
            "nobody can write to {table} while the index is built",
            "in `impl Change<Steps<'_, …>>`, write `.concurrently()`",
        ),
        Op::DropIndex { concurrently: false, .. } => (
            "nobody can read {table} until all that use it are done, nor while it goes",
            "in `impl Change<Steps<'_, …>>`, write `.concurrently()`",
        ),
        Op::AddConstraint { constraint: Constraint::ForeignKey(_), not_valid: false, .. } => (
            "nobody can write to {table}, nor to the table that it refers to, while all rows are looked up",
            "write `.not_valid()`, and `schema.validate_constraint(…)` behind it in `impl Change<Steps<'_, …>>`",
        ),
        Op::AddConstraint { constraint: Constraint::Check { .. }, not_valid: false, .. } => (
            "nobody can read or write {table} while all rows are checked",
            "write `.not_valid()`, and `schema.validate_constraint(…)` behind it in `impl Change<Steps<'_, …>>`",
        ),
        Op::AddConstraint {
            constraint: Constraint::Unique { .. } | Constraint::PrimaryKey { .. }, ..
        } => (
            "nobody can read or write {table} while its index is built",
            "a unique index that is built `.concurrently()` in `impl Change<Steps<'_, …>>` ensures the same",
        ),
        Op::SetNotNull { by_check: false, .. } => (
            "nobody can read or write {table} while all rows are read",
            "in `impl Change<Steps<'_, …>>`, write `.by_check()`",
        ),
        Op::ChangeType { from, to, using, .. } if using.is_some() || rewrites(from, to) => (
            "nobody can read or write {table} while all rows are written anew",
            "add a column of the new type, fill it in chunks, and drop the old one in a later migration",
        ),
        Op::AddColumn { column, .. } if column.generated.as_ref().is_some_and(|made| made.stored) => (
            "nobody can read or write {table} while all rows are written anew",
            "let the application or a trigger fill a column in, and the rest in chunks",
        ),
        Op::AddColumn { column, .. } if column.identity.is_some() => (
            "nobody can read or write {table} while all rows are numbered",
            "add it without, and fill it in chunks",
        ),
        Op::AddColumn { column, .. } if matches!(column.default, Some(DefaultValue::Expression(_))) => (
            "where the default is another one for each row, nobody can read or write {table} while all are written anew",
            "add the column without, set the default, and fill in chunks what was there",
        ),
        Op::AddColumn { column, .. } if !column.constraints.is_empty() => (
            "nobody can read or write {table} while its rows are checked",
            "add the column alone, and its constraints `.not_valid()`",
        ),
        Op::RenameTable { .. } | Op::RenameColumn { .. } => (
            "the application that runs now knows the old name alone",
            "where it must not stop, add the new one, write to both, and drop the old one in a later migration",
        ),
        _ => return None,
    })
}

/// It changes the schema beside those who write; but not what they know.
fn on_cockroach(op: &Op) -> Option<(&'static str, &'static str)> {
    match op {
        Op::RenameTable { .. } | Op::RenameColumn { .. } => on_postgres(op),
        _ => None,
    }
}

/// Whether PostgreSQL writes the rows anew for it. Longer or endless texts and numbers of more digits are not.
fn rewrites(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::String(_), Type::Text | Type::String(None)) | (Type::Text, Type::String(None)) => false,
        (Type::String(Some(from)), Type::String(Some(to))) => to < from,
        (Type::Decimal(_), Type::Decimal(None)) => false,
        (Type::Decimal(Some((from, scale))), Type::Decimal(Some((to, as_before)))) => {
            to < from || scale != as_before
        }
        (from, to) => from != to,
    }
}
