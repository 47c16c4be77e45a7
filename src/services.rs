//! Every service that shares the databases of a project: what the ledgers say of each.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Config;
use crate::error::{Error, Refusal, Rule};
use crate::inspect;
use crate::ledger::{Holder, OfService};
use crate::migrator::Migrator;
use crate::plan::Request;
use crate::reach::Reached;
use crate::report::Skipped;
use crate::standing::Unreachable;

/// Every service in every store, and how it stands.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Services {
    /// By service, then in the order in which the stores run.
    pub services: Vec<ServiceStatus>,
    /// The stores that could not be asked, and why.
    pub unreachable: BTreeMap<String, Unreachable>,
    /// The stores that are not configured, and need not be.
    pub skipped: Vec<Skipped>,
}

/// One service in one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceStatus {
    /// Its name; empty where there is only one.
    pub service: String,
    /// The store.
    pub store: String,
    /// What was applied last.
    pub current: Option<String>,
    /// How many migrations are applied.
    pub applied: usize,
    /// How many would be applied. Only the program that has the list knows: `None` for other services.
    pub pending: Option<usize>,
    /// Of how many the last attempt failed.
    pub failed: usize,
    /// When one was applied last, in UTC.
    pub last_applied_at: Option<String>,
    /// Who holds the lease.
    pub holder: Option<Holder>,
}

impl ServiceStatus {
    fn new(store: &str, of: OfService, pending: Option<usize>) -> Self {
        let last = of.snapshot.newest();
        Self {
            service: of.service,
            store: store.to_owned(),
            current: last.map(|row| row.name.clone()),
            applied: of.snapshot.applied.len(),
            pending,
            failed: of.failures.len(),
            last_applied_at: last.map(|row| row.applied_at.clone()),
            holder: of.snapshot.holder,
        }
    }
}

impl Migrator {
    /// Every service that has something in the ledgers of the stores, beside the project's own. Writes nothing.
    ///
    /// # Errors
    /// As [`Migrator::status`].
    pub fn services(&mut self) -> Result<Services, Error> {
        let config = self.config()?;
        let mut found = self.find()?;
        let skipped = std::mem::take(&mut found.skipped);
        let ask = |store: &mut Reached| Ok(Ok(services_of(store, &config)?));
        let each = found.map(ask, |name, unreachable| Err((name, unreachable)))?;
        let mut all = Services { services: Vec::new(), unreachable: BTreeMap::new(), skipped };
        for store in each {
            match store {
                Ok(services) => all.services.extend(services),
                Err((name, unreachable)) => drop(all.unreachable.insert(name, unreachable)),
            }
        }
        // Stable: the stores stay in their order.
        all.services.sort_by(|a, b| a.service.cmp(&b.service));
        Ok(all)
    }
}

fn services_of(store: &mut Reached, config: &Config) -> Result<Vec<ServiceStatus>, Error> {
    let services = store.session.services().map_err(|error| Error::store(&store.name, error))?;
    let own = services.iter().find(|of| of.service == config.service);
    let failures = own.map(|of| of.failures.clone()).unwrap_or_default();
    let pending = inspect::status_of(store, &failures, &config.root).pending;
    let mut rows: Vec<ServiceStatus> = Vec::new();
    if own.is_none() {
        let (service, snapshot) = (config.service.clone(), store.snapshot.clone());
        rows.push(ServiceStatus::new(&store.name, OfService { service, snapshot, failures }, Some(pending)));
    }
    rows.extend(services.into_iter().map(|of| {
        let pending = (of.service == config.service).then_some(pending);
        ServiceStatus::new(&store.name, of, pending)
    }));
    Ok(rows)
}

/// `fresh` removes everything in the database, and cannot tell whose it is: not under a service that is just
/// migrating, and not what other services have applied, unless that is meant.
pub fn check_fresh(request: &Request, config: &Config, stores: &mut [Reached]) -> Result<(), Error> {
    if *request != Request::Fresh {
        return Ok(());
    }
    for store in stores {
        let mut others = store.session.services().map_err(|error| Error::store(&store.name, error))?;
        others.retain(|of| of.service != config.service);
        if let Some(holder) = others.iter().find_map(|of| of.snapshot.holder.clone()) {
            return Err(Error::locked(&store.name, Some(holder)));
        }
        let has_applied = |of: &&OfService| !of.snapshot.applied.is_empty();
        let names: Vec<String> =
            others.iter().filter(has_applied).map(|of| shown(&of.service).to_owned()).collect();
        if !names.is_empty() && !config.erases_other_services {
            return Err(Error::Refused(Box::new(Refusal {
                rule: Rule::OtherServices,
                store: store.name.clone(),
                message: format!(
                    "`fresh` removes everything in the database of store {}, and with it what {} has applied there",
                    store.name,
                    names.join(", ")
                ),
                hint: "`updown rollback --all` undoes the migrations of this service alone; where everything is meant, \
                       `updown fresh --all-services`"
                    .to_owned(),
                names,
            })));
        }
    }
    Ok(())
}

/// The name of a service for people, also where it has none.
pub fn shown(service: &str) -> &str {
    if service.is_empty() { "(default)" } else { service }
}
