//! Whether a program may be sent requests: everything that it lists is applied. Who balances the load asks that
//! every few seconds, so that it costs one read on a connection that is kept, and has an answer in time, whatever
//! becomes of the database.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, StoreError};
use crate::ledger::Holder;
use crate::migrator::Migrator;
use crate::plan::{self, Seen};
use crate::project::Project;
use crate::reach::{self, Meant, Reached};
use crate::report::{SharedReporter, Skipped};
use crate::standing::Unreachable;
use crate::store::Database;

/// Whether every migration that the program lists is applied.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Whether it is so in every store.
    pub ready: bool,
    /// The environment.
    pub environment: String,
    /// The service; empty where there is only one.
    pub service: String,
    /// The stores, in the order in which they run.
    pub stores: Vec<StoreHealth>,
    /// The stores that are not configured, and need not be.
    pub skipped: Vec<Skipped>,
}

/// One store.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoreHealth {
    /// Its name.
    pub name: String,
    /// Whether everything is applied.
    pub ready: bool,
    /// What is listed and not wholly applied, in the order of the list.
    pub pending: Vec<String>,
    /// Those among them of which a run has done a part, or undone one.
    pub interrupted: Vec<String>,
    /// Who holds the lease.
    pub holder: Option<Holder>,
    /// Why nothing is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}

impl Health {
    /// Whether the program may be sent requests.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Why it may not, in a sentence about each store that is not ready.
    pub fn reason(&self) -> Option<String> {
        let reasons: Vec<String> = self.stores.iter().filter_map(StoreHealth::reason).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl StoreHealth {
    fn of(store: &Reached) -> Self {
        let snapshot = &store.snapshot;
        let seen = Seen { name: &store.name, listed: store.session.listed(), snapshot };
        let due: HashSet<usize> = plan::pending(&seen).chain(plan::repeatable(&seen)).collect();
        let begun: HashSet<&str> = snapshot.journal.iter().map(|row| row.name.as_str()).collect();
        let names = |is: &dyn Fn(usize, &str) -> bool| -> Vec<String> {
            let listed = seen.listed.iter().map(|listed| listed.name.as_ref()).enumerate();
            listed.filter(|(index, name)| is(*index, name)).map(|(_, name)| name.to_owned()).collect()
        };
        // What it does not list is of a newer program that runs beside this one: no reason to stop this one.
        let pending = names(&|index, name| due.contains(&index) || begun.contains(name));
        Self {
            name: store.name.clone(),
            ready: pending.is_empty(),
            pending,
            interrupted: names(&|_, name| begun.contains(name)),
            holder: store.holder(),
            unreachable: None,
        }
    }

    fn unreachable(name: String, why: Unreachable) -> Self {
        Self {
            name,
            ready: false,
            pending: Vec::new(),
            interrupted: Vec::new(),
            holder: None,
            unreachable: Some(why),
        }
    }

    /// Why it is not ready.
    pub fn reason(&self) -> Option<String> {
        let Self { name, pending, .. } = self;
        if let Some(why) = &self.unreachable {
            return Some(format!("store {name} is not reached: {}", why.because));
        }
        let first = pending.first()?;
        let mut reason = match pending.len() {
            1 => format!("store {name}: {first} is pending"),
            count => format!("store {name}: {count} migrations are pending, from {first}"),
        };
        if let Some(interrupted) = self.interrupted.first() {
            reason.push_str(&format!(", and {interrupted} is half done"));
        }
        if let Some(holder) = &self.holder {
            reason.push_str(&format!("; {} is at work since {}", holder.by, holder.since));
        }
        Some(reason)
    }
}

impl Migrator {
    /// Whether every migration of the list is wholly applied, in every store: what `/health/ready` asks.
    ///
    /// The first call opens a connection to each server and keeps it, so that every later one costs a single read, and
    /// none writes. (On ScyllaDB and Cassandra it is three small ones. An SQLite file is opened anew each
    /// time: that is cheap, and sees a file that was put in its place.) A connection that was lost is opened again.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// # use updown::{Config, Migrator, Project, Registry, Request};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let project = || Project::of(Registry::<SqliteConnection>::from_migrations(Vec::new()));
    /// # let directory = tempfile::tempdir()?;
    /// # let config = Config::empty().url("main", &format!("sqlite://{}/x.db", directory.path().display()));
    /// let mut health = Migrator::new(project()).with_config(config); // one for all requests
    /// assert!(health.is_ready()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Store`] where the only database cannot be reached, or does not answer within
    /// [`Config::health_timeout`]; [`Error::Usage`] for a configuration that makes no sense.
    pub fn is_ready(&mut self) -> Result<bool, Error> {
        Ok(self.health()?.is_ready())
    }

    /// The same, with the reason: what is pending, and who is at work. It costs as much.
    ///
    /// # Errors
    /// As [`Migrator::is_ready`].
    pub fn health(&mut self) -> Result<Health, Error> {
        let config = self.config()?;
        let limit = config.health_timeout;
        let project = self.project.clone();
        let watcher = self.health.get_mut().unwrap_or_else(PoisonError::into_inner);
        watcher.ask(limit, || Worker::start(project, config))
    }
}

/// Who asks the worker, and gives up on one that has no answer.
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    worker: Option<Worker>,
    /// Those that were given up on, and have not ended yet: their server may answer in an hour.
    given_up: Vec<std::thread::JoinHandle<()>>,
}

/// More than these are not left to wait for a server that is silent.
const GIVEN_UP: usize = 3;

impl Watcher {
    fn ask(
        &mut self,
        limit: Duration,
        start: impl FnOnce() -> Result<Worker, Error>,
    ) -> Result<Health, Error> {
        self.given_up.retain(|thread| !thread.is_finished());
        let worker = match &mut self.worker {
            Some(worker) => worker,
            None if self.given_up.len() >= GIVEN_UP => return Err(no_answer("main", limit)),
            empty => empty.insert(start()?),
        };
        if worker.has_answered_late() || !worker.is_awaited {
            worker.is_awaited = worker.questions.send(()).is_ok();
        }
        let at = worker.at();
        let (missing, is_over) = match worker.answers.recv_timeout(limit) {
            Ok(answer) => {
                worker.is_awaited = false;
                worker.missed = false;
                return answer;
            }
            // Who is only slow is waited for at the next call, and not sent away with a connection half made.
            Err(RecvTimeoutError::Timeout) => {
                (no_answer(&at, limit), std::mem::replace(&mut worker.missed, true))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let panicked = StoreError::Query("the thread that reads the ledger has panicked".to_owned());
                (Error::store(&at, panicked), true)
            }
        };
        if is_over {
            self.given_up.extend(self.worker.take().map(|worker| worker.thread));
        }
        Err(missing)
    }
}

fn no_answer(store: &str, limit: Duration) -> Error {
    Error::store(store, StoreError::NoAnswer(limit))
}

/// A thread that has the connections: a read that hangs hangs there.
#[derive(Debug)]
struct Worker {
    questions: Sender<()>,
    answers: Receiver<Result<Health, Error>>,
    /// The store that it is at.
    at: Arc<Mutex<String>>,
    /// Whether a question is still without its answer.
    is_awaited: bool,
    /// Whether there was no answer in time before.
    missed: bool,
    thread: std::thread::JoinHandle<()>,
}

impl Worker {
    fn start(project: Arc<Project>, config: Config) -> Result<Self, Error> {
        let (questions, asked) = channel();
        let (answer, answers) = channel();
        let at = Arc::new(Mutex::new("main".to_owned()));
        let shown = at.clone();
        let work = move || {
            // What is in it is made by the thread, and stays there.
            let mut looker = Looker::new(project, config, shown);
            // Ends with the one who asks.
            while asked.recv().is_ok() && answer.send(looker.look()).is_ok() {}
        };
        let thread = std::thread::Builder::new()
            .name("updown-health".to_owned())
            .spawn(work)
            .map_err(|source| Error::Io { what: "cannot start a thread".to_owned(), source })?;
        Ok(Self { questions, answers, at, is_awaited: false, missed: false, thread })
    }

