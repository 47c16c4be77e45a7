//! The plan: what a request would do, computed from registries and ledgers without touching
//! anything. Everything that can be refused is refused here, before anything runs.

mod refuse;
pub mod replace;
mod select;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use select::{held_back, is_meant, pending, repeatable, unknown};
use serde::Serialize;

use crate::error::Error;
use crate::ledger::{Direction, Snapshot};
use crate::listed::Listed;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Apply what is pending: all of it, up to and with a migration, or so many.
    Migrate {
        /// Up to and with this one.
        to: Option<String>,
        /// At most so many.
        count: Option<usize>,
    },
    /// Undo.
    Rollback(Selection),
    /// Undo and apply again what the selection names.
    Redo(Selection),
    /// Migrate or roll back until exactly the migrations up to this one are applied.
    Goto(String),
    /// Remove everything in the databases and migrate. Development and test only.
    Fresh,
}

impl Request {
    /// All that is pending.
    pub const fn migrate() -> Self {
        Self::Migrate { to: None, count: None }
    }

    /// The newest run undone.
    pub const fn rollback() -> Self {
        Self::Rollback(Selection::LastBatch)
    }

    /// The command that asks for it.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Migrate { .. } => "migrate",
            Self::Rollback(_) => "rollback",
            Self::Redo(_) => "redo",
            Self::Goto(_) => "goto",
            Self::Fresh => "fresh",
        }
    }
}

/// Which applied migrations a rollback undoes; always in the reverse order of application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selection {
    /// What the newest run applied, in every store.
    LastBatch,
    /// The newest ones, so many.
    Count(usize),
    /// One batch.
    Batch(i64),
    /// All that was applied after this one, which stays.
    To(String),
    /// This one alone.
    Name(String),
    /// All.
    All,
}

/// One store as the plan sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    pub name: &'a str,
    pub listed: &'a [Listed],
    pub snapshot: &'a Snapshot,
}

/// What the circumstances allow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    /// Development or test.
    pub relaxed: bool,
    pub allow_out_of_order: bool,
    /// Not where a database that has more than the list is said and no error.
    pub refuses_newer: bool,
}

/// One migration that would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Action {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// Whether it runs outside a transaction, in steps.
    pub in_steps: bool,
    /// Whether it is a typed change, whose SQL can be shown.
    pub is_typed: bool,
    /// Whether it is a text of SQL or CQL, which can be shown as well.
    pub is_text: bool,
    #[serde(skip)]
    pub(crate) store_index: usize,
    #[serde(skip)]
    pub(crate) index: usize,
}

impl Action {
    pub(crate) fn new(
        store: &str,
        store_index: usize,
        listed: &[Listed],
        index: usize,
        direction: Direction,
    ) -> Self {
        let entry = &listed[index];
        Self {
            store: store.to_owned(),
            name: entry.name.to_string(),
            direction,
            in_steps: entry.in_steps(direction),
            is_typed: entry.is_typed(),
            is_text: entry.sql(direction).is_some(),
            store_index,
            index,
        }
    }
}

/// The stores that they are about, by index.
pub fn stores_of(actions: &[Action]) -> BTreeSet<usize> {
    actions.iter().map(|action| action.store_index).collect()
}

/// What a request would do, in order, and what there is to say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// In the order in which they would run.
    pub actions: Vec<Action>,
    /// What is entered in the place of others, before anything runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replacements: Vec<Replacement>,
    /// What stops nothing but should be known.
    pub warnings: Vec<String>,
    /// Of what would roll back, outside of development and test: the last backups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<crate::backup::TakenBackup>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.replacements.is_empty()
    }

    /// The stores that it is about, by index.
    pub(crate) fn stores(&self) -> BTreeSet<usize> {
        let replaced = self.replacements.iter().map(|replacement| replacement.store_index);
        stores_of(&self.actions).into_iter().chain(replaced).collect()
    }
}

/// A migration that took the place of others, all of which are applied: it is entered as applied, and not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Replacement {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// What it replaces, in the order of application.
    pub replaces: Vec<String>,
    #[serde(skip)]
    pub(crate) store_index: usize,
    #[serde(skip)]
    pub(crate) index: usize,
}

