//! What is seen of a body's statements: Diesel's instrumentation, turned into "which statement
//! failed, and at which line of the module", the list that a dry run prints, and the place where a
//! cancelled body stops.

use std::backtrace::Backtrace;
use std::sync::{Arc, Mutex, MutexGuard};

use diesel::connection::{Instrumentation, InstrumentationEvent, get_default_instrumentation};

use crate::cancel::{Cancel, Unwound};
use crate::error::StoreError;

/// Shared between a store and the instrumentation of its connection.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Only the statements of a body are looked at, not the engine's own.
    armed: bool,
    cancel: Cancel,
    statements: Vec<String>,
    keep: bool,
    failed: Option<FailedStatement>,
    guard: Option<Guard>,
    /// What the guard did not let through.
    refused: Option<StoreError>,
}

/// Looks at each statement of a body before it is sent; what it returns keeps it from that.
type Guard = Arc<Mutex<dyn FnMut(&str) -> Result<(), StoreError> + Send>>;

/// The statement that the database refused last, and where in the program it was sent.
pub struct FailedStatement {
    pub sql: String,
    pub sent_from: Backtrace,
}

impl Recorder {
    pub fn new(cancel: Cancel) -> Self {
        Self(Arc::new(Mutex::new(State { cancel, ..State::default() })))
    }

    /// What is set as a connection's instrumentation. The application's own default keeps seeing
    /// every event.
    pub fn instrumentation(&self) -> impl Instrumentation + use<> {
        Tap { recorder: self.clone(), next: get_default_instrumentation() }
    }

    /// Has every statement of a body looked at before it is sent.
    #[cfg(feature = "postgres")]
    pub fn guard(&self, guard: impl FnMut(&str) -> Result<(), StoreError> + Send + 'static) {
        self.lock().guard = Some(Arc::new(Mutex::new(guard)));
    }

    /// Why a statement was not sent, where one was not.
    pub fn take_refused(&self) -> Option<StoreError> {
        self.lock().refused.take()
    }

    /// Begins to look. `keep`: every statement with its values, for a dry run.
    pub fn arm(&self, keep: bool) {
        let mut state = self.lock();
        state.armed = true;
        state.keep = keep;
        state.failed = None;
        state.refused = None;
        state.statements.clear();
    }

    /// Stops looking; the statements that were kept.
    pub fn disarm(&self) -> Vec<String> {
        let mut state = self.lock();
        state.armed = false;
        std::mem::take(&mut state.statements)
    }

    /// From here on every statement, with its values, or none any more.
    pub fn keep_all(&self, keep: bool) {
        self.lock().keep = keep;
    }

    /// A statement that a dry run does not send, or that is a step.
    pub fn keep(&self, statement: &str) {
        self.lock().statements.push(statement.to_owned());
    }

    /// A statement that was refused, on a connection without Diesel's instrumentation.
    #[cfg(feature = "scylla")]
    pub fn failed(&self, statement: &str) {
        let mut state = self.lock();
        if state.armed {
            state.failed =
                Some(FailedStatement { sql: statement.to_owned(), sent_from: Backtrace::force_capture() });
        }
    }

    pub fn take_failed(&self) -> Option<FailedStatement> {
        self.lock().failed.take()
    }

    pub fn cancel(&self) -> Cancel {
        self.lock().cancel.clone()
    }

    /// Unwinds from a statement that must not be sent.
    fn ask(&self, guard: &Guard, query: &str) {
        let statement = without_binds(query);
        let asked = (guard.lock().unwrap_or_else(std::sync::PoisonError::into_inner))(statement);
        let Err(refused) = asked else { return };
        let mut state = self.lock();
        state.refused = Some(refused);
        state.failed =
            Some(FailedStatement { sql: statement.to_owned(), sent_from: Backtrace::force_capture() });
        drop(state);
        if cfg!(panic = "unwind") {
            std::panic::resume_unwind(Box::new(Unwound));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A body that panicked while it held the lock left nothing half done in here.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

struct Tap {
    recorder: Recorder,
    next: Option<Box<dyn Instrumentation>>,
}

impl Instrumentation for Tap {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let mut state = self.recorder.lock();
                if state.armed {
                    // Instrumentation cannot veto a statement, but it stands on the body's stack.
                    if state.cancel.stop().is_some() && cfg!(panic = "unwind") {
                        drop(state);
                        std::panic::resume_unwind(Box::new(Unwound));
                    }
                    if state.keep {
                        state.statements.push(query.to_string());
                    }
                    let guard = state.guard.clone();
                    // What it has to say may be a warning, which is another's lock.
                    drop(state);
                    if let Some(guard) = guard {
                        self.recorder.ask(&guard, &query.to_string());
                    }
                }
            }
            InstrumentationEvent::FinishQuery { query, error: Some(_), .. } => {
                let mut state = self.recorder.lock();
                if state.armed {
                    state.failed = Some(FailedStatement {
                        sql: without_binds(&query.to_string()).to_owned(),
                        sent_from: Backtrace::force_capture(),
                    });
                }
            }
            _ => {}
        }
        if let Some(next) = &mut self.next {
            next.on_connection_event(event);
        }
    }
}

/// Diesel shows a query as its SQL and then `-- binds: [values]`; values are data, not to be logged.
pub fn without_binds(query: &str) -> &str {
    query.rfind("-- binds: [").map_or(query, |at| query[..at].trim_end())
}

impl FailedStatement {
    /// The line of `file` from which the statement was sent, read from the call stack. `None`
    /// where the program has no line tables (a stripped release).
    pub fn line_in(&self, file: &str) -> Option<u32> {
        let file_name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        line_in_backtrace(&self.sent_from.to_string(), file_name)
    }
}

fn line_in_backtrace(backtrace: &str, file_name: &str) -> Option<u32> {
    backtrace.lines().find_map(|line| {
        let place = line.trim_start().strip_prefix("at ")?;
        let (path, line_and_column) = place.rsplit_once(".rs:")?;
        let stem = path.rsplit(['/', '\\']).next()?;
        if file_name.strip_suffix(".rs") != Some(stem) {
            return None;
        }
        line_and_column.split(':').next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_module() {
        let text = "   0: core::ops::function::FnOnce::call_once\n             at /rustc/abc/library/core/src/ops/function.rs:250:5\n   1: migrations::main::m0002_create_videos::up\n             at ./migrations/main/m0002_create_videos.rs:12:9\n";
        assert_eq!(line_in_backtrace(text, "m0002_create_videos.rs"), Some(12));
        assert_eq!(line_in_backtrace(text, "create_videos.rs"), None);
    }

    #[test]
    fn values_are_cut_off() {
        assert_eq!(without_binds("SELECT ?  -- binds: [1, \"secret\"]"), "SELECT ?");
        assert_eq!(without_binds("SELECT 1"), "SELECT 1");
    }
}
