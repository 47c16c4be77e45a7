//! What is read of the ledger on PostgreSQL. Nothing here writes.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::classify;
use crate::error::StoreError;
use crate::ledger::{
    self, Applied, Attempt, HISTORY, Holder, JOURNAL, JournalRow, LEASE, LEDGER, Place, Snapshot, quote,
};
use crate::store::rows::{HistoryRow, Name, STEP, StepRow};

/// Whether the holder's backend is certainly gone. An ordinary role cannot read when another role's
/// backend began: such a one counts as alive, and its lease ends by expiry.
/// <https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW>
pub const GONE: &str = "NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid::text = split_part(process, ' ', 1) AND (a.backend_start IS NULL OR a.pid || ' ' || extract(epoch FROM a.backend_start) = process))";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct LedgerRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    hash: String,
    #[diesel(sql_type = Text)]
    fingerprint: String,
    #[diesel(sql_type = Text)]
    applied_at: String,
    #[diesel(sql_type = BigInt)]
    batch_no: i64,
    #[diesel(sql_type = Text)]
    run_id: String,
    #[diesel(sql_type = BigInt)]
    duration_ms: i64,
}

#[derive(QueryableByName)]
struct LeaseRow {
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
    #[diesel(sql_type = BigInt)]
    fence: i64,
    #[diesel(sql_type = Nullable<Text>)]
    held_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    since: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    expires_at: Option<String>,
    #[diesel(sql_type = Bool)]
    gone: bool,
    #[diesel(sql_type = BigInt)]
    last_batch: i64,
}

fn load<R>(conn: &mut PgConnection, sql: String) -> Result<Vec<R>, StoreError>
where
    R: QueryableByName<diesel::pg::Pg> + 'static,
{
    sql_query(sql).load(conn).map_err(classify)
}

/// A time as the ledger shows it on every store.
fn time(column: &str) -> String {
    format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS {column}")
}

/// Where the ledger is: the first schema of the search path, by name, so that a body which changes
/// the path does not change that.
pub fn place(conn: &mut PgConnection, service: &str) -> Result<Place, StoreError> {
    let schema: Vec<Name> =
        load(conn, "SELECT coalesce(current_schema(), 'public')::text AS name".to_owned())?;
    let schema = schema.into_iter().next().map_or_else(|| "public".to_owned(), |row| row.name);
    Ok(Place::in_schema(service, &schema))
}

/// The columns of `schema_migrations`, whosever it is; none where there is no such table.
pub fn columns(conn: &mut PgConnection, place: &Place) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> = load(
        conn,
        format!(
            "SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = {} AND table_name = '{LEDGER}'",
            quote(&place.schema)
        ),
    )?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// Whether the service has its row.
pub fn has_lease(conn: &mut PgConnection, place: &Place) -> Result<bool, StoreError> {
    found(
        conn,
        format!(
            "SELECT EXISTS (SELECT 1 FROM {} WHERE service = {}) AS found",
            place.table(LEASE),
            quote(&place.service)
        ),
    )
}

pub fn ledger_exists(conn: &mut PgConnection, place: &Place) -> bool {
    columns(conn, place).is_ok_and(|columns| !columns.is_empty())
}

pub fn snapshot(conn: &mut PgConnection, place: &Place) -> Result<Snapshot, StoreError> {
    let columns = columns(conn, place)?;
    if columns.is_empty() {
        return Ok(Snapshot::default());
    }
    if let Some(tool) = ledger::foreign_ledger(&columns) {
        return Err(StoreError::ForeignLedger { tool });
    }
    let service = quote(&place.service);
    let applied: Vec<LedgerRow> = load(
        conn,
        format!(
            "SELECT id, name, hash, fingerprint, {}, batch_no, run_id, duration_ms FROM {} WHERE service = {service} ORDER BY id",
            time("applied_at"),
            place.table(LEDGER)
        ),
    )?;
    let steps: Vec<StepRow> = load(
        conn,
        format!("SELECT {STEP} FROM {} WHERE service = {service} ORDER BY name, step", place.table(JOURNAL)),
    )?;
    let lease = lease_row(conn, place)?;
    Ok(Snapshot {
        exists: true,
        applied: applied
            .into_iter()
            .map(|row| Applied {
                id: row.id,
                name: row.name,
                hash: row.hash,
                fingerprint: row.fingerprint,
                applied_at: row.applied_at,
                batch_no: row.batch_no,
                run_id: row.run_id,
                duration_ms: row.duration_ms,
            })
            .collect(),
        last_batch: lease.as_ref().map_or(0, |row| row.last_batch),
        journal: steps.into_iter().map(Into::into).collect(),
        environment: lease.as_ref().map(|row| row.environment.clone()),
        holder: lease.and_then(into_holder),
    })
}

