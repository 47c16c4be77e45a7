//! What stands where: how each store came out of a run, and the ways on from there.

use serde::Serialize;

use crate::config::Config;
use crate::error::{Error, StoreError};
use crate::ledger::Direction;
use crate::plan::{Action, Request, Selection};
use crate::reach::Reached;
use crate::report::{Done, Report, masked};

/// How one store came out of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoreReport {
    /// The store.
    pub name: String,
    /// How it came out.
    pub standing: Standing,
    /// How many migrations the run applied in it.
    pub applied: usize,
    /// How many it rolled back.
    pub rolled_back: usize,
    /// What the run would still have done in it, in order. Where a migration failed, it is the first.
    pub left: Vec<Action>,
    /// Why it was not reached, or not any more; why the run ended before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// How a store came out of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// All that was to be done in it is done; that may have been nothing.
    Done,
    /// A migration failed, and nothing of it stays.
    Failed,
    /// A migration in steps failed or was stopped, and the steps that were finished stay.
    HalfDone,
    /// The run ended before it came to what is left.
    Left,
    /// It could not be reached, or not any more.
    NotReached,
}

/// Why a store could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unreachable {
    /// Why.
    pub because: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Unreachable {
    /// Without the store's name, which stands beside it.
    pub(crate) fn of(error: &Error) -> Self {
        Self { because: masked(&error.reason()), hint: error.hint() }
    }
}

impl StoreReport {
    pub(crate) fn new(name: &str, left: Vec<Action>) -> Self {
        let standing = if left.is_empty() { Standing::Done } else { Standing::Left };
        Self { name: name.to_owned(), standing, applied: 0, rolled_back: 0, left, because: None }
    }

    pub(crate) fn not_reached(name: &str, because: String) -> Self {
        Self { standing: Standing::NotReached, because: Some(because), ..Self::new(name, Vec::new()) }
    }

    fn forget(&mut self, action: &Action) {
        if let Some(at) = self.left.iter().position(|left| left == action) {
            self.left.remove(at);
        }
        if self.left.is_empty() {
            self.standing = Standing::Done;
        }
    }
}

/// What a run was asked for, to say how it is asked for again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub request: Option<Request>,
    pub only: Vec<String>,
}

impl Asked {
    pub fn of(request: &Request, config: &Config) -> Self {
        Self { request: Some(request.clone()), only: config.only.clone() }
    }
}

impl Report {
    /// All that the plan says is still to be done.
    pub(crate) fn expects(&mut self, stores: &[Reached], actions: &[Action]) {
        let of = |index: usize| actions.iter().filter(move |action| action.store_index == index).cloned();
        let each = stores.iter().enumerate();
        self.stores = each.map(|(index, store)| StoreReport::new(&store.name, of(index).collect())).collect();
    }

    fn store(&mut self, name: &str) -> Option<&mut StoreReport> {
        self.stores.iter_mut().find(|store| store.name == name)
    }

    pub(crate) fn has_done(&mut self, action: &Action, done: Done) {
        if let Some(store) = self.store(&action.store) {
            store.forget(action);
            match action.direction {
                Direction::Up => store.applied += 1,
                Direction::Down => store.rolled_back += 1,
            }
        }
        match action.direction {
            Direction::Up => self.applied.push(done),
            Direction::Down => self.rolled_back.push(done),
        }
    }

    /// What the error says of the store that the run ended in. That is looked at once more: whether a part of a
    /// migration stays is in its journal.
    pub(crate) fn ended(&mut self, error: &Error, stores: &mut [Reached]) {
        let several = self.stores.len() > 1;
        let at = match error {
            Error::Failed(failure) => Some(failure.store.clone()),
            Error::Backup(failure) => Some(failure.store.clone()),
            Error::Store { store, .. } | Error::Locked { store, .. } => Some(store.clone()),
            _ => self.stores.iter().find(|store| !store.left.is_empty()).map(|store| store.name.clone()),
        };
        let Some(store) = at.as_deref().and_then(|name| self.store(name)) else { return };
        match error {
            Error::Failed(_) => store.standing = Standing::Failed,
            Error::Store { source, .. } => {
                store.because = Some(masked(&source.to_string()));
                if matches!(**source, StoreError::Lost(_) | StoreError::Open { .. }) {
                    store.standing = Standing::NotReached;
                    return;
                }
            }
            Error::Backup(failure) => store.because = Some(failure.why.clone()),
            Error::Locked { .. } | Error::TimedOut { .. } => store.because = Some(error.to_string()),
            _ => {}
        }
        if let (true, Some(reached)) = (several, stores.iter_mut().find(|reached| reached.name == store.name))
            && let Some(first) = store.left.first()
            && reached.look().is_ok()
            && reached.snapshot.journal.iter().any(|row| row.name == first.name)
        {
            store.standing = Standing::HalfDone;
        }
    }

