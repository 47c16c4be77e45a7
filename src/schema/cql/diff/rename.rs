//! Renames: of columns of the primary key, and of fields of a type. CQL knows no others.

use std::fmt;

use super::steps::{Steps, change};
use crate::schema::cql::Op;
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::Keyspace;

/// One that there may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    Column { table: String, from: String, to: String },
    Field { of: String, from: String, to: String },
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { table, from, to } => write!(f, "column {table}.{from} to {to}"),
            Self::Field { of, from, to } => write!(f, "field {of}.{from} to {to}"),
        }
    }
}

/// The keyspace, as it is after them. One that cannot be made is left out.
pub fn apply(there: &Keyspace, declared: &Declared, renames: &[Rename], steps: &mut Steps) -> Keyspace {
    let mut renamed = there.clone();
    for rename in renames {
        match rename {
            Rename::Column { table, from, to } => {
                let Some(of) = renamed.tables.get_mut(table) else { continue };
                if of.columns.contains_key(to) || !is_of_key(of.columns.get(from)) {
                    continue;
                }
                if let Some(column) = of.columns.remove(from) {
                    of.columns.insert(to.clone(), column);
                }
                let op = Op::RenameColumn { table: table.clone(), from: from.clone(), to: to.clone() };
                let at = declared.at(&format!("column {table}.{to}"));
                steps.rename_columns.push(change(op, at));
                steps.without_views.insert(table.clone());
                steps.renamed.insert((table.clone(), from.clone()));
            }
            Rename::Field { of, from, to } => {
                let Some(fields) = renamed.types.get_mut(of) else { continue };
                if fields.iter().any(|field| field.name == *to) {
                    continue;
                }
                let Some(field) = fields.iter_mut().find(|field| field.name == *from) else { continue };
                field.name.clone_from(to);
                let op = Op::RenameTypeField { name: of.clone(), from: from.clone(), to: to.clone() };
                steps.types.push(change(op, declared.at(&format!("field {of}.{to}"))));
            }
        }
    }
    renamed
}

fn is_of_key(column: Option<&crate::schema::cql::keyspace::ColumnOf>) -> bool {
    use crate::schema::cql::keyspace::Place;
    column.is_some_and(|column| matches!(column.place, Place::Partition(_) | Place::Clustering { .. }))
}
