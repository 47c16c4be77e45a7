//! The whole algorithm on one screen: look → lease → ledger → plan → run.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::Utc;

use crate::backup;
use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule};
use crate::execute::{Stamp, millis};
use crate::explain;
use crate::health::Watcher;
use crate::hooks::Hooks;
use crate::lease::{self, Claim};
use crate::ledger::{Before, Direction, timestamp};
use crate::mode;
use crate::plan::{self, Action, Plan, Request};
use crate::project::Project;
use crate::reach::{self, Asking, Found, Reached};
use crate::replace::By;
use crate::report::{Done, Event, Report, Reporter, SharedReporter, Skipped};
use crate::services;
use crate::standing::Asked;
use crate::telling;

/// Runs requests on a project: what the command line calls, and what an application calls at
/// start-up.
///
/// ```
/// use updown::prelude::*;
/// use updown::{Config, Migrator, Project, Registry, Request};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let registry: Registry<SqliteConnection> = Registry::from_migrations(Vec::new());
/// # let directory = tempfile::tempdir()?;
/// # let url = format!("sqlite://{}/x.db", directory.path().display());
/// let project = Project::of(registry); // or `migrations::project()`
/// let config = Config::empty().url("main", &url); // or nothing: then it is read from the environment
/// let report = Migrator::new(project).with_config(config).run(&Request::migrate())?;
/// assert!(report.applied.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Migrator {
    pub(crate) project: Arc<Project>,
    config: Option<Config>,
    pub(crate) reporter: SharedReporter,
    pub(crate) cancel: Cancel,
    /// Locked by nobody: what is in it could not be shared otherwise.
    pub(crate) health: Mutex<Watcher>,
}

impl Migrator {
    /// For a project, with the configuration that [`Config::load`] reads at the first request.
    pub fn new(project: Project) -> Self {
        Self {
            project: Arc::new(project),
            config: None,
            reporter: telling::default_reporter(),
            cancel: Cancel::new(),
            health: Mutex::default(),
        }
    }

