//! What is read of the ledger on CockroachDB. Nothing here writes.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;

use crate::error::StoreError;
use crate::ledger::{
    self, Applied, Attempt, Direction, HISTORY, Holder, JOURNAL, JournalRow, LEASE, LEDGER, Place, Snapshot,
    StepState, quote, timestamp,
};
use crate::store::postgres::connect::classify;
use crate::store::postgres::read::{load, parsed};
use crate::store::postgres::watch::Target;
use crate::store::rows::{HistoryRow, STEP};

/// All that one look sees: one row, so that it is one round trip.
#[derive(QueryableByName)]
struct Look {
    #[diesel(sql_type = Nullable<Text>)]
    lease: Option<String>,
    #[diesel(sql_type = BigInt)]
    last_batch: i64,
    #[diesel(sql_type = Text)]
    applied: String,
    #[diesel(sql_type = Text)]
    steps: String,
}

/// What a database without a ledger says of itself.
#[derive(QueryableByName)]
struct Blank {
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Nullable<Text>)]
    elsewhere: Option<String>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

#[derive(Deserialize)]
struct AppliedRow(i64, String, String, String, i64, i64, String, i64);

#[derive(Deserialize)]
struct Step(String, String, i64, String, String, String, Option<String>, i64);

#[derive(Deserialize)]
struct Lease {
    environment: String,
    owner: Option<String>,
    fence: i64,
    held_by: Option<String>,
    since: Option<i64>,
    expires_at: Option<i64>,
    over: bool,
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

fn into_holder(row: Lease) -> Option<Holder> {
    if row.over {
        return None;
    }
    Some(Holder {
        owner: row.owner?,
        fence: row.fence,
        process: String::new(),
        by: row.held_by.unwrap_or_default(),
        since: row.since.map(time).unwrap_or_default(),
        expires_at: row.expires_at.map(time).unwrap_or_default(),
    })
}

/// What a look found, and whether the service has its row. Where nobody has `chosen` the schema, a ledger
/// in another one of the search path is an error.
pub fn look(conn: &mut PgConnection, place: &Place, chosen: bool) -> Result<(Snapshot, bool), StoreError> {
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
            Some(row) => seen(row),
            None => Err(StoreError::Query("the ledger gave no answer".to_owned())),
        },
        Err(error @ StoreError::Query(_)) => blank(conn, place, chosen, error),
        Err(error) => Err(error),
    }
}

fn seen(row: Look) -> Result<(Snapshot, bool), StoreError> {
    let applied: Vec<AppliedRow> = parsed(&row.applied)?;
    let steps: Vec<Step> = parsed(&row.steps)?;
    let lease: Option<Lease> = row.lease.as_deref().map(parsed).transpose()?;
    let has_lease = lease.is_some();
    let applied = applied.into_iter().map(|row| Applied {
        id: row.0,
        name: row.1,
        hash: row.2,
        fingerprint: row.3,
        applied_at: time(row.4),
        batch_no: row.5,
        run_id: row.6,
        duration_ms: row.7,
    });
    let journal = steps.into_iter().map(|row| JournalRow {
        name: row.0,
        direction: Direction::parse(&row.1),
        step: row.2,
        digest: row.3,
        what: row.4,
        state: StepState::parse(&row.5),
        cursor: row.6,
        chunks: row.7,
    });
    let snapshot = Snapshot {
        is_unfinished: false,
        exists: true,
        applied: applied.collect(),
        last_batch: row.last_batch,
        journal: journal.collect(),
        environment: lease.as_ref().map(|row| row.environment.clone()),
        holder: lease.and_then(into_holder),
    };
    Ok((snapshot, has_lease))
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
    let rows: Vec<Line> = load(conn, format!("SELECT {} AS line", lease_of(place)))?;
    let Some(line) = rows.into_iter().next().and_then(|row| row.line) else { return Ok(None) };
    Ok(into_holder(parsed(&line)?))
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
