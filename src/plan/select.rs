//! Which migrations a request means.

use std::collections::{BTreeSet, HashSet};

use super::replace::{self, Replaces};
use super::{Seen, Selection};
use crate::error::Error;
use crate::fingerprint;
use crate::ledger::Applied;
use crate::listed::Listed;
use crate::migration::number_of;

/// The entries of the list that are not applied, and take the place of nothing that is; but for those that are
/// repeatable.
pub fn pending<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = usize> + use<'a> {
    let applied: HashSet<&str> = seen.snapshot.applied.iter().map(|row| row.name.as_str()).collect();
    seen.listed.iter().enumerate().filter_map(move |(index, listed)| {
        let is_pending = !listed.is_repeatable
            && !applied.contains(listed.name.as_ref())
            && !matches!(replace::of(seen.snapshot, listed), Replaces::All(_));
        is_pending.then_some(index)
    })
}

/// The repeatable ones of the list that are not applied, or not as they are now. A run that was interrupted in one is
/// to be finished, whatever its row says.
pub fn repeatable<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = usize> + use<'a> {
    let (differing, is_newer) = differing(seen);
    (0..seen.listed.len()).filter(move |index| {
        let listed = &seen.listed[*index];
        let is_begun = || seen.snapshot.journal.iter().any(|row| row.name == listed.name);
        let is_applied = || seen.snapshot.applied.iter().any(|row| row.name == listed.name);
        listed.is_repeatable && ((differing.contains(index) && !is_newer) || !is_applied() || is_begun())
    })
}

/// Those that are applied with another content and do not run again: in a database that is newer than this program,
/// what is there may be newer, too.
pub fn held_back(seen: &Seen<'_>) -> Vec<usize> {
    let (differing, is_newer) = differing(seen);
    if is_newer { differing } else { Vec::new() }
}

/// The repeatable ones that are applied with another content; and where there are any, whether the database has
/// migrations that the list lacks.
fn differing(seen: &Seen<'_>) -> (Vec<usize>, bool) {
    let differs = |listed: &Listed| {
        let row = seen.snapshot.applied.iter().find(|row| row.name == listed.name);
        row.is_some_and(|row| listed.runs_again(row))
    };
    let is_one = |index: &usize| seen.listed[*index].is_repeatable && differs(&seen.listed[*index]);
    let differing: Vec<usize> = (0..seen.listed.len()).filter(is_one).collect();
    let is_newer = !differing.is_empty() && !super::refuse::missing(seen).is_empty();
    (differing, is_newer)
}

/// Whether a row is of a repeatable migration, by the list, or where that does not have it by itself.
pub fn is_repeatable(seen: &Seen<'_>, row: &Applied) -> bool {
    match seen.listed.iter().find(|listed| listed.name == row.name) {
        Some(listed) => listed.is_repeatable,
        None => fingerprint::is_repeatable(&row.fingerprint),
    }
}

/// Whether what was typed means this migration: its name, or its number with or without `m`.
pub fn is_meant(typed: &str, name: &str) -> bool {
    typed == name
        || (number_of(typed).is_some() && !typed.contains('_') && number_of(typed) == number_of(name))
}

/// The entry of a list that is meant.
pub fn listed_named(stores: &[Seen<'_>], typed: &str) -> Result<(usize, usize), Error> {
    let mut found = stores.iter().enumerate().flat_map(|(store, seen)| {
        let meant = move |(index, name): (usize, &str)| is_meant(typed, name).then_some((store, index));
        seen.listed
            .iter()
            .map(|listed| listed.name.as_ref())
            .enumerate()
            .filter_map(meant)
            .collect::<Vec<_>>()
    });
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some((first, _)), Some((second, _))) => {
            Err(two_meanings(typed, stores[first].name, stores[second].name))
        }
        (None, _) => Err(unknown(
            typed,
            stores.iter().flat_map(|seen| seen.listed.iter().map(|listed| listed.name.as_ref())),
        )),
    }
}

/// The applied row that is meant, in one store.
pub fn applied_named<'a>(seen: &Seen<'a>, typed: &str) -> Option<&'a Applied> {
    seen.snapshot.applied.iter().find(|row| is_meant(typed, &row.name))
}

/// The last one of those whose place the one that is meant takes, where it is not entered for them yet.
pub fn last_replaced(stores: &[Seen<'_>], typed: &str) -> Option<String> {
    stores.iter().find_map(|seen| {
        let meant = seen.listed.iter().find(|listed| is_meant(typed, &listed.name))?;
        match replace::of(seen.snapshot, meant) {
            Replaces::All(rows) => rows.last().map(|row| row.name.clone()),
            _ => None,
        }
    })
}

fn one_applied<'a>(stores: &[Seen<'a>], typed: &str) -> Result<(usize, &'a Applied), Error> {
    let mut found = stores
        .iter()
        .enumerate()
        .filter_map(|(store, seen)| applied_named(seen, typed).map(|row| (store, row)));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some((first, _)), Some((second, _))) => {
            Err(two_meanings(typed, stores[first].name, stores[second].name))
        }
        (None, _) => {
            let pending =
                stores.iter().any(|seen| seen.listed.iter().any(|listed| is_meant(typed, &listed.name)));
            if pending {
                return Err(Error::usage(format!("{typed} is not applied"), "`updown status` shows what is"));
            }
            Err(unknown(
                typed,
                stores.iter().flat_map(|seen| seen.snapshot.applied.iter().map(|row| row.name.as_str())),
            ))
        }
    }
}

