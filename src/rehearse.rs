//! A dry run: what a request would do, really done, and undone again.

use std::time::Instant;

use crate::config::Config;
use crate::error::Error;
use crate::execute::{Stamp, millis};
use crate::migrator::{Migrator, check_fresh};
use crate::plan::{Action, Replacement, Request};
use crate::reach::{self, Reached};
use crate::report::{Event, Report, Reporter, Skipped};
use crate::standing::Asked;

impl Migrator {
    /// Carries `request` out and undoes it again: in one transaction, where every statement really
    /// runs. At the first migration in steps it stops; the rest is listed as not rehearsed. The
    /// database is left without a trace: no ledger, no new file.
    ///
    /// On ScyllaDB and Cassandra nothing runs: the statements are recorded, and their syntax is checked.
    ///
    /// # Errors
    /// As [`Migrator::run`].
    pub fn dry_run(&mut self, request: &Request) -> Result<Report, Error> {
        self.told(request, true, |migrator| migrator.rehearse_request(request))
    }

    fn rehearse_request(&mut self, request: &Request) -> Result<Report, Error> {
        let began = Instant::now();
        let timeout = self.config()?.timeout;
        let _limited = self.cancel.limit_run(timeout);
        let (config, mut stores, skipped) = self.open(request)?;
        check_fresh(request, &config, &stores)?;
        reach::check_environment(&stores, &config)?;
        let plan = reach::make_plan(&stores, request, &config)?;
        #[cfg(feature = "schema")]
        crate::preview::check(&mut stores, &plan.actions, request, crate::preview::By::Tables)?;
        self.warn(&plan);
        for Replacement { name, replaces, .. } in &plan.replacements {
            let message =
                format!("{name} would be entered in the place of {} that are applied", replaces.len());
            self.reporter.event(&Event::Note { message: &message });
        }
        let asked = Asked::of(request, &config);
        let mut report = Report { skipped, asked, dry_run: true, ..Report::default() };
        let first_in_steps = plan
            .actions
            .iter()
            .position(|action| action.in_steps && !stores[action.store_index].session.is_journaled())
            .unwrap_or(plan.actions.len());
        let (rehearsed, left) = plan.actions.split_at(first_in_steps);
        for (at, action) in left.iter().enumerate() {
            report.not_rehearsed.push(Skipped {
                name: action.name.clone(),
                because: match at {
                    0 => "it runs in steps, outside a transaction".to_owned(),
                    _ => format!("it comes after {}", left[0].name),
                },
            });
        }
        for action in &plan.actions {
            let store = &stores[action.store_index];
            if let Some(holder) = store.holder() {
                return Err(Error::locked(&store.name, Some(holder)));
            }
        }
        let ended = self.rehearse(&mut stores, rehearsed, &config, &mut report);
        for store in &mut stores {
            let _ = store.session.end_rehearsal();
        }
        ended.map_err(|error| error.with_report(&report))?;
        report.duration_ms = millis(began);
        Ok(report)
    }

    fn rehearse(
        &mut self,
        stores: &mut [Reached],
        actions: &[Action],
        config: &Config,
        report: &mut Report,
    ) -> Result<(), Error> {
        for (index, store) in stores.iter_mut().enumerate() {
            let mut of_store = actions.iter().filter(|action| action.store_index == index).peekable();
            if of_store.peek().is_none() {
                continue;
            }
            let off = of_store
                .find(|action| store.session.listed()[action.index].turns_foreign_keys_off(action.direction));
            if let Some(action) = off {
                self.reporter.event(&Event::Warning {
                    message: &format!(
                        "foreign keys are off in this rehearsal, since {} turns them off: what ON DELETE does is not rehearsed",
                        action.name
                    ),
                });
            }
            if store.session.is_journaled() {
                self.reporter.event(&Event::Note {
                    message: &format!(
                        "nothing is carried out on store {}, which has no transactions: its statements are listed, and the server \
                         was asked about their syntax",
                        store.name
                    ),
                });
                report.recorded.push(store.name.clone());
            }
            store.session.begin_rehearsal(off.is_some()).map_err(|error| Error::store(&store.name, error))?;
        }
        let stamp = Stamp {
            run_id: String::new(),
            batch_no: 0,
            by: String::new(),
            app_version: String::new(),
            id: 0,
            applied: None,
            before: None,
            keep_statements: true,
            migration_timeout: config.migration_timeout,
        };
        self.carry_out(stores, actions, stamp, report, config, None)
    }
}
