//! `updown adopt`: a database that another tool has migrated is taken over, by what that tool's ledger says.

mod matched;
mod refused;
mod report;
mod request;
mod rows;

use std::time::Instant;

use crate::config::Config;
use crate::error::{Error, StoreError};
use crate::lease::Claim;
use crate::ledger::{self, Foreign, Holder, Kept, LEDGER, Outcome, Snapshot, Texts, Write};
use crate::listed::Listed;
use crate::migrator::{Migrator, claim_for};
use crate::reach::{self, Pause, Reached};
use crate::report::{Event, Reporter};
use crate::store::{Taken, Takeover, Undone};

pub use report::{AdoptUndone, AdoptUndoneStore, Adopted, AdoptedMigration, AdoptedStore};
use request::From;
pub use request::{Adopt, Dirty};

/// More attempts than any history of a ledger that was only taken over has.
const ALL: usize = 2_147_483_647;

/// What is to be done with a store.
enum Todo {
    /// Nothing: no ledger of another tool is in it that is meant.
    Nothing,
    /// Nothing any more.
    Already(AdoptedStore),
    Adopt(Foreign),
}

impl Migrator {
    /// Takes databases over that another tool has migrated: what its ledger has is entered in ours as applied, in one
    /// transaction for each store where the database has them, and the tool's own table is left as it is, or renamed
    /// where ours needs the name. Nothing is run. Afterwards [`Migrator::run`] applies what is new.
    ///
    /// # Errors
    /// [`Error::Refused`] where a migration that is recorded there is not in the list, or dirty, or our own ledger has
    /// something already; [`Error::Usage`] where there is no ledger of another tool, or several; [`Error::Locked`]
    /// while a run is under way. Then nothing was written.
    pub fn adopt(&mut self, adopt: &Adopt) -> Result<Adopted, Error> {
        let config = self.config()?;
        let dry_run = adopt.dry_run || config.dry_run;
        let mut stores = self.open_to_adopt(&config)?;
        if !dry_run {
            // What was decided before it was interrupted.
            self.finish(&config, &mut stores)?;
        }
        if adopt.from == Some(From::Nothing) {
            if let Some(table) = &adopt.table {
                return Err(refused::nothing_and(table));
            }
            return self.begin_beside(&mut stores, &config, dry_run);
        }
        let mut todo = todo(&mut stores, adopt)?;
        let mut adopted = Adopted { dry_run, stores: Vec::new() };
        // All that can be refused is refused before anything is written.
        for (store, todo) in stores.iter_mut().zip(&mut todo) {
            adopted.stores.extend(preview(store, todo, adopt, &config)?);
        }
        if dry_run {
            return Ok(adopted);
        }
        adopted.stores.clear();
        for (store, todo) in stores.iter_mut().zip(todo) {
            adopted.stores.extend(match todo {
                Todo::Nothing => None,
                Todo::Already(already) => Some(already),
                Todo::Adopt(from) => Some(self.take_over(store, from, adopt, &config)?),
            });
        }
        Ok(adopted)
    }

    /// Undoes that: our ledger goes, and the other tool's table has its name again.
    ///
    /// # Errors
    /// [`Error::Refused`] where something was applied, rolled back or settled since; [`Error::Usage`] where nothing
    /// was taken over; [`Error::Locked`] while a run is under way.
    pub fn undo_adopt(&mut self) -> Result<AdoptUndone, Error> {
        let config = self.config()?;
        let mut stores = self.open_to_adopt(&config)?;
        for store in stores.iter_mut().filter(|store| store.snapshot.exists) {
            let history = store.session.history(ALL).map_err(|error| Error::store(&store.name, error))?;
            let is_adopted = history.iter().any(|attempt| attempt.outcome == Outcome::Adopted);
            let since = ledger::Since { history, ..ledger::Since::default() };
            if let Err(kept @ Kept::Worked(_)) = since.undoing()
                && is_adopted
            {
                return Err(refused::kept(&store.name, kept));
            }
        }
        let mut undone = AdoptUndone::default();
        let mut kept = None;
        for store in &mut stores {
            match self.undo_store(store, &config)? {
                Ok(done) => undone.stores.push(done),
                Err(Kept::NotAdopted) => kept = kept.or(Some(store.name.clone())),
                Err(other) => return Err(refused::kept(&store.name, other)),
            }
        }
        match kept {
            Some(name) if undone.stores.is_empty() => Err(refused::kept(&name, Kept::NotAdopted)),
            _ => Ok(undone),
        }
    }

    fn open_to_adopt(&mut self, config: &Config) -> Result<Vec<Reached>, Error> {
        let found = reach::open_whosever(&self.project, config, &self.cancel, &self.reporter)?;
        let mut stores = found.each()?;
        stores.iter_mut().try_for_each(look)?;
        reach::check_environment(&stores, config)?;
        Ok(stores)
    }