fn lease_row(conn: &mut PgConnection, place: &Place) -> Result<Option<LeaseRow>, StoreError> {
    let service = quote(&place.service);
    let rows = load(
        conn,
        format!(
            "SELECT environment, owner, fence, held_by, {}, {}, {GONE} AS gone, coalesce((SELECT batch_no FROM {} WHERE service = {service} AND direction = 'up' ORDER BY id DESC LIMIT 1), 0) AS last_batch FROM {} WHERE service = {service}",
            time("since"),
            time("expires_at"),
            place.table(HISTORY),
            place.table(LEASE),
        ),
    )?;
    Ok(rows.into_iter().next())
}

fn into_holder(row: LeaseRow) -> Option<Holder> {
    // The server judges whether the backend is gone; there is no process of this host to look for.
    Some(Holder {
        owner: row.owner.filter(|_| !row.gone)?,
        fence: row.fence,
        process: String::new(),
        by: row.held_by.unwrap_or_default(),
        since: row.since.unwrap_or_default(),
        expires_at: row.expires_at.unwrap_or_default(),
    })
}

pub fn holder(conn: &mut PgConnection, place: &Place) -> Result<Option<Holder>, StoreError> {
    Ok(lease_row(conn, place)?.and_then(into_holder))
}

fn attempts(conn: &mut PgConnection, place: &Place, rest: &str) -> Result<Vec<Attempt>, StoreError> {
    if !ledger_exists(conn, place) {
        return Ok(Vec::new());
    }
    let rows: Vec<HistoryRow> = load(
        conn,
        format!(
            "SELECT name, direction, outcome, {}, batch_no, run_id, duration_ms, hash, done_by, app_version, detail FROM {} WHERE {rest}",
            time("at"),
            place.table(HISTORY)
        ),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Newest first.
pub fn history(conn: &mut PgConnection, place: &Place, limit: usize) -> Result<Vec<Attempt>, StoreError> {
    attempts(conn, place, &format!("service = {} ORDER BY id DESC LIMIT {limit}", quote(&place.service)))
}

/// The last attempt of every migration, where it failed.
pub fn failures(conn: &mut PgConnection, place: &Place) -> Result<Vec<Attempt>, StoreError> {
    let service = quote(&place.service);
    let rest = format!(
        "outcome = 'failed' AND id IN (SELECT max(id) FROM {} WHERE service = {service} GROUP BY name) ORDER BY id",
        place.table(HISTORY)
    );
    attempts(conn, place, &rest)
}

fn found(conn: &mut PgConnection, sql: String) -> Result<bool, StoreError> {
    let rows: Vec<Found> = load(conn, sql)?;
    Ok(rows.first().is_some_and(|row| row.found))
}

/// Whether this attempt is in the history.
pub fn has_attempt(conn: &mut PgConnection, place: &Place, attempt: &Attempt) -> Result<bool, StoreError> {
    found(
        conn,
        format!(
            "SELECT EXISTS (SELECT 1 FROM {} WHERE service = {} AND run_id = {} AND name = {} AND outcome = '{}' AND at = {}) AS found",
            place.table(HISTORY),
            quote(&place.service),
            quote(&attempt.run_id),
            quote(&attempt.name),
            attempt.outcome.word(),
            quote(&attempt.at),
        ),
    )
}

/// Whether this step is in the journal as it is here.
pub fn has_step(conn: &mut PgConnection, place: &Place, row: &JournalRow) -> Result<bool, StoreError> {
    found(
        conn,
        format!(
            "SELECT EXISTS (SELECT 1 FROM {} WHERE service = {} AND name = {} AND direction = '{}' AND step = {} AND state = '{}' AND chunks = {}) AS found",
            place.table(JOURNAL),
            quote(&place.service),
            quote(&row.name),
            row.direction.word(),
            row.step,
            row.state.word(),
            row.chunks,
        ),
    )
}