    /// The command that goes on from here; by what it was asked for, and what of that is done.
    pub(crate) fn again(&self, direction: Direction) -> String {
        let words = match (&self.asked.request, direction) {
            (Some(Request::Migrate { to: Some(to), .. }), _) => format!("migrate --to {to}"),
            (Some(Request::Migrate { count: Some(count), .. }), _) => {
                format!("migrate --step {}", count.saturating_sub(self.applied.len()))
            }
            (Some(Request::Rollback(Selection::Count(count))), _) => {
                format!("rollback --step {}", count.saturating_sub(self.rolled_back.len()))
            }
            (Some(Request::Rollback(selection)), _) => format!("rollback{}", option(selection)),
            (Some(Request::Goto(name)), _) => format!("goto {name}"),
            (_, Direction::Up) => "migrate".to_owned(),
            (_, Direction::Down) => "rollback".to_owned(),
        };
        format!("updown {words}{}", options(self.asked.only.iter()))
    }

    /// The other way on from a run over several stores that came to an end in the middle.
    pub(crate) fn way_on(&self) -> Option<String> {
        if self.stores.len() < 2 {
            return None;
        }
        if self.is_empty() {
            return self.without_the_unreached();
        }
        // What is half done has to be finished, or settled, before its store goes the other way.
        let goes_up = !self.applied.is_empty();
        let is_ready = |store: &&StoreReport| {
            let done = if goes_up { store.applied } else { store.rolled_back };
            done > 0 && store.standing != Standing::HalfDone
        };
        let ready: Vec<&String> = self.stores.iter().filter(is_ready).map(|store| &store.name).collect();
        if ready.is_empty() {
            return None;
        }
        let troubled = |store: &StoreReport| {
            matches!(store.standing, Standing::HalfDone | Standing::NotReached)
                && !ready.contains(&&store.name)
        };
        let alone = !self.asked.only.is_empty() || self.stores.iter().any(troubled);
        let stores = options(ready.into_iter().filter(|_| alone));
        Some(if goes_up {
            let batch = self.batch_no.unwrap_or_default();
            format!("`updown rollback --batch {batch}{stores}` undoes what this run has applied")
        } else {
            format!("`updown migrate{stores}` applies again what was rolled back")
        })
    }

    /// Nothing was done, since a store could not be reached.
    fn without_the_unreached(&self) -> Option<String> {
        let is_away = |store: &&StoreReport| store.standing == Standing::NotReached;
        let away: Vec<&str> = self.stores.iter().filter(is_away).map(|store| store.name.as_str()).collect();
        let others = self.stores.iter().filter(|store| !is_away(store)).map(|store| &store.name);
        let others = options(others);
        if away.is_empty() || others.is_empty() {
            return None;
        }
        let asked = Self { asked: Asked { only: Vec::new(), ..self.asked.clone() }, ..Self::default() };
        let words = match &self.asked.request {
            Some(Request::Redo(selection)) => format!("updown redo{}", option(selection)),
            Some(Request::Fresh) => "updown fresh".to_owned(),
            _ => asked.again(Direction::Up),
        };
        Some(format!("`{words}{others}` goes on without {}", away.join(" and ")))
    }
}

fn options<'a>(stores: impl Iterator<Item = &'a String>) -> String {
    stores.map(|name| format!(" --store {name}")).collect()
}

fn option(selection: &Selection) -> String {
    match selection {
        Selection::LastBatch => String::new(),
        Selection::Count(count) => format!(" --step {count}"),
        Selection::Batch(batch) => format!(" --batch {batch}"),
        Selection::To(name) => format!(" --to {name}"),
        Selection::Name(name) => format!(" --name {name}"),
        Selection::All => " --all".to_owned(),
    }
}
