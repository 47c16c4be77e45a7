//! Scratch databases: where the migrations are tried out, away from every row that somebody needs.

use std::any::Any;

use crate::config::Config;
use crate::error::Error;
use crate::execute::{Carried, Stamp};
use crate::explain;
use crate::ledger::Direction;
use crate::migrator::Migrator;
use crate::plan::Action;
use crate::project::StoreKind;
use crate::reach::{self, Reached};
use crate::report::{Event, Reporter, Skipped};

/// A database that is gone when this is dropped.
pub struct ScratchDatabase {
    pub url: String,
    /// Removes it.
    pub _guard: Box<dyn Any>,
}

/// The stores that are meant, each on a database of its own that is empty.
pub struct OnScratch {
    pub stores: Vec<Reached>,
    config: Config,
    /// The stores that are not configured.
    pub skipped: Vec<Skipped>,
    /// Behind the stores, so that their connections are closed first.
    _databases: Vec<ScratchDatabase>,
}

impl Migrator {
    /// SQLite in memory, a new database on the server of the store's URL, or a new keyspace.
    pub(crate) fn on_scratch(&mut self) -> Result<OnScratch, Error> {
        let config = self.config()?;
        self.on_scratch_with(config)
    }

    /// The same for one store alone, by default the first one that is configured.
    #[cfg(feature = "cli")]
    pub(crate) fn on_one_scratch(&mut self, store: Option<&str>) -> Result<OnScratch, Error> {
        let config = self.config_of_one(store)?;
        self.on_scratch_with(config)
    }

    fn on_scratch_with(&mut self, mut config: Config) -> Result<OnScratch, Error> {
        let (meant, skipped) = reach::meant(&self.project, &config)?;
        let mut made = Vec::new();
        for store in &meant {
            let kind = self.project.stores.iter().find(|entry| entry.name == store.name);
            let Some(StoreKind::Registry { scratch: make, .. }) = kind.map(|entry| &entry.kind) else {
                continue;
            };
            let database = make(&store.url, config.environment.is_relaxed());
            made.push((store.name.to_owned(), database.map_err(|error| Error::store(store.name, error))?));
        }
        // There is no such schema in it.
        config.ledger_schema = None;
        for (name, database) in &made {
            config = config.url(name, &database.url);
        }
        let found = reach::open(&self.project, &config, &self.cancel, &self.reporter)?;
        let stores = found.each()?;
        let databases = made.into_iter().map(|(_, database)| database).collect();
        Ok(OnScratch { stores, config, skipped, _databases: databases })
    }

    /// Right before it is used: a lease does not last while another store is busy.
    pub(crate) fn claim_scratch(&mut self, scratch: &mut OnScratch, index: usize) -> Result<(), Error> {
        self.claim_store(&mut scratch.stores, index, &scratch.config).map(drop)
    }

    /// Carries one migration out on a scratch database.
    pub(crate) fn try_out(
        &mut self,
        store: &mut Reached,
        index: usize,
        direction: Direction,
    ) -> Result<(), Error> {
        self.try_out_with(store, index, direction, false).map(drop)
    }

    /// The same, with every statement that it sent.
    #[cfg(feature = "cli")]
    pub(crate) fn try_out_keeping(
        &mut self,
        store: &mut Reached,
        index: usize,
        direction: Direction,
    ) -> Result<Carried, Error> {
        self.try_out_with(store, index, direction, true)
    }

    fn try_out_with(
        &mut self,
        store: &mut Reached,
        index: usize,
        direction: Direction,
        keep_statements: bool,
    ) -> Result<Carried, Error> {
        self.cancel.check()?;
        store.look().map_err(|error| Error::store(&store.name, error))?;
        let listed = &store.session.listed()[index];
        let name = listed.name.to_string();
        let action = Action::new(&store.name, 0, store.session.listed(), index, direction);
        if direction == Direction::Up {
            crate::preview::check_one(store, &action)?;
        }
        let applied = store.snapshot.applied.iter().find(|row| row.name == name).cloned();
        let stamp = Stamp {
            run_id: "check".to_owned(),
            batch_no: 1,
            by: "updown check".to_owned(),
            app_version: String::new(),
            id: store.snapshot.last_id() + 1,
            applied: applied.filter(|_| direction == Direction::Down),
            before: None,
            keep_statements,
            migration_timeout: None,
        };
        self.reporter.event(&Event::Started {
            store: &store.name,
            name: &name,
            direction,
            service: "",
            batch_no: None,
        });
        store
            .session
            .carry_out(index, direction, Vec::new(), &stamp, &mut self.reporter)
            .map_err(|broken| explain::broken(broken, &action, store, &self.cancel, "updown check"))
    }
}
