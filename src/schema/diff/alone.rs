//! Which additions can be made without what is none.

use std::collections::HashSet;

use super::Needed;
use crate::schema::op::{Constraint, Op};

/// What needs a column of another type, or another primary key, is no addition that stands alone.
pub fn settle(needed: &mut [Needed]) {
    let mut columns: HashSet<(String, String)> = HashSet::new();
    let mut tables: HashSet<String> = HashSet::new();
    for op in needed.iter().filter(|needed| !needed.is_addition).filter_map(|needed| needed.operation.sql()) {
        match op {
            Op::ChangeType { table, column, .. } => {
                columns.insert((table.clone(), column.clone()));
            }
            Op::AddConstraint { table, constraint: Constraint::PrimaryKey { .. }, .. }
            | Op::RenameTable { to: table, .. } => {
                tables.insert(table.clone());
            }
            Op::RenameColumn { table, to, .. } => {
                columns.insert((table.clone(), to.clone()));
            }
            _ => {}
        }
    }
    let touched = |table: &str, names: &[String]| {
        names.iter().any(|name| columns.contains(&(table.to_owned(), name.clone())))
    };
    let refers = |constraint: &Constraint| match constraint {
        Constraint::ForeignKey(key) => {
            tables.contains(&key.to_table) || touched(&key.to_table, &key.to_columns)
        }
        _ => false,
    };
    for needed in needed.iter_mut().filter(|needed| needed.is_addition) {
        let Some(op) = needed.operation.sql() else { continue };
        let waits = match op {
            Op::CreateTable(table) => table.all_constraints().any(refers),
            Op::AddColumn { table, column } => {
                tables.contains(table) || column.constraints.iter().any(refers)
            }
            Op::CreateIndex(index) => {
                let names: Vec<String> = index.columns.iter().map(|column| column.what.clone()).collect();
                touched(&index.table, &names)
            }
            Op::AddConstraint { table, constraint, .. } => {
                touched(table, constraint.columns()) || refers(constraint)
            }
            _ => false,
        };
        needed.is_addition = !waits;
    }
}
