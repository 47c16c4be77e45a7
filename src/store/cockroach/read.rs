//! What is read of the ledger on CockroachDB. Nothing here writes.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use crate::error::StoreError;
use crate::ledger::{
    self, Attempt, HISTORY, Holder, JOURNAL, LEASE, LEDGER, Place, Snapshot, quote, timestamp,
};
use crate::store::postgres::adopt;
use crate::store::postgres::connect::classify;
use crate::store::postgres::look::{self, Look, parsed};
use crate::store::postgres::read::load;
use crate::store::postgres::watch::Target;
use crate::store::rows::{HistoryRow, STEP};

/// What a database without a ledger says of itself.
#[derive(QueryableByName)]
struct Blank {
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Nullable<Text>)]
    elsewhere: Option<String>,
}

/// Milliseconds since 1970: the one form of a time that every version writes alike.
fn millis(column: &str) -> String {
    format!("(extract(epoch FROM {column}) * 1000)::INT8")
}

fn time(millis: i64) -> String {
    timestamp(DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or_default())
}

fn lease_of(place: &Place) -> String {
    format!(
        "(SELECT json_build_object('environment', environment, 'owner', owner, 'fence', fence, 'held_by', held_by, 'since', {}, 'expires_at', {}, 'over', owner IS NULL OR expires_at <= clock_timestamp())::TEXT FROM {} WHERE service = {})",
        millis("since"),
        millis("expires_at"),
        place.table(LEASE),
        quote(&place.service),
    )
}

/// What a look found, and whether the service has its row. Where nobody has `chosen` the schema, a ledger
/// in another one of the search path is an error.
pub fn look(conn: &mut PgConnection, place: &Place, chosen: bool) -> Result<(Snapshot, bool), StoreError> {
    let (mut snapshot, has_lease) = look_once(conn, place, chosen)?;
    // The first look of a service: another tool may have something of it.
    if !has_lease {
        snapshot.foreign = adopt::left(conn, place, snapshot.exists)?;
    }
    Ok((snapshot, has_lease))
}

fn look_once(conn: &mut PgConnection, place: &Place, chosen: bool) -> Result<(Snapshot, bool), StoreError> {
    let service = quote(&place.service);
    let looked: Result<Vec<Look>, _> = load(
        conn,
        format!(
            "SELECT {} AS lease,
 coalesce((SELECT batch_no FROM {} WHERE service = {service} AND direction = 'up' ORDER BY id DESC LIMIT 1), 0)::INT8 AS last_batch,
 coalesce((SELECT json_agg(json_build_array(id, name, hash, fingerprint, {}, batch_no, run_id, duration_ms) ORDER BY id) FROM {} WHERE service = {service})::TEXT, '[]') AS applied,
 coalesce((SELECT json_agg(json_build_array({STEP}) ORDER BY name, step) FROM {} WHERE service = {service})::TEXT, '[]') AS steps",
            lease_of(place),
            place.table(HISTORY),
            millis("applied_at"),
            place.table(LEDGER),
            place.table(JOURNAL),
        ),
    );
    match looked {
        Ok(rows) => match rows.into_iter().next() {
            Some(row) => row.snapshot(time, time),
            None => Err(StoreError::Query("the ledger gave no answer".to_owned())),
        },
        Err(error @ StoreError::Query(_)) => blank(conn, place, chosen, error),
        Err(error) => Err(error),
    }
}

/// A database in which the ledger could not be read: there is none, or not all of it yet; or it is not
/// ours; or `error` says why.
fn blank(
    conn: &mut PgConnection,
    place: &Place,
    chosen: bool,
    error: StoreError,
) -> Result<(Snapshot, bool), StoreError> {
    let rows: Vec<Blank> = load(
        conn,
        format!(
            "SELECT coalesce((SELECT json_agg(column_name) FROM information_schema.columns WHERE table_schema = {0} AND table_name = '{LEDGER}')::TEXT, '[]') AS columns,
 (SELECT table_schema FROM information_schema.columns WHERE table_schema <> {0} AND table_schema = ANY (current_schemas(false)) AND table_name = '{LEDGER}' AND column_name = 'fingerprint' LIMIT 1)::TEXT AS elsewhere",
            quote(&place.schema),
        ),
    )?;
    let Some(row) = rows.into_iter().next() else { return Err(error) };
    let columns: Vec<String> = parsed(&row.columns)?;
    if let Some(tool) = ledger::foreign_ledger(&columns) {
        return Err(StoreError::ForeignLedger { tool });
    }
    if let Some(found) = row.elsewhere.filter(|_| columns.is_empty() && !chosen) {
        return Err(StoreError::LedgerElsewhere { found, current: place.schema.clone() });
    }
    // Its four tables are made one after the other.
    let is_missing = matches!(&error, StoreError::Query(message) if message.contains("does not exist"));
    if columns.is_empty() || is_missing { Ok((Snapshot::default(), false)) } else { Err(error) }
}

pub fn holder(conn: &mut PgConnection, place: &Place) -> Result<Option<Holder>, StoreError> {
    look::holder(conn, &lease_of(place), time)
}

fn attempts(conn: &mut PgConnection, place: &Place, rest: &str) -> Result<Vec<Attempt>, StoreError> {
    let rows: Vec<HistoryRow> = load(
        conn,
        format!(
            "SELECT name, direction, outcome, {}::TEXT AS at, batch_no::INT8 AS batch_no, run_id, duration_ms, hash, done_by, app_version, detail FROM {} WHERE {rest}",
            millis("at"),
            place.table(HISTORY)
        ),
    )?;
    let attempts = rows.into_iter().map(|row| {
        let at = time(row.at.parse().unwrap_or_default());
        Attempt { at, ..row.into() }
    });
    Ok(attempts.collect())
}

/// Newest first.
pub fn history(conn: &mut PgConnection, place: &Place, limit: usize) -> Result<Vec<Attempt>, StoreError> {
    attempts(conn, place, &format!("service = {} ORDER BY id DESC LIMIT {limit}", quote(&place.service)))
}

/// The last attempt of every migration, where it failed.
pub fn failures(conn: &mut PgConnection, place: &Place) -> Result<Vec<Attempt>, StoreError> {
    let service = quote(&place.service);
    let rest = format!(
        "service = {service} AND outcome = 'failed' AND id IN (SELECT max(id) FROM {} WHERE service = {service} GROUP BY name) ORDER BY id",
        place.table(HISTORY)
    );
    attempts(conn, place, &rest)
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = Text)]
    session_id: String,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

/// By what another connection can cancel what this one does.
pub fn session(conn: &mut PgConnection, is_simulated: bool) -> Result<Target, StoreError> {
    if is_simulated {
        let row: Backend = sql_query("SELECT pg_backend_pid() AS pid").get_result(conn).map_err(classify)?;
        return Ok(Target::Backend(row.pid));
    }
    let row: Session = sql_query("SHOW session_id").get_result(conn).map_err(classify)?;
    Ok(Target::Session(row.session_id))
}
