//! How a run is asked to stop: by a number that a signal handler sets and the engine reads, or by a limit of
//! time that has passed.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(any(feature = "postgres", feature = "scylla"))]
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
#[cfg(any(feature = "postgres", feature = "scylla"))]
use crate::error::StoreError;

/// Asks a run to stop: the statement that runs is ended, its transaction rolled back, and nothing
/// after it starts. Clones share one state, so that another thread or a signal handler can keep one.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    signal: Arc<AtomicUsize>,
    limits: Arc<Mutex<Limits>>,
}

/// The limits that are set now.
#[derive(Debug, Default)]
struct Limits {
    run: Option<Limit>,
    migration: Option<Limit>,
}

/// Why a run stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Signal(usize),
    Limit(Limit),
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Signal(signal) => Self::Cancelled { signal, report: Box::default() },
            Stop::Limit(limit) => Self::timed_out(limit),
        }
    }
}

/// What a limit is about, and who has set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The whole run.
    Run,
    /// Each migration of the run.
    EachMigration,
    /// This migration, by its own options.
    ThisMigration,
}

/// A limit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub of: Of,
    pub length: Duration,
    ends: Instant,
}

impl Limit {
    /// Zero is none, and so is what no clock can tell.
    fn new(of: Of, length: Option<Duration>) -> Option<Self> {
        let length = length.filter(|length| !length.is_zero())?;
        Some(Self { of, length, ends: Instant::now().checked_add(length)? })
    }

    /// How more time is given.
    pub fn way_out(&self) -> &'static str {
        match self.of {
            Of::Run => "`--timeout` (UPDOWN_TIMEOUT)",
            Of::EachMigration => {
                "`--migration-timeout` (UPDOWN_MIGRATION_TIMEOUT), or `timeout` in its `options()`"
            }
            Of::ThisMigration => "`timeout` in its `options()`",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.of {
            Of::Run => "the run was stopped at its limit",
            Of::EachMigration | Of::ThisMigration => "it was stopped at its limit",
        };
        write!(f, "{what} of {}", said(self.length))
    }
}

impl std::error::Error for Limit {}

/// As it is typed: `90s`, `1500ms`, `30m`.
pub(crate) fn said(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) if seconds >= 3600 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        (seconds, 0) if seconds >= 60 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        (seconds, 0) => format!("{seconds}s"),
        _ => format!("{}ms", time.as_millis()),
    }
}

impl Cancel {
    /// Not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels; `signal` is the signal's number, and 128 more than it becomes the exit code.
    pub fn cancel(&self, signal: usize) {
        self.signal.store(signal, Ordering::SeqCst);
    }

    /// The number given to [`Cancel::cancel`].
    pub fn requested(&self) -> Option<usize> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// For a signal handler, which may only store a number.
    #[cfg(feature = "cli")]
    pub(crate) fn flag(&self) -> Arc<AtomicUsize> {
        self.signal.clone()
    }

    /// Why to stop now; a signal before a limit.
    pub(crate) fn stop(&self) -> Option<Stop> {
        if let Some(signal) = self.requested() {
            return Some(Stop::Signal(signal));
        }
        let limits = self.limits();
        let passed = |limit: &Limit| limit.ends <= Instant::now();
        [limits.run, limits.migration].into_iter().flatten().find(passed).map(Stop::Limit)
    }

    /// An error where it is to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.stop().map_or(Ok(()), |stop| Err(stop.into()))
    }

    /// A run begins, which may take so long; until what is returned is dropped.
    #[must_use]
    pub(crate) fn limit_run(&self, length: Option<Duration>) -> Limited {
        *self.limits() = Limits { run: Limit::new(Of::Run, length), migration: None };
        Limited(self.clone())
    }

    /// A migration begins, which may take as long as its own options say, else as long as each may.
    pub(crate) fn limit_migration(&self, own: Option<Duration>, each: Option<Duration>) {
        self.limits().migration = match own {
            Some(_) => Limit::new(Of::ThisMigration, own),
            None => Limit::new(Of::EachMigration, each),
        };
    }

    /// The migration is done.
    pub(crate) fn migration_is_done(&self) {
        self.limits().migration = None;
    }

    /// Why it stops, for who cleans up behind it: that is stopped by no limit any more.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        let stop = self.stop();
        *self.limits() = Limits::default();
        stop
    }

    /// How long until the next limit, where there is one.
    #[cfg(feature = "postgres")]
    pub(crate) fn left(&self) -> Option<Duration> {
        let limits = self.limits();
        let ends = [limits.run, limits.migration].into_iter().flatten().map(|limit| limit.ends).min();
        ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As long as a run goes on.
pub(crate) struct Limited(Cancel);

impl Drop for Limited {
    fn drop(&mut self) {
        *self.0.limits() = Limits::default();
    }
}

/// What `connect` returns; an error where the run is asked to stop before that. A driver that waits for a server that
/// does not answer cannot be woken: it is left behind.
#[cfg(any(feature = "postgres", feature = "scylla"))]
pub(crate) fn connect_unless_cancelled<C: Send + 'static>(
    cancel: &Cancel,
    target: &str,
    connect: impl FnOnce() -> Result<C, StoreError> + Send + 'static,
) -> Result<C, StoreError> {
    let (connected, waiting) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let _ = connected.send(connect());
    });
    loop {
        match waiting.recv_timeout(Duration::from_millis(20)) {
            Ok(connected) => return connected,
            Err(RecvTimeoutError::Timeout) if cancel.stop().is_none() => {}
            Err(RecvTimeoutError::Timeout) => {
                let why = "it had not answered yet when the run was asked to stop".to_owned();
                return Err(StoreError::Open { target: target.to_owned(), why, hint: None });
            }
            Err(RecvTimeoutError::Disconnected) => panic!("connecting to {target} panicked"),
        }
    }
}

/// What unwinds through a body that is cancelled between two of its statements.
pub(crate) struct Unwound;

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn the_limit_that_has_passed_is_told() {
        let cancel = Cancel::new();
        let of = || match cancel.stop() {
            Some(Stop::Limit(limit)) => Some(limit.of),
            _ => None,
        };
        let run = cancel.limit_run(Some(LONG));
        cancel.limit_migration(None, Some(MOMENT));
        std::thread::sleep(2 * MOMENT);
        assert_eq!(of(), Some(Of::EachMigration));
        cancel.limit_migration(Some(LONG), Some(MOMENT));
        assert_eq!(of(), None, "its own goes over that of each");
        cancel.limit_migration(Some(Duration::ZERO), Some(MOMENT));
        std::thread::sleep(2 * MOMENT);
        assert_eq!(of(), None, "zero is no limit");
        cancel.limit_migration(Some(MOMENT), None);
        std::thread::sleep(2 * MOMENT);
        assert!(cancel.stopped().is_some());
        assert_eq!(of(), None, "who cleans up is not stopped");
        drop(run);
        let _run = cancel.limit_run(Some(MOMENT));
        std::thread::sleep(2 * MOMENT);
        assert_eq!(of(), Some(Of::Run));
        cancel.cancel(15);
        assert_eq!(cancel.stop(), Some(Stop::Signal(15)), "whoever asks in person comes first");
        assert!(Limit::new(Of::Run, Some(Duration::MAX)).is_none());
    }

    #[test]
    fn a_time_is_said_as_it_is_typed() {
        for text in ["90s", "1500ms", "30m", "2h", "61m"] {
            assert_eq!(said(crate::config::duration(text).unwrap()), text);
        }
    }
}
