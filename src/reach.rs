//! The stores of a project that a run reaches: opened, looked at, claimed.

use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule, StoreError};
use crate::execute::Session;
use crate::lease::{self, Claim, Claimed};
use crate::ledger::{Holder, Snapshot};
use crate::mode;
use crate::plan::Seen;
use crate::project::{Project, StoreKind};
use crate::recorder::Recorder;
use crate::report::{Event, Report, Reporter, SharedReporter, Skipped};
use crate::store::Setting;

/// One store that is open.
pub struct Reached {
    pub name: String,
    pub url: String,
    pub session: Box<dyn Session>,
    pub snapshot: Snapshot,
    pub claimed: bool,
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

/// Opens and looks at every configured store.
pub fn open(
    project: &Project,
    config: &Config,
    cancel: &Cancel,
    reporter: &SharedReporter,
) -> Result<(Vec<Reached>, Vec<Skipped>), Error> {
    let mut reached = Vec::new();
    let mut skipped = Vec::new();
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
        let Some(url) = config.url_of(&store.name, store.default_url.filter(|_| index == 0)) else {
            let because = format!("{} is not set", store.url_var);
            let wanted = config.only.contains(&store.name);
            if wanted || !(store.optional || config.environment.is_relaxed()) {
                return Err(Error::usage(
                    format!("store {} has no database: {because}", store.name),
                    format!(
                        "write `{}={}` into the environment or into .env",
                        store.url_var, store.example_url
                    ),
                ));
            }
            skipped.push(Skipped { name: store.name.clone(), because });
            continue;
        };
        let open = match &store.kind {
            StoreKind::Registry(open) => open,
            StoreKind::Placeholder(feature) => {
                return Err(Error::usage(
                    format!("store {} has a URL, but this program was built without {feature}", store.name),
                    "build the migrations crate with that feature",
                ));
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
        let session = open(&url, setting).map_err(|error| Error::store(&store.name, error))?;
        let mut store =
            Reached { name: store.name.clone(), url, session, snapshot: Snapshot::default(), claimed: false };
        look_patiently(&mut store, config, cancel)?;
        reached.push(store);
    }
    if reached.is_empty() {
        let reasons: Vec<&str> = skipped.iter().map(|store| store.because.as_str()).collect();
        return Err(Error::usage(
            format!("no store has a database: {}", reasons.join(", ")),
            "write `DATABASE_URL=sqlite:///path/to/file.db` into the environment or into .env",
        ));
    }
    Ok((reached, skipped))
}

/// A writer that commits much keeps readers out for a while.
fn look_patiently(store: &mut Reached, config: &Config, cancel: &Cancel) -> Result<(), Error> {
    let deadline = Instant::now() + config.wait_for_lock;
    let mut pause = Pause::default();
    loop {
        match store.look() {
            Err(StoreError::Busy) if Instant::now() < deadline => pause.take(cancel)?,
            Err(StoreError::Busy) => {
                return Err(Error::Locked { store: store.name.clone(), holder: None });
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

/// Gets the lease of every store that `wanted` names, one after the other, and looks at each again
/// under it. Returns `false` where, while it waited, `still_wanted` came to say that there is
/// nothing left to do.
pub fn claim(
    stores: &mut [Reached],
    wanted: &[usize],
    claim: &Claim,
    config: &Config,
    cancel: &Cancel,
    reporter: &mut dyn Reporter,
    still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let deadline = Instant::now() + config.wait_for_lock;
    for &index in wanted {
        let mut pause = Pause::default();
        loop {
            let store = &mut stores[index];
            let holder: Option<Holder> =
                match store.session.claim(claim).map_err(|error| Error::store(&store.name, error))? {
                    Claimed::Ours { .. } => break,
                    Claimed::Held(holder) => Some(holder),
                    Claimed::Busy => None,
                };
            if Instant::now() >= deadline {
                return Err(Error::Locked { store: store.name.clone(), holder: holder.map(Box::new) });
            }
            if pause.is_first() {
                let by = holder.as_ref().map_or("another connection", |holder| &holder.by);
                reporter.event(&Event::Waiting { store: &store.name, by });
            }
            pause.take(cancel)?;
            match store.look() {
                Ok(()) if !still_wanted(stores)? => return Ok(false),
                Ok(()) | Err(StoreError::Busy) => {}
                Err(error) => return Err(Error::store(&stores[index].name, error)),
            }
        }
        stores[index].claimed = true;
        let store = &mut stores[index];
        store.look().map_err(|error| Error::store(&store.name, error))?;
    }
    Ok(true)
}

/// Gives back every lease that is held. What goes wrong here ends by expiry.
pub fn release(stores: &mut [Reached]) {
    for store in stores.iter_mut().filter(|store| store.claimed) {
        let _ = store.session.release();
        store.claimed = false;
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
