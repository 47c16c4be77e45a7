//! From a migration that did not end well to an error that says what, where, why, and what to type.

use crate::cancel::{Cancel, Limit, Of};
use crate::error::{Error, Failure, StoreError};
use crate::execute::Broken;
use crate::journal::UnknownStep;
use crate::ledger::Direction;
use crate::plan::Action;
use crate::reach::Reached;
use crate::report::Report;
use crate::source::SqlPlace;

/// What the run ends with; what it had done before is filled in by the run. `again` is what goes on from there.
pub fn broken(broken: Broken, action: &Action, store: &Reached, cancel: &Cancel, again: &str) -> Error {
    let (source, statement, line, blockers) = match broken {
        Broken::Cancelled => {
            let signal = cancel.requested().unwrap_or_default();
            return Error::Cancelled { signal, report: Box::default() };
        }
        Broken::Store(source) => {
            return Error::Store {
                store: action.store.clone(),
                at: Some(action.name.clone()),
                source: Box::new(source),
                report: Box::default(),
            };
        }
        Broken::Body { source, statement, line, blockers } => (source, statement, line, blockers),
    };
    let file = store.session.listed()[action.index].file.as_ref().map(ToString::to_string);
    #[cfg(feature = "schema")]
    let (file, line) = match source.downcast_ref::<crate::schema::Place>() {
        Some(place) => (Some(place.at.file.to_owned()), Some(place.at.line)),
        None => (file, line),
    };
    let (statement, position, file, line, column) = match source.downcast_ref::<SqlPlace>() {
        Some(place) => {
            let statement = place.statement.clone().or(statement);
            let position = statement.as_deref().and_then(|sql| crate::locate::position(&source, sql));
            let (line, column) = place.of(position);
            let [line, column] = [line, column].map(|at| u32::try_from(at).ok());
            (statement, position, Some(place.file().to_owned()), line, column)
        }
        None => {
            let position = statement.as_deref().and_then(|sql| crate::locate::position(&source, sql));
            (statement, position, file, line, None)
        }
    };
    let place = file.as_deref().unwrap_or("the migration");
    let unknown = source.is::<UnknownStep>() || is_interrupted(&source);
    let limit = source.downcast_ref::<Limit>();
    let blocked = said_timeout(&source, "lock timeout");
    let hint = match source.downcast_ref::<StoreError>() {
        _ if limit.is_some() && !unknown => {
            limit.map_or_else(String::new, |limit| at_its_limit(limit, action, again))
        }
        _ if blocked => format!(
            "wait for who is in the way, or end it (`SELECT pg_terminate_backend(PID)`), then `{again}`; `--lock-timeout` and \
             `--lock-retries` say how long it waits and how often"
        ),
        _ if said_timeout(&source, "statement timeout") => format!(
            "give it more time with `--statement-timeout`, or in its `options()`; or let it do less at once with \
             `steps.batches`; then `{again}`"
        ),
        _ if unknown => format!(
            "look at the database, then `updown resolve {0} --step done --reason \"…\"` where it took effect, or \
             `updown resolve {0} --step again --reason \"…\"` where it did not",
            action.name
        ),
        _ if is_of_the_servers(&source) => format!(
            "it is no fault of the migration: look at the servers, then `{again}` goes on where it stopped"
        ),
        Some(StoreError::LeftTransaction) => format!(
            "take COMMIT, ROLLBACK and BEGIN out of {place}; what it did before them is in the database and has \
             to be undone by hand before `{again}`"
        ),
        Some(StoreError::SchemaInTransaction { .. }) => format!(
            "everything of it was undone; write {place} as steps, `impl {}<Steps<'_, …>>` with `steps.run(\"…\")` for each change of \
             the schema, then `{again}`",
            match action.direction {
                Direction::Up => "Up",
                Direction::Down => "Down",
            }
        ),
        Some(StoreError::SchemaChange(_)) => format!(
            "look at what it says (`SHOW JOBS` has it, too); `{again}` looks whether the change is there, and goes on"
        ),
        Some(StoreError::ForeignKeys(_)) => {
            format!("everything of it was undone; mend the rows or {place}, then `{again}`")
        }
        Some(StoreError::Full) => {
            "everything of it was undone; make room, then the same command again".to_owned()
        }
        _ if is_too_new(&source) => format!(
            "a value that an enum was given can be used once that is committed: use it in a later migration than the one \
             that adds it, then `{again}`; where that is so, it is the dry run that cannot go past it, since it is one \
             transaction"
        ),
        _ if sql_hint(&source).is_some() => {
            format!("{}; then `{again}`", sql_hint(&source).unwrap_or_default())
        }
        _ if what_to_write(&source).is_some() => {
            format!("{}; then `{again}`", what_to_write(&source).unwrap_or_default())
        }
        _ if action.in_steps => {
            format!("its finished steps stay, and are not repeated; mend {place}, then `{again}` goes on")
        }
        _ => format!("everything of it was undone; mend {place}, then `{again}` goes on"),
    };
    let mut detail = detail(&source);
    if blocked {
        let by = match blockers.as_slice() {
            [] => "who kept the lock could not be seen".to_owned(),
            some => format!("blocked by {}", some.join("\nblocked by ")),
        };
        detail = Some(detail.map_or_else(|| by.clone(), |said| format!("{said}\n{by}")));
    }
    Error::Failed(Box::new(Failure {
        store: action.store.clone(),
        migration: action.name.clone(),
        direction: action.direction,
        file,
        line,
        column,
        statement,
        position,
        detail,
        source,
        hint: Some(hint),
        report: Report::default(),
    }))
}

