//! What a project's databases say, without changing anything: status, history, verify, lock.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Serialize;

use crate::error::Error;
use crate::fingerprint;
use crate::ledger::{Applied, Attempt, Direction, Foreign, Holder, Snapshot};
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::plan::replace::{self, Replaces};
use crate::plan::{self, Seen};
use crate::reach::Reached;
use crate::report::Skipped;
use crate::standing::Unreachable;

/// Every migration of every store, and how it stands.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The environment.
    pub environment: String,
    /// The service; empty where there is only one.
    pub service: String,
    /// The stores, in the order in which they run.
    pub stores: Vec<StoreStatus>,
    /// The stores that were not reached, and why.
    pub skipped: Vec<Skipped>,
}

impl Status {
    /// How many migrations would be applied.
    pub fn pending(&self) -> usize {
        self.stores.iter().map(|store| store.pending).sum()
    }

    /// How many of them have failed at the last attempt.
    pub fn failed(&self) -> usize {
        self.stores.iter().map(|store| store.failed).sum()
    }

    /// Whether somebody has to look after it: a migration failed, or its run was interrupted, and nobody is at work.
    #[cfg(feature = "cli")]
    pub(crate) fn has_failed(&self) -> bool {
        let has_failed = |store: &StoreStatus| {
            let is_failed =
                |entry: &MigrationStatus| matches!(entry.state, State::Failed | State::Interrupted);
            store.holder.is_none() && store.migrations.iter().any(is_failed)
        };
        self.stores.iter().any(has_failed)
    }

    /// Who is at work: the first of those that hold a lease.
    pub fn holder(&self) -> Option<&Holder> {
        self.stores.iter().find_map(|store| store.holder.as_ref())
    }
}

/// One store.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoreStatus {
    /// Its name.
    pub name: String,
    /// The migration that was applied last, whether or not this program has it.
    pub current: Option<String>,
    /// How many migrations would be applied.
    pub pending: usize,
    /// How many of them have failed at the last attempt.
    pub failed: usize,
    /// In the order of the list; applied ones that the list lacks at the end.
    pub migrations: Vec<MigrationStatus>,
    /// Who holds the lease.
    pub holder: Option<Holder>,
    /// The ledger of another tool that has something, where ours has nothing: what is pending would run again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
    /// Module files beside the list that are in neither the `mod` lines nor the list.
    pub unlisted_files: Vec<String>,
    /// Why nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}

/// The newest attempts in one store.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoreHistory {
    /// The store.
    pub store: String,
    /// The newest first.
    pub attempts: Vec<Attempt>,
    /// Why nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}

/// Who holds one store.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoreLock {
    /// The store.
    pub store: String,
    /// Who holds its lease.
    pub holder: Option<Holder>,
    /// Why nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}

/// What was applied, compared with the lists.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Every applied migration whose content has changed, or that is not in the list.
    pub differences: Vec<Difference>,
    /// The stores that could not be looked at, and why.
    pub unreachable: BTreeMap<String, Unreachable>,
}

/// One migration.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// The batch it was applied in.
    pub batch_no: Option<i64>,
    /// When it was applied, in UTC.
    pub applied_at: Option<String>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The error of a failed one; how far an interrupted one came.
    pub detail: Option<String>,
}

/// How a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Applied.
    Applied,
    /// Not applied yet.
    Pending,
    /// Applied, and its content has changed since.
    Changed,
    /// Applied, and not in the list.
    Missing,
    /// Repeatable, applied, and its content has changed since: it runs again with the next migrate.
    RunsAgain,
    /// Pending, and stands before one that is applied.
    OutOfOrder,
    /// Pending, and its last attempt failed.
    Failed,
    /// In steps, and a run was interrupted in it, up or down.
    Interrupted,
    /// All that it took the place of is applied: the next run enters it for them, and runs nothing.
    Replaces,
}

impl State {
    /// Whether a migrate would apply it.
    const fn is_pending(self) -> bool {
        matches!(self, Self::Pending | Self::RunsAgain | Self::OutOfOrder | Self::Failed | Self::Interrupted)
    }
}

/// An applied migration whose content differs from what was applied.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// The hash in the ledger.
    pub applied_hash: String,
    /// The hash now; `None` where it is not in the list any more.
    pub hash: Option<String>,
    /// The module's file.
    pub file: Option<String>,
}

