//! The stores of a project that a run reaches: opened, looked at, claimed.

mod claim;
mod meant;

use std::time::Instant;

use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule, StoreError};
use crate::execute::Session;
use crate::ledger::{Holder, Snapshot};
use crate::mode;
use crate::plan::{self, Plan, Policy, Request, Seen};
use crate::project::Project;
use crate::recorder::Recorder;
use crate::report::{Report, SharedReporter, Skipped, masked};
use crate::standing::{Asked, Standing, StoreReport, Unreachable};
use crate::store::Setting;
pub use claim::{Asking, Pause, claim, claim_again, release};
pub use meant::{Meant, meant};

/// One store that is open.
pub struct Reached {
    pub name: String,
    pub url: String,
    pub session: Box<dyn Session>,
    pub snapshot: Snapshot,
    /// Since when the lease is ours.
    pub claimed: Option<Instant>,
}

impl Reached {
    pub fn seen(&self) -> Seen<'_> {
        Seen { name: &self.name, listed: self.session.listed(), snapshot: &self.snapshot }
    }

    /// Who holds the lease.
    pub fn holder(&self) -> Option<Holder> {
        self.snapshot.holder.clone()
    }

    pub fn look(&mut self) -> Result<(), StoreError> {
        self.snapshot = self.session.look()?;
        Ok(())
    }
}

pub fn make_plan(stores: &[Reached], request: &Request, config: &Config) -> Result<Plan, Error> {
    let seen: Vec<_> = stores.iter().map(Reached::seen).collect();
    let relaxed = config.environment.is_relaxed();
    let policy = Policy {
        relaxed,
        allow_out_of_order: config.allow_out_of_order,
        refuses_newer: if config.is_startup { config.refuses_newer_database } else { !relaxed },
    };
    plan::plan(&seen, request, policy)
}

/// The stores of a project as they were found.
pub struct Found {
    pub reached: Vec<Reached>,
    /// Those that are not configured, and need not be.
    pub skipped: Vec<Skipped>,
    pub unreached: Vec<Unreached>,
}

/// One that could not be opened, or looked at.
pub struct Unreached {
    pub name: String,
    /// So many that were reached come before it.
    pub place: usize,
    pub error: Error,
}

impl Found {
    /// All or nothing: a run that reached a part of what it is about would be another one. The error says how
    /// each store stands.
    pub fn all(self, request: &Request, config: &Config) -> Result<(Vec<Reached>, Vec<Skipped>), Error> {
        let Self { reached, skipped, unreached } = self;
        if unreached.is_empty() {
            return Ok((reached, skipped));
        }
        let mut report = Report { skipped, asked: Asked::of(request, config), ..Report::default() };
        // What a rollback means is not known without the others.
        let pending = match request {
            Request::Migrate { .. } => make_plan(&reached, request, config).unwrap_or_default(),
            _ => Plan::default(),
        };
        report.expects(&reached, &pending.actions);
        for store in unreached.iter().rev() {
            let because = masked(&store.error.reason());
            report.stores.insert(store.place, StoreReport::not_reached(&store.name, because));
        }
        for store in report.stores.iter_mut().filter(|store| store.standing == Standing::Done) {
            store.standing = Standing::Left;
        }
        Err(first(unreached).with_report(&report))
    }
}

impl Found {
    /// For what may be about any of them, and is done in one.
    pub fn each(self) -> Result<Vec<Reached>, Error> {
        if self.unreached.is_empty() { Ok(self.reached) } else { Err(first(self.unreached)) }
    }

    /// What `ask` learns of each, in order, and `tell` says of one that was not reached, or was lost while it
    /// was asked. An error where that is the only one.
    pub fn map<T>(
        self,
        mut ask: impl FnMut(&mut Reached) -> Result<T, Error>,
        tell: impl Fn(String, Unreachable) -> T,
    ) -> Result<Vec<T>, Error> {
        let all = self.reached.len() + self.unreached.len();
        let mut each: Vec<(String, Result<T, Error>)> =
            self.reached.into_iter().map(|mut store| (store.name.clone(), ask(&mut store))).collect();
        for store in self.unreached.into_iter().rev() {
            each.insert(store.place, (store.name, Err(store.error)));
        }
        let answers = each.into_iter().map(|(name, answer)| match answer {
            Err(error) if all > 1 => Ok(tell(name, Unreachable::of(&error))),
            answer => answer,
        });
        answers.collect()
    }
}

