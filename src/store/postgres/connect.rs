//! Connections to PostgreSQL: how they are made, made again, and what their errors mean.

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{Connection, SimpleConnection};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::cancel::{self, Cancel};
use crate::error::StoreError;
use crate::lease::LASTS;
use crate::store::url;

/// Takes back whatever a body has set.
pub const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;";

/// What Diesel sets when it connects: to be set again behind [`RESET`], where the startup packet did not.
pub const CONNECTED: &str = "SET TIME ZONE 'UTC'; SET CLIENT_ENCODING TO 'UTF8';";

/// How long what reads the ledger waits for the lock of a table.
pub const READS_WAIT: Duration = Duration::from_secs(5);

/// A run that is stopped in its transaction keeps the others out, but not for ever.
pub const IDLE: Duration = Duration::from_secs(10 * LASTS.as_secs());

/// How long a run whose connection was lost tries to get a new one at the most: a server that crashed
/// is back after its recovery.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a connection has where its URL does not say otherwise: a name that the server's administrator
/// recognises, and an end to the wait for a host that does not answer.
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>
const DEFAULTS: [(&str, &str); 5] = [
    ("fallback_application_name", "updown"),
    ("connect_timeout", "10"),
    ("keepalives_idle", "60"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "6"),
];

fn with_defaults(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in DEFAULTS {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let said = query.split('&').any(|pair| pair.split('=').next() == Some(name))
            || (name == "connect_timeout" && std::env::var_os("PGCONNECT_TIMEOUT").is_some());
        if !said {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

/// Whether a connection was made with settings of ours in its startup packet: a pooler refuses them, or
/// leaves them away; a server shows them, and goes back to them when all is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// They were sent; [`MARKED`] says whether they arrived.
    Sent,
    /// They were refused, and the connection was made without them.
    Refused,
    /// They were not sent: the service file may have options of its own, which ours would replace.
    NotSent,
}

/// Whether the setting arrived, in SQL.
pub const MARKED: &str = "(current_setting('updown.direct', true) IS NOT DISTINCT FROM '1')";

/// The settings. Nobody waits inside the database for the lock of a table, nor does a killed run's
/// statement go on, where the server can look after its client (since version 14, and not on every
/// platform).
/// <https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL>
fn settings(looks_after_its_client: bool) -> String {
    let mut settings = format!(
        "-c updown.direct=1 -c timezone=UTC -c client_encoding=UTF8 -c lock_timeout={} -c idle_in_transaction_session_timeout={}",
        READS_WAIT.as_millis(),
        IDLE.as_millis()
    );
    if looks_after_its_client {
        settings.push_str(" -c client_connection_check_interval=2s");
    }
    settings.replace(' ', "%20").replace('=', "%3D")
}

/// The URL with the settings among its options; none where that would replace others.
fn marked(url: &str, from_environment: Option<&str>, settings: &str) -> Option<String> {
    if url::has_service(url) {
        return None;
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    if let Some(options) = query.split('&').find(|pair| pair.starts_with("options=")) {
        return Some(url.replacen(options, &format!("{options}%20{settings}"), 1));
    }
    // What PGOPTIONS says would be replaced as well.
    let others: String =
        from_environment.unwrap_or_default().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{separator}options={others}%20{settings}"))
}

/// A connection that tells a server from a pooler.
pub fn connect_marked(url: &str) -> Result<(PgConnection, Mark), StoreError> {
    let from_environment = std::env::var("PGOPTIONS").ok();
    let with = |settings: &str| marked(url, from_environment.as_deref(), settings);
    let (Some(all), Some(without)) = (with(&settings(true)), with(&settings(false))) else {
        return Ok((connect(url)?, Mark::NotSent));
    };
    let connected = match connect(&all) {
        Err(StoreError::Open { why, .. }) if why.contains("client_connection_check_interval") => {
            connect(&without)
        }
        connected => connected,
    };
    match connected {
        Ok(conn) => Ok((conn, Mark::Sent)),
        Err(StoreError::Open { why, .. }) if why.contains("startup parameter") || why.contains("options") => {
            Ok((connect(url)?, Mark::Refused))
        }
        // The target is shown as it was given.
        Err(StoreError::Open { why, hint, .. }) => {
            Err(StoreError::Open { target: url::shown(url), why, hint })
        }
        Err(error) => Err(error),
    }
}

/// The same, given up where the run is asked to stop: `connect_timeout` is longer than whoever stops it waits.
pub fn connect_unless_cancelled(url: &str, cancel: &Cancel) -> Result<(PgConnection, Mark), StoreError> {
    let its_url = url.to_owned();
    cancel::connect_unless_cancelled(cancel, &url::shown(url), move || connect_marked(&its_url))
}

/// A bare connection.
pub fn connect(url: &str) -> Result<PgConnection, StoreError> {
    PgConnection::establish(&with_defaults(&url::for_libpq(url))).map_err(|error| {
        let why = crate::report::masked(error.to_string().trim());
        let hint = if why.contains("SSL was required") {
            "turn TLS on at the server; or, where it really has to be without, `sslmode=disable` in the URL"
        } else if why.contains("certificate") {
            "check `sslrootcert` in the URL, and that the certificate was made for this host"
        } else if why.contains("does not exist") {
            "create the database first, or check its name in the URL"
        } else if why.contains("pg_hba.conf") {
            "the server's pg_hba.conf lets nobody in like that: check user, database and `sslmode` in the URL"
        } else if why.contains("authentication") || why.contains("password") {
            "check user and password (the URL, PGPASSWORD, or ~/.pgpass)"
        } else {
            "check host and port, and that the server runs"
        };
        StoreError::Open { target: url::shown(url), why, hint: Some(hint.to_owned()) }
    })
}

/// A connection in place of one that was lost: waits while the server is on its way up.
pub fn connect_again(
    url: &str,
    patience: Duration,
    cancel: &Cancel,
) -> Result<(PgConnection, Mark), StoreError> {
    let deadline = Instant::now() + patience.min(PATIENCE);
    loop {
        match connect_unless_cancelled(url, cancel) {
            Err(error) if Instant::now() < deadline && cancel.stop().is_none() && is_down(&error) => {
                std::thread::sleep(Duration::from_millis(100));
            }
            ended => return ended,
        }
    }
}

/// Whether the server is not there now, as opposed to one that does not let us in.
fn is_down(error: &StoreError) -> bool {
    let StoreError::Open { why, .. } = error else { return false };
    [
        "refused",
        "starting up",
        "shutting down",
        "recovery",
        "No such file",
        "closed the connection",
        "timeout",
    ]
    .iter()
    .any(|part| why.contains(part))
}

/// Sends statements that return nothing, in one round trip; none where there are none.
pub fn batch(conn: &mut PgConnection, sql: &str) -> Result<(), StoreError> {
    if sql.is_empty() {
        return Ok(());
    }
    conn.batch_execute(sql).map_err(classify)
}

/// What a message means to the engine. Diesel gives no SQLSTATE for most.
pub fn classify(error: DieselError) -> StoreError {
    let message = error.to_string().trim().to_owned();
    if is_lost(&error) {
        StoreError::Lost(message)
    } else if message.contains("canceling statement due to lock timeout") {
        StoreError::Busy
    } else if message.contains("read-only transaction") {
        StoreError::ReadOnly
    } else if message.contains("No space left") {
        StoreError::Full
    } else {
        StoreError::Query(message)
    }
}

/// What a body's error says where its connection is gone.
pub fn lost(error: &anyhow::Error) -> Option<String> {
    match (error.downcast_ref::<DieselError>(), error.downcast_ref::<StoreError>()) {
        (Some(error), _) if is_lost(error) => Some(error.to_string().trim().to_owned()),
        (None, Some(StoreError::Lost(message))) => Some(message.clone()),
        _ => None,
    }
}

/// Whether the connection is gone.
pub fn is_lost(error: &DieselError) -> bool {
    if matches!(error, DieselError::BrokenTransactionManager) {
        return true;
    }
    let DieselError::DatabaseError(kind, info) = error else { return false };
    let message = info.message();
    matches!(kind, DatabaseErrorKind::ClosedConnection)
        || message.contains("server closed the connection")
        || message.contains("terminating connection")
        || message.contains("no connection to the server")
        || message.contains("Broken pipe")
        || message.contains("SSL connection has been closed")
        || message.contains("the database system is")
}

/// Whether another transaction was first (40001): nothing of this one is kept.
/// <https://www.cockroachlabs.com/docs/stable/transaction-retry-error-reference>
pub fn is_retry(error: &DieselError) -> bool {
    let DieselError::DatabaseError(kind, info) = error else { return false };
    matches!(kind, DatabaseErrorKind::SerializationFailure) || info.message().contains(RESTART)
}

/// Whether nobody knows what became of it (40003).
pub fn is_ambiguous(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(_, info) if info.message().contains(AMBIGUOUS))
}

pub const AMBIGUOUS: &str = "result is ambiguous";

/// How CockroachDB begins what it says of a transaction that lost against another one.
const RESTART: &str = "restart transaction";

/// Why a transaction that failed may succeed when it is run again as it is; `None` where it would
/// fail again, or where nobody knows.
pub fn transient(error: &anyhow::Error) -> Option<&'static str> {
    let error = match (error.downcast_ref::<DieselError>(), error.downcast_ref::<StoreError>()) {
        (Some(error), _) if is_retry(error) => RESTART.to_owned(),
        (Some(error), _) => error.to_string(),
        (None, Some(StoreError::Busy)) => "lock timeout".to_owned(),
        (None, Some(StoreError::Query(message))) => message.clone(),
        _ => return None,
    };
    // <https://www.postgresql.org/docs/current/errcodes-appendix.html>: 55P03, 40P01, 40001, 26000.
    [
        ("lock timeout", "a lock could not be had"),
        ("deadlock detected", "the server ended a deadlock"),
        ("could not serialize access", "another transaction was first"),
        (RESTART, "another transaction was first"),
        ("prepared statement \"__diesel_stmt", "a pooler changed the server's connection"),
    ]
    .into_iter()
    .find_map(|(part, why)| error.contains(part).then_some(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_what_the_defaults_are_not_for() {
        let url = with_defaults("postgres://h/x?connect_timeout=3");
        assert!(
            url.starts_with("postgres://h/x?connect_timeout=3&fallback_application_name=updown&"),
            "{url}"
        );
        assert_eq!(url.matches("connect_timeout").count(), 1);
        assert!(
            with_defaults("postgres://h/x").starts_with("postgres://h/x?fallback_application_name=updown&")
        );
    }

    #[test]
    fn a_mark_replaces_no_other_options() {
        let mark = "-c%20a%3D1";
        let marked = |url: &str, from_environment: Option<&str>| super::marked(url, from_environment, mark);
        assert_eq!(marked("postgres://h/x", None).unwrap(), format!("postgres://h/x?options=%20{mark}"));
        assert_eq!(
            marked("postgres://h/x?options=-c%20a%3Db&y=z", Some("-c c=d")).unwrap(),
            format!("postgres://h/x?options=-c%20a%3Db%20{mark}&y=z")
        );
        assert_eq!(
            marked("postgres://h/x", Some("-c")).unwrap(),
            format!("postgres://h/x?options=%2D%63%20{mark}")
        );
        assert_eq!(marked("postgres://h/x?service=x", None), None);
    }

    #[test]
    fn only_what_may_succeed_is_tried_again() {
        let query = |message: &str| anyhow::Error::new(StoreError::Query(message.to_owned()));
        assert!(transient(&query("canceling statement due to lock timeout")).is_some());
        assert!(transient(&StoreError::Busy.into()).is_some());
        assert!(transient(&query("deadlock detected")).is_some());
        assert!(transient(&query("could not serialize access due to concurrent update")).is_some());
        assert!(transient(&query("canceling statement due to statement timeout")).is_none());
        assert!(transient(&query("column \"x\" does not exist")).is_none());
        assert!(transient(&StoreError::LeaseLost.into()).is_none());
        assert!(transient(&anyhow::anyhow!("deadlock detected, says the body")).is_none());
    }
}