/// Computes the plan.
pub fn plan(stores: &[Seen<'_>], request: &Request, policy: Policy) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    match request {
        Request::Migrate { to, count } => migrate(stores, to.as_deref(), *count, policy, &mut plan)?,
        Request::Rollback(selection) => rollback(stores, selection, &mut plan)?,
        Request::Redo(selection) => {
            rollback(stores, selection, &mut plan)?;
            let again: Vec<Action> = plan
                .actions
                .iter()
                .rev()
                .map(|action| up(action.store_index, &stores[action.store_index], action.index))
                .collect();
            // Applied again in the order of the list, whatever order they were applied in before.
            let mut again = again;
            again.sort_by_key(|action| (action.store_index, action.index));
            plan.actions.extend(again);
        }
        Request::Goto(name) => {
            refuse::no_place(stores, name)?;
            let applied = stores.iter().any(|seen| select::applied_named(seen, name).is_some());
            if let Some(last) = select::last_replaced(stores, name) {
                rollback(stores, &Selection::To(last), &mut plan)?;
            // What is repeatable alone is no reason to go back.
            } else if applied && select::is_behind(stores, name)? {
                rollback(stores, &Selection::To(name.clone()), &mut plan)?;
            } else {
                migrate(stores, Some(name), None, policy, &mut plan)?;
            }
        }
        Request::Fresh => {
            for (store_index, seen) in stores.iter().enumerate() {
                for index in 0..seen.listed.len() {
                    plan.actions.push(up(store_index, seen, index));
                }
            }
        }
    }
    Ok(plan)
}

fn up(store_index: usize, seen: &Seen<'_>, index: usize) -> Action {
    Action::new(seen.name, store_index, seen.listed, index, Direction::Up)
}

fn migrate(
    stores: &[Seen<'_>],
    to: Option<&str>,
    count: Option<usize>,
    policy: Policy,
    plan: &mut Plan,
) -> Result<(), Error> {
    let target = match to {
        Some(name) => Some(select::listed_named(stores, name)?),
        None => None,
    };
    for (store_index, seen) in stores.iter().enumerate() {
        if target.is_some_and(|(store, _)| store != store_index) {
            continue;
        }
        refuse::unmigratable(seen, policy, &mut plan.warnings)?;
        plan.replacements.extend(replace::replacements(store_index, seen));
        let last = target.map_or(seen.listed.len(), |(_, index)| index + 1);
        let mut pending: Vec<usize> = select::pending(seen).collect();
        let all = pending.len();
        pending.retain(|index| *index < last);
        refuse::out_of_order(seen, &pending, policy, &mut plan.warnings)?;
        if pending.len() == all {
            // Whatever is meant, they may need all of it.
            let named = target.is_some_and(|(_, index)| seen.listed[index].is_repeatable);
            pending.extend(select::repeatable(seen).filter(|index| !named || *index < last));
            refuse::held_back(seen, &mut plan.warnings);
        }
        plan.actions.extend(pending.into_iter().map(|index| up(store_index, seen, index)));
    }
    if let Some(count) = count {
        plan.actions.truncate(count);
    }
    Ok(())
}

fn rollback(stores: &[Seen<'_>], selection: &Selection, plan: &mut Plan) -> Result<(), Error> {
    for (store_index, applied) in select::rollback(stores, selection)? {
        let seen = &stores[store_index];
        let Some(index) = refuse::irrevocable(seen, applied, &mut plan.warnings)? else { continue };
        plan.actions.push(Action::new(seen.name, store_index, seen.listed, index, Direction::Down));
    }
    if plan.actions.is_empty() {
        return Ok(());
    }
    for (store_index, seen) in stores.iter().enumerate() {
        match refuse::half_applied(seen) {
            Err(refusal) if plan.actions.iter().any(|action| action.store_index == store_index) => {
                return Err(refusal);
            }
            // It leaves nothing behind that was built on what goes.
            Err(refusal) => plan.warnings.push(format!("{refusal}; `updown migrate` goes on with it")),
            Ok(()) => {}
        }
    }
    Ok(())
}
