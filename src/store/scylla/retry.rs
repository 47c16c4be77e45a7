//! What the driver sends again by itself: only what the server has certainly not carried out. The rest is
//! the journal's to decide, which knows whether a statement may be sent twice.

use ::scylla::errors::{DbError, RequestAttemptError};
use ::scylla::policies::retry::{RequestInfo, RetryDecision, RetryPolicy, RetrySession};

/// How often one request is sent again that was not known. The driver prepares it anew before each.
const TRIES: u32 = 5;

/// Sends again what a node has forgotten that it had prepared. The driver prepares it anew and sends it once
/// more, but the node may have forgotten it by then again: where two programs prepare the same text at the
/// same time, which replicas that start together do, one removes what the other has prepared.
/// <https://issues.apache.org/jira/browse/CASSANDRA-17401>
#[derive(Debug)]
pub struct WhereForgotten;

impl RetryPolicy for WhereForgotten {
    fn new_session(&self) -> Box<dyn RetrySession> {
        Box::new(Tries(0))
    }
}

struct Tries(u32);

impl RetrySession for Tries {
    fn decide_should_retry(&mut self, failed: RequestInfo<'_>) -> RetryDecision {
        match failed.error {
            RequestAttemptError::DbError(DbError::Unprepared { .. }, _) if self.0 < TRIES => {
                self.0 += 1;
                RetryDecision::RetrySameTarget(None)
            }
            _ => RetryDecision::DontRetry,
        }
    }

    fn reset(&mut self) {
        self.0 = 0;
    }
}