    /// A ledger of our own beside what is there, which is of something else.
    fn begin_beside(
        &mut self,
        stores: &mut [Reached],
        config: &Config,
        dry_run: bool,
    ) -> Result<Adopted, Error> {
        let mut adopted = Adopted { dry_run, stores: Vec::new() };
        for index in 0..stores.len() {
            let store = &mut stores[index];
            let pending = |store: &Reached| {
                let is_pending =
                    |listed: &&Listed| store.snapshot.applied.iter().all(|row| row.name != listed.name);
                store
                    .session
                    .listed()
                    .iter()
                    .filter(is_pending)
                    .map(|listed| listed.name.to_string())
                    .collect()
            };
            let already = store.snapshot.exists && store.snapshot.environment.is_some();
            let name = store.name.clone();
            adopted.stores.push(AdoptedStore {
                already,
                pending: pending(store),
                ..AdoptedStore::empty(&name)
            });
            if !already && !dry_run {
                let claimed = self.claim_store(stores, index, config);
                reach::release(stores);
                claimed?;
            }
        }
        Ok(adopted)
    }

    fn take_over(
        &mut self,
        store: &mut Reached,
        mut from: Foreign,
        adopt: &Adopt,
        config: &Config,
    ) -> Result<AdoptedStore, Error> {
        let claim = claim_for(config);
        let mut wait = Wait::new(config);
        loop {
            let of = Decision::of(store, adopt, config);
            let mut decided = None;
            let mut decide = |texts: Vec<Texts>, own: &Snapshot| -> Option<Vec<Write>> {
                let decision = of.by(&from, texts, own);
                let version = &self.project.version;
                let writes = decision
                    .as_ref()
                    .ok()
                    .map(|decision| decision.writes(&from, &of.listed, &claim, version));
                decided = Some(decision);
                writes
            };
            let mut takeover = Takeover { from: &from, claim: &claim, decide: &mut decide };
            let taken =
                store.session.adopt(&mut takeover).map_err(|error| Error::store(&store.name, error))?;
            let (holder, refused) = match (taken, decided) {
                (Taken::Done, Some(decision)) => return decision.map(|decision| decision.report),
                (Taken::Left, Some(Err(refused))) => (None, Some(refused)),
                (Taken::Held(holder), _) => (Some(holder), None),
                (_, _) => (None, None),
            };
            if refused.is_none() {
                wait.pause(&store.name, holder, self)?;
            }
            // Somebody else may have done it meanwhile.
            look(store)?;
            match (todo_of(store, adopt)?, refused) {
                (Todo::Already(already), _) => return Ok(already),
                (_, Some(refused)) => return Err(refused),
                (Todo::Adopt(now), None) => from = now,
                (Todo::Nothing, None) => return Err(refused::none(&[&store.name], &[], Some(from.tool))),
            }
        }
    }

    fn undo_store(
        &mut self,
        store: &mut Reached,
        config: &Config,
    ) -> Result<Result<AdoptUndoneStore, Kept>, Error> {
        let claim = claim_for(config);
        let mut wait = Wait::new(config);
        loop {
            let undone =
                store.session.undo_adoption(&claim).map_err(|error| Error::store(&store.name, error))?;
            let holder = match undone {
                Undone::Done(done) => {
                    return Ok(Ok(AdoptUndoneStore {
                        store: store.name.clone(),
                        tool: done.tool,
                        table: done.table,
                        migrations: done.count,
                    }));
                }
                Undone::Kept(kept) => return Ok(Err(kept)),
                Undone::Held(holder) => Some(holder),
                Undone::Busy => None,
            };
            wait.pause(&store.name, holder, self)?;
        }
    }
}

/// What would come of it. Somebody else may do it at the same time: then it is something else that is `todo`.
fn preview(
    store: &mut Reached,
    todo: &mut Todo,
    adopt: &Adopt,
    config: &Config,
) -> Result<Option<AdoptedStore>, Error> {
    loop {
        let from = match todo {
            Todo::Nothing => return Ok(None),
            Todo::Already(already) => return Ok(Some(already.clone())),
            Todo::Adopt(from) => from.clone(),
        };
        match store.session.foreign_rows(&from) {
            Ok(texts) => {
                let decision = Decision::of(store, adopt, config).by(&from, texts, &store.snapshot)?;
                return Ok(Some(decision.report));
            }
            Err(error) => {
                look(store)?;
                *todo = todo_of(store, adopt)?;
                if matches!(todo, Todo::Adopt(again) if *again == from) {
                    return Err(Error::store(&store.name, error));
                }
            }
        }
    }
}

/// Whosever ledger is there.
fn look(store: &mut Reached) -> Result<(), Error> {
    match store.look() {
        Ok(()) | Err(StoreError::ForeignLedger { .. }) => Ok(()),
        Err(error) => Err(Error::store(&store.name, error)),
    }
}