    /// With this configuration instead.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self.health = Mutex::default();
        self
    }

    /// With somebody who is told what happens, in place of the one who was. Without it nobody is, or `tracing`
    /// where that feature is on.
    #[must_use]
    pub fn with_reporter(mut self, reporter: impl Reporter + Send + 'static) -> Self {
        self.reporter = self.reporter.replaced_by(reporter);
        self
    }

    /// With hooks, beside the reporter and those that were set before.
    #[must_use]
    pub fn with_hooks(self, hooks: impl Hooks + Send + 'static) -> Self {
        self.reporter.add(hooks);
        self
    }

    /// By which another thread, or a signal handler, can stop a run.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    pub(crate) fn config(&mut self) -> Result<Config, Error> {
        if self.config.is_none() {
            self.config = Some(Config::load(&self.project)?);
        }
        if let (Some(config), Some(service)) = (&mut self.config, &self.project.service)
            && !config.says_service
        {
            service.clone_into(&mut config.service);
        }
        self.config.clone().ok_or_else(|| Error::usage("there is no configuration", "call `with_config`"))
    }

    /// From here on.
    #[cfg(feature = "cli")]
    pub(crate) fn replace_config(&mut self, config: Config) {
        self.config = Some(config);
    }

    /// The same for one store alone, by default the first one that is configured.
    #[cfg(feature = "cli")]
    pub(crate) fn config_of_one(&mut self, store: Option<&str>) -> Result<Config, Error> {
        let mut config = self.config()?;
        let meant = reach::meant(&self.project, &config)?.0;
        let first = meant.first().map(|store| store.name.to_owned());
        config.only = store.map(str::to_owned).or(first).into_iter().collect();
        Ok(config)
    }

    /// From here on, or not any more.
    pub(crate) fn set_startup(&mut self, is_startup: bool) {
        if let Some(config) = &mut self.config {
            config.is_startup = is_startup;
        }
    }

    /// What `request` would do. Touches nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Usage`] as [`Migrator::run`] would give them;
    /// [`Error::Store`] where a database cannot be read.
    pub fn plan(&mut self, request: &Request) -> Result<Plan, Error> {
        let (config, mut stores, _) = self.open(request)?;
        let plan = reach::make_plan(&stores, request, &config)?;
        #[cfg(feature = "schema")]
        let mut plan = crate::preview::with_warnings(plan, &stores);
        #[cfg(not(feature = "schema"))]
        let mut plan = plan;
        self.name_backups_of(&mut stores, &plan.actions, &config, &mut plan.backups);
        Ok(plan)
    }

    /// Every store that the request is about, or none.
    pub(crate) fn open(&mut self, request: &Request) -> Result<(Config, Vec<Reached>, Vec<Skipped>), Error> {
        let config = self.config()?;
        let (stores, skipped) = self.find()?.all(request, &config)?;
        Ok((config, stores, skipped))
    }

    /// Every store that is configured, as far as it can be reached.
    pub(crate) fn find(&mut self) -> Result<Found, Error> {
        let config = self.config()?;
        // Said once, however often they are looked for.
        let doubts = self.config.as_mut().map(|config| std::mem::take(&mut config.doubts));
        for (store, message) in doubts.into_iter().flatten() {
            if store.is_empty() || config.only.is_empty() || config.only.contains(&store) {
                self.reporter.event(&Event::Warning { message: &message });
            }
        }
        reach::open(&self.project, &config, &self.cancel, &self.reporter)
    }

    /// Carries `request` out.
    ///
    /// # Errors
    /// Each says what was done before it; see [`Error`]. After every one of them the same request
    /// again goes on from what the ledgers say.
    pub fn run(&mut self, request: &Request) -> Result<Report, Error> {
        if self.config()?.dry_run {
            return self.dry_run(request);
        }
        self.told(request, false, |migrator| migrator.run_request(request))
    }

    fn run_request(&mut self, request: &Request) -> Result<Report, Error> {
        let began = Instant::now();
        // Waiting for a store counts, too.
        let timeout = self.config()?.timeout;
        let _limited = self.cancel.limit_run(timeout);
        let (config, mut stores, skipped) = self.open(request)?;
        check_fresh(request, &config, &stores)?;
        services::check_fresh(request, &config, &mut stores)?;
        reach::check_environment(&stores, &config)?;
        let mut report = Report { skipped, asked: Asked::of(request, &config), ..Report::default() };
        let first_look = reach::make_plan(&stores, request, &config)?;
        if !first_look.is_empty() {
            backup::check(&config, &stores, &first_look.actions)?;
            #[cfg(feature = "schema")]
            crate::preview::check(&mut stores, &first_look.actions, request, crate::preview::By::Code)?;
            report.expects(&stores, &first_look.actions);
            let mut ended = self.run_under_lease(request, &config, &mut stores, first_look, &mut report);
            if let Err(error) = &mut ended {
                report.ended(error, &mut stores);
                if let Error::Failed(failure) = error {
                    let failed = stores.iter().position(|store| store.name == failure.store);
                    self.name_backups(&mut stores, failed, &mut report.backups);
                }
            }
            reach::release(&mut stores);
            ended.map_err(|error| error.with_report(&report))?;
        } else {
            self.warn(&first_look);
        }
        // In the stores that had nothing to do, too.
        self.finish(&config, &mut stores).map_err(|error| error.with_report(&report))?;
        report.duration_ms = millis(began);
        Ok(report)
    }

    /// What a run has left that was killed right behind its last commit.
    pub(crate) fn finish(&mut self, config: &Config, stores: &mut [Reached]) -> Result<(), Error> {
        let is_left = |store: &Reached| store.snapshot.is_unfinished && store.holder().is_none();
        let left: Vec<usize> = (0..stores.len()).filter(|index| is_left(&stores[*index])).collect();
        let claim = claim_for(config);
        let mut asking = asking(&claim, config, &self.cancel, &mut self.reporter);
        let done = reach::claim(stores, &left, &mut asking, &mut |_| Ok(true));
        reach::release(stores);
        done.map(drop)
    }

    fn run_under_lease(
        &mut self,
        request: &Request,
        config: &Config,
        stores: &mut [Reached],
        first_look: Plan,
        report: &mut Report,
    ) -> Result<(), Error> {
        let claim = claim_for(config);
        let wanted: Vec<usize> = first_look.stores().into_iter().collect();
        let mut still_wanted =
            |stores: &[Reached]| Ok(!reach::make_plan(stores, request, config)?.is_empty());
        let mut asking = asking(&claim, config, &self.cancel, &mut self.reporter);
        if !reach::claim(stores, &wanted, &mut asking, &mut still_wanted)? {
            return Ok(());
        }
        reach::check_environment(stores, config)?;
        // Before anything goes.
        #[cfg(feature = "schema")]
        {
            let actions = reach::make_plan(stores, request, config)?.actions;
            crate::preview::check(stores, &actions, request, crate::preview::By::Tables)?;
        }
        let batch_no = 1 + stores.iter().map(|store| store.snapshot.last_batch).max().unwrap_or(0);
        if *request == Request::Fresh {
            // Who came meanwhile.
            services::check_fresh(request, config, stores)?;
            let mut actions = reach::make_plan(stores, request, config)?.actions;
            actions.retain(|action| stores[action.store_index].claimed.is_some());
            self.back_up(stores, &actions, batch_no, &claim, config, report)?;
            for store in stores.iter_mut() {
                store.session.erase().map_err(|error| Error::store(&store.name, error))?;
                store.look().map_err(|error| Error::store(&store.name, error))?;
            }
        }
        let mut plan = reach::make_plan(stores, request, config)?;
        plan.actions.retain(|action| stores[action.store_index].claimed.is_some());
        plan.replacements.retain(|replacement| stores[replacement.store_index].claimed.is_some());
        if matches!(request, Request::Rollback(_)) {
            // What was there when it was asked for: who waited behind another rollback of the last
            // batch must not undo the one before it.
            plan.actions.retain(|action| first_look.actions.contains(action));
        }
        self.warn(&plan);
        report.expects(stores, &plan.actions);
        if plan.actions.is_empty() {
            return self.replace(stores, &plan.replacements, &By { claim: &claim, batch_no }, report);
        }
        self.name_backups_of(stores, &plan.actions, config, &mut report.backups);
        if *request != Request::Fresh {
            self.back_up(stores, &plan.actions, batch_no, &claim, config, report)?;
        }
        self.replace(stores, &plan.replacements, &By { claim: &claim, batch_no }, report)?;
        report.run_id = Some(claim.owner.clone());
        if plan.actions.iter().any(|action| action.direction == Direction::Up) {
            report.batch_no = Some(batch_no);
        }
        let stamp = Stamp {
            run_id: claim.owner.clone(),
            batch_no,
            by: claim.by.clone(),
            app_version: self.project.version.clone(),
            id: 0,
            applied: None,
            before: None,
            keep_statements: false,
            migration_timeout: config.migration_timeout,
        };
        self.carry_out(stores, &plan.actions, stamp, report, config, Some(&claim))
    }

    /// `claim` says who holds the stores; nobody in a rehearsal.
    pub(crate) fn carry_out(
        &mut self,
        stores: &mut [Reached],
        actions: &[Action],
        mut stamp: Stamp,
        report: &mut Report,
        config: &Config,
        claim: Option<&Claim>,
    ) -> Result<(), Error> {
        let service = config.service.as_str();
        let batch_no = report.batch_no;
        let planned = Event::Planned {
            count: actions.len(),
            stores: plan::stores_of(actions).len(),
            service,
            batch_no,
        };
        self.reporter.event(&planned);
        let mut last_ids: Vec<i64> = stores.iter().map(|store| store.snapshot.last_id()).collect();
        let mut begun = BTreeSet::new();
        for action in actions {
            self.cancel.check()?;
            let index = action.store_index;
            stamp.before = None;
            if let (true, Some(claim)) = (begun.insert(index), claim) {
                let mut asking = asking(claim, config, &self.cancel, &mut self.reporter);
                reach::claim_again(stores, index, &mut asking)?;
                let wal_position = stores[index].session.position(false);
                stamp.before = Some(Before { at: timestamp(Utc::now()), wal_position });
            }
            let Action { store, name, direction, .. } = action;
            let direction = *direction;
            let reached = &mut stores[index];
            stamp.id = last_ids[index] + 1;
            let mut applied = reached.snapshot.applied.iter();
            stamp.applied = match direction {
                Direction::Up => None,
                Direction::Down => applied.find(|row| row.name == *name).cloned(),
            };
            // What is rolled back is so under the batch that it was applied in.
            let batch_no = match direction {
                Direction::Up => batch_no,
                Direction::Down => stamp.applied.as_ref().map(|row| row.batch_no),
            };
            #[cfg(feature = "tracing")]
            let _span = crate::trace::migration(service, store, name, direction, batch_no);
            self.reporter.event(&Event::Started { store, name, direction, service, batch_no });
            let began = Instant::now();
            let left = reached
                .snapshot
                .journal
                .iter()
                .filter(|row| row.name == *name && row.direction == direction)
                .cloned()
                .collect();
            let carried = reached
                .session
                .carry_out(action.index, direction, left, &stamp, &mut self.reporter)
                .map_err(|broken| {
                    explain::broken(broken, action, reached, &self.cancel, &report.again(direction))
                })
                .inspect_err(|error| {
                    self.reporter.event(&Event::Failed {
                        store,
                        name,
                        direction,
                        duration_ms: millis(began),
                        error: &error.cause_in_words(),
                        service,
                        batch_no,
                    });
                })?;
            if direction == Direction::Up {
                last_ids[index] = stamp.id;
            }
            self.reporter.event(&Event::Finished {
                store,
                name,
                direction,
                duration_ms: carried.duration_ms,
                statements: &carried.statements,
                service,
                batch_no,
            });
            let done = Done {
                store: store.clone(),
                name: name.clone(),
                duration_ms: carried.duration_ms,
                statements: carried.statements,
            };
            report.has_done(action, done);
        }
        Ok(())
    }

    /// Gets the lease of one store. Returns whose it is.
    pub(crate) fn claim_store(
        &mut self,
        stores: &mut [Reached],
        index: usize,
        config: &Config,
    ) -> Result<Claim, Error> {
        let claim = claim_for(config);
        let mut asking = asking(&claim, config, &self.cancel, &mut self.reporter);
        reach::claim(stores, &[index], &mut asking, &mut |_| Ok(true))?;
        Ok(claim)
    }

    /// Gets the leases of several, as long as there is something to do. Returns whose they are; none where somebody
    /// else has done it meanwhile.
    pub(crate) fn claim_stores(
        &mut self,
        stores: &mut [Reached],
        wanted: &[usize],
        config: &Config,
        still_wanted: &mut dyn FnMut(&[Reached]) -> Result<bool, Error>,
    ) -> Result<Option<Claim>, Error> {
        let claim = claim_for(config);
        let mut asking = asking(&claim, config, &self.cancel, &mut self.reporter);
        let is_ours = reach::claim(stores, wanted, &mut asking, still_wanted)?;
        Ok(is_ours.then_some(claim))
    }

    pub(crate) fn warn(&mut self, plan: &Plan) {
        for message in &plan.warnings {
            self.reporter.event(&Event::Warning { message });
        }
    }
}

