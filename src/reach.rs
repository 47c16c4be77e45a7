//! The stores of a project that a run reaches: opened, looked at, claimed.

use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule, StoreError};
use crate::execute::Session;
use crate::lease::{self, Claim, Claimed};
use crate::ledger::{Holder, Snapshot};
use crate::mode;
use crate::plan::{self, Plan, Policy, Request, Seen};
use crate::project::{Project, StoreEntry, StoreKind};
use crate::recorder::Recorder;
use crate::report::{Event, Report, Reporter, SharedReporter, Skipped, masked};
use crate::standing::{Asked, Standing, StoreReport, Unreachable};
use crate::store::Setting;

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

    /// The number of the newest row in the ledger.
    pub fn last_id(&self) -> i64 {
        self.snapshot.applied.iter().map(|row| row.id).max().unwrap_or(0)
    }
}

pub fn make_plan(stores: &[Reached], request: &Request, config: &Config) -> Result<Plan, Error> {
    let seen: Vec<_> = stores.iter().map(Reached::seen).collect();
    let policy =
        Policy { relaxed: config.environment.is_relaxed(), allow_out_of_order: config.allow_out_of_order };
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
            Err(error) if all > 1 => {
                Ok(tell(name, Unreachable { because: masked(&error.reason()), hint: error.hint() }))
            }
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
    let mut reached: Vec<Reached> = Vec::new();
    let mut skipped = Vec::new();
    let mut unreached: Vec<Unreached> = Vec::new();
    for name in &config.only {
        if !project.stores.iter().any(|store| store.name == *name) {
            let names: Vec<&str> = project.stores.iter().map(|store| store.name.as_str()).collect();
            return Err(Error::usage(
                format!("there is no store {name}"),
                format!("there is: {}", names.join(", ")),
            ));
        }
    }
    for (index, store) in project.stores.iter().enumerate() {
        if !config.only.is_empty() && !config.only.contains(&store.name) {
            continue;
        }
        if let Some((why, hint)) = config.unclear.get(&store.name) {
            return Err(Error::usage(format!("store {}: {why}", store.name), hint));
        }
        let Some(url) = config.url_of(&store.name, store.default_url.filter(|_| index == 0)) else {
            skipped.push(without_url(project, config, store)?);
            continue;
        };
        let open = match &store.kind {
            StoreKind::Registry(open) => open,
            StoreKind::Placeholder(feature) => {
                return Err(without(store, feature));
            }
        };
        let setting = Setting {
            service: config.service.clone(),
            ledger_schema: config.ledger_schema.clone(),
            patience: config.wait_for_lock,
            lock_timeout: config.lock_timeout,
            lock_retries: config.lock_retries,
            statement_timeout: config.statement_timeout,
            relaxed: config.environment.is_relaxed(),
            recorder: Recorder::new(cancel.clone()),
            reporter: reporter.clone(),
        };
        let name = store.name.clone();
        let place = reached.len();
        let opened = open(&url, setting).map_err(|error| Error::store(&name, error)).and_then(|session| {
            let snapshot = Snapshot::default();
            let mut store = Reached { name: name.clone(), url, session, snapshot, claimed: None };
            look_patiently(&mut store, config, cancel)?;
            Ok(store)
        });
        match opened {
            Ok(store) => reached.push(store),
            // Whoever asks to stop is not made to wait for the others.
            Err(error @ Error::Cancelled { .. }) => return Err(error),
            Err(error) => unreached.push(Unreached { name, place, error }),
        }
    }
    if reached.is_empty() && unreached.len() == 1 {
        return Err(first(unreached));
    }
    if reached.is_empty() && unreached.is_empty() {
        let reasons: Vec<&str> = skipped.iter().map(|store| store.because.as_str()).collect();
        return Err(Error::usage(
            format!("no store has a database: {}", reasons.join(", ")),
            "write `DATABASE_URL=sqlite:///path/to/file.db` into the environment or into .env",
        ));
    }
    Ok(Found { reached, skipped, unreached })
}

/// A store that is not configured: why it is left out, where it may be.
fn without_url(project: &Project, config: &Config, store: &StoreEntry) -> Result<Skipped, Error> {
    let because = format!("{} is not set", store.url_var);
    let is_wanted = config.only.contains(&store.name);
    let is_required = !(store.optional || config.environment.is_relaxed());
    match &store.kind {
        _ if !is_wanted && !is_required => Ok(Skipped { name: store.name.clone(), because }),
        StoreKind::Placeholder(feature) if is_wanted => Err(without(store, feature)),
        // A program for other stores: those have to be said.
        StoreKind::Placeholder(feature) => {
            let built = project.stores.iter().filter(|store| matches!(store.kind, StoreKind::Registry(_)));
            let built: Vec<String> = built.map(|store| format!("--store {}", store.name)).collect();
            Err(Error::usage(
                format!("store {} is not in this program, which was built without {feature}", store.name),
                format!("say which stores are meant: `{}`", built.join(" ")),
            ))
        }
        StoreKind::Registry(_) => Err(Error::usage(
            format!("store {} has no database: {because}", store.name),
            format!("write `{}={}` into the environment or into .env", store.url_var, store.example_url),
        )),
    }
}

