//! Migrations that took the place of others: how they stand in a store, and what becomes of the rows.

use std::collections::{HashMap, HashSet};

use super::{Replacement, Seen};
use crate::ledger::{Applied, Snapshot};
use crate::listed::Listed;

/// How a migration stands by what it replaces.
pub enum Replaces<'a> {
    /// It replaces nothing that is applied, or is applied itself.
    Nothing,
    /// All of it is applied: these rows, in the order of application.
    All(Vec<&'a Applied>),
    /// A part of it is; what is not.
    Part { applied: usize, lacking: Vec<&'a str> },
}

/// How one entry of a list stands in a store.
pub fn of<'a>(snapshot: &'a Snapshot, listed: &'a Listed) -> Replaces<'a> {
    // Most replace nothing.
    if listed.replaces.is_empty() || snapshot.applied.iter().any(|row| row.name == listed.name) {
        return Replaces::Nothing;
    }
    let replaced: HashSet<&str> = listed.replaces.iter().map(AsRef::as_ref).collect();
    let mut rows: Vec<&Applied> =
        snapshot.applied.iter().filter(|row| replaced.contains(row.name.as_str())).collect();
    if rows.is_empty() {
        return Replaces::Nothing;
    }
    if rows.len() == replaced.len() {
        rows.sort_by_key(|row| row.id);
        return Replaces::All(rows);
    }
    let applied: HashSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let lacking = listed.replaces.iter().map(AsRef::as_ref).filter(|name| !applied.contains(name));
    Replaces::Part { applied: rows.len(), lacking: lacking.collect() }
}

/// What is applied and has been replaced in the list, with what took its place: no reason to miss it.
pub fn replaced<'a>(snapshot: &Snapshot, listed: &'a [Listed]) -> HashMap<&'a str, &'a Listed> {
    let replacing = listed.iter().filter(|listed| !listed.replaces.is_empty());
    let open = replacing.filter(|listed| !snapshot.applied.iter().any(|row| row.name == listed.name));
    open.flat_map(|listed| listed.replaces.iter().map(move |name| (name.as_ref(), listed))).collect()
}

/// The entries of a list that are entered without being run.
pub fn replacements(store_index: usize, seen: &Seen<'_>) -> Vec<Replacement> {
    let each = seen.listed.iter().enumerate().filter_map(|(index, listed)| {
        let Replaces::All(rows) = of(seen.snapshot, listed) else { return None };
        Some(Replacement {
            store: seen.name.to_owned(),
            name: listed.name.to_string(),
            replaces: rows.iter().map(|row| row.name.clone()).collect(),
            store_index,
            index,
        })
    });
    each.collect()
}

/// What is applied, by the names that the list has for it, in the order of application.
#[cfg(feature = "cli")]
pub fn as_listed(snapshot: &Snapshot, listed: &[Listed]) -> Vec<String> {
    let mut rows: Vec<(i64, String)> =
        snapshot.applied.iter().map(|row| (row.id, row.name.clone())).collect();
    for entry in listed {
        if let Replaces::All(replaced) = of(snapshot, entry) {
            let gone: HashSet<i64> = replaced.iter().map(|row| row.id).collect();
            let last = gone.iter().max().copied().unwrap_or(0);
            rows.retain(|(id, _)| !gone.contains(id));
            rows.push((last, entry.name.to_string()));
        }
    }
    rows.sort();
    rows.into_iter().map(|(_, name)| name).collect()
}
