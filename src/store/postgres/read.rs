//! What is read of the ledger on PostgreSQL. Nothing here writes.

use std::time::Duration;

use diesel::sql_types::{Bool, Double, Integer, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::adopt;
use super::connect::{MARKED, classify};
use super::look::{self, parsed};
use crate::error::StoreError;
use crate::ledger::{self, Attempt, HISTORY, Holder, JOURNAL, LEASE, LEDGER, Place, Snapshot, Write, quote};
use crate::store::rows::{HistoryRow, STEP};

/// Whether the holder's backend is certainly gone. An ordinary role cannot read when another role's
/// backend began: such a one counts as alive, and its lease ends by expiry; so does one behind a
/// pooler, where no backend is recorded.
/// <https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW>
pub const GONE: &str = "process IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_stat_get_activity(split_part(process, ' ', 1)::int) a WHERE a.backend_start IS NULL OR extract(epoch FROM a.backend_start)::text = split_part(process, ' ', 2))";

/// All that one look sees: one row, so that it is one round trip.
#[derive(QueryableByName)]
struct Look {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    found: String,
    #[diesel(embed)]
    answered: Answered,
    #[diesel(embed)]
    look: look::Look,
}

/// What a database without a ledger says of itself.
#[derive(QueryableByName)]
struct Blank {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Nullable<Text>)]
    elsewhere: Option<String>,
    /// Whether a table has the name of another tool's ledger.
    #[diesel(sql_type = Bool)]
    others: bool,
    #[diesel(embed)]
    answered: Answered,
}

/// The backend that answered, for as long as the connection has the same one.
#[derive(Clone, Debug)]
pub struct Backend {
    pub pid: i32,
    /// In seconds, as the server writes it; where this role may see that.
    start: Option<String>,
    /// How long before the answer it began; where this role may see that.
    pub age: Option<Duration>,
    /// Whether it has what our startup packet said.
    pub marked: bool,
    /// Whether the server is another database, which speaks PostgreSQL's protocol.
    pub is_cockroach: bool,
}

impl Backend {
    /// By number and start: a number that was used again is not taken for the old one.
    pub fn process(&self) -> String {
        format!("{} {}", self.pid, self.start.as_deref().unwrap_or_default())
    }
}

impl From<Answered> for Backend {
    fn from(row: Answered) -> Self {
        let age = row.age.and_then(|age| Duration::try_from_secs_f64(age).ok());
        Self { pid: row.pid, start: row.start, age, marked: row.marked, is_cockroach: row.is_cockroach }
    }
}

/// What a look found.
pub struct Seen {
    pub snapshot: Snapshot,
    /// The ledger's schema.
    pub schema: String,
    /// Whether the service has its row.
    pub has_lease: bool,
    /// Whether there is a table that could be another tool's ledger, as far as that was asked.
    may_be_adopted: bool,
    pub backend: Backend,
}

pub fn load<R>(conn: &mut PgConnection, sql: String) -> Result<Vec<R>, StoreError>
where
    R: QueryableByName<diesel::pg::Pg> + 'static,
{
    sql_query(sql).load(conn).map_err(classify)
}

/// A time as the ledger shows it on every store.
fn time(column: &str) -> String {
    format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
}

/// The lease's row as JSON. It is over where it is free, its backend is gone, or it has expired; a
/// transaction that keeps a lock on the table is alive, whatever the expiry says.
fn lease_of(place: &Place) -> String {
    let locked = format!(
        "EXISTS (SELECT 1 FROM pg_locks k WHERE k.relation = {}::regclass AND k.granted AND k.mode IN ('RowShareLock', 'RowExclusiveLock') AND k.pid <> pg_backend_pid() AND (process IS NULL OR k.pid::text = split_part(process, ' ', 1)))",
        quote(&place.table(LEASE))
    );
    format!(
        "(SELECT json_build_object('environment', environment, 'owner', owner, 'fence', fence, 'held_by', held_by, 'since', {}, 'expires_at', {}, 'over', owner IS NULL OR ({GONE}) OR (expires_at <= clock_timestamp() AND NOT {locked}))::text FROM {} WHERE service = {})",
        time("since"),
        time("expires_at"),
        place.table(LEASE),
        quote(&place.service),
    )
}

