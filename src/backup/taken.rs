//! A backup that was taken, as the history has it, and what restores it.

use std::fmt;

use serde::Serialize;

use crate::ledger::Attempt;

/// A backup that was taken before a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TakenBackup {
    /// Of which store.
    pub store: String,
    /// When it was begun, in UTC: what was written later is not in it.
    pub at: String,
    /// By what: `pg_dump`, `copy`, `command`.
    pub by: String,
    /// Its file; of a command that made none, the command.
    pub place: String,
    /// What restores it, where that is known: a command for a shell. The application has to be stopped.
    pub restore: Option<String>,
    /// Whether this run has taken it.
    pub is_of_this_run: bool,
}

impl TakenBackup {
    pub(crate) fn of(
        row: &Attempt,
        store: &str,
        url: &str,
        url_var: &str,
        is_of_this_run: bool,
    ) -> Option<Self> {
        let (by, place) = row.detail.as_deref()?.split_once(": ")?;
        let restore = match by {
            "pg_dump" => Some(format!(
                "pg_restore --clean --if-exists --single-transaction -d \"${url_var}\" {}",
                quoted(place)
            )),
            "copy" => copied_back(place, url),
            _ => None,
        };
        Some(Self {
            store: store.to_owned(),
            at: row.at.clone(),
            by: by.to_owned(),
            place: place.to_owned(),
            restore,
            is_of_this_run,
        })
    }
}

impl fmt::Display for TakenBackup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, at, place, .. } = self;
        write!(f, "the last backup of store {store} is of {at}: {place}")?;
        match &self.restore {
            Some(restore) => write!(f, "\n  stop the application, then restore it with: {restore}"),
            None => {
                write!(f, "\n  it was taken by a command of yours, and is restored by what belongs to that")
            }
        }
    }
}

/// What SQLite has beside the file belongs to the database that goes.
#[cfg(feature = "sqlite")]
fn copied_back(place: &str, url: &str) -> Option<String> {
    let file = crate::store::sqlite_file(url)?;
    let beside = ["-wal", "-shm", "-journal"].map(|ending| quoted(&format!("{file}{ending}")));
    Some(format!("rm -f {} && cp {} {}", beside.join(" "), quoted(place), quoted(&file)))
}

#[cfg(not(feature = "sqlite"))]
fn copied_back(_: &str, _: &str) -> Option<String> {
    None
}

/// For a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