fn without(store: &StoreEntry, feature: &str) -> Error {
    Error::usage(
        format!("store {} is not in this program, which was built without {feature}", store.name),
        "build the migrations crate with that feature",
    )
}

/// A writer that commits much keeps readers out for a while.
fn look_patiently(store: &mut Reached, config: &Config, cancel: &Cancel) -> Result<(), Error> {
    let deadline = Instant::now() + config.wait_for_lock;
    let mut pause = Pause::default();
    loop {
        match store.look() {
            Err(StoreError::Busy) if Instant::now() < deadline => pause.take(cancel)?,
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

/// Who asks for the leases, and how long they wait.
pub struct Asking<'a> {
    pub claim: &'a Claim,
    pub config: &'a Config,
    pub cancel: &'a Cancel,
    pub reporter: &'a mut dyn Reporter,
}

/// Gets the lease of every store that `wanted` names, one after the other, and looks at each again
/// under it. Returns `false` where, while it waited, `still_wanted` came to say that there is
/// nothing left to do.
pub fn claim(
    stores: &mut [Reached],
    wanted: &[usize],
    asking: &mut Asking<'_>,
    still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let deadline = Instant::now() + asking.config.wait_for_lock;
    for &index in wanted {
        if !claim_one(stores, index, deadline, asking, still_wanted)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Before the first migration of a store whose turn it is. A lease is renewed by what is done under it: that of a
/// store that waited behind another one's long migrations may have ended, and somebody else may have had it. Where
/// they did nothing with it, the run goes on under a new one.
pub fn claim_again(stores: &mut [Reached], index: usize, asking: &mut Asking<'_>) -> Result<(), Error> {
    let since = stores[index].claimed;
    if since.is_some_and(|since| since.elapsed() < lease::LASTS / 2) {
        return Ok(());
    }
    let before = stores[index].snapshot.clone();
    let deadline = Instant::now() + asking.config.wait_for_lock;
    claim_one(stores, index, deadline, asking, &mut |_| Ok(true))?;
    let Reached { name, snapshot: now, claimed, .. } = &stores[index];
    // By their batches one sees attempts of others, by the rest what they undid, or began.
    let is_as_it_was = || {
        (now.last_batch, &now.applied, &now.journal) == (before.last_batch, &before.applied, &before.journal)
    };
    if *claimed == since || is_as_it_was() {
        return Ok(());
    }
    Err(Error::store(name, StoreError::LeaseLost))
}

fn claim_one(
    stores: &mut [Reached],
    index: usize,
    deadline: Instant,
    asking: &mut Asking<'_>,
    still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let mut pause = Pause::default();
    loop {
        let store = &mut stores[index];
        let holder =
            match store.session.claim(asking.claim).map_err(|error| Error::store(&store.name, error))? {
                Claimed::Ours { .. } => break,
                Claimed::Held(holder) if store.claimed.is_some() && holder.owner == asking.claim.owner => {
                    return Ok(true);
                }
                Claimed::Held(holder) => Some(holder),
                Claimed::Busy => None,
            };
        if Instant::now() >= deadline {
            return Err(Error::locked(&store.name, holder));
        }
        if pause.is_first() {
            let by = holder.as_ref().map_or("another connection", |holder| &holder.by);
            asking.reporter.event(&Event::Waiting { store: &store.name, by });
        }
        pause.take(asking.cancel)?;
        match store.look() {
            Ok(()) if !still_wanted(stores)? => return Ok(false),
            Ok(()) | Err(StoreError::Busy) => {}
            Err(error) => return Err(Error::store(&stores[index].name, error)),
        }
    }
    let store = &mut stores[index];
    store.claimed = Some(Instant::now());
    store.look().map_err(|error| Error::store(&store.name, error))?;
    Ok(true)
}

/// Gives back every lease that is held. What goes wrong here ends by expiry.
pub fn release(stores: &mut [Reached]) {
    for store in stores.iter_mut().filter(|store| store.claimed.is_some()) {
        let _ = store.session.release();
        store.claimed = None;
    }
}

/// Waiting outside of the database, a little longer each time, with jitter so that many who wait
/// do not come back at once.
#[derive(Default)]
pub struct Pause(u32);

impl Pause {
    pub const fn is_first(&self) -> bool {
        self.0 == 0
    }

    pub fn take(&mut self, cancel: &Cancel) -> Result<(), Error> {
        if let Some(signal) = cancel.requested() {
            return Err(Error::Cancelled { signal, report: Box::new(Report::default()) });
        }
        std::thread::sleep(Duration::from_millis((10 << self.0.min(4)) + lease::jitter() % 32));
        self.0 += 1;
        Ok(())
    }
}