pub(crate) fn asking<'a>(
    claim: &'a Claim,
    config: &'a Config,
    cancel: &'a Cancel,
    reporter: &'a mut SharedReporter,
) -> Asking<'a> {
    Asking { claim, config, cancel, reporter }
}

pub(crate) fn claim_for(config: &Config) -> Claim {
    Claim {
        owner: lease::token(),
        process: lease::process::this(),
        by: format!("{} (process {})", config.actor.clone().unwrap_or_else(lease::actor), std::process::id()),
        environment: config.environment.name().to_owned(),
        strength: mode::strength,
    }
}

pub(crate) fn check_fresh(request: &Request, config: &Config, stores: &[Reached]) -> Result<(), Error> {
    if *request != Request::Fresh {
        return Ok(());
    }
    let what = Relaxed {
        does: |database| format!("`fresh` removes everything in {database}"),
        instead: "`updown rollback --all` undoes the migrations one by one",
    };
    what.check(config, stores.iter().map(|store| (store.name.as_str(), store.url.as_str())))
}

/// What is done only where the environment is said to be development or test, or on the default database of a
/// development that nobody named.
pub(crate) struct Relaxed {
    /// In words, to a database.
    pub does: fn(&str) -> String,
    /// The hint where it is not done.
    pub instead: &'static str,
}

impl Relaxed {
    /// Refuses it. The stores are names and URLs.
    pub fn check<'a>(
        &self,
        config: &Config,
        mut stores: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), Error> {
        let refused = |store: &str, message: String, hint: &str| {
            Err(Error::Refused(Box::new(Refusal {
                rule: Rule::Environment,
                store: store.to_owned(),
                names: Vec::new(),
                message,
                hint: hint.to_owned(),
            })))
        };
        if !config.environment.is_relaxed() {
            let first = stores.next().map_or("main", |(name, _)| name);
            let does = (self.does)("the database");
            return refused(
                first,
                format!("{does}, and is not done in {}", config.environment),
                self.instead,
            );
        }
        if config.inferred
            && let Some((name, url)) = stores.find(|(_, url)| !config.is_fallback(url))
        {
            let does = (self.does)(&crate::store::url::shown(url));
            let message = format!("{does}, and nobody said that this is development");
            return refused(name, message, "say so: `ENV=development`");
        }
        Ok(())
    }
}
