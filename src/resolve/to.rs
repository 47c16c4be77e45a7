//! `updown resolve --to`, and `updown force`: the database stands exactly here, by the word of a person who has
//! looked.

use chrono::Utc;
use serde::Serialize;

use super::{attempt, store_of};
use crate::error::Error;
use crate::ledger::{Applied, Direction, Write, timestamp};
use crate::listed::Listed;
use crate::migration::number_of;
use crate::migrator::Migrator;
use crate::plan::is_meant;
use crate::reach::{self, Reached};
use crate::replace;

/// What a ledger had to be told, so that it stands where the database does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResolvedTo {
    /// The store.
    pub store: String,
    /// The last migration that is applied; of none, where nothing is.
    pub at: Option<String>,
    /// What was entered as applied, without running it.
    pub entered: Vec<String>,
    /// What was taken out, without running anything.
    pub removed: Vec<String>,
}

/// That nothing is applied, as golang-migrate has it.
const NOTHING: &str = "-1";

impl Migrator {
    /// Settles by hand where a store stands: every migration of its list up to and with this one is applied, and none
    /// behind it (`-1`: none at all). The reason goes into the history. Nothing is run.
    ///
    /// # Errors
    /// [`Error::Usage`] where the migration is in no list, or in several; [`Error::Locked`] while a run is under way.
    pub fn resolve_to(&mut self, name: &str, reason: &str) -> Result<ResolvedTo, Error> {
        let (config, mut stores) = self.open_to_settle()?;
        let index = match name {
            NOTHING => only(&stores)?,
            name => store_of(&stores, name)?,
        };
        let last = last(&stores[index], name)?;
        let claim = self.claim_store(&mut stores, index, &config)?;
        let store = &mut stores[index];
        let (mut resolved, mut writes) = settled(store, last);
        for write in &mut writes {
            match write {
                Write::Apply(row) | Write::Replace { by: row, .. } => row.run_id.clone_from(&claim.owner),
                Write::Attempt(attempt) => {
                    attempt.run_id.clone_from(&claim.owner);
                    attempt.by.clone_from(&claim.by);
                    attempt.app_version.clone_from(&self.project.version);
                    attempt.detail = Some(reason.to_owned());
                }
                _ => {}
            }
        }
        resolved.store.clone_from(&store.name);
        let written = match writes.is_empty() {
            true => Ok(()),
            false => store.session.record(&writes).map_err(|error| Error::store(&store.name, error)),
        };
        reach::release(&mut stores);
        written.map(|()| resolved)
    }
}

fn only(stores: &[Reached]) -> Result<usize, Error> {
    match stores {
        [_] => Ok(0),
        stores => Err(Error::usage(
            "every store has a list of its own",
            format!("say which: `--store {}`", stores.first().map_or("main", |store| store.name.as_str())),
        )),
    }
}

/// Where the last one stands that is applied.
fn last(store: &Reached, name: &str) -> Result<Option<usize>, Error> {
    if name == NOTHING {
        return Ok(None);
    }
    let found = store.session.listed().iter().position(|listed| is_meant(name, &listed.name));
    let not_listed =
        || Error::usage(format!("{name} is not in the list"), "put its module into the list first");
    found.map(Some).ok_or_else(not_listed)
}

fn settled(store: &Reached, last: Option<usize>) -> (ResolvedTo, Vec<Write>) {
    let (listed, snapshot) = (store.session.listed(), &store.snapshot);
    let count = last.map_or(0, |last| last + 1);
    let at = timestamp(Utc::now());
    let (mut entered, mut removed, mut replaced, mut writes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let is_applied = |entry: &&Listed| snapshot.applied.iter().any(|row| row.name == entry.name);
    for (entry, id) in listed[..count].iter().filter(|entry| !is_applied(entry)).zip(1 + snapshot.last_id()..)
    {
        let attempt = attempt(&entry.name, Direction::Up, snapshot.last_batch + 1, entry.hash(), &at);
        let write = replace::entered(snapshot, entry, super::entered(&attempt, entry, id));
        if let Write::Replace { names, .. } = &write {
            replaced.extend(names.iter().cloned());
        }
        writes.push(write);
        entered.push(attempt.name.clone());
        writes.push(Write::Attempt(attempt));
    }
    let number = last.and_then(|last| listed[last].number());
    let is_behind = |name: &str| match listed.iter().position(|entry| entry.name == name) {
        Some(index) => index >= count,
        // What the list does not have: by its number.
        None => last.is_none() || number_of(name) > number,
    };
    let is_left = |row: &&Applied| !replaced.contains(&row.name) && is_behind(&row.name);
    for row in snapshot.applied.iter().rev().filter(is_left) {
        writes.push(Write::Remove { name: row.name.clone() });
        writes.push(Write::Attempt(attempt(&row.name, Direction::Down, row.batch_no, row.hash.clone(), &at)));
        removed.push(row.name.clone());
    }
    let mut half_done: Vec<(&String, Direction)> =
        snapshot.journal.iter().map(|row| (&row.name, row.direction)).collect();
    half_done.dedup();
    writes.extend(
        half_done.into_iter().map(|(name, direction)| Write::ForgetSteps { name: name.clone(), direction }),
    );
    let at = last.map(|last| listed[last].name.to_string());
    (ResolvedTo { store: String::new(), at, entered, removed }, writes)
}
