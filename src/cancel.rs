//! How a run is asked to stop: a number that a signal handler sets and the engine reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// What unwinds through a body that is cancelled between two of its statements.
pub(crate) struct Unwound;