impl Migrator {
    /// How every migration stands. Writes nothing; a database that does not exist is an empty one. A store
    /// that cannot be reached is shown as such beside the others.
    ///
    /// # Errors
    /// [`Error::Usage`] for a configuration that makes no sense, [`Error::Store`] where the only database
    /// cannot be read.
    pub fn status(&mut self) -> Result<Status, Error> {
        let config = self.config()?;
        let mut found = self.find()?;
        let skipped = std::mem::take(&mut found.skipped);
        let ask = |store: &mut Reached| {
            let failures = store.session.failures().map_err(|error| Error::store(&store.name, error))?;
            Ok(status_of(store, &failures, &config.root))
        };
        let stores = found.map(ask, |name, unreachable| StoreStatus {
            name,
            current: None,
            pending: 0,
            failed: 0,
            migrations: Vec::new(),
            holder: None,
            foreign: None,
            unlisted_files: Vec::new(),
            unreachable: Some(unreachable),
        })?;
        Ok(Status {
            environment: config.environment.name().to_owned(),
            service: config.service,
            stores,
            skipped,
        })
    }

    /// The newest attempts of every store, newest first, at most `limit` of each.
    ///
    /// # Errors
    /// As [`Migrator::status`].
    pub fn history(&mut self, limit: usize) -> Result<Vec<StoreHistory>, Error> {
        let ask = |store: &mut Reached| {
            let rows = store.session.history(limit).map_err(|error| Error::store(&store.name, error))?;
            Ok(StoreHistory { store: store.name.clone(), attempts: rows, unreachable: None })
        };
        self.find()?.map(ask, |store, unreachable| StoreHistory {
            store,
            attempts: Vec::new(),
            unreachable: Some(unreachable),
        })
    }

    /// Every applied migration whose content has changed, or that is not in the list.
    ///
    /// # Errors
    /// As [`Migrator::status`].
    pub fn verify(&mut self) -> Result<Verification, Error> {
        let each = self
            .find()?
            .map(|store| Ok(Ok(differences(store))), |name, unreachable| Err((name, unreachable)))?;
        let mut verification = Verification::default();
        for store in each {
            match store {
                Ok(differences) => verification.differences.extend(differences),
                Err((name, unreachable)) => drop(verification.unreachable.insert(name, unreachable)),
            }
        }
        Ok(verification)
    }

    /// Who holds the lease of each store.
    ///
    /// # Errors
    /// As [`Migrator::status`].
    pub fn lock(&mut self) -> Result<Vec<StoreLock>, Error> {
        let ask = |store: &mut Reached| {
            Ok(StoreLock { store: store.name.clone(), holder: store.holder(), unreachable: None })
        };
        self.find()?.map(ask, |store, unreachable| StoreLock {
            store,
            holder: None,
            unreachable: Some(unreachable),
        })
    }
}

fn differences(store: &Reached) -> Vec<Difference> {
    let listed: HashMap<&str, _> =
        store.session.listed().iter().map(|listed| (listed.name.as_ref(), listed)).collect();
    let replaced = replace::replaced(&store.snapshot, store.session.listed());
    let difference = |row: &Applied| {
        let found = listed.get(row.name.as_str());
        // What is repeatable may change, and go.
        let is_other = match found {
            Some(listed) => listed.is_changed(row),
            None => !fingerprint::is_repeatable(&row.fingerprint),
        };
        is_other.then(|| Difference {
            store: store.name.clone(),
            name: row.name.clone(),
            applied_hash: row.hash.clone(),
            hash: found.map(|listed| listed.hash()),
            file: found.and_then(|listed| listed.file.as_ref().map(ToString::to_string)),
        })
    };
    let applied = store.snapshot.applied.iter();
    applied.filter(|row| !replaced.contains_key(row.name.as_str())).filter_map(difference).collect()
}

