//! Settling by hand what the engine cannot know: `updown resolve` and `updown lock --release`.

mod to;

use chrono::Utc;

use crate::config::Config;
use crate::error::Error;
use crate::ledger::{Applied, Attempt, Direction, Holder, JournalRow, Outcome, StepState, Write, timestamp};
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::plan::{is_meant, unknown};
use crate::reach::{self, Reached};
use crate::replace;

pub use to::ResolvedTo;

/// What the truth is, by the word of a person who has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// It is applied: enter it into the ledger without running it.
    Applied,
    /// It is not applied: take it out of the ledger without running anything.
    RolledBack,
    /// Its content may differ from what was applied: enter today's hash.
    Rehash,
    /// The step that was interrupted took effect: go on behind it.
    StepDone,
    /// The step that was interrupted took no effect: run it again.
    StepAgain,
}

impl Migrator {
    /// Settles a migration by hand. The reason goes into the history. Returns the migration's name.
    ///
    /// # Errors
    /// [`Error::Usage`] where the migration does not exist or already stands so;
    /// [`Error::Locked`] while a run is under way.
    pub fn resolve(&mut self, name: &str, resolution: Resolution, reason: &str) -> Result<String, Error> {
        let (config, mut stores) = self.open_to_settle()?;
        let index = store_of(&stores, name)?;
        let claim = self.claim_store(&mut stores, index, &config)?;
        let store = &mut stores[index];
        let mut settled_name = String::new();
        let writes = settle(store, name, resolution).map(|(mut writes, mut attempt)| {
            attempt.run_id.clone_from(&claim.owner);
            attempt.by.clone_from(&claim.by);
            attempt.app_version.clone_from(&self.project.version);
            settled_name.clone_from(&attempt.name);
            attempt.detail = Some(reason.to_owned());
            if let Some(Write::Apply(row) | Write::Replace { by: row, .. }) = writes.first_mut() {
                row.run_id.clone_from(&claim.owner);
            }
            writes.push(Write::Attempt(attempt));
            writes
        });
        let settled = writes.and_then(|writes| {
            store.session.record(&writes).map_err(|error| Error::store(&store.name, error))
        });
        reach::release(&mut stores);
        settled.map(|()| settled_name)
    }

    /// Every store, since what is meant may be in any.
    fn open_to_settle(&mut self) -> Result<(Config, Vec<Reached>), Error> {
        let config = self.config()?;
        let stores = self.find()?.each()?;
        reach::check_environment(&stores, &config)?;
        Ok((config, stores))
    }

    /// Takes the lease from whoever holds it, in every store. A holder that still lives stops
    /// before its next migration or step. Returns who held it.
    ///
    /// # Errors
    /// [`Error::Store`] where a database cannot be written.
    pub fn release_lock(&mut self) -> Result<Vec<(String, Option<Holder>)>, Error> {
        let (_, stores) = self.open_to_settle()?;
        stores
            .into_iter()
            .map(|mut store| {
                let holder = store.session.break_lease().map_err(|error| Error::store(&store.name, error))?;
                Ok((store.name, holder))
            })
            .collect()
    }
}

fn store_of(stores: &[Reached], name: &str) -> Result<usize, Error> {
    let knows = |store: &Reached| {
        store.session.listed().iter().any(|listed| is_meant(name, &listed.name))
            || store.snapshot.applied.iter().any(|row| is_meant(name, &row.name))
    };
    let mut found = stores.iter().enumerate().filter(|(_, store)| knows(store)).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(first), Some(_)) => Err(Error::usage(
            format!("{name} is in more than one store"),
            format!("say which: `--store {}`", stores[first].name),
        )),
        (None, _) => Err(unknown(
            name,
            stores.iter().flat_map(|store| store.session.listed().iter().map(|listed| listed.name.as_ref())),
        )),
    }
}

