//! The whole algorithm on one screen: look → lease → ledger → plan → run.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule};
use crate::execute::Stamp;
use crate::explain;
use crate::lease::{self, Claim};
use crate::ledger::Direction;
use crate::mode;
use crate::plan::{Action, Plan, Request};
use crate::project::Project;
use crate::reach::{self, Asking, Found, Reached};
use crate::report::{Done, Event, Report, Reporter, SharedReporter, Skipped};
use crate::services;
use crate::standing::Asked;

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
    pub(crate) project: Project,
    config: Option<Config>,
    pub(crate) reporter: SharedReporter,
    pub(crate) cancel: Cancel,
}

impl Migrator {
    /// For a project, with the configuration that [`Config::load`] reads at the first request.
    pub fn new(project: Project) -> Self {
        Self { project, config: None, reporter: SharedReporter::new(()), cancel: Cancel::new() }
    }

    /// With this configuration instead.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// With somebody who is told what happens.
    #[must_use]
    pub fn with_reporter(mut self, reporter: impl Reporter + Send + 'static) -> Self {
        self.reporter = SharedReporter::new(reporter);
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

    /// What `request` would do. Touches nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Usage`] as [`Migrator::run`] would give them;
    /// [`Error::Store`] where a database cannot be read.
    pub fn plan(&mut self, request: &Request) -> Result<Plan, Error> {
        let (config, stores, _) = self.open(request)?;
        let plan = reach::make_plan(&stores, request, &config)?;
        #[cfg(feature = "schema")]
        let plan = crate::preview::with_warnings(plan, &stores);
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
            if config.only.is_empty() || config.only.contains(&store) {
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
        if !first_look.actions.is_empty() {
            #[cfg(feature = "schema")]
            crate::preview::check(&mut stores, &first_look.actions, request, crate::preview::By::Code)?;
            report.expects(&stores, &first_look.actions);
            let mut ended = self.run_under_lease(request, &config, &mut stores, first_look, &mut report);
            if let Err(error) = &mut ended {
                report.ended(error, &mut stores);
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
    fn finish(&mut self, config: &Config, stores: &mut [Reached]) -> Result<(), Error> {
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
        let mut wanted: Vec<usize> = first_look.actions.iter().map(|action| action.store_index).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut still_wanted =
            |stores: &[Reached]| Ok(!reach::make_plan(stores, request, config)?.actions.is_empty());
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
        if *request == Request::Fresh {
            // Who came meanwhile.
            services::check_fresh(request, config, stores)?;
            for store in stores.iter_mut() {
                store.session.erase().map_err(|error| Error::store(&store.name, error))?;
                store.look().map_err(|error| Error::store(&store.name, error))?;
            }
        }
        let mut plan = reach::make_plan(stores, request, config)?;
        plan.actions.retain(|action| stores[action.store_index].claimed.is_some());
        if matches!(request, Request::Rollback(_)) {
            // What was there when it was asked for: who waited behind another rollback of the last
            // batch must not undo the one before it.
            plan.actions.retain(|action| first_look.actions.contains(action));
        }
        self.warn(&plan);
        report.expects(stores, &plan.actions);
        if plan.actions.is_empty() {
            return Ok(());
        }
        let batch_no = 1 + stores.iter().map(|store| store.snapshot.last_batch).max().unwrap_or(0);
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
            keep_statements: false,
            migration_timeout: config.migration_timeout,
        };
        self.carry_out(stores, &plan.actions, stamp, report, Some((&claim, config)))
    }

    /// `leases` says who holds the stores; nobody in a rehearsal.
    pub(crate) fn carry_out(
        &mut self,
        stores: &mut [Reached],
        actions: &[Action],
        mut stamp: Stamp,
        report: &mut Report,
        leases: Option<(&Claim, &Config)>,
    ) -> Result<(), Error> {
        let of_stores: BTreeSet<usize> = actions.iter().map(|action| action.store_index).collect();
        self.reporter.event(&Event::Planned { count: actions.len(), stores: of_stores.len() });
        let mut last_ids: Vec<i64> = stores.iter().map(Reached::last_id).collect();
        let mut begun = BTreeSet::new();
        for action in actions {
            self.cancel.check()?;
            let index = action.store_index;
            if let (true, Some((claim, config))) = (begun.insert(index), leases) {
                let mut asking = asking(claim, config, &self.cancel, &mut self.reporter);
                reach::claim_again(stores, index, &mut asking)?;
            }
            let Action { store, name, direction, .. } = action;
            self.reporter.event(&Event::Started { store, name, direction: *direction });
            let reached = &mut stores[index];
            stamp.id = last_ids[index] + 1;
            let mut applied = reached.snapshot.applied.iter();
            stamp.applied = match direction {
                Direction::Up => None,
                Direction::Down => applied.find(|row| row.name == *name).cloned(),
            };
            let left = reached
                .snapshot
                .journal
                .iter()
                .filter(|row| row.name == *name && row.direction == *direction)
                .cloned()
                .collect();
            let carried = reached
                .session
                .carry_out(action.index, *direction, left, &stamp, &mut self.reporter)
                .map_err(|broken| {
                    explain::broken(broken, action, reached, &self.cancel, &report.again(*direction))
                })?;
            if *direction == Direction::Up {
                last_ids[index] = stamp.id;
            }
            self.reporter.event(&Event::Finished {
                store,
                name,
                direction: *direction,
                duration_ms: carried.duration_ms,
                statements: &carried.statements,
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
        by: format!("{} (process {})", lease::actor(), std::process::id()),
        environment: config.environment.name().to_owned(),
        strength: mode::strength,
    }
}

/// `fresh` removes everything: only where the environment is said to be development or test, or is
/// the default database of a development that nobody named.
pub(crate) fn check_fresh(request: &Request, config: &Config, stores: &[Reached]) -> Result<(), Error> {
    if *request != Request::Fresh {
        return Ok(());
    }
    let refused = |store: &str, message: String, hint: &str| {
        Err(Error::Refused(Box::new(Refusal {
            rule: Rule::Environment,
            store: store.to_owned(),
            names: Vec::new(),
            message,
            hint: hint.to_owned(),
        })))
    };
    let first = stores.first().map_or("main", |store| store.name.as_str());
    if !config.environment.is_relaxed() {
        return refused(
            first,
            format!("`fresh` removes everything in the database, and is not done in {}", config.environment),
            "`updown rollback --all` undoes the migrations one by one",
        );
    }
    if config.inferred
        && let Some(store) = stores.iter().find(|store| !config.is_fallback(&store.url))
    {
        return refused(
            &store.name,
            format!(
                "`fresh` removes everything in {}, and nobody said that this is development",
                crate::store::url::shown(&store.url)
            ),
            "say so: `ENV=development`",
        );
    }
    Ok(())
}

pub(crate) fn millis(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
