//! Whether what a change adds is there already, with the same shape.

use super::Op;
use super::keyspace::Keyspace;
use super::whole::{cql_column, operations};

/// Whether it is one of those that sync makes.
pub fn adds(op: &Op) -> bool {
    matches!(op, Op::AddColumn { .. } | Op::CreateTable(_) | Op::CreateType(_) | Op::CreateIndex(_))
}

impl Op {
    /// Whether it only takes something away.
    #[cfg(feature = "cli")]
    pub fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::DropTable { .. }
                | Self::DropColumn { .. }
                | Self::DropType { .. }
                | Self::DropIndex { .. }
                | Self::DropMaterializedView { .. }
        )
    }
}

/// Whether all that the change makes is there, as the change makes it.
pub fn is_there(op: &Op, keyspace: &Keyspace) -> bool {
    match op {
        Op::AddColumn { table, column, .. } => {
            let found = keyspace.tables.get(table).and_then(|table| table.columns.get(&column.name));
            found.is_some_and(|found| cql_column(&column.name, found) == *column)
        }
        op => adds(op) && operations(keyspace).iter().any(|found| found.statement() == op.statement()),
    }
}
