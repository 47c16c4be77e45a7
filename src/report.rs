//! What a run tells while it runs, and what it returns.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::backup::TakenBackup;
use crate::hooks::{HookList, Hooks};
use crate::ledger::Direction;
use crate::standing::{Asked, StoreReport};

/// What one run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The run, as the ledger and the history name it; `None` where nothing had to be done.
    pub run_id: Option<String>,
    /// The batch that migrations were applied under.
    pub batch_no: Option<i64>,
    /// What was applied, in order.
    pub applied: Vec<Done>,
    /// What was rolled back, in order.
    pub rolled_back: Vec<Done>,
    /// What was entered in the place of others, without being run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// The stores that were not reached, and why.
    pub skipped: Vec<Skipped>,
    /// What a dry run did not rehearse, and why.
    pub not_rehearsed: Vec<Skipped>,
    /// Whether nothing was kept of it.
    pub dry_run: bool,
    /// The stores on which a dry run has listed the statements, and not carried them out.
    pub recorded: Vec<String>,
    /// How each store that the run was about came out of it, in the order in which they run. Empty where there
    /// was nothing to do, and in a dry run.
    pub stores: Vec<StoreReport>,
    /// The last backups: those that this run has taken; behind a rollback and a failure, those of an earlier run, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<TakenBackup>,
    /// The whole run, in milliseconds.
    pub duration_ms: u64,
    #[serde(skip)]
    pub(crate) asked: Asked,
}

impl Report {
    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.rolled_back.is_empty() && self.replaced.is_empty()
    }
}

/// A migration that was entered as applied, in the place of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Replaced {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// What it replaced, in the order of application.
    pub replaces: Vec<String>,
}

/// One migration that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Done {
    /// The store.
    pub store: String,
    /// The migration.
    pub name: String,
    /// How long, in milliseconds.
    pub duration_ms: u64,
    /// In a dry run, every statement with its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Skipped {
    /// The store or migration.
    pub name: String,
    /// Why.
    pub because: String,
}