/// All that a plan needs to know: one round trip where there is a ledger. A place without a schema
/// is looked for on the search path.
pub fn look(conn: &mut PgConnection, place: &Place) -> Result<Seen, StoreError> {
    let first = look_once(conn, place);
    let mut seen = match first {
        // Between its two questions, another run made the tables.
        Err(StoreError::Query(message)) if message.contains("does not exist") => look_once(conn, place),
        seen => seen,
    }?;
    // The first look of a service: another tool may have something of it.
    if !seen.has_lease && seen.may_be_adopted {
        let mut place = place.clone();
        place.schema.clone_from(&seen.schema);
        seen.snapshot.foreign = adopt::left(conn, &place, seen.snapshot.exists)?;
    }
    Ok(seen)
}

fn look_once(conn: &mut PgConnection, place: &Place) -> Result<Seen, StoreError> {
    let service = quote(&place.service);
    let ledger = place.table(LEDGER);
    let looked: Result<Vec<Look>, _> = load(
        conn,
        format!(
            "SELECT coalesce(current_schema(), 'public')::text AS schema,
 (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {}::regclass)::text AS found,
 {ANSWERED}, {MARKED} AS marked,
 {} AS lease,
 coalesce((SELECT batch_no FROM {} WHERE service = {service} AND direction = 'up' ORDER BY id DESC LIMIT 1), 0) AS last_batch,
 coalesce((SELECT json_agg(json_build_array(id, name, hash, fingerprint, applied_at AT TIME ZONE 'UTC', batch_no, run_id, duration_ms) ORDER BY id) FROM {ledger} WHERE service = {service}), '[]')::text AS applied,
 coalesce((SELECT json_agg(json_build_array({STEP}) ORDER BY name, step) FROM {} WHERE service = {service}), '[]')::text AS steps FROM {ME}",
            quote(&ledger),
            lease_of(place),
            place.table(HISTORY),
            place.table(JOURNAL),
        ),
    );
    match looked {
        Ok(rows) => match rows.into_iter().next() {
            // Found further down the search path: not the one that would be made.
            Some(row) if place.schema.is_empty() && row.found != row.schema => blank(conn, place, None),
            Some(row) => seen(row),
            None => Err(StoreError::Query("the ledger gave no answer".to_owned())),
        },
        Err(error @ StoreError::Query(_)) => blank(conn, place, Some(error)),
        Err(error) => Err(error),
    }
}

/// As the ledger shows it on every store, from what JSON has: `2026-03-01T09:12:44.5`. The server's own
/// formatting of a thousand times is half of the time of a look.
fn with_milliseconds(time: String) -> String {
    let (seconds, part) = time.split_once('.').unwrap_or((&time, ""));
    format!("{seconds}.{part:0<3.3}Z")
}

fn seen(row: Look) -> Result<Seen, StoreError> {
    let (snapshot, has_lease) = row.look.snapshot(with_milliseconds, |time: String| time)?;
    Ok(Seen { snapshot, has_lease, may_be_adopted: true, schema: row.found, backend: row.answered.into() })
}

/// A database in which the ledger could not be read: there is none, or it is not ours, or `error`
/// says why.
fn blank(conn: &mut PgConnection, place: &Place, error: Option<StoreError>) -> Result<Seen, StoreError> {
    let schema = match place.schema.as_str() {
        "" => "coalesce(current_schema(), 'public')".to_owned(),
        schema => quote(schema),
    };
    let columns = |of: &str| {
        format!(
            "SELECT coalesce(json_agg(attname), '[]')::text FROM pg_attribute WHERE attrelid = {of} AND attnum > 0 AND NOT attisdropped"
        )
    };
    let rows: Vec<Blank> = load(
        conn,
        format!(
            "SELECT {schema}::text AS schema, ({}) AS columns, (SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass('{LEDGER}') AND ({}) LIKE '%fingerprint%') AS elsewhere, EXISTS (SELECT 1 FROM pg_class c WHERE c.relname IN ({})) AS others, {ANSWERED}, {MARKED} AS marked FROM {ME}",
            columns(&format!("to_regclass(format('%I.{LEDGER}', {schema}))")),
            columns("c.oid"),
            ledger::foreign_names(None),
        ),
    )?;
    let Some(row) = rows.into_iter().next() else {
        return Err(StoreError::Query("the catalog gave no answer".to_owned()));
    };
    let columns: Vec<String> = parsed(&row.columns)?;
    if let Some(tool) = ledger::foreign_ledger(&columns) {
        return Err(StoreError::ForeignLedger { tool });
    }
    match (columns.is_empty(), row.elsewhere, error) {
        (true, Some(found), _) if place.schema.is_empty() => {
            Err(StoreError::LedgerElsewhere { found, current: row.schema })
        }
        (true, ..) => Ok(Seen {
            snapshot: Snapshot::default(),
            schema: row.schema,
            has_lease: false,
            may_be_adopted: row.others,
            backend: row.answered.into(),
        }),
        (false, _, Some(error)) => Err(error),
        (false, _, None) => Err(StoreError::Query("the ledger changed while it was read".to_owned())),
    }
}

