//! `updown check`: every migration up, down and up again on a scratch database, whose schema is compared
//! before and after each.

use serde::Serialize;

use crate::error::Error;
use crate::ledger::Direction;
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
use crate::report::Skipped;
use crate::schema::{Difference, Facts, differences};

/// What a check has found.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// Every migration, in the order of the lists.
    pub migrations: Vec<CheckedMigration>,
    /// The stores that were not checked, and why.
    pub skipped: Vec<Skipped>,
}

impl Checked {
    /// How many migrations are not as they should be.
    pub fn found(&self) -> usize {
        self.migrations.iter().filter(|migration| !migration.is_fine()).count()
    }
}

/// One migration.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CheckedMigration {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// The file of its module.
    pub file: Option<String>,
    /// Why it was not undone, where it has no way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<String>,
    /// What its way back leaves otherwise than it was before.
    pub not_undone: Vec<Difference>,
    /// What is otherwise when it is applied a second time.
    pub not_the_same_again: Vec<Difference>,
    /// What failed on the way back or on the second way there; nothing behind it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// It includes other files, whose content is not part of its hash.
    pub includes: bool,
}

impl CheckedMigration {
    /// Whether its way back undoes what it does.
    pub fn is_fine(&self) -> bool {
        self.not_undone.is_empty() && self.not_the_same_again.is_empty() && self.failed.is_none()
    }
}

impl Migrator {
    /// Applies every migration to a scratch database, undoes it and applies it again, one after the other, and
    /// compares the schema before and after. Typed or written by hand. The scratch database is SQLite in memory, a
    /// new database on the server of the store's URL, or a new keyspace; it is removed at the end. What is repeatable
    /// is applied over itself, and undone where it has a way back.
    ///
    /// What a migration does to rows is not compared.
    ///
    /// # Errors
    /// [`Error::Failed`] where a migration cannot be applied at all; [`Error::Store`] where the scratch database
    /// cannot be made. A way back that fails, or does not undo its migration, is in the result.
    pub fn check(&mut self) -> Result<Checked, Error> {
        let mut scratch = self.on_scratch()?;
        let mut checked = Checked { skipped: std::mem::take(&mut scratch.skipped), ..Checked::default() };
        for index in 0..scratch.stores.len() {
            self.claim_scratch(&mut scratch, index)?;
            let migrations = self.check_store(&mut scratch.stores[index])?;
            checked.migrations.extend(migrations);
        }
        reach::release(&mut scratch.stores);
        Ok(checked)
    }

    fn check_store(&mut self, store: &mut Reached) -> Result<Vec<CheckedMigration>, Error> {
        let mut done = Vec::new();
        let listed = store.session.listed().to_vec();
        for (index, listed) in listed.iter().enumerate() {
            let mut checked = CheckedMigration {
                store: store.name.clone(),
                name: listed.name.to_string(),
                file: listed.file.as_ref().map(ToString::to_string),
                irreversible: listed.irreversible.as_ref().map(ToString::to_string),
                not_undone: Vec::new(),
                not_the_same_again: Vec::new(),
                failed: None,
                includes: listed.includes(),
            };
            let before = facts(store)?;
            self.try_out(store, index, Direction::Up)?;
            if checked.irreversible.is_none() {
                let after = facts(store)?;
                let (mut ended, mut again) = (Ok(()), "over what it has made");
                if listed.is_repeatable {
                    ended = self.and_again(store, index, &after, &mut checked);
                }
                if ended.is_ok() && !listed.is_undone_by_nothing {
                    again = "behind its way back";
                    ended = self.and_back(store, index, [&before, &after], &mut checked);
                }
                if let Err(error) = ended {
                    if matches!(error, Error::Cancelled { .. }) {
                        return Err(error);
                    }
                    checked.failed = Some(failure(&error, again));
                }
            }
            let failed = checked.failed.is_some();
            done.push(checked);
            // What comes next would meet what is left of it.
            if failed {
                break;
            }
        }
        Ok(done)
    }

    /// Over what it has made.
    fn and_again(
        &mut self,
        store: &mut Reached,
        index: usize,
        after: &Facts,
        checked: &mut CheckedMigration,
    ) -> Result<(), Error> {
        self.try_out(store, index, Direction::Up)?;
        checked.not_the_same_again = differences(after, &facts(store)?);
        Ok(())
    }

    fn and_back(
        &mut self,
        store: &mut Reached,
        index: usize,
        [before, after]: [&Facts; 2],
        checked: &mut CheckedMigration,
    ) -> Result<(), Error> {
        self.try_out(store, index, Direction::Down)?;
        checked.not_undone = differences(before, &facts(store)?);
        self.try_out(store, index, Direction::Up)?;
        checked.not_the_same_again.extend(differences(after, &facts(store)?));
        Ok(())
    }
}

fn facts(store: &mut Reached) -> Result<Facts, Error> {
    store.session.inspect().map(|schema| schema.facts()).map_err(|error| Error::store(&store.name, error))
}

/// In one line: which way, where, and why. `again`: what the second way there comes after.
fn failure(error: &Error, again: &str) -> String {
    let Error::Failed(failure) = error else { return error.to_string() };
    let place = match (&failure.file, failure.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        _ => String::new(),
    };
    let way = match failure.direction {
        Direction::Up => &format!("it cannot be applied again {again}"),
        Direction::Down => "its way back fails",
    };
    format!("{way}{place}: {:#}", failure.source)
}
