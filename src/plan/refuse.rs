//! What is refused, and what is only said, before anything runs.

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

/// What stands against every migrate of this store: changed, missing, half rolled back.
pub fn unmigratable(seen: &Seen<'_>, policy: Policy, warnings: &mut Vec<String>) -> Result<(), Error> {
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
    let missing: Vec<&Applied> = missing(seen).collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let names: Vec<String> = missing.iter().map(|row| row.name.clone()).collect();
    // Behind the list's last entry, in name and in order of application: the database is newer.
    let last_listed = seen.listed.last().and_then(crate::listed::Listed::number);
    let last_known =
        seen.snapshot.applied.iter().filter(|row| is_listed(seen, &row.name)).map(|row| row.id).max();
    let newer = missing
        .iter()
        .all(|row| crate::migration::number_of(&row.name) > last_listed && Some(row.id) > last_known);
    if newer {
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
        format!(
            "put the module back into the list; or, where it is gone for good, `updown resolve {} --rolled-back --reason \"…\"`",
            first.name
        ),
    ))
}

/// A pending one before an applied one: somebody else's branch was merged later.
pub fn out_of_order(
    seen: &Seen<'_>,
    pending: &[usize],
    policy: Policy,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let Some(last) = seen.listed.iter().rposition(|listed| is_applied(seen, &listed.name)) else {
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

/// What stands against undoing this one; where it stands in the list.
pub fn irrevocable(seen: &Seen<'_>, row: &Applied, warnings: &mut Vec<String>) -> Result<usize, Error> {
    let Some(index) = seen.listed.iter().position(|listed| listed.name == row.name) else {
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
    if listed.differs_from(row) {
        warnings.push(format!("{} changed after it was applied: it is rolled back as it is now", row.name));
    }
    Ok(index)
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
        if found.is_some_and(|listed| listed.differs_from(row)) {
            changed.push(row.name.clone());
        }
    }
    changed
}

fn missing<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Applied> {
    let listed: std::collections::HashSet<&str> =
        seen.listed.iter().map(|listed| listed.name.as_ref()).collect();
    seen.snapshot.applied.iter().filter(move |row| !listed.contains(row.name.as_str()))
}

fn is_listed(seen: &Seen<'_>, name: &str) -> bool {
    seen.listed.iter().any(|listed| listed.name == name)
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
