//! What is read of the ledger on SQLite. Nothing here writes.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::adopt;
use super::statement::classify;
use crate::error::StoreError;
use crate::ledger::{
    self, Applied, Attempt, Direction, HISTORY, Holder, JOURNAL, JournalRow, LEASE, LEDGER, OfService, Place,
    Snapshot, StepState, quote,
};
use crate::store::foreign;
use crate::store::rows::{HistoryRow, STEP};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct StepRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = BigInt)]
    step: i64,
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    next_key: Option<String>,
    #[diesel(sql_type = BigInt)]
    chunks: i64,
}

impl From<StepRow> for JournalRow {
    fn from(row: StepRow) -> Self {
        Self {
            name: row.name,
            direction: Direction::parse(&row.direction),
            step: row.step,
            digest: row.digest,
            what: row.what,
            state: StepState::parse(&row.state),
            cursor: row.next_key,
            chunks: row.chunks,
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
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
    process: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    held_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    since: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    expires_at: Option<String>,
}

pub fn load<R>(conn: &mut SqliteConnection, sql: String) -> Result<Vec<R>, StoreError>
where
    R: QueryableByName<diesel::sqlite::Sqlite> + 'static,
{
    sql_query(sql).load(conn).map_err(classify)
}

/// The columns of `schema_migrations`, whosever it is; none where there is no such table.
pub fn columns(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> = load(conn, format!("SELECT name FROM pragma_table_info('{LEDGER}')"))?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

pub fn ledger_exists(conn: &mut SqliteConnection) -> bool {
    columns(conn).is_ok_and(|columns| !columns.is_empty())
}

pub fn foreign_keys(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    let on: Vec<Number> = load(conn, "SELECT foreign_keys AS number FROM pragma_foreign_keys".to_owned())?;
    Ok(on.first().is_some_and(|row| row.number != 0))
}

/// Everything at one instant.
pub fn snapshot(conn: &mut SqliteConnection, service: &str) -> Result<Snapshot, StoreError> {
    conn.batch_execute("BEGIN").map_err(classify)?;
    let seen = snapshot_inside(conn, service);
    let ended = conn.batch_execute("ROLLBACK").map_err(classify);
    let seen = seen?;
    ended?;
    Ok(seen)
}

/// The same in a transaction that is open.
pub fn snapshot_inside(conn: &mut SqliteConnection, service: &str) -> Result<Snapshot, StoreError> {
    let columns = columns(conn)?;
    if columns.is_empty() {
        return Ok(Snapshot { foreign: adopt::left(conn, service, false)?, ..Snapshot::default() });
    }
    if let Some(tool) = ledger::foreign_ledger(&columns) {
        return Err(StoreError::ForeignLedger { tool });
    }
    let (name, service) = (service, quote(service));
    // Batches ascend, since every number is given under the lease: the newest attempt on the way up
    // has the highest (one on the way down has that of its migration). The history only ever grows,
    // and is not read through at every look.
    let last: Vec<Number> = load(
        conn,
        format!(
            "SELECT batch_no AS number FROM {HISTORY} WHERE service = {service} AND direction = 'up' ORDER BY id DESC LIMIT 1"
        ),
    )?;
    let lease = lease_row(conn, name)?;
    Ok(Snapshot {
        is_unfinished: false,
        exists: true,
        foreign: if lease.is_some() { Vec::new() } else { adopt::left(conn, name, true)? },
        applied: applied(conn, &service)?,
        last_batch: last.first().map_or(0, |row| row.number),
        journal: journal(conn, &service)?,
        environment: lease.as_ref().map(|row| row.environment.clone()),
        // A process that is gone holds nothing.
        holder: lease.and_then(into_holder).filter(|holder| !holder.is_over(chrono::Utc::now())),
    })
}

/// Every service, at one instant.
pub fn services(conn: &mut SqliteConnection) -> Result<Vec<OfService>, StoreError> {
    conn.batch_execute("BEGIN").map_err(classify)?;
    let seen = services_inside(conn);
    let ended = conn.batch_execute("ROLLBACK").map_err(classify);
    let seen = seen?;
    ended?;
    Ok(seen)
}

fn services_inside(conn: &mut SqliteConnection) -> Result<Vec<OfService>, StoreError> {
    if !ledger_exists(conn) {
        return Ok(Vec::new());
    }
    let names: Vec<Name> = load(
        conn,
        format!("SELECT service AS name FROM {LEASE} UNION SELECT service FROM {LEDGER} ORDER BY 1"),
    )?;
    let each = names.into_iter().map(|Name { name: service }| {
        let snapshot = snapshot_inside(conn, &service)?;
        let failures = failures(conn, &service)?;
        Ok(OfService { service, snapshot, failures })
    });
    each.collect()
}

/// The other services that have something in the ledger, or are at work.
pub fn others(conn: &mut SqliteConnection, service: &str) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> = load(conn, foreign::others(&Place::of_service(service)))?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// By position, not by name: of all that is read here, only these rows are many.
fn applied(conn: &mut SqliteConnection, service: &str) -> Result<Vec<Applied>, StoreError> {
    type Row = (i64, String, String, String, String, i64, String, i64);
    let rows: Vec<Row> = sql::<(BigInt, Text, Text, Text, Text, BigInt, Text, BigInt)>(&format!(
        "SELECT id, name, hash, fingerprint, applied_at, batch_no, run_id, duration_ms FROM {LEDGER} WHERE service = {service} ORDER BY id"
    ))
    .load(conn)
    .map_err(classify)?;
    let applied = |(id, name, hash, fingerprint, applied_at, batch_no, run_id, duration_ms): Row| Applied {
        id,
        name,
        hash,
        fingerprint,
        applied_at,
        batch_no,
        run_id,
        duration_ms,
    };
    Ok(rows.into_iter().map(applied).collect())
}

fn journal(conn: &mut SqliteConnection, service: &str) -> Result<Vec<JournalRow>, StoreError> {
    let rows: Vec<StepRow> =
        load(conn, format!("SELECT {STEP} FROM {JOURNAL} WHERE service = {service} ORDER BY name, step"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

fn lease_row(conn: &mut SqliteConnection, service: &str) -> Result<Option<LeaseRow>, StoreError> {
    let rows = load(
        conn,
        format!(
            "SELECT environment, owner, fence, process, held_by, since, expires_at FROM {LEASE} WHERE service = {}",
            quote(service)
        ),
    )?;
    Ok(rows.into_iter().next())
}

fn into_holder(row: LeaseRow) -> Option<Holder> {
    Some(Holder {
        owner: row.owner?,
        fence: row.fence,
        process: row.process.unwrap_or_default(),
        by: row.held_by.unwrap_or_default(),
        since: row.since.unwrap_or_default(),
        expires_at: row.expires_at.unwrap_or_default(),
    })
}

pub fn holder(conn: &mut SqliteConnection, service: &str) -> Result<Option<Holder>, StoreError> {
    Ok(lease_row(conn, service)?.and_then(into_holder))
}

fn attempts(conn: &mut SqliteConnection, rest: &str) -> Result<Vec<Attempt>, StoreError> {
    if !ledger_exists(conn) {
        return Ok(Vec::new());
    }
    let rows: Vec<HistoryRow> = load(
        conn,
        format!(
            "SELECT name, direction, outcome, at, batch_no, run_id, duration_ms, hash, done_by, app_version, detail FROM {HISTORY} WHERE {rest}"
        ),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Newest first.
pub fn history(conn: &mut SqliteConnection, service: &str, limit: usize) -> Result<Vec<Attempt>, StoreError> {
    attempts(conn, &format!("service = {} ORDER BY id DESC LIMIT {limit}", quote(service)))
}

/// The last attempt of every migration, where it failed.
///
/// The `+` keeps SQLite from driving the query by the subquery: that one is evaluated where there
/// is a failed row at all.
pub fn failures(conn: &mut SqliteConnection, service: &str) -> Result<Vec<Attempt>, StoreError> {
    attempts(
        conn,
        &format!(
            "outcome = 'failed' AND +id IN (SELECT max(id) FROM {HISTORY} WHERE service = {} GROUP BY name) ORDER BY id",
            quote(service)
        ),
    )
}
