//! What can go wrong, for the person who reads it at three in the morning: what, where, why, and
//! the next command to type.

mod failure;
#[cfg(feature = "schema")]
mod schema;
mod store;

use std::fmt;
use std::time::Duration;

use crate::cancel::Limit;
use crate::ledger::Holder;
use crate::report::{Report, masked};

pub use failure::{BackupFailure, Failure};
#[cfg(feature = "schema")]
pub use schema::{ChangeProblem, InvalidChange, InvalidSchema, SchemaProblem};
pub use store::StoreError;

/// Everything that a run can end with other than a [`Report`].
///
/// [`Error::exit_code`] is the code that the command line ends with, [`Error::hint`] what it
/// proposes to type next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked for, or the configuration, makes no sense. Nothing was touched.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// A safety rule stands against it. Nothing was touched.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Somebody else holds the store's lease, and went on holding it.
    #[error("store {store} is locked by {}", describe(.holder.as_deref()))]
    Locked {
        /// The store.
        store: String,
        /// Who holds it, where that can be read.
        holder: Option<Box<Holder>>,
        /// What was done before.
        report: Box<Report>,
    },
    /// A migration failed.
    #[error("{0}")]
    Failed(Box<Failure>),
    /// A typed change cannot be made. Nothing was touched.
    #[cfg(feature = "schema")]
    #[error("migration {} cannot be carried out in store {}", .0.migration, .0.store)]
    InvalidChange(Box<InvalidChange>),
    /// What declares the schema makes no sense, or cannot be had on this database. Nothing was touched.
    #[cfg(feature = "schema")]
    #[error("the declared schema is not one that the database can have")]
    InvalidSchema(Box<InvalidSchema>),
    /// The backup before a run failed. Nothing was changed.
    #[error("{0}")]
    Backup(Box<BackupFailure>),
    /// The run was asked to stop by a signal, and did.
    #[error("stopped by a signal")]
    Cancelled {
        /// The signal's number.
        signal: usize,
        /// What was done before.
        report: Box<Report>,
    },
    /// Databases could not be logged in to in time. Nothing was touched.
    #[error("after {} there is no login to {}", in_seconds(*.waited), each_of(stores))]
    Unreachable {
        /// How long it was tried.
        waited: Duration,
        /// The stores, and why each could not be reached at last.
        stores: Vec<(String, String)>,
    },
    /// The run's own limit passed ([`Config::timeout`](crate::Config::timeout)) between two migrations, or while
    /// it waited. Where one passes inside a migration, that is a [`Error::Failed`].
    #[error("the run was stopped at its limit of {}{}", crate::cancel::said(*.limit), waiting(.store.as_deref(), .holder.as_deref()))]
    TimedOut {
        /// The limit.
        limit: std::time::Duration,
        /// The store that was waited for.
        store: Option<String>,
        /// Who holds its lease, where that can be read.
        holder: Option<Box<Holder>>,
        /// What was done before.
        report: Box<Report>,
    },
    /// The database could not be reached, read or written.
    #[error("{}store {store}: {source}", match .at { Some(at) => format!("{at}: "), None => String::new() })]
    Store {
        /// The store.
        store: String,
        /// What was under way: a migration's name.
        at: Option<String>,
        /// Why.
        source: Box<StoreError>,
        /// What was done before.
        report: Box<Report>,
    },
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was to be done, with the path.
        what: String,
        /// Why not.
        source: std::io::Error,
    },
}

fn each_of(stores: &[(String, String)]) -> String {
    let each: Vec<_> = stores.iter().map(|(store, because)| format!("store {store}: {because}")).collect();
    each.join("; nor to ")
}

fn in_seconds(time: Duration) -> String {
    match time.as_millis() {
        ms if ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{ms} ms"),
    }
}

fn describe(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => {
            format!("{} since {} (until {} unless renewed)", holder.by, holder.since, holder.expires_at)
        }
        None => "another connection that has the database locked".to_owned(),
    }
}

fn waiting(store: Option<&str>, holder: Option<&Holder>) -> String {
    store.map_or_else(String::new, |store| {
        format!(", while it waited for store {store}, which is locked by {}", describe(holder))
    })
}

impl Error {
    pub(crate) fn timed_out(limit: Limit) -> Self {
        Self::TimedOut { limit: limit.length, store: None, holder: None, report: Box::default() }
    }

    /// Where a limit has passed: for whom it waited.
    pub(crate) fn waiting_for(mut self, name: &str, by: Option<Holder>) -> Self {
        if let Self::TimedOut { store, holder, .. } = &mut self {
            *store = Some(name.to_owned());
            *holder = by.map(Box::new);
        }
        self
    }

    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    pub(crate) fn locked(store: &str, holder: Option<Holder>) -> Self {
        Self::Locked { store: store.to_owned(), holder: holder.map(Box::new), report: Box::default() }
    }

    pub(crate) fn store(store: &str, source: StoreError) -> Self {
        Self::Store { store: store.to_owned(), at: None, source: Box::new(source), report: Box::default() }
    }

