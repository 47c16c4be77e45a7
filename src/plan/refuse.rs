//! What is refused, and what is only said, before anything runs.

use std::collections::HashSet;

use super::replace::{self, Replaces};
use super::select::{self, is_repeatable};
use super::{Policy, Seen};
use crate::error::{Error, Refusal, Rule};
use crate::ledger::{Applied, Direction};

fn refused(
    seen: &Seen<'_>,
    rule: Rule,
    names: Vec<String>,
    message: String,
    hint: impl Into<String>,
) -> Error {
    Error::Refused(Box::new(Refusal { rule, store: seen.name.to_owned(), names, message, hint: hint.into() }))
}

/// Another tool has migrated the database: all that it has applied would run again.
fn foreign(seen: &Seen<'_>) -> Result<(), Error> {
    let Some(foreign) = seen.snapshot.foreign.first() else { return Ok(()) };
    Err(refused(
        seen,
        Rule::ForeignLedger,
        Vec::new(),
        format!(
            "the database of store {} was migrated by {} ({}), and nothing of that is in our ledger: everything would run again",
            seen.name,
            foreign.tool.title(),
            foreign.table,
        ),
        "`updown adopt --dry-run` shows what it says, and `updown adopt` takes it over; where it is of something else, \
         `updown adopt --from none` begins a ledger beside it",
    ))
}

/// What stands against every migrate of this store: another tool's ledger, changed, missing, half rolled back.
pub fn unmigratable(seen: &Seen<'_>, policy: Policy, warnings: &mut Vec<String>) -> Result<(), Error> {
    foreign(seen)?;
    if let Some(row) = seen.snapshot.journal.iter().find(|row| row.direction == Direction::Down) {
        return Err(refused(
            seen,
            Rule::Interrupted,
            vec![row.name.clone()],
            format!("{} is half rolled back in store {}: a run was interrupted in it", row.name, seen.name),
            format!(
                "finish it with `updown rollback --name {0}`, or say what is true with `updown resolve {0} --rolled-back --reason \"…\"` (or `--applied`)",
                row.name
            ),
        ));
    }
    partly_replaced(seen)?;
    warnings.extend(gone(seen).into_iter().map(|row| {
        format!(
            "{0} is repeatable, and not in the list any more: what it made in store {1} stays as it is; \
             `updown resolve {0} --rolled-back --reason \"…\"` takes its row out of the ledger",
            row.name, seen.name
        )
    }));
    let changed = changed(seen);
    if !changed.is_empty() {
        return Err(refused(
            seen,
            Rule::Changed,
            changed.clone(),
            format!("{} changed after it was applied in store {}", list(&changed), seen.name),
            "put it back as it was and write a new migration; or, where the change had to be made, accept it once \
             for every database with `updown verify --accept`",
        ));
    }
    let missing = missing(seen);
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let names: Vec<String> = missing.iter().map(|row| row.name.clone()).collect();
    if is_newer(seen, &missing) {
        let message = format!(
            "the database of store {} is newer than this program: {} is applied, and not in the list",
            seen.name,
            list(&names)
        );
        if !policy.refuses_newer {
            warnings.push(message);
            return Ok(());
        }
        return Err(refused(
            seen,
            Rule::NewerDatabase,
            names,
            message,
            "run the newer program, or roll back with it before this one is used",
        ));
    }
    Err(refused(
        seen,
        Rule::Missing,
        names.clone(),
        format!("{} is applied in store {}, but not in the list", list(&names), seen.name),
        match replaced_since(seen, first) {
            Some((name, replaces)) => format!(
                "{name} replaces {replaces}: run a release first in which that is listed, then this one; or, where a \
                 module was removed by mistake, put it back"
            ),
            None => format!(
                "put the module back into the list; or, where it is gone for good, `updown resolve {} --rolled-back --reason \"…\"`",
                first.name
            ),
        },
    ))
}

/// What stands in the list for more than the database has met: a squash of a squash, of which it has neither; and the
/// first that it replaces.
fn replaced_since<'a>(seen: &Seen<'a>, row: &Applied) -> Option<(&'a str, &'a str)> {
    let is_applied = |name: &str| seen.snapshot.applied.iter().any(|row| row.name == name);
    let behind = seen.listed.iter().filter(|listed| listed.number() > crate::migration::number_of(&row.name));
    let mut open = behind.filter(|listed| !is_applied(&listed.name));
    open.find_map(|listed| Some((listed.name.as_ref(), listed.replaces.first()?.as_ref())))
}

