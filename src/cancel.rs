//! How a run is asked to stop: a number that a signal handler sets and the engine reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(any(feature = "postgres", feature = "scylla"))]
use std::sync::mpsc::{self, RecvTimeoutError};
#[cfg(any(feature = "postgres", feature = "scylla"))]
use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "scylla"))]
use crate::error::StoreError;

/// Asks a run to stop: the statement that runs is ended, its transaction rolled back, and nothing
/// after it starts. Clones share one state, so that another thread or a signal handler can keep one.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicUsize>);

impl Cancel {
    /// Not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels; `signal` is the signal's number, and 128 more than it becomes the exit code.
    pub fn cancel(&self, signal: usize) {
        self.0.store(signal, Ordering::SeqCst);
    }

    /// The number given to [`Cancel::cancel`].
    pub fn requested(&self) -> Option<usize> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// For a signal handler, which may only store a number.
    #[cfg(feature = "cli")]
    pub(crate) fn flag(&self) -> Arc<AtomicUsize> {
        self.0.clone()
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
            Err(RecvTimeoutError::Timeout) if cancel.requested().is_none() => {}
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