    /// With what the run had done before it ended.
    pub(crate) fn with_report(mut self, done: &Report) -> Self {
        match &mut self {
            Self::Failed(failure) => failure.report = done.clone(),
            Self::Backup(failure) => failure.report = done.clone(),
            Self::Cancelled { report, .. }
            | Self::TimedOut { report, .. }
            | Self::Store { report, .. }
            | Self::Locked { report, .. } => **report = done.clone(),
            _ => {}
        }
        self
    }

    /// For a log: what, and why, without passwords.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Failed(_) => masked(&format!("{self}: {}", self.cause_in_words())),
            other => masked(&other.to_string()),
        }
    }

    /// The same, where it is said already what failed.
    pub(crate) fn cause_in_words(&self) -> String {
        match self {
            Self::Failed(failure) => masked(&format!("{:#}", failure.source)),
            other => masked(&other.reason()),
        }
    }

    /// Why a store was not reached, where its name is said already.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Store { source, .. } => source.to_string(),
            other => other.to_string(),
        }
    }

    /// 1 failed, 2 usage, 4 locked, 5 refused by a safety rule, 128 more than the signal's number
    /// for a run that was stopped.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            Self::Refused(_) => 5,
            Self::Locked { .. } => 4,
            Self::Store { source, .. } => match **source {
                StoreError::Busy => 4,
                StoreError::Url { .. } | StoreError::List { .. } => 2,
                StoreError::ForeignLedger { .. } | StoreError::LedgerElsewhere { .. } => 5,
                _ => 1,
            },
            Self::Failed(_) | Self::Backup(_) | Self::Io { .. } => 1,
            Self::TimedOut { .. } | Self::Unreachable { .. } => 1,
            #[cfg(feature = "schema")]
            Self::InvalidChange(_) => 1,
            #[cfg(feature = "schema")]
            Self::InvalidSchema(_) => 2,
            Self::Cancelled { signal, .. } => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        }
    }

    /// What to type next.
    pub fn hint(&self) -> Option<String> {
        let other_way = self.report().and_then(Report::way_on);
        match (self.own_hint(), other_way) {
            (Some(hint), Some(other)) => {
                let end = if hint.ends_with('?') { "" } else { ";" };
                Some(format!("{hint}{end} or {other}"))
            }
            (hint, other) => hint.or(other),
        }
    }

    fn own_hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Refused(refusal) => Some(refusal.hint.clone()),
            Self::Locked { holder: Some(_), store, .. } => Some(format!(
                "wait longer with `--wait-for-lock 5m`; where the holder is certainly dead, `updown lock --release --store {store}`"
            )),
            Self::Locked { holder: None, .. } => Some(
                "end the program that keeps the database locked, or wait longer with `--wait-for-lock 5m`"
                    .to_owned(),
            ),
            Self::Failed(failure) => failure.hint.clone(),
            Self::Backup(failure) => Some(failure.hint.clone()),
            #[cfg(feature = "schema")]
            Self::InvalidChange(invalid) => invalid.problems.first().map(|problem| problem.hint.clone()),
            #[cfg(feature = "schema")]
            Self::InvalidSchema(invalid) => {
                let hint = invalid.problems.first().map(|problem| problem.hint.clone());
                hint.filter(|hint| !hint.is_empty())
            }
            Self::TimedOut { .. } => Some(
                "the same command again goes on from here; give it more time with `--timeout` (UPDOWN_TIMEOUT)"
                    .to_owned(),
            ),
            Self::Cancelled { .. } => Some("the same command again goes on from here".to_owned()),
            Self::Store { source, .. } => source.hint(),
            Self::Unreachable { .. } => Some(
                "look whether the server runs and lets this user in; wait longer with \
                 `UPDOWN_WAIT_FOR_DATABASE=5m`"
                    .to_owned(),
            ),
            Self::Io { .. } => None,
        }
    }

    /// What the run had done before it ended, where it had begun.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Failed(failure) => Some(&failure.report),
            Self::Backup(failure) => Some(&failure.report),
            Self::Cancelled { report, .. }
            | Self::TimedOut { report, .. }
            | Self::Store { report, .. }
            | Self::Locked { report, .. } => Some(report),
            _ => None,
        }
    }
}

/// Why a safety rule stands against a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Which rule.
    pub rule: Rule,
    /// The store.
    pub store: String,
    /// The migrations that it is about.
    pub names: Vec<String>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The ways out.
    pub hint: String,
}

/// The safety rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// A rollback reaches a migration without a way back.
    Irreversible,
    /// An applied migration's content has changed.
    Changed,
    /// An applied migration is not in the registry.
    Missing,
    /// The database has migrations behind the registry's last one.
    NewerDatabase,
    /// A migration replaces others of which only a part is applied.
    PartlyReplaced,
    /// A pending migration stands before an applied one.
    OutOfOrder,
    /// A migration in steps was interrupted the other way.
    Interrupted,
    /// The environment does not allow it.
    Environment,
    /// It would remove what other services have in the same database.
    OtherServices,
    /// Another tool has migrated the database, and its ledger was not taken over.
    ForeignLedger,
    /// A ledger is taken over, and given back, where nothing else was done with it.
    Adoption,
    /// A baseline comes before every migration, and of a database that has something.
    Baseline,
    /// What would take the place of migrations does not build the same, or something would get lost.
    Squash,
    /// A backup was asked for, and how one is taken is not known.
    Backup,
    /// It needs a confirmation that was not given.
    Unconfirmed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