/// What happens while a run goes on.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something to know about, that stops nothing.
    Warning {
        /// In a sentence.
        message: &'a str,
    },
    /// Something that was done beside the migrations, and is good to know.
    Note {
        /// In a sentence.
        message: &'a str,
    },
    /// An application starts: what it was told, and what that leads to.
    Configured {
        /// The environment.
        environment: &'a str,
        /// `AUTO_MIGRATE`, or what counts where nobody says it.
        auto_migrate: bool,
        /// `FORCE_MIGRATION`.
        force_migration: bool,
        /// What is done, and why not more, in sentences.
        decision: &'a [String],
    },
    /// A database cannot be logged in to yet; it is tried again.
    NotReady {
        /// The store.
        store: &'a str,
        /// Why.
        because: &'a str,
    },
    /// Another run holds the lease; this one waits.
    Waiting {
        /// The store.
        store: &'a str,
        /// Who holds it.
        by: &'a str,
    },
    /// A run begins.
    Begun {
        /// What was asked for: `migrate`, `rollback`, `redo`, `goto` or `fresh`.
        request: &'a str,
        /// The service; empty where there is only one.
        service: &'a str,
        /// The environment.
        environment: &'a str,
        /// Whether nothing is kept of it.
        dry_run: bool,
    },
    /// A backup of a store begins.
    BackingUp {
        /// The store.
        store: &'a str,
        /// By what.
        by: &'a str,
    },
    /// A backup is there, was read through, and is recorded.
    BackedUp {
        /// The store.
        store: &'a str,
        /// Its file.
        place: &'a str,
        /// How long, in milliseconds.
        duration_ms: u64,
    },
    /// A migration was entered as applied in the place of others. Nothing ran.
    Replaced {
        /// The store.
        store: &'a str,
        /// The migration.
        name: &'a str,
        /// What it replaced.
        replaces: &'a [String],
    },
    /// How many migrations will run.
    Planned {
        /// That many.
        count: usize,
        /// In so many stores.
        stores: usize,
        /// The service; empty where there is only one.
        #[serde(skip_serializing_if = "str::is_empty")]
        service: &'a str,
        /// The batch that migrations are applied under.
        #[serde(skip_serializing_if = "Option::is_none")]
        batch_no: Option<i64>,
    },
    /// A migration begins.
    Started {
        /// The store.
        store: &'a str,
        /// The migration.
        name: &'a str,
        /// Which way.
        direction: Direction,
        /// The service; empty where there is only one.
        #[serde(skip_serializing_if = "str::is_empty")]
        service: &'a str,
        /// The batch that it is applied in, or was.
        #[serde(skip_serializing_if = "Option::is_none")]
        batch_no: Option<i64>,
    },
    /// A migration, or a step of one, could not get a lock, or lost against another transaction. It was
    /// rolled back and is tried again.
    Retrying {
        /// The migration.
        name: &'a str,
        /// Why, with who stands in the way where that could be seen.
        because: &'a str,
        /// Which try comes now, from 2.
        attempt: u32,
    },
    /// A change in chunks lets others go first.
    Paused {
        /// The migration.
        name: &'a str,
        /// Why.
        because: &'a str,
    },
    /// A step of a migration outside a transaction begins, or is skipped as done before.
    Step {
        /// The migration.
        name: &'a str,
        /// Its number, from 1.
        step: i64,
        /// What it does.
        what: &'a str,
        /// Whether the journal has it as done.
        skipped: bool,
    },
    /// A chunk of a batched change is committed.
    Chunk {
        /// The migration.
        name: &'a str,
        /// The step's number, from 1.
        step: i64,
        /// How many chunks are done.
        chunks: i64,
        /// Where the next one begins.
        next: &'a str,
    },
    /// A migration is done and recorded.
    Finished {
        /// The store.
        store: &'a str,
        /// The migration.
        name: &'a str,
        /// Which way.
        direction: Direction,
        /// How long, in milliseconds.
        duration_ms: u64,
        /// In a dry run, every statement with its values.
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        statements: &'a [String],
        /// The service; empty where there is only one.
        #[serde(skip_serializing_if = "str::is_empty")]
        service: &'a str,
        /// The batch that it is applied in, or was.
        #[serde(skip_serializing_if = "Option::is_none")]
        batch_no: Option<i64>,
    },
    /// A migration failed, or was stopped: the run ends with it.
    Failed {
        /// The store.
        store: &'a str,
        /// The migration.
        name: &'a str,
        /// Which way.
        direction: Direction,
        /// How long it took to that, in milliseconds.
        duration_ms: u64,
        /// Why, without passwords.
        error: &'a str,
        /// The service; empty where there is only one.
        service: &'a str,
        /// The batch that it would have been applied in, or was.
        batch_no: Option<i64>,
    },
    /// A run has ended, and its locks are given back.
    Ended {
        /// The service; empty where there is only one.
        service: &'a str,
        /// The batch that migrations were applied under.
        batch_no: Option<i64>,
        /// How many were applied.
        applied: usize,
        /// How many were rolled back.
        rolled_back: usize,
        /// The whole run, in milliseconds.
        duration_ms: u64,
        /// Why it did not end well, without passwords.
        error: Option<&'a str>,
    },
}

/// Gets the events of a run. The terminal and the JSON lines are reporters; an application may
/// bring its own.
pub trait Reporter {
    /// One event. Must not panic, and should be quick: the run waits for it.
    fn event(&mut self, event: &Event<'_>);
}

/// Says nothing: the default of the library, without the feature `tracing`.
impl Reporter for () {
    fn event(&mut self, _event: &Event<'_>) {}
}

/// A reporter for all who have something to tell: a connection, too, from inside a body. And the hooks beside it.
#[derive(Clone)]
pub struct SharedReporter {
    reporter: Arc<Mutex<dyn Reporter + Send>>,
    hooks: Arc<Mutex<HookList>>,
}

impl SharedReporter {
    pub(crate) fn new(reporter: impl Reporter + Send + 'static) -> Self {
        Self { reporter: Arc::new(Mutex::new(reporter)), hooks: Arc::default() }
    }

