//! The lease on PostgreSQL: a row that is locked by each migration's transaction. A locked row is
//! alive, and nobody waits for it inside the database. Times are the server's.

use diesel::connection::SimpleConnection;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::{batch, classify, is_retry};
use super::read::{Backend, GONE};
use crate::error::StoreError;
use crate::lease::{Claim, LASTS, RENEWED_EVERY};
use crate::ledger::{self, Dialect, LEASE, Place, quote};

/// What a failed check says, in whatever language the server speaks.
pub const LOST: &str = "updown: the lease was lost";

pub fn expiry() -> String {
    format!("clock_timestamp() + interval '{} seconds'", LASTS.as_secs())
}

pub fn ours(place: &Place, owner: &str, fence: i64) -> String {
    format!("service = {} AND owner = {} AND fence = {fence}", quote(&place.service), quote(owner))
}

/// The backend that holds the lease, as long as it is this one: behind a pooler it may be another one
/// each time, and then none is recorded. `backend` is the one that the connection had; none where a
/// pooler was found.
fn process(backend: Option<&Backend>) -> String {
    backend.map_or_else(
        || "NULL".to_owned(),
        |backend| {
            format!("CASE WHEN pg_backend_pid() = {} THEN {} END", backend.pid, quote(&backend.process()))
        },
    )
}

/// Locks the row, and fails where the lease is not ours any more.
pub fn hold(place: &Place, owner: &str, fence: i64) -> String {
    format!(
        "SELECT CASE WHEN count(*) = 1 THEN 1 ELSE ('{LOST} ' || count(*))::int END FROM (SELECT 1 FROM {} WHERE {} FOR UPDATE) held",
        place.table(LEASE),
        ours(place, owner, fence),
    )
}

pub fn is_lost(error: &StoreError) -> bool {
    matches!(error, StoreError::Query(message) if message.contains(LOST))
}

/// Renews the lease from the run's own connection, where it is still ours.
pub fn renewal(place: &Place, owner: &str, fence: i64, backend: Option<&Backend>) -> String {
    format!(
        "UPDATE {} SET expires_at = {}, process = {} WHERE {};",
        place.table(LEASE),
        expiry(),
        process(backend),
        ours(place, owner, fence),
    )
}

/// The same in one batch with a body, where that took long: nobody knows when it is sent.
pub fn renewal_of_long(place: &Place, owner: &str, fence: i64, backend: Option<&Backend>) -> String {
    let renewal = renewal(place, owner, fence, backend);
    let long = RENEWED_EVERY.as_secs() / 2;
    format!(
        "{} AND clock_timestamp() > statement_timestamp() + interval '{long} s';",
        renewal.trim_end_matches(';')
    )
}

/// Renews it from another connection: the backend stays the one of the run.
pub fn prolong(place: &Place, owner: &str, fence: i64) -> String {
    format!("UPDATE {} SET expires_at = {} WHERE {}", place.table(LEASE), expiry(), ours(place, owner, fence),)
}

#[derive(QueryableByName)]
struct Fence {
    #[diesel(sql_type = BigInt)]
    fence: i64,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = Text)]
    position: String,
}

/// Where the write-ahead log is.
/// <https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP>
const POSITION: &str = "pg_current_wal_lsn()::text";

/// The same now, where it can be seen.
pub fn position(conn: &mut PgConnection) -> Option<String> {
    let row: Position = sql_query(format!("SELECT {POSITION} AS position")).get_result(conn).ok()?;
    Some(row.position)
}

/// What a claim sets as the environment, where the row was last `seen` with another: the stronger one.
pub fn stronger<'a>(claim: &'a Claim, seen: &'a str) -> &'a str {
    if (claim.strength)(seen) > (claim.strength)(&claim.environment) { seen } else { &claim.environment }
}

/// Sends a claim, which returns `fence` and `position`: both, where the lease was free.
pub fn claimed(conn: &mut PgConnection, sql: String) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let claimed: Result<Vec<Fence>, _> = sql_query(sql).load(conn);
    match claimed {
        Ok(rows) => Ok(rows.into_iter().next().map(|row| (row.fence, row.position))),
        // Who comes second is told so, on CockroachDB, and where the role's isolation is stricter than the default.
        Err(error) if is_retry(&error) => Ok(None),
        Err(error) => match classify(error) {
            StoreError::Busy => Ok(None),
            error => Err(error),
        },
    }
}

/// One attempt, in one round trip: the fence, where the lease was free, and where the log was. A row that another transaction
/// has locked is left out: it is held, and alive.
///
/// `seen` is the environment that the row was last seen with; a stronger one stays.
pub fn claim(
    conn: &mut PgConnection,
    place: &Place,
    claim: &Claim,
    seen: &str,
    backend: Option<&Backend>,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let (table, service) = (place.table(LEASE), quote(&place.service));
    let sql = |position: &str| {
        format!(
        "WITH free AS (SELECT service FROM {table} WHERE service = {service} AND (owner IS NULL OR expires_at <= clock_timestamp() OR ({GONE})) FOR UPDATE SKIP LOCKED)
 UPDATE {table} l SET owner = {}, fence = fence + 1, process = {}, held_by = {}, since = clock_timestamp(), expires_at = {}, environment = CASE WHEN environment = {} THEN {} ELSE environment END
 FROM free WHERE l.service = free.service RETURNING fence, {position} AS position",
        quote(&claim.owner),
        process(backend),
        quote(&claim.by),
        expiry(),
        quote(seen),
        quote(stronger(claim, seen)),
    )
    };
    match claimed(conn, sql(POSITION)) {
        // Not every role may see it, and not every server that speaks this protocol has one.
        Err(StoreError::Query(_)) => claimed(conn, sql("NULL::text")),
        claimed => claimed,
    }
}

