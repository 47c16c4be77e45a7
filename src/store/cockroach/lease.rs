//! The lease on CockroachDB: a row that each transaction of a body writes to first, so that a takeover
//! cannot overlap with it: what was only locked for update may be forgotten there, what was written is not.
//! <https://www.cockroachlabs.com/docs/stable/select-for-update>

use diesel::PgConnection;
use diesel::connection::SimpleConnection;

use crate::error::StoreError;
use crate::lease::Claim;
use crate::ledger::{self, Dialect, LEASE, Place, quote};
use crate::store::postgres::connect::is_retry;
use crate::store::postgres::lease::{LOST, claimed, expiry, no_right, ours, stronger};

/// Renews the lease, and fails where it is not ours any more.
pub fn hold(place: &Place, owner: &str, fence: i64) -> String {
    format!(
        "WITH held AS (UPDATE {} SET expires_at = {} WHERE {} RETURNING fence) SELECT CASE WHEN count(*) = 1 THEN 1 ELSE concat('{LOST} ', count(*)::TEXT)::INT8 END FROM held",
        place.table(LEASE),
        expiry(),
        ours(place, owner, fence),
    )
}

/// One attempt, in one round trip: the fence, where the lease was free or has expired. A row that another
/// transaction has written to is left out: its holder lives.
pub fn claim(
    conn: &mut PgConnection,
    place: &Place,
    claim: &Claim,
    seen: &str,
) -> Result<Option<i64>, StoreError> {
    let (table, service) = (place.table(LEASE), quote(&place.service));
    let sql = format!(
        "WITH free AS (SELECT service FROM {table} WHERE service = {service} AND (owner IS NULL OR expires_at <= clock_timestamp()) FOR UPDATE SKIP LOCKED)
 UPDATE {table} AS l SET owner = {}, fence = l.fence + 1, process = {}, held_by = {}, since = clock_timestamp(), expires_at = {}, environment = CASE WHEN l.environment = {} THEN {} ELSE l.environment END
 FROM free WHERE l.service = free.service RETURNING l.fence AS fence, NULL::TEXT AS position",
        quote(&claim.owner),
        quote(&claim.process),
        quote(&claim.by),
        expiry(),
        quote(seen),
        quote(stronger(claim, seen)),
    );
    Ok(claimed(conn, sql)?.map(|(fence, _)| fence))
}

/// Makes the tables, each on its own since that is how CockroachDB changes a schema, and the row.
pub fn prepare(
    conn: &mut PgConnection,
    place: &Place,
    environment: &str,
    chosen: bool,
) -> Result<(), StoreError> {
    let mut statements = Vec::new();
    if chosen {
        statements.push(format!("CREATE SCHEMA IF NOT EXISTS {}", place.quoted_schema()));
    }
    let tables = ledger::create_tables(Dialect::Cockroach, place);
    statements.extend(tables.split(";\n").map(str::to_owned).filter(|table| !table.is_empty()));
    statements.push(format!(
        "INSERT INTO {} (service, environment, fence) VALUES ({}, {}, 0) ON CONFLICT DO NOTHING",
        place.table(LEASE),
        quote(&place.service),
        quote(environment),
    ));
    for statement in statements {
        made(conn, &statement, place)?;
    }
    Ok(())
}

/// Sends what may have been done by somebody else at the same time.
fn made(conn: &mut PgConnection, statement: &str, place: &Place) -> Result<(), StoreError> {
    let mut tries = 0;
    while let Err(error) = conn.batch_execute(statement) {
        let message = error.to_string();
        let passes = is_retry(&error)
            || [
                "already exists",
                "pg_type_typname_nsp_index",
                "pg_class_relname_nsp_index",
                "pg_namespace_nspname_index",
            ]
            .iter()
            .any(|part| message.contains(part));
        tries += 1;
        if !passes || tries > 20 {
            return Err(no_right(error, place));
        }
        std::thread::sleep(std::time::Duration::from_millis(5 * tries + crate::lease::jitter() / 8));
    }
    Ok(())
}
