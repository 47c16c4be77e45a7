//! What the sessions of PostgreSQL and CockroachDB have in common, under whichever store they are.

use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::catalog;
use super::connect::{self, Mark, classify};
use crate::error::StoreError;
use crate::store::Setting;
use crate::traits::{Options, Result};

/// How many transactions are open, one in the other; none where nobody knows.
pub fn depth(conn: &mut PgConnection) -> Option<u32> {
    match AnsiTransactionManager::transaction_manager_status_mut(conn).transaction_depth() {
        Ok(depth) => Some(depth.map_or(0, std::num::NonZeroU32::get)),
        Err(_) => None,
    }
}

/// A connection in place of one that was lost. `gave_up` keeps a server that did not come back in time from
/// being waited for twice.
pub fn reconnect(
    url: &str,
    setting: &Setting,
    gave_up: &mut bool,
) -> Result<(PgConnection, Mark), StoreError> {
    let again = if *gave_up {
        connect::connect_marked(url)
    } else {
        connect::connect_again(url, setting.patience, &setting.recorder.cancel())
    };
    *gave_up = again.is_err();
    again
}

pub fn lock_timeout(setting: &Setting, options: &Options) -> Duration {
    options.lock_timeout.unwrap_or(setting.lock_timeout)
}

/// The limits of a body, each with its semicolon; nothing where the session has them: `has` is its lock timeout,
/// where that is known.
pub fn timeouts(set: &str, setting: &Setting, options: &Options, has: Option<Duration>) -> String {
    let mut sql = String::new();
    let lock = lock_timeout(setting, options);
    if has != Some(lock) {
        sql.push_str(&format!("{set} lock_timeout = {}; ", lock.as_millis()));
    }
    if let Some(timeout) = options.statement_timeout.or(setting.statement_timeout) {
        sql.push_str(&format!("{set} statement_timeout = {}; ", timeout.as_millis()));
    }
    sql
}

/// What the server ends a transaction by whose body does something else than to talk to it, when a limit has
/// passed; with its semicolon. A moment later than the run itself, which has more to say.
pub fn idle(setting: &Setting) -> String {
    let left = setting.recorder.cancel().left().map(|left| left + Duration::from_secs(1));
    let left = left.filter(|left| *left < connect::IDLE);
    left.map_or_else(String::new, |left| {
        format!("SET LOCAL idle_in_transaction_session_timeout = {}; ", left.as_millis())
    })
}

/// Sends one statement in the transaction of a step.
pub fn execute(conn: &mut PgConnection, statement: &str) -> Result {
    if catalog::is_setting(statement) {
        anyhow::bail!(
            "this would end with its step, at whose end all settings are reset: set it in the `steps.transaction` that needs \
             it, or say timeouts in `options()`"
        );
    }
    Ok(conn.batch_execute(statement)?)
}

/// Whether a statement was refused for what it says, and not for what others do or how long it takes.
pub fn is_of_the_text(error: &anyhow::Error) -> bool {
    let said = error.to_string();
    connect::transient(error).is_none()
        && connect::lost(error).is_none()
        && !["statement timeout", "user request"].iter().any(|because| said.contains(because))
}

/// Where the guard of a transaction is gone, its body has ended it.
pub fn left(error: StoreError) -> StoreError {
    match error {
        StoreError::Query(message) if message.to_lowercase().contains("savepoint") => {
            StoreError::LeftTransaction
        }
        other => other,
    }
}

/// How a commit ended that failed with `error`, by what the ledger says.
pub fn resolved(written: Result<bool, StoreError>, error: StoreError) -> Result<(), StoreError> {
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err(error),
        Err(again) => {
            Err(StoreError::Lost(format!("{error}; whether the commit took place is not known yet: {again}")))
        }
    }
}

/// Undoes one migration of a rehearsal, with the transactions that its body has left open.
pub fn undo_rehearsed(conn: &mut PgConnection) -> Result<(), StoreError> {
    while depth(conn).is_some_and(|depth| depth > 1) {
        AnsiTransactionManager::rollback_transaction(conn).map_err(classify)?;
    }
    connect::batch(conn, "ROLLBACK TO SAVEPOINT updown; RELEASE SAVEPOINT updown")
}