/// What is to be done with each.
fn todo(stores: &mut [Reached], adopt: &Adopt) -> Result<Vec<Todo>, Error> {
    let todo: Vec<Todo> = stores.iter_mut().map(|store| todo_of(store, adopt)).collect::<Result<_, _>>()?;
    if todo.iter().any(|todo| !matches!(todo, Todo::Nothing)) {
        return Ok(todo);
    }
    let mut there = Vec::new();
    for store in stores.iter_mut() {
        there.extend(store.session.foreign(None).map_err(|error| Error::store(&store.name, error))?);
    }
    // One of a tool that is not known: that is to be said.
    for store in stores.iter_mut().filter(|_| there.is_empty()) {
        store.look().map_err(|error| Error::store(&store.name, error))?;
    }
    let names: Vec<&str> = stores.iter().map(|store| store.name.as_str()).collect();
    if let Some(named) = &adopt.table {
        return Err(refused::not_named(&names, named));
    }
    let meant = adopt.from.and_then(|from| match from {
        From::Tool(tool) => Some(tool),
        From::Nothing => None,
    });
    Err(refused::none(&names, &there, meant))
}

fn todo_of(store: &mut Reached, adopt: &Adopt) -> Result<Todo, Error> {
    let failed = |error, name: &str| Error::store(name, error);
    if !store.snapshot.applied.is_empty() {
        let history = store.session.history(ALL).map_err(|error| failed(error, &store.name))?;
        if let Some((tool, table)) = ledger::taken_over(&history) {
            let is_meant = adopt.from.is_none_or(|from| from == From::Tool(tool));
            let is_its = |named: &String| {
                *named == table || named.split_once('.').is_some_and(|(_, name)| name == table)
            };
            if is_meant && adopt.table.as_ref().is_none_or(is_its) {
                let (tool, table) = (Some(tool), Some(table));
                return Ok(Todo::Already(AdoptedStore {
                    tool,
                    table,
                    already: true,
                    ..AdoptedStore::empty(&store.name)
                }));
            }
        }
    }
    // One of our own name is found without it, also where an interrupted run has given it another one.
    let (named, is_ours) = match adopt.table.as_deref() {
        Some(LEDGER) => (None, true),
        named => (named, false),
    };
    let mut there = store.session.foreign(named).map_err(|error| failed(error, &store.name))?;
    if there.is_empty() && named.is_none() {
        there.clone_from(&store.snapshot.foreign);
    }
    if is_ours {
        there.retain(Foreign::makes_room);
    }
    if let Some(From::Tool(tool)) = adopt.from {
        there.retain(|from| from.tool == tool);
    }
    match there.as_slice() {
        [] if store.snapshot.applied.is_empty() => {
            // Somebody else may have taken it over between the look at our ledger and the one at theirs.
            look(store)?;
            if store.snapshot.applied.is_empty() { Ok(Todo::Nothing) } else { todo_of(store, adopt) }
        }
        [] => Ok(Todo::Nothing),
        [only] => Ok(Todo::Adopt(only.clone())),
        several => Err(refused::several(&store.name, several)),
    }
}

/// By what it is decided what is written.
struct By<'a> {
    store: String,
    listed: Vec<Listed>,
    adopt: &'a Adopt,
    service: &'a str,
}

/// What is written, and said.
struct Decision {
    matches: Vec<matched::Match>,
    batch_no: i64,
    report: AdoptedStore,
}

impl Decision {
    fn of<'a>(store: &Reached, adopt: &'a Adopt, config: &'a Config) -> By<'a> {
        By {
            store: store.name.clone(),
            listed: store.session.listed().to_vec(),
            adopt,
            service: &config.service,
        }
    }

    fn writes(&self, from: &Foreign, listed: &[Listed], claim: &Claim, app_version: &str) -> Vec<Write> {
        let stamp = rows::Stamp { claim, app_version, batch_no: self.batch_no };
        rows::writes(from, &self.matches, listed, &stamp)
    }
}

impl By<'_> {
    /// By what both ledgers have.
    fn by(&self, from: &Foreign, texts: Vec<Texts>, own: &Snapshot) -> Result<Decision, Error> {
        let store = &self.store;
        if !own.applied.is_empty() {
            return Err(refused::not_empty(store, from, own.applied.len()));
        }
        if let Some(step) = own.journal.first() {
            return Err(refused::interrupted(store, &step.name));
        }
        let recorded = ledger::recorded(from.tool, texts, self.service)
            .map_err(|services| refused::services(store, from, &services))?;
        let matches = matched::matched(from.tool, recorded, &self.listed, self.adopt.dirty)
            .map_err(|unmatched| refused::unmatched(store, from, unmatched))?;
        let batch_no = own.last_batch + 1;
        let report = AdoptedStore::new(store, from, batch_no, &matches, &self.listed);
        Ok(Decision { matches, batch_no, report })
    }
}

/// Waiting for whoever is at work.
struct Wait {
    deadline: Instant,
    pause: Pause,
}

impl Wait {
    fn new(config: &Config) -> Self {
        Self { deadline: Instant::now() + config.wait_for_lock, pause: Pause::default() }
    }

    fn pause(&mut self, store: &str, holder: Option<Holder>, migrator: &mut Migrator) -> Result<(), Error> {
        if Instant::now() >= self.deadline {
            return Err(Error::locked(store, holder));
        }
        if self.pause.is_first() {
            let by = holder.as_ref().map_or("another connection", |holder| &holder.by);
            migrator.reporter.event(&Event::Waiting { store, by });
        }
        self.pause.take(&migrator.cancel).map_err(|error| error.waiting_for(store, holder))
    }
}
