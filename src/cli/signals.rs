//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::args::Output;
use crate::cancel::Cancel;
use crate::config::Config;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::reach;

/// Whether a signal ends the program at once: where nobody listens yet, and from the second one on.
static AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// The first of all processes, as in a container, gets no signal that it has no handler for. What runs before
/// [`listen`], or without it, would have to be killed; there a signal ends it as it ends every other process.
pub fn as_first_process() {
    if std::process::id() == 1 {
        for signal in [SIGINT, SIGTERM] {
            let _ = flag::register_conditional_shutdown(signal, 128 + signal, AT_ONCE.clone());
        }
    }
}

pub fn listen(cancel: &Cancel) {
    for signal in [SIGINT, SIGTERM] {
        // Registered in this order, so that the first signal finds the flag down and the next one
        // up. Where a handler cannot be set, a signal ends the program as it always does: SQLite
        // then rolls back at the next start.
        let _ = flag::register_conditional_shutdown(signal, 128 + signal, AT_ONCE.clone());
        let _ = flag::register(signal, AT_ONCE.clone());
        let _ = flag::register_usize(signal, cancel.flag(), signal.unsigned_abs() as usize);
    }
    AT_ONCE.store(false, Ordering::SeqCst);
}

/// The same for a run of migrations, whose statements may take long.
pub fn listen_during(migrator: &Migrator, config: &Config, output: Output) {
    listen(&migrator.cancel());
    let meant = reach::meant(&migrator.project, config);
    if meant.is_ok_and(|(meant, _)| meant.iter().all(|store| store.url.starts_with("sqlite:"))) {
        end_in_spite_of_statements(migrator.cancel(), output);
    }
}

/// How long a statement of SQLite may go on behind a signal: less than the 10 s after which Docker kills.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server is told to cancel a statement. SQLite runs it in this process, and only code that is not safe could
/// interrupt it: the program ends instead, and the next one to open the file rolls back what was not committed.
fn end_in_spite_of_statements(cancel: Cancel, output: Output) {
    std::thread::spawn(move || {
        let signal = loop {
            match cancel.requested() {
                Some(signal) => break signal,
                None => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        std::thread::sleep(PATIENCE);
        let error = Error::Cancelled { signal, report: Box::default() };
        let code = i32::from(error.exit_code());
        let _ = super::finish(Err(error), output);
        signal_hook::low_level::exit(code);
    });
}

/// While a forwarded program runs, the signal is its own to handle.
#[cfg(not(unix))]
pub fn leave_to_the_child() {
    for signal in [SIGINT, SIGTERM] {
        let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
