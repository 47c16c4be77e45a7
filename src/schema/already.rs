//! What a change is to make, and is there already: a sync has added it before it became a migration. Told by its
//! shape: something else under its name is not it.

use std::sync::{Arc, Mutex, PoisonError};

use super::diff::there;
use super::inspected::Inspected;
use super::recorded::Operation;
use crate::store::{Database, StoreConnection};
use crate::traits::Result;

/// Whether that is looked for, and what was found since it was asked for last.
#[derive(Clone, Debug, Default)]
pub struct Already {
    is_looked_for: bool,
    found: Arc<Mutex<Vec<String>>>,
}

impl Already {
    /// In development and test, where there is sync.
    pub fn looked_for(is_looked_for: bool) -> Self {
        Self { is_looked_for, ..Self::default() }
    }

    /// Whether it is looked for what a change adds: only then the database is asked.
    pub fn is_asked_of(&self, change: &Operation) -> bool {
        self.is_looked_for && adds(change)
    }

    /// Whether what a change adds is there, with the shape that the change gives it.
    pub fn is_there<C: StoreConnection>(
        &self,
        change: &Operation,
        database: Database,
        conn: &mut C,
    ) -> Result<bool> {
        if !self.is_asked_of(change) {
            return Ok(false);
        }
        let is_there = match (change, &conn.inspect(database)?) {
            (Operation::Sql(op), Inspected::Sql(model)) => there::is_there(op, model, database),
            #[cfg(feature = "scylla")]
            (Operation::Cql(op), Inspected::Cql(keyspace)) => super::cql::is_there(op, keyspace),
            #[cfg(feature = "scylla")]
            _ => false,
        };
        if is_there {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(change.to_string());
        }
        Ok(is_there)
    }

    /// What was found, in words.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether it adds something that sync may have added.
fn adds(change: &Operation) -> bool {
    match change {
        Operation::Sql(op) => there::adds(op),
        #[cfg(feature = "scylla")]
        Operation::Cql(op) => super::cql::adds(op),
    }
}