/// What replaces others builds all that they do: it can neither be run where a part of it is there, nor be entered.
fn partly_replaced(seen: &Seen<'_>) -> Result<(), Error> {
    for listed in seen.listed {
        let Replaces::Part { applied, lacking } = replace::of(seen.snapshot, listed) else { continue };
        let count = listed.replaces.len();
        let last = listed.replaces.last().map_or("", AsRef::as_ref);
        let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
        let (is, are) = if names.len() == 1 { ("is", "") } else { ("are", " all") };
        return Err(refused(
            seen,
            Rule::PartlyReplaced,
            names.clone(),
            format!(
                "{} replaces {count} migrations, of which {applied} {} applied in store {}: {} {is} not",
                listed.name,
                if applied == 1 { "is" } else { "are" },
                seen.name,
                list(&names),
            ),
            format!(
                "run the release before this one first, in which they{are} are listed: `updown migrate --to {last}`; \
                 then this one"
            ),
        ));
    }
    Ok(())
}

/// Whether all that is `missing` stands behind the list's last entry, in name and in order of application.
fn is_newer(seen: &Seen<'_>, missing: &[&Applied]) -> bool {
    let last_listed =
        seen.listed.iter().rfind(|listed| !listed.is_repeatable).and_then(crate::listed::Listed::number);
    let is_versioned =
        |row: &&Applied| seen.listed.iter().any(|listed| listed.name == row.name && !listed.is_repeatable);
    let last_known = seen.snapshot.applied.iter().filter(is_versioned).map(|row| row.id).max();
    missing
        .iter()
        .all(|row| crate::migration::number_of(&row.name) > last_listed && Some(row.id) > last_known)
}

/// What does not run again, though it differs.
pub fn held_back(seen: &Seen<'_>, warnings: &mut Vec<String>) {
    warnings.extend(select::held_back(seen).into_iter().map(|index| {
        format!(
            "{} differs from what store {} has of it, and does not run again: the database is newer than this program",
            seen.listed[index].name, seen.name
        )
    }));
}

/// A repeatable one marks no place in the list that one could go to.
pub fn no_place(stores: &[Seen<'_>], typed: &str) -> Result<(), Error> {
    let mut listed = stores.iter().flat_map(|seen| seen.listed);
    match listed.find(|listed| listed.is_repeatable && listed.name == typed) {
        None => Ok(()),
        Some(_) => Err(Error::usage(
            format!("{typed} is repeatable: it runs behind all others, and marks no place to go to"),
            format!("`updown migrate` brings it up to date, `updown redo --name {typed}` runs it anew"),
        )),
    }
}

/// A pending one before an applied one: somebody else's branch was merged later.
pub fn out_of_order(
    seen: &Seen<'_>,
    pending: &[usize],
    policy: Policy,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let is_place = |listed: &crate::listed::Listed| !listed.is_repeatable && is_applied(seen, &listed.name);
    let Some(last) = seen.listed.iter().rposition(is_place) else {
        return Ok(());
    };
    let names: Vec<String> = pending
        .iter()
        .filter(|index| **index < last)
        .map(|index| seen.listed[*index].name.to_string())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} stands before {} in the list of store {}, which is applied already",
        list(&names),
        seen.listed[last].name,
        seen.name
    );
    if policy.relaxed || policy.allow_out_of_order {
        warnings.push(message);
        return Ok(());
    }
    Err(refused(
        seen,
        Rule::OutOfOrder,
        names.clone(),
        message,
        format!(
            "move it behind the others with `updown renumber {}`, or allow it with `--allow-out-of-order`",
            names[0]
        ),
    ))
}

