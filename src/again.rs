//! Trying again what a database refused for a reason that passes: a lock, a deadlock, another
//! transaction that was first. Only what was rolled back as a whole.

use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::lease;
use crate::report::{Event, Reporter, masked};
use crate::store::Store;

/// How often something was tried.
#[derive(Default)]
pub struct Again {
    tries: u32,
}

impl Again {
    /// Whether to try again; waits before it says yes, longer each time and with jitter, so that two
    /// who stand in each other's way do not meet again.
    pub fn may<C>(
        &mut self,
        store: &mut dyn Store<C>,
        error: &anyhow::Error,
        name: &str,
        reporter: &mut dyn Reporter,
    ) -> bool {
        let Some(because) = store.transient(error, self.tries + 1) else { return false };
        self.pause(store, &because, name, reporter)
    }

    /// Says that it is tried again, and waits; not where the run was asked to stop.
    pub fn pause<C>(
        &mut self,
        store: &mut dyn Store<C>,
        because: &str,
        name: &str,
        reporter: &mut dyn Reporter,
    ) -> bool {
        let cancel = store.recorder().cancel();
        self.tries += 1;
        if cancel.stop().is_some() {
            return false;
        }
        reporter.event(&Event::Retrying { name, because: &masked(because), attempt: self.tries + 1 });
        pause(Duration::from_millis((100 << self.tries.min(4)) + 2 * lease::jitter()), &cancel);
        cancel.stop().is_none()
    }
}

/// Sleeps, but not through a signal.
pub fn pause(time: Duration, cancel: &Cancel) {
    let end = Instant::now() + time;
    while Instant::now() < end && cancel.stop().is_none() {
        std::thread::sleep(Duration::from_millis(20).min(time));
    }
}
