//! A migration takes the place of those that it replaces: their rows in the ledger become its own, in one transaction,
//! and nothing runs.

use chrono::Utc;

use crate::config::Config;
use crate::error::Error;
use crate::lease::Claim;
use crate::ledger::{Applied, Attempt, Direction, Outcome, Snapshot, Write, timestamp};
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::plan::{Plan, Replacement, Request};
use crate::reach::{self, Reached};
use crate::report::{Event, Replaced, Report, Reporter};

/// By whom, and in which batch.
pub(crate) struct By<'a> {
    pub claim: &'a Claim,
    pub batch_no: i64,
}

impl Migrator {
    /// Under the leases of their stores. What is read of a store behind it is as it is then.
    pub(crate) fn replace(
        &mut self,
        stores: &mut [Reached],
        replacements: &[Replacement],
        by: &By<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        for replacement in replacements {
            self.cancel.check()?;
            let store = &mut stores[replacement.store_index];
            let listed = &store.session.listed()[replacement.index];
            let Some(writes) = rows(&store.snapshot, listed, replacement, by, &self.project.version) else {
                continue;
            };
            let failed = |error| Error::store(&replacement.store, error);
            store.session.record(&writes).map_err(failed)?;
            store.look().map_err(failed)?;
            let Replacement { store, name, replaces, .. } = replacement;
            self.reporter.event(&Event::Replaced { store, name, replaces });
            report.replaced.push(Replaced {
                store: store.clone(),
                name: name.clone(),
                replaces: replaces.clone(),
            });
        }
        Ok(())
    }

    /// The same at a start-up that migrates nothing: no body runs, and without it the next release would not know its
    /// own database.
    pub(crate) fn replace_alone(&mut self, config: &Config, report: &mut Report) -> Result<(), Error> {
        let request = Request::migrate();
        let (config_now, mut stores, _) = self.open(&request)?;
        debug_assert_eq!(config_now.service, config.service);
        reach::check_environment(&stores, config)?;
        let ended = self.replace_claimed(&mut stores, &request, config, report);
        reach::release(&mut stores);
        ended
    }

    fn replace_claimed(
        &mut self,
        stores: &mut [Reached],
        request: &Request,
        config: &Config,
        report: &mut Report,
    ) -> Result<(), Error> {
        let of = |stores: &[Reached]| reach::make_plan(stores, request, config).map(|plan| plan.replacements);
        let wanted = Plan { replacements: of(stores)?, ..Plan::default() }.stores();
        let wanted: Vec<usize> = wanted.into_iter().collect();
        let mut still_wanted = |stores: &[Reached]| Ok(!of(stores)?.is_empty());
        let Some(claim) = self.claim_stores(stores, &wanted, config, &mut still_wanted)? else {
            return Ok(());
        };
        let mut replacements = of(stores)?;
        replacements.retain(|replacement| stores[replacement.store_index].claimed.is_some());
        let batch_no = 1 + stores.iter().map(|store| store.snapshot.last_batch).max().unwrap_or(0);
        self.replace(stores, &replacements, &By { claim: &claim, batch_no }, report)
    }
}

/// The row of a migration that is applied by somebody's word: in the place of those that it replaces, of which a part
/// may be there.
pub(crate) fn entered(snapshot: &Snapshot, listed: &Listed, row: Applied) -> Write {
    let replaced = |there: &&Applied| listed.replaces.iter().any(|name| **name == *there.name);
    match snapshot.applied.iter().filter(replaced).map(|there| there.id).max() {
        None => Write::Apply(row),
        Some(id) => Write::Replace {
            names: snapshot.applied.iter().filter(replaced).map(|there| there.name.clone()).collect(),
            by: Applied { id, ..row },
        },
    }
}

/// The row keeps what is true of the last one that it replaces: its place in the order of application, when that was,
/// and the batch that a rollback would mean.
fn rows(
    snapshot: &Snapshot,
    listed: &Listed,
    replacement: &Replacement,
    by: &By<'_>,
    version: &str,
) -> Option<Vec<Write>> {
    let replaced = |row: &&Applied| replacement.replaces.contains(&row.name);
    let last = snapshot.applied.iter().filter(replaced).max_by_key(|row| row.id)?;
    let hash = listed.hash();
    let row = Applied {
        name: replacement.name.clone(),
        hash: hash.clone(),
        fingerprint: listed.fingerprint(),
        duration_ms: snapshot.applied.iter().filter(replaced).map(|row| row.duration_ms).sum(),
        ..last.clone()
    };
    Some(vec![
        Write::Replace { names: replacement.replaces.clone(), by: row },
        Write::Attempt(Attempt {
            name: replacement.name.clone(),
            direction: Direction::Up,
            outcome: Outcome::Squashed,
            at: timestamp(Utc::now()),
            batch_no: by.batch_no,
            run_id: by.claim.owner.clone(),
            duration_ms: 0,
            hash,
            by: by.claim.by.clone(),
            app_version: version.to_owned(),
            detail: Some(format!("in the place of {}", replacement.replaces.join(", "))),
            before: None,
        }),
    ])
}