#[derive(QueryableByName)]
struct Answered {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Nullable<Text>)]
    start: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    age: Option<f64>,
    #[diesel(sql_type = Bool)]
    marked: bool,
    #[diesel(sql_type = Bool)]
    is_cockroach: bool,
}

/// The columns of [`Answered`], from [`ME`].
const ANSWERED: &str = "version() LIKE '%CockroachDB%' AS is_cockroach, pg_backend_pid() AS pid, extract(epoch FROM me.backend_start)::text AS start, extract(epoch FROM clock_timestamp() - me.backend_start)::float8 AS age";

/// The session itself. Without the view's joins, which would be most of the work of a look.
const ME: &str = "pg_stat_get_activity(pg_backend_pid()) me";

/// The backend that answers now.
pub fn backend(conn: &mut PgConnection) -> Result<Backend, StoreError> {
    let row: Answered = sql_query(format!("SELECT {ANSWERED}, {MARKED} AS marked FROM {ME}"))
        .get_result(conn)
        .map_err(classify)?;
    Ok(row.into())
}

#[derive(QueryableByName)]
struct Identity {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    schema: String,
}

/// Which database it is, and its first schema, in words that each of them understands.
pub fn identity(conn: &mut PgConnection) -> Result<(bool, String), StoreError> {
    let row: Identity =
        sql_query("SELECT version()::TEXT AS version, coalesce(current_schema(), 'public')::TEXT AS schema")
            .get_result(conn)
            .map_err(classify)?;
    Ok((row.version.contains("CockroachDB"), row.schema))
}

pub fn holder(conn: &mut PgConnection, place: &Place) -> Result<Option<Holder>, StoreError> {
    look::holder(conn, &lease_of(place), |time: String| time)
}

#[derive(QueryableByName)]
struct Service {
    #[diesel(sql_type = Text)]
    service: String,
}

/// The names of all services that have something in the ledger, in their order.
pub fn services(conn: &mut PgConnection, place: &Place) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Service> = load(
        conn,
        format!(
            "SELECT service FROM {} UNION SELECT service FROM {}",
            place.table(LEASE),
            place.table(LEDGER)
        ),
    )?;
    let mut names: Vec<String> = rows.into_iter().map(|row| row.service).collect();
    // Not by the database's collation: on every store the same.
    names.sort();
    Ok(names)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

fn attempts(conn: &mut PgConnection, place: &Place, rest: &str) -> Result<Vec<Attempt>, StoreError> {
    let rows: Vec<HistoryRow> = load(
        conn,
        format!(
            "SELECT name, direction, outcome, {} AS at, batch_no, run_id, duration_ms, hash, done_by, app_version, detail FROM {} WHERE {rest}",
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

/// Whether what `writes` say is in the database: how a commit ended whose answer was lost.
pub fn is_written(conn: &mut PgConnection, place: &Place, writes: &[Write]) -> Result<bool, StoreError> {
    let mut written = false;
    for write in writes {
        written |= match write {
            Write::Attempt(attempt) => found(conn, ledger::attempt_exists(attempt, place))?,
            Write::Step(row) => found(conn, ledger::step_exists(row, place))?,
            _ => false,
        };
    }
    Ok(written)
}