/// Makes the tables and the row: where they are missing, since an insert that does nothing on a
/// conflict would still wait for the transaction of a holder.
///
/// `IF NOT EXISTS` does not keep two sessions apart that create the same table at once: the loser
/// gets an error about the catalog, and tries again. A schema is made only where it was `chosen`.
pub fn prepare(
    conn: &mut PgConnection,
    place: &Place,
    environment: &str,
    lock_timeout: u128,
    chosen: bool,
) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let made = conn.batch_execute(&format!(
            "BEGIN; SET LOCAL lock_timeout = {lock_timeout}; {}; INSERT INTO {} (service, environment, fence) VALUES ({}, {}, 0) ON CONFLICT DO NOTHING; COMMIT",
            ledger::create_tables(Dialect::Postgres, place),
            place.table(LEASE),
            quote(&place.service),
            quote(environment),
        ));
        if made.is_err() {
            let _ = conn.batch_execute("ROLLBACK");
        }
        match made {
            Ok(()) => return Ok(()),
            Err(error) if tries < 20 && is_race(&error.to_string()) => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(5 * tries));
            }
            Err(error) if tries < 20 && chosen && is_missing_schema(&error) => {
                tries += 1;
                let made = batch(conn, &format!("CREATE SCHEMA IF NOT EXISTS {}", place.quoted_schema()));
                // Somebody else may have made it meanwhile: the tables tell.
                if let Err(StoreError::Query(message)) = made
                    && message.contains("permission denied")
                {
                    return Err(no_right(error, place));
                }
            }
            Err(error) => return Err(no_right(error, place)),
        }
    }
}

/// Whether a message says that somebody else has made the same at the same time.
pub fn is_race(message: &str) -> bool {
    message.contains("pg_type_typname_nsp_index")
        || message.contains("pg_class_relname_nsp_index")
        || message.contains("already exists")
        || message.contains("tuple concurrently updated")
        || message.contains("lock timeout")
        || message.contains("deadlock detected")
}

/// Makes the tables in the transaction that is open.
pub fn make_tables(conn: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    let tables = ledger::create_tables(Dialect::Postgres, place);
    conn.batch_execute(&tables).map_err(|error| no_right(error, place))
}

fn is_missing_schema(error: &DieselError) -> bool {
    let message = error.to_string();
    message.contains("schema") && message.contains("does not exist")
}

pub fn no_right(error: DieselError, place: &Place) -> StoreError {
    let message = error.to_string();
    let schema = place.quoted_schema();
    let (why, hint) = if message.contains("permission denied for schema") {
        (
            "this role may not create tables there (since PostgreSQL 15 nobody but the owner may in `public`)",
            format!(
                "as the database's owner: GRANT USAGE, CREATE ON SCHEMA {schema} TO the_role; or keep the ledger in a schema of \
                 its own with `--ledger-schema NAME`"
            ),
        )
    } else if message.contains("permission denied for table") {
        (
            "this role may not use the ledger's tables",
            format!(
                "as their owner: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO the_role; \
                 GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO the_role"
            ),
        )
    } else if is_missing_schema(&error) {
        (
            "there is no such schema, and this role may not make it",
            format!("as the database's owner: CREATE SCHEMA {schema} AUTHORIZATION the_role"),
        )
    } else {
        return classify(error);
    };
    StoreError::Open {
        target: format!("the ledger's tables in schema {}", place.schema),
        why: why.to_owned(),
        hint: Some(hint),
    }
}

const FREE: &str = "owner = NULL, process = NULL, held_by = NULL, since = NULL, expires_at = NULL";

/// Gives the lease back, where it is still ours.
pub fn release(place: &Place, owner: &str, fence: i64) -> String {
    format!("UPDATE {} SET {FREE} WHERE {}", place.table(LEASE), ours(place, owner, fence))
}

/// Frees the lease whoever has it; the next fence stops a holder that still lives.
pub fn freeing(place: &Place) -> String {
    format!(
        "UPDATE {} SET fence = fence + 1, {FREE} WHERE service = {}",
        place.table(LEASE),
        quote(&place.service)
    )
}

/// Frees it, and waits for a migration that runs, for the lock timeout at most.
pub fn take_away(conn: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    batch(conn, &format!("BEGIN; SET LOCAL lock_timeout = '5s'; {}; COMMIT", freeing(place))).inspect_err(
        |_| {
            let _ = conn.batch_execute("ROLLBACK");
        },
    )
}
