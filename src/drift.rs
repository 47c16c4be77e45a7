//! `updown verify --schema`: what a database has that its migrations do not make.

use serde::Serialize;

use crate::declared::{NeededChange, shown};
use crate::error::Error;
use crate::ledger::Direction;
use crate::migrator::Migrator;
use crate::plan::replace::as_listed;
use crate::reach::{self, Reached};
use crate::report::Skipped;
use crate::schema::{Difference, Inspected, There, differences, drift};
use crate::store::Database;

/// What differs in each store from what its applied migrations make of an empty database.
#[derive(Debug, Default, Serialize)]
pub struct Drift {
    pub stores: Vec<StoreDrift>,
    pub skipped: Vec<Skipped>,
}

impl Drift {
    pub fn is_found(&self) -> bool {
        self.stores.iter().any(|store| !store.differences.is_empty())
    }
}

/// One store.
#[derive(Debug, Default, Serialize)]
pub struct StoreDrift {
    pub store: String,
    /// Before: as the migrations make it; after: as it is.
    pub differences: Vec<Difference>,
    /// What brings the database back.
    pub back: Vec<NeededChange>,
    /// What does so, and only a person can write.
    pub by_hand: Vec<String>,
    /// What is applied and not in the list: nobody knows what it made.
    pub unknown: Vec<String>,
}

/// A store as it was found.
struct Found {
    name: String,
    database: Database,
    schema: Inspected,
    there: There,
    /// What is applied, in the order in which it was.
    applied: Vec<String>,
}

impl Migrator {
    /// Carries what is applied out again, on a scratch database, and compares the schemas. Touches nothing else.
    ///
    /// # Errors
    /// As [`Migrator::check`].
    pub(crate) fn drift(&mut self) -> Result<Drift, Error> {
        let mut stores = self.find()?.each()?;
        let found = stores.iter_mut().map(look).collect::<Result<Vec<_>, Error>>()?;
        drop(stores);
        let mut scratch = self.on_scratch()?;
        let mut drift = Drift { skipped: std::mem::take(&mut scratch.skipped), ..Drift::default() };
        for index in 0..scratch.stores.len() {
            self.claim_scratch(&mut scratch, index)?;
            let store = &mut scratch.stores[index];
            let Some(found) = found.iter().find(|found| found.name == store.name) else { continue };
            drift.stores.push(self.of_store(store, found)?);
        }
        reach::release(&mut scratch.stores);
        Ok(drift)
    }

    fn of_store(&mut self, scratch: &mut Reached, found: &Found) -> Result<StoreDrift, Error> {
        let mut drift = StoreDrift { store: found.name.clone(), ..StoreDrift::default() };
        for name in &found.applied {
            let listed = scratch.session.listed().iter().position(|listed| listed.name == name.as_str());
            match listed {
                Some(index) => self.try_out(scratch, index, Direction::Up)?,
                None => drift.unknown.push(name.clone()),
            }
        }
        let wanted = scratch.session.inspect().map_err(|error| Error::store(&found.name, error))?;
        drift.differences = differences(&wanted.facts(), &found.schema.facts());
        if drift.differences.is_empty() {
            return Ok(drift);
        }
        let back = match (&found.schema, &wanted) {
            (Inspected::Sql(is), Inspected::Sql(wanted)) => drift::back(found.database, is, wanted),
            #[cfg(feature = "scylla")]
            (Inspected::Cql(is), Inspected::Cql(wanted)) => drift::back_in_cql(is, wanted),
            #[cfg(feature = "scylla")]
            _ => drift::Back::default(),
        };
        drift.back = shown(&back.needed, found.database, &found.there);
        drift.by_hand = back.by_hand;
        Ok(drift)
    }
}

fn look(store: &mut Reached) -> Result<Found, Error> {
    let failed = |error| Error::store(&store.name, error);
    let applied = as_listed(&store.snapshot, store.session.listed());
    Ok(Found {
        name: store.name.clone(),
        database: store.session.database(),
        schema: store.session.inspect().map_err(failed)?,
        there: store.session.there().map_err(failed)?,
        applied,
    })
}
