//! Which migrations a request means.

use std::collections::HashSet;

use super::{Seen, Selection};
use crate::error::Error;
use crate::ledger::Applied;
use crate::migration::number_of;

/// The entries of the list that are not applied.
pub fn pending<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = usize> + use<'a> {
    let applied: HashSet<&str> = seen.snapshot.applied.iter().map(|row| row.name.as_str()).collect();
    (0..seen.listed.len()).filter(move |index| !applied.contains(seen.listed[*index].name.as_ref()))
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

/// What a rollback undoes, in order: the last store first, in each the newest first.
pub fn rollback<'a>(stores: &[Seen<'a>], selection: &Selection) -> Result<Vec<(usize, &'a Applied)>, Error> {
    let newest_first = || {
        stores
            .iter()
            .enumerate()
            .rev()
            .flat_map(|(store, seen)| seen.snapshot.applied.iter().rev().map(move |row| (store, row)))
    };
    Ok(match selection {
        Selection::All => newest_first().collect(),
        Selection::LastBatch => {
            let newest = newest_first()
                .max_by(|(_, a), (_, b)| (a.batch_no, &a.applied_at).cmp(&(b.batch_no, &b.applied_at)));
            let Some((_, newest)) = newest else {
                return Ok(Vec::new());
            };
            newest_first().filter(|(_, row)| row.run_id == newest.run_id).collect()
        }
        Selection::Batch(batch) => {
            let chosen: Vec<_> = newest_first().filter(|(_, row)| row.batch_no == *batch).collect();
            if chosen.is_empty() {
                let mut batches: Vec<i64> = newest_first().map(|(_, row)| row.batch_no).collect();
                batches.sort_unstable();
                batches.dedup();
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
            chosen
        }
        Selection::Count(count) => {
            // Runs are the outer order: the last store of an older run comes after all of a newer one.
            let mut rows: Vec<_> = newest_first().collect();
            rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.batch_no));
            rows.truncate(*count);
            rows
        }
        Selection::To(name) => {
            let (store, stays) = one_applied(stores, name)?;
            newest_first().filter(|(of, row)| *of == store && row.id > stays.id).collect()
        }
        Selection::Name(name) => vec![one_applied(stores, name)?],
    })
}
