//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::cancel::Cancel;

pub fn listen(cancel: &Cancel) {
    let second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Registered in this order, so that the first signal finds the flag down and the next one
        // up. Where a handler cannot be set, a signal ends the program as it always does: SQLite
        // then rolls back at the next start.
        let _ = flag::register_conditional_shutdown(signal, 128 + signal, second.clone());
        let _ = flag::register(signal, second.clone());
        let _ = flag::register_usize(signal, cancel.flag(), signal.unsigned_abs() as usize);
    }
}

/// While a forwarded program runs, the signal is its own to handle.
pub fn leave_to_the_child() {
    for signal in [SIGINT, SIGTERM] {
        let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