pub(crate) fn status_of(store: &Reached, failures: &[Attempt], root: &Path) -> StoreStatus {
    let snapshot = &store.snapshot;
    let listed = store.session.listed();
    let applied: HashMap<&str, _> = snapshot.applied.iter().map(|row| (row.name.as_str(), row)).collect();
    let failed: HashMap<&str, _> = failures.iter().map(|row| (row.name.as_str(), row)).collect();
    let is_place = |listed: &Listed| !listed.is_repeatable && applied.contains_key(listed.name.as_ref());
    let last_applied = listed.iter().rposition(is_place);
    let seen = Seen { name: &store.name, listed, snapshot };
    let (due, held_back): (HashSet<usize>, _) = (plan::repeatable(&seen).collect(), plan::held_back(&seen));
    let interrupted = |name: &str| {
        let steps: Vec<_> = snapshot.journal.iter().filter(|row| row.name == name).collect();
        let last = steps.last()?;
        let way = match last.direction {
            Direction::Up => "half applied",
            Direction::Down => "half rolled back",
        };
        Some(format!("{way}: step {}, {}", last.step, last.what))
    };
    let mut migrations: Vec<MigrationStatus> = listed
        .iter()
        .enumerate()
        .map(|(index, listed)| {
            let name = listed.name.as_ref();
            let row = applied.get(name);
            let (state, detail) = if let Some(how) = interrupted(name) {
                (State::Interrupted, Some(how))
            } else if let Some((state, detail)) = replacing(snapshot, listed).filter(|_| row.is_none()) {
                (state, Some(detail))
            } else if let Some(attempt) = failed.get(name).filter(|_| row.is_none() || due.contains(&index)) {
                (State::Failed, attempt.detail.clone())
            } else if due.contains(&index) && row.is_some() {
                (State::RunsAgain, Some("changed since it was applied".to_owned()))
            } else if held_back.contains(&index) {
                (State::Applied, Some("not as this program has it, which is older".to_owned()))
            } else if let Some(row) = row {
                (if listed.is_changed(row) { State::Changed } else { State::Applied }, None)
            } else if Some(index) < last_applied {
                (State::OutOfOrder, None)
            } else {
                (State::Pending, None)
            };
            MigrationStatus {
                name: name.to_owned(),
                state,
                batch_no: row.map(|row| row.batch_no),
                applied_at: row.map(|row| row.applied_at.clone()),
                duration_ms: row.map(|row| row.duration_ms),
                detail,
            }
        })
        .collect();
    let mut names: HashSet<&str> = listed.iter().map(|listed| listed.name.as_ref()).collect();
    names.extend(replace::replaced(snapshot, listed).into_keys());
    migrations.extend(snapshot.applied.iter().filter(|row| !names.contains(row.name.as_str())).map(|row| {
        MigrationStatus {
            name: row.name.clone(),
            state: State::Missing,
            batch_no: Some(row.batch_no),
            applied_at: Some(row.applied_at.clone()),
            duration_ms: Some(row.duration_ms),
            detail: None,
        }
    }));
    let count = |is: fn(State) -> bool| migrations.iter().filter(|entry| is(entry.state)).count();
    StoreStatus {
        name: store.name.clone(),
        current: snapshot.newest().map(|row| row.name.clone()),
        pending: count(State::is_pending),
        failed: count(|state| state == State::Failed),
        migrations,
        holder: store.holder(),
        foreign: snapshot.foreign.first().cloned(),
        unlisted_files: unlisted_files(store, root),
        unreachable: None,
    }
}

/// How one stands that took the place of others, where some of them are applied.
fn replacing(snapshot: &Snapshot, listed: &Listed) -> Option<(State, String)> {
    match replace::of(snapshot, listed) {
        Replaces::Nothing => None,
        Replaces::All(rows) => {
            let detail = format!(
                "replaces {} applied: the next migrate enters it for them, and runs nothing",
                rows.len()
            );
            Some((State::Replaces, detail))
        }
        Replaces::Part { applied, lacking } => {
            let count = applied + lacking.len();
            let detail = format!(
                "replaces {count}, of which {applied} applied: run the release before, in which they are listed"
            );
            Some((State::Pending, detail))
        }
    }
}

/// Files that look like migrations and stand beside the listed ones. Nothing where the sources are
/// not there, as on a server.
fn unlisted_files(store: &Reached, root: &Path) -> Vec<String> {
    let listed = store.session.listed();
    let Some(folder) = listed
        .iter()
        .find_map(|listed| Path::new(listed.file.as_ref()?.as_ref()).parent().map(|dir| root.join(dir)))
    else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name.starts_with('m') && crate::migration::number_of(name).is_some())
        .filter(|name| !listed.iter().any(|listed| listed.name == *name))
        .map(|name| format!("{name}.rs"))
        .collect();
    names.sort();
    names
}
