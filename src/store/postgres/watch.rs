//! A second pair of eyes on what a run does: a thread with a connection of its own, made when it is
//! needed. It sees who keeps a lock that a statement waits for, cancels a statement in the server when
//! the run is asked to stop, and renews the lease while no transaction locks its row.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::{batch, classify, connect};
use super::lease;
use crate::cancel::Cancel;
use crate::error::StoreError;
use crate::lease::RENEWED_EVERY;
use crate::ledger::{Place, quote};
use crate::store::KeepAlive;

/// What is under way on the run's own connection.
#[derive(Clone, Debug)]
pub enum Doing {
    /// A transaction has the lease's row locked.
    Transaction,
    /// Something outside a transaction, under this owner and fence.
    Outside { owner: String, fence: i64 },
}

/// By what a statement is found that another connection has sent.
#[derive(Clone, Debug)]
pub enum Target {
    /// On PostgreSQL.
    Backend(i32),
    /// On CockroachDB.
    Session(String),
}

impl Target {
    /// Ends its statement.
    /// <https://www.cockroachlabs.com/docs/stable/cancel-query>
    fn cancel(&self) -> String {
        match self {
            Self::Backend(pid) => format!("SELECT pg_cancel_backend({pid})"),
            Self::Session(id) => format!(
                "CANCEL QUERIES IF EXISTS (SELECT query_id FROM [SHOW CLUSTER QUERIES] WHERE session_id = {})",
                quote(id)
            ),
        }
    }
}

#[derive(Clone, Debug)]
struct Now {
    doing: Doing,
    since: Instant,
    lock_timeout: Duration,
    /// None where a pooler may change it.
    target: Option<Target>,
}

#[derive(Debug, Default)]
struct State {
    /// None between two.
    now: Option<Now>,
    /// Of what began last, also when it has ended.
    blockers: Vec<String>,
}

/// Ends with its thread when it is dropped.
pub struct Watch {
    state: Arc<Mutex<State>>,
    _thread: KeepAlive,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often the thread looks up.
const TICK: Duration = Duration::from_millis(50);

impl Watch {
    pub fn start(url: String, place: Place, cancel: Cancel) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let mut eyes = Eyes {
            url,
            place,
            cancel,
            state: state.clone(),
            conn: None,
            renewed: Instant::now(),
            looked: Instant::now(),
        };
        Self { state, _thread: KeepAlive::start(TICK, move || eyes.look()) }
    }

    /// Something begins that `target` finds.
    pub fn begins(&self, doing: Doing, target: Option<Target>, lock_timeout: Duration) {
        let now = Now { doing, since: Instant::now(), lock_timeout, target };
        *lock(&self.state) = State { now: Some(now), blockers: Vec::new() };
    }

    /// It ended.
    pub fn ends(&self) {
        lock(&self.state).now = None;
    }

    /// Who was seen last to keep a lock that the run waited for.
    pub fn blockers(&self) -> Vec<String> {
        lock(&self.state).blockers.clone()
    }
}

struct Eyes {
    url: String,
    place: Place,
    cancel: Cancel,
    state: Arc<Mutex<State>>,
    conn: Option<PgConnection>,
    renewed: Instant,
    looked: Instant,
}

impl Eyes {
    fn look(&mut self) {
        let now = lock(&self.state).now.clone();
        let Some(Now { doing, since, lock_timeout, target }) = now else { return };
        if let Some(target) = &target
            && self.cancel.stop().is_some()
        {
            self.cancel(target);
        }
        if let Some(Target::Backend(pid)) = target {
            // What ends by itself is not worth a connection.
            let every = (lock_timeout / 4).max(TICK);
            if since.elapsed() >= lock_timeout / 2
                && !lock_timeout.is_zero()
                && self.looked.elapsed() >= every
            {
                self.looked = Instant::now();
                let seen = self.send(|conn| blockers(conn, pid)).unwrap_or_default();
                if !seen.is_empty() {
                    lock(&self.state).blockers = seen;
                }
            }
        }
        if let Doing::Outside { owner, fence } = doing
            && since.elapsed() >= RENEWED_EVERY
            && self.renewed.elapsed() >= RENEWED_EVERY
        {
            self.renewed = Instant::now();
            let sql = lease::prolong(&self.place, &owner, fence);
            self.send(|conn| batch(conn, &sql));
        }
    }

    /// Cancels what goes on. Whoever says that it has ended waits until this is sent, so that it does not meet what
    /// comes then.
    fn cancel(&mut self, target: &Target) {
        let state = self.state.clone();
        let goes_on = lock(&state);
        if goes_on.now.is_some() {
            self.send(|conn| batch(conn, &target.cancel()));
        }
    }

    /// On the thread's own connection; where that is lost, on another one the next time.
    fn send<T>(&mut self, ask: impl FnOnce(&mut PgConnection) -> Result<T, StoreError>) -> Option<T> {
        if self.conn.is_none() {
            self.conn = connect(&self.url).ok();
        }
        let answer = ask(self.conn.as_mut()?);
        if answer.is_err() {
            self.conn = None;
        }
        answer.ok()
    }
}

#[derive(QueryableByName)]
struct Blocker {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Text)]
    usename: String,
    #[diesel(sql_type = Text)]
    application: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    since: Option<String>,
    #[diesel(sql_type = Text)]
    query: String,
}

/// Who keeps the lock that a backend waits for.
/// <https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION-TABLE>
fn blockers(conn: &mut PgConnection, pid: i32) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Blocker> = sql_query(format!(
        "SELECT pid, coalesce(usename, '')::text AS usename, coalesce(application_name, '')::text AS application,
         coalesce(state, 'state not visible to this role')::text AS state,
         to_char(coalesce(xact_start, state_change, backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\" UTC\"') AS since,
         coalesce(query, '')::text AS query
         FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids({pid})) ORDER BY xact_start NULLS LAST LIMIT 5"
    ))
    .load(conn)
    .map_err(classify)?;
    Ok(rows.into_iter().map(describe).collect())
}

fn describe(row: Blocker) -> String {
    let application = match row.application.as_str() {
        "" => String::new(),
        name => format!(", application {name}"),
    };
    let since = row.since.map(|since| format!(" since {since}")).unwrap_or_default();
    let query = row.query.split_whitespace().collect::<Vec<_>>().join(" ");
    let query: String = without_literals(&query).chars().take(160).collect();
    format!("pid {}, user {}{application}, {}{since}: {query}", row.pid, row.usename, row.state)
}

/// Another session's values are not for this terminal.
fn without_literals(query: &str) -> String {
    query.split('\'').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "'…'" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_others_are_not_shown() {
        assert_eq!(
            without_literals("UPDATE a SET b = 'it''s' WHERE c = 1"),
            "UPDATE a SET b = '…''…' WHERE c = 1"
        );
        assert_eq!(without_literals("SELECT 'open"), "SELECT '…'");
    }
}