/// What a run ends with that did not reach these; never none.
fn first(unreached: Vec<Unreached>) -> Error {
    let mut errors = unreached.into_iter().map(|store| store.error);
    errors.next().unwrap_or_else(|| Error::usage("no store was reached", "`updown status` shows them"))
}

/// Opens and looks at every configured store. An error is what makes no sense in the configuration, or that
/// none could be reached.
pub fn open(
    project: &Project,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
) -> Result<Found, Error> {
    open_with(project, config, cancel, reporter, look_patiently)
}

/// The same for whom it does not matter whose the ledger is.
pub fn open_whosever(
    project: &Project,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
) -> Result<Found, Error> {
    open_with(project, config, cancel, reporter, |store, config, cancel| {
        match look_patiently(store, config, cancel) {
            Err(Error::Store { source, .. })
                if matches!(
                    *source,
                    StoreError::ForeignLedger { .. } | StoreError::LedgerElsewhere { .. }
                ) =>
            {
                Ok(())
            }
            looked => looked,
        }
    })
}

fn open_with(
    project: &Project,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
    look: fn(&mut Reached, &Config, &Cancel) -> Result<(), Error>,
) -> Result<Found, Error> {
    let (meant, skipped) = meant::meant(project, config)?;
    let mut reached: Vec<Reached> = Vec::new();
    let mut unreached: Vec<Unreached> = Vec::new();
    for meant in meant {
        let (name, place) = (meant.name, reached.len());
        match open_by(meant, config, cancel, reporter, look) {
            Ok(store) => reached.push(store),
            // Whoever asks to stop is not made to wait for the others.
            Err(error @ (Error::Cancelled { .. } | Error::TimedOut { .. })) => return Err(error),
            Err(error) => {
                cancel.check()?;
                unreached.push(Unreached { name: name.to_owned(), place, error });
            }
        }
    }
    if reached.is_empty() && unreached.len() == 1 {
        return Err(first(unreached));
    }
    Ok(Found { reached, skipped, unreached })
}

/// Opens and looks at one of them.
pub fn open_one(
    meant: Meant<'_>,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
) -> Result<Reached, Error> {
    open_by(meant, config, cancel, reporter, look_patiently)
}

fn open_by(
    Meant { name, url, open }: Meant<'_>,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
    look: fn(&mut Reached, &Config, &Cancel) -> Result<(), Error>,
) -> Result<Reached, Error> {
    let setting = Setting {
        service: config.service.clone(),
        ledger_schema: config.ledger_schema.clone(),
        patience: config.wait_for_lock,
        lock_timeout: config.lock_timeout,
        lock_retries: config.lock_retries,
        statement_timeout: config.statement_timeout,
        relaxed: config.environment.is_relaxed(),
        use_transactions: config.use_transactions,
        recorder: Recorder::new(cancel.clone()),
        reporter: reporter.clone(),
    };
    let session = open(&url, setting).map_err(|error| Error::store(name, error))?;
    let snapshot = Snapshot::default();
    let mut store = Reached { name: name.to_owned(), url, session, snapshot, claimed: None };
    look(&mut store, config, cancel)?;
    Ok(store)
}

/// A writer that commits much keeps readers out for a while.
fn look_patiently(store: &mut Reached, config: &Config, cancel: &Cancel) -> Result<(), Error> {
    let deadline = Instant::now() + config.wait_for_lock;
    let mut pause = Pause::default();
    loop {
        match store.look() {
            Err(StoreError::Busy) if Instant::now() < deadline => {
                pause.take(cancel).map_err(|error| error.waiting_for(&store.name, None))?;
            }
            Err(StoreError::Busy) => {
                return Err(Error::locked(&store.name, None));
            }
            other => return other.map_err(|error| Error::store(&store.name, error)),
        }
    }
}

/// Refuses to change a ledger under a weaker environment than it was used in.
pub fn check_environment(stores: &[Reached], config: &Config) -> Result<(), Error> {
    for store in stores {
        let Some(recorded) = &store.snapshot.environment else {
            continue;
        };
        if mode::strength(recorded) > mode::strength(config.environment.name()) {
            return Err(Error::Refused(Box::new(Refusal {
                rule: Rule::Environment,
                store: store.name.clone(),
                names: Vec::new(),
                message: format!(
                    "the database of store {} belongs to {recorded}, and this command runs under {}",
                    store.name, config.environment
                ),
                hint: format!("where that is what you mean, say so: `ENV={recorded}` or `--env {recorded}`"),
            })));
        }
    }
    Ok(())
}