    /// Another one with the same hooks.
    pub(crate) fn replaced_by(&self, reporter: impl Reporter + Send + 'static) -> Self {
        Self { reporter: Arc::new(Mutex::new(reporter)), hooks: self.hooks.clone() }
    }

    pub(crate) fn add(&self, hooks: impl Hooks + Send + 'static) {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(hooks);
    }
}

impl Reporter for SharedReporter {
    fn event(&mut self, event: &Event<'_>) {
        let mut reporter = self.reporter.lock().unwrap_or_else(PoisonError::into_inner);
        reporter.event(event);
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).event(event, &mut *reporter);
    }
}

/// Text that goes to logs, events and the history: what stands behind `PASSWORD` in SQL, and a
/// password in a URL, become `***`.
pub fn masked(text: &str) -> String {
    mask_urls(&mask_passwords(text))
}

fn mask_passwords(text: &str) -> String {
    // Only ASCII letters change, so that every index into one is an index into the other.
    let upper = text.to_ascii_uppercase();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = upper[at..].find("PASSWORD") {
        let after = at + found + "PASSWORD".len();
        shown.push_str(&text[at..after]);
        at = after;
        let gap = text[after..].find(|c: char| !c.is_whitespace() && c != '=').unwrap_or(0);
        let mut start = after + gap;
        if text[start..].starts_with(['E', 'e', 'N', 'n']) && text[start + 1..].starts_with('\'') {
            start += 1;
        }
        let Some(quote) = text[start..].chars().next().filter(|c| *c == '\'' || *c == '"') else {
            continue;
        };
        shown.push_str(&text[after..start]);
        shown.push_str("'***'");
        let mut end = start + 1;
        // A doubled quote goes on; an unfinished literal is hidden to its end.
        loop {
            match text[end..].find(quote) {
                None => {
                    end = text.len();
                    break;
                }
                Some(close) => {
                    end += close + 1;
                    if !text[end..].starts_with(quote) {
                        break;
                    }
                    end += 1;
                }
            }
        }
        at = end;
    }
    shown.push_str(&text[at..]);
    shown
}

fn mask_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find("://") {
        let (before, after) = rest.split_at(found + 3);
        shown.push_str(before);
        let authority = after
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"'))
            .unwrap_or(after.len());
        // The last `@`: passwords that were not percent-encoded may hold one themselves.
        match after[..authority].rfind('@') {
            Some(host) => {
                let user = after[..host].split(':').next().unwrap_or_default();
                shown.push_str(user);
                if after[..host].contains(':') {
                    shown.push_str(":***");
                }
                rest = &after[host..];
            }
            None => rest = after,
        }
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn no_password_is_shown() {
        for (text, shown) in [
            ("postgres://app:s3cret@db:5432/x?a=b", "postgres://app:***@db:5432/x?a=b"),
            ("postgres://app@db/x", "postgres://app@db/x"),
            ("sqlite:///tmp/x.db", "sqlite:///tmp/x.db"),
            ("x postgres://a:p@ss@h/d y", "x postgres://a:***@h/d y"),
            ("CREATE ROLE a PASSWORD 's3cret' LOGIN", "CREATE ROLE a PASSWORD '***' LOGIN"),
            ("alter user a with password = 's''3cret'", "alter user a with password = '***'"),
            ("PASSWORD E's3cret'", "PASSWORD E'***'"),
            ("PASSWORD 's3cret", "PASSWORD '***'"),
            ("password_hash TEXT", "password_hash TEXT"),
            ("PASSWORD", "PASSWORD"),
            ("PASSWORD é'x'", "PASSWORD é'x'"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