/// What to do about a migration that took longer than it may.
fn at_its_limit(limit: &Limit, action: &Action, again: &str) -> String {
    let kept = match action.in_steps {
        true => "its finished steps stay, and are not repeated",
        false => "everything of it was undone",
    };
    let less = if limit.of == Of::Run { "" } else { ", or let it do less at once with `steps.batches`" };
    format!("{kept}; give it more time with {}{less}; then `{again}` goes on", limit.way_out())
}

/// Whether PostgreSQL was given a value of an enum that is not committed yet.
fn is_too_new(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("unsafe use of new value")
}

/// What a file has to say instead, where that is known.
fn sql_hint(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<SqlPlace>()?.hint.as_deref()
}

/// What a typed change has to say instead, where that is known.
#[cfg(feature = "schema")]
fn what_to_write(error: &anyhow::Error) -> Option<String> {
    error.downcast_ref::<crate::schema::Place>()?.hint.clone()
}

#[cfg(not(feature = "schema"))]
fn what_to_write(_error: &anyhow::Error) -> Option<String> {
    None
}

/// Whether a statement on ScyllaDB or Cassandra was interrupted, and nobody knows whether it was carried out.
#[cfg(feature = "scylla")]
fn is_interrupted(error: &anyhow::Error) -> bool {
    use crate::store::scylla::{Cause, ScyllaError};
    matches!(error.downcast_ref::<ScyllaError>().map(ScyllaError::cause), Some(Cause::Interrupted(_)))
}

/// Whether the servers could not carry out what may well be carried out later.
#[cfg(feature = "scylla")]
fn is_of_the_servers(error: &anyhow::Error) -> bool {
    error.downcast_ref::<crate::store::scylla::ScyllaError>().is_some_and(|error| error.is_of_the_servers())
}

#[cfg(not(feature = "scylla"))]
fn is_of_the_servers(_error: &anyhow::Error) -> bool {
    false
}

#[cfg(not(feature = "scylla"))]
fn is_interrupted(_error: &anyhow::Error) -> bool {
    false
}

fn said_timeout(error: &anyhow::Error, which: &str) -> bool {
    matches!(error.downcast_ref(), Some(diesel::result::Error::DatabaseError(_, info)) if info.message().contains(which))
}

/// What a server says besides its message.
fn detail(error: &anyhow::Error) -> Option<String> {
    let Some(diesel::result::Error::DatabaseError(_, info)) = error.downcast_ref() else { return None };
    let said: Vec<&str> = [info.details(), info.hint()].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("\n"))
}