    /// Whether there is an answer by now to what was asked at an earlier call. It may be old.
    fn has_answered_late(&self) -> bool {
        self.is_awaited && self.answers.try_recv().is_ok()
    }

    fn at(&self) -> String {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the worker does.
struct Looker {
    project: Arc<Project>,
    config: Config,
    at: Arc<Mutex<String>>,
    /// The connections, by the name of the store.
    kept: HashMap<String, Reached>,
}

impl Looker {
    fn new(project: Arc<Project>, config: Config, at: Arc<Mutex<String>>) -> Self {
        // A writer that commits much keeps readers out for a moment, and no longer than one waits here.
        let patience = config.health_timeout / 2;
        Self { project, config: config.wait_for_lock(patience), at, kept: HashMap::new() }
    }

    fn look(&mut self) -> Result<Health, Error> {
        let project = self.project.clone();
        let (meant, skipped) = reach::meant(&project, &self.config)?;
        let mut each = Vec::new();
        for meant in meant {
            let name = meant.name.to_owned();
            name.clone_into(&mut self.at.lock().unwrap_or_else(PoisonError::into_inner));
            each.push(self.look_at(meant).map_err(|error| (name, error)));
        }
        let is_alone = each.len() == 1;
        let answers = each.into_iter().map(|looked| match looked {
            Ok(store) => {
                let answer = StoreHealth::of(&store);
                self.keep(store);
                Ok(answer)
            }
            Err((_, error)) if is_alone => Err(error),
            Err((name, error)) => Ok(StoreHealth::unreachable(name, Unreachable::of(&error))),
        });
        let stores = answers.collect::<Result<Vec<_>, _>>()?;
        Ok(Health {
            ready: stores.iter().all(|store| store.ready),
            environment: self.config.environment.name().to_owned(),
            service: self.config.service.clone(),
            stores,
            skipped,
        })
    }

    /// By the connection that is kept; by a new one where there is none, or it was lost.
    fn look_at(&mut self, meant: Meant<'_>) -> Result<Reached, Error> {
        if let Some(mut store) = self.kept.remove(meant.name)
            && store.look().is_ok()
        {
            return Ok(store);
        }
        reach::open_one(meant, &self.config, &Cancel::new(), &SharedReporter::new(()))
    }

    /// Not a file, and not a database without a ledger: either may be another one at the next call.
    fn keep(&mut self, store: Reached) {
        if store.snapshot.exists && store.session.database() != Database::Sqlite {
            self.kept.insert(store.name.clone(), store);
        }
    }
}