/// What stands against undoing this one; where it stands in the list. Nowhere, where it was repeatable and is gone:
/// there is nothing to undo it with, and nothing depends on its row.
pub fn irrevocable(
    seen: &Seen<'_>,
    row: &Applied,
    warnings: &mut Vec<String>,
) -> Result<Option<usize>, Error> {
    let replaced = replace::replaced(seen.snapshot, seen.listed);
    if let Some(by) = replaced.get(row.name.as_str()) {
        return Err(refused(
            seen,
            Rule::Irreversible,
            vec![row.name.clone()],
            format!(
                "{} cannot be rolled back: it was replaced by {}, and what undid it is gone",
                row.name, by.name
            ),
            "write a new migration that goes on from here; or roll back with the release before",
        ));
    }
    let found = seen.listed.iter().position(|listed| listed.name == row.name);
    if found.is_none() && is_repeatable(seen, row) {
        warnings.push(format!(
            "{0} is repeatable, and not in the list any more: it is not rolled back; \
             `updown resolve {0} --rolled-back --reason \"…\"` takes its row out of the ledger",
            row.name
        ));
        return Ok(None);
    }
    let Some(index) = found else {
        return Err(refused(
            seen,
            Rule::Missing,
            vec![row.name.clone()],
            format!("{} cannot be rolled back in store {}: it is not in the list", row.name, seen.name),
            format!(
                "put the module back into the list; or, where it was undone by hand, `updown resolve {} --rolled-back --reason \"…\"`",
                row.name
            ),
        ));
    };
    let listed = &seen.listed[index];
    if let Some(because) = &listed.irreversible {
        return Err(refused(
            seen,
            Rule::Irreversible,
            vec![row.name.clone()],
            format!("{} cannot be rolled back: {because}", row.name),
            "write a new migration that goes on from here, or restore a backup",
        ));
    }
    if listed.is_undone_by_nothing {
        warnings.push(format!(
            "{} is repeatable, and has no way back: what it made stays as it is, and it runs again with the next migrate",
            row.name
        ));
    } else if listed.differs_from(row) {
        warnings.push(format!("{} changed after it was applied: it is rolled back as it is now", row.name));
    }
    Ok(Some(index))
}

/// A migration that is half applied would be left behind by a rollback of others.
pub fn half_applied(seen: &Seen<'_>) -> Result<(), Error> {
    match seen.snapshot.journal.iter().find(|row| row.direction == Direction::Up) {
        None => Ok(()),
        Some(row) => Err(refused(
            seen,
            Rule::Interrupted,
            vec![row.name.clone()],
            format!("{} is half applied in store {}: a run was interrupted in it", row.name, seen.name),
            format!(
                "finish it with `updown migrate`, or say what is true with `updown resolve {} --rolled-back --reason \"…\"` (or `--applied`)",
                row.name
            ),
        )),
    }
}

/// The names of the applied migrations whose content has changed.
pub fn changed(seen: &Seen<'_>) -> Vec<String> {
    let mut listed = seen.listed.iter().peekable();
    let mut changed = Vec::new();
    for row in &seen.snapshot.applied {
        // Nearly always in the same order: then this is one walk through both.
        let found = match listed.peek() {
            Some(next) if next.name == row.name => listed.next(),
            _ => seen.listed.iter().find(|listed| listed.name == row.name),
        };
        if found.is_some_and(|listed| listed.is_changed(row)) {
            changed.push(row.name.clone());
        }
    }
    changed
}

fn unlisted<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Applied> {
    let mut listed: HashSet<&str> = seen.listed.iter().map(|listed| listed.name.as_ref()).collect();
    listed.extend(replace::replaced(seen.snapshot, seen.listed).into_keys());
    seen.snapshot.applied.iter().filter(move |row| !listed.contains(row.name.as_str()))
}

/// What is applied, and not in the list, as it has to be.
pub fn missing<'a>(seen: &'a Seen<'_>) -> Vec<&'a Applied> {
    unlisted(seen).filter(|row| !is_repeatable(seen, row)).collect()
}

/// What was repeatable, and is not in the list any more.
fn gone<'a>(seen: &'a Seen<'_>) -> Vec<&'a Applied> {
    unlisted(seen).filter(|row| is_repeatable(seen, row)).collect()
}

fn is_applied(seen: &Seen<'_>, name: &str) -> bool {
    seen.snapshot.applied.iter().any(|row| row.name == name)
}

/// `a`, `a and b`, `a, b and 3 more`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}