/// Whether anything but what is repeatable was applied after this one.
pub fn is_behind(stores: &[Seen<'_>], typed: &str) -> Result<bool, Error> {
    let (store, stays) = one_applied(stores, typed)?;
    let seen = &stores[store];
    Ok(seen.snapshot.applied.iter().any(|row| row.id > stays.id && !is_repeatable(seen, row)))
}

fn two_meanings(typed: &str, first: &str, second: &str) -> Error {
    Error::usage(
        format!("{typed} could mean a migration of store {first} or of store {second}"),
        format!("say which: `--store {first}`"),
    )
}

/// "Did you mean", by the whole name or by what stands behind the number.
pub fn unknown<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let bare = |name: &str| name.split_once('_').map_or(name, |(_, words)| words).to_owned();
    let near = names
        .map(|name| {
            let whole = strsim::jaro_winkler(typed, name);
            let words = strsim::jaro_winkler(&bare(typed), &bare(name));
            (if bare(name) == typed { 2.0 } else { whole.max(words) }, name)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8);
    Error::usage(
        format!("there is no migration {typed}"),
        match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => "`updown status` lists them".to_owned(),
        },
    )
}

type Row<'a> = (usize, &'a Applied);

/// What a rollback undoes, in order: the last store first, in each the newest first.
pub fn rollback<'a>(stores: &[Seen<'a>], selection: &Selection) -> Result<Vec<Row<'a>>, Error> {
    let newest_first = || {
        stores
            .iter()
            .enumerate()
            .rev()
            .flat_map(|(store, seen)| seen.snapshot.applied.iter().rev().map(move |row| (store, row)))
    };
    Ok(match selection {
        Selection::All => newest_first().collect(),
        Selection::LastBatch => runs(stores).next().unwrap_or_default(),
        Selection::Batch(batch) => one_batch(stores, *batch, newest_first().collect())?,
        Selection::Count(count) => runs(stores).flatten().take(*count).collect(),
        Selection::To(name) => {
            let (store, stays) = one_applied(stores, name)?;
            newest_first().filter(|(of, row)| *of == store && row.id > stays.id).collect()
        }
        Selection::Name(name) => vec![one_applied(stores, name)?],
    })
}

/// What is applied, run by run, the newest first; in a run the last store first, in each the newest first.
///
/// Batch numbers do not tell: a store that was migrated alone has counted for itself. Within a store the order of
/// application does, and across stores time, which is that of the machines that ran. So a run comes after another
/// one where any store says so, and by time where none has both.
fn runs<'a>(stores: &[Seen<'a>]) -> impl Iterator<Item = Vec<Row<'a>>> + use<'a> {
    let mut left: Vec<&'a [Applied]> = stores.iter().map(|seen| seen.snapshot.applied.as_slice()).collect();
    std::iter::from_fn(move || {
        let newest: Vec<&'a Applied> = left.iter().filter_map(|rows| rows.last()).collect();
        // In no store does anything stand behind it.
        let is_last = |run: &str| {
            let has_run = |rows: &&&[Applied]| rows.iter().rev().any(|row| row.run_id == run);
            left.iter().filter(has_run).all(|rows| rows.last().is_some_and(|last| last.run_id == run))
        };
        let candidates = newest.iter().filter(|row| is_last(&row.run_id));
        // Always one, as long as a run holds all of its stores at once.
        let chosen = candidates.max_by_key(|row| &row.applied_at).or(newest.first())?;
        let run_id = chosen.run_id.clone();
        let mut run = Vec::new();
        for (store, rows) in left.iter_mut().enumerate().rev() {
            while let Some((last, before)) = rows.split_last().filter(|(last, _)| last.run_id == run_id) {
                run.push((store, last));
                *rows = before;
            }
        }
        Some(run)
    })
}

/// A number that two runs have, each in stores of its own, is none that one could mean.
fn one_batch<'a>(stores: &[Seen<'a>], batch: i64, newest_first: Vec<Row<'a>>) -> Result<Vec<Row<'a>>, Error> {
    let chosen: Vec<Row<'a>> =
        newest_first.iter().filter(|(_, row)| row.batch_no == batch).copied().collect();
    if chosen.is_empty() {
        let batches: BTreeSet<i64> = newest_first.iter().map(|(_, row)| row.batch_no).collect();
        let batches: Vec<String> = batches.iter().map(i64::to_string).collect();
        return Err(Error::usage(
            format!("nothing is applied in batch {batch}"),
            if batches.is_empty() {
                "nothing is applied at all".to_owned()
            } else {
                format!("these batches are: {}", batches.join(", "))
            },
        ));
    }
    let mut runs: Vec<(&str, BTreeSet<usize>)> = Vec::new();
    for (store, row) in chosen.iter().rev() {
        match runs.iter_mut().find(|(run, _)| *run == row.run_id) {
            Some((_, of)) => drop(of.insert(*store)),
            None => runs.push((&row.run_id, BTreeSet::from([*store]))),
        }
    }
    if runs.len() == 1 {
        return Ok(chosen);
    }
    let each = |what: &str, with: &str| {
        let each = runs.iter().map(|(_, of)| {
            let names: Vec<String> =
                of.iter().map(|store| format!("{what}{}", stores[*store].name)).collect();
            names.join(with)
        });
        each.collect::<Vec<_>>()
    };
    Err(Error::usage(
        format!("batch {batch} could be a run in {}", each("", " and ").join(", or another one in ")),
        format!("say which: `{}`", each("--store ", " ").join("`, or `")),
    ))
}