fn settle(store: &Reached, typed: &str, resolution: Resolution) -> Result<(Vec<Write>, Attempt), Error> {
    let listed = store.session.listed().iter().find(|listed| is_meant(typed, &listed.name));
    let row = store.snapshot.applied.iter().find(|row| is_meant(typed, &row.name));
    let name = match (listed, row) {
        (Some(listed), _) => listed.name.to_string(),
        (None, Some(row)) => row.name.clone(),
        (None, None) => typed.to_owned(),
    };
    let at = timestamp(Utc::now());
    let is_down = resolution == Resolution::RolledBack;
    let batch_no = match row {
        Some(row) if is_down => row.batch_no,
        _ => store.snapshot.last_batch + 1,
    };
    let hash = listed
        .map(crate::listed::Listed::hash)
        .or_else(|| row.map(|row| row.hash.clone()))
        .unwrap_or_default();
    let attempt = attempt(&name, if is_down { Direction::Down } else { Direction::Up }, batch_no, hash, &at);
    let forget = || {
        [Direction::Up, Direction::Down].map(|direction| Write::ForgetSteps { name: name.clone(), direction })
    };
    let rehash = |listed: &Listed| Write::Rehash {
        name: name.clone(),
        hash: attempt.hash.clone(),
        fingerprint: listed.fingerprint(),
    };
    let not_listed =
        || Error::usage(format!("{name} is not in the list"), "put its module into the list first");
    let writes = match resolution {
        Resolution::Applied => {
            let listed = listed.ok_or_else(not_listed)?;
            let mut writes = Vec::new();
            if row.is_none() {
                let row = entered(&attempt, listed, 1 + store.snapshot.last_id());
                writes.push(replace::entered(&store.snapshot, listed, row));
            } else if listed.is_repeatable && row.is_some_and(|row| listed.runs_again(row)) {
                writes.push(rehash(listed));
            } else if !is_interrupted(store, &name) {
                return Err(Error::usage(
                    format!("{name} is applied already"),
                    "`updown status` shows how it stands",
                ));
            }
            writes.extend(forget());
            writes
        }
        Resolution::RolledBack => {
            if row.is_none() && !is_interrupted(store, &name) {
                return Err(Error::usage(
                    format!("{name} is not applied"),
                    "`updown status` shows how it stands",
                ));
            }
            let mut writes = vec![Write::Remove { name: name.clone() }];
            writes.extend(forget());
            writes
        }
        Resolution::Rehash => {
            let listed = listed.ok_or_else(not_listed)?;
            if row.is_none() {
                return Err(Error::usage(
                    format!("{name} is not applied"),
                    "`updown status` shows how it stands",
                ));
            }
            vec![rehash(listed)]
        }
        Resolution::StepDone | Resolution::StepAgain => {
            let step = store
                .snapshot
                .journal
                .iter()
                .rfind(|step| step.name == name && step.state == StepState::Intent)
                .ok_or_else(|| {
                    Error::usage(
                        format!("no step of {name} was interrupted with an unknown outcome"),
                        "`updown migrate` goes on by itself",
                    )
                })?;
            if resolution == Resolution::StepDone {
                vec![Write::Step(JournalRow { state: StepState::Done, ..step.clone() })]
            } else {
                vec![Write::ForgetStep { name: name.clone(), direction: step.direction, step: step.step }]
            }
        }
    };
    Ok((writes, attempt))
}

/// What goes into the history; by whom, and why, is to come.
fn attempt(name: &str, direction: Direction, batch_no: i64, hash: String, at: &str) -> Attempt {
    Attempt {
        name: name.to_owned(),
        direction,
        outcome: Outcome::Resolved,
        at: at.to_owned(),
        batch_no,
        run_id: String::new(),
        duration_ms: 0,
        hash,
        by: String::new(),
        app_version: String::new(),
        detail: None,
        before: None,
    }
}

/// Its row in the ledger; by which run is to come.
fn entered(attempt: &Attempt, listed: &Listed, id: i64) -> Applied {
    Applied {
        id,
        name: attempt.name.clone(),
        hash: attempt.hash.clone(),
        fingerprint: listed.fingerprint(),
        applied_at: attempt.at.clone(),
        batch_no: attempt.batch_no,
        run_id: String::new(),
        duration_ms: 0,
    }
}

fn is_interrupted(store: &Reached, name: &str) -> bool {
    store.snapshot.journal.iter().any(|row| row.name == name)
}
