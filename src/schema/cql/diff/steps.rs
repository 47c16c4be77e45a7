//! The changes by their kind, which says their order.

use std::collections::BTreeSet;

use super::{Diff, Impossible, Rename};
use crate::schema::cql::Op;
use crate::schema::diff::Needed;

#[derive(Debug, Default)]
pub struct Steps {
    pub drop_views: Vec<Needed>,
    pub drop_indexes: Vec<Needed>,
    pub types: Vec<Needed>,
    pub rename_columns: Vec<Needed>,
    pub drop_columns: Vec<Needed>,
    pub add_columns: Vec<Needed>,
    pub options: Vec<Needed>,
    pub drop_tables: Vec<Needed>,
    pub create_tables: Vec<Needed>,
    pub drop_types: Vec<Needed>,
    pub create_indexes: Vec<Needed>,
    pub create_views: Vec<Needed>,
    pub problems: Vec<Impossible>,
    pub renames: Vec<Rename>,
    /// Tables with columns that get another name, or go: their views go before, and come back.
    pub without_views: BTreeSet<String>,
    /// Tables whose key is declared otherwise: what that means for their views is not known yet.
    pub unsettled: BTreeSet<String>,
    /// Columns that get another name: their indexes go before, and come back.
    pub renamed: BTreeSet<(String, String)>,
}

impl Steps {
    pub fn problem(&mut self, what: String, hint: &str, declared_at: Option<String>) {
        self.problems.push(Impossible { what, hint: hint.to_owned(), declared_at });
    }

    pub fn finish(self) -> Diff {
        let needed = [
            self.drop_views,
            self.drop_indexes,
            self.types,
            self.rename_columns,
            self.drop_columns,
            self.add_columns,
            self.options,
            self.drop_tables,
            self.create_tables,
            self.drop_types,
            self.create_indexes,
            self.create_views,
        ]
        .concat();
        Diff { needed, problems: self.problems, renames: self.renames }
    }
}

/// What only adds something.
pub fn addition(op: Op, declared_at: Option<String>) -> Needed {
    change(op, declared_at).addition(true)
}

/// What changes something, and loses nothing.
pub fn change(op: Op, declared_at: Option<String>) -> Needed {
    Needed { declared_at, ..Needed::new(op, None) }
}

/// What loses something.
pub fn loss(op: Op, loses: String, declared_at: Option<String>) -> Needed {
    change(op, declared_at).loses(loses)
}
