//! The lease on PostgreSQL: a row that is locked by each migration's transaction. A locked row is
//! alive, and nobody waits for it inside the database. Times are the server's.

use diesel::connection::SimpleConnection;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::read::GONE;
use super::{classify, read};
use crate::error::StoreError;
use crate::lease::{Claim, Claimed, LASTS};
use crate::ledger::{self, Dialect, Holder, LEASE, Place, quote};

/// The backend, by number and start: a number that was used again is not taken for the old one.
const BACKEND: &str = "(SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid())";

fn expiry() -> String {
    format!("clock_timestamp() + interval '{} seconds'", LASTS.as_secs())
}

fn table(place: &Place) -> String {
    place.table(LEASE)
}

/// The ledger's tables, where they are missing.
pub fn tables(place: &Place) -> String {
    ledger::create_tables(Dialect::Postgres, place)
}

/// One statement: locks the row, renews it, and fails with a division by zero where the lease is
/// not ours any more.
///
/// Behind a pooler the backend may be another one each time; the row then names the one that holds
/// it now.
pub fn hold(place: &Place, owner: &str, fence: i64) -> String {
    format!(
        "WITH held AS (UPDATE {} SET expires_at = {}, process = {BACKEND} WHERE service = {} AND owner = {} AND fence = {fence} RETURNING 1) SELECT 1 / count(*) FROM held",
        table(place),
        expiry(),
        quote(&place.service),
        quote(owner),
    )
}

#[derive(QueryableByName)]
struct Free {
    #[diesel(sql_type = BigInt)]
    fence: i64,
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Bool)]
    free: bool,
}

pub fn claim(conn: &mut PgConnection, place: &Place, claim: &Claim) -> Result<Claimed, StoreError> {
    prepare(conn, place, claim)?;
    let service = quote(&place.service);
    conn.transaction(|conn| {
        // A row that another transaction has locked is left out: it is held, and alive.
        let rows: Vec<Free> = sql_query(format!(
            "SELECT fence, environment, owner IS NULL OR expires_at <= clock_timestamp() OR {GONE} AS free FROM {} WHERE service = {service} FOR UPDATE SKIP LOCKED",
            table(place)
        ))
        .load(conn)?;
        let Some(row) = rows.into_iter().next().filter(|row| row.free) else { return Ok(None) };
        let fence = row.fence + 1;
        let environment = if (claim.strength)(&row.environment) > (claim.strength)(&claim.environment) {
            &row.environment
        } else {
            &claim.environment
        };
        conn.batch_execute(&format!(
            "UPDATE {} SET owner = {}, fence = {fence}, environment = {}, process = {BACKEND}, held_by = {}, since = clock_timestamp(), expires_at = {} WHERE service = {service}",
            table(place),
            quote(&claim.owner),
            quote(environment),
            quote(&claim.by),
            expiry(),
        ))?;
        Ok(Some(fence))
    })
    .map_err(classify)
    .and_then(|fence| match fence {
        Some(fence) => Ok(Claimed::Ours { fence }),
        None => Ok(read::holder(conn, place)?.map_or(Claimed::Busy, Claimed::Held)),
    })
}

/// Makes the tables and the row, where they are missing: an insert, also one that does nothing on a
/// conflict, would wait for the transaction of a holder.
///
/// `IF NOT EXISTS` does not keep two sessions apart that create the same table at once: the loser
/// gets an error about the catalog, and looks again.
fn prepare(conn: &mut PgConnection, place: &Place, claim: &Claim) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let columns = read::columns(conn, place)?;
        if let Some(tool) = ledger::foreign_ledger(&columns) {
            return Err(StoreError::ForeignLedger { tool });
        }
        if !columns.is_empty() && read::has_lease(conn, place)? {
            return Ok(());
        }
        let made = conn.transaction(|conn| {
            conn.batch_execute(&format!(
                "{}; INSERT INTO {} (service, environment, fence) VALUES ({}, {}, 0) ON CONFLICT DO NOTHING",
                tables(place),
                table(place),
                quote(&place.service),
                quote(&claim.environment),
            ))
        });
        match made {
            Ok(()) => return Ok(()),
            Err(error) if tries < 20 && is_race(&error) => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(5 * tries));
            }
            Err(error) => return Err(no_right(error, place)),
        }
    }
}

fn is_race(error: &DieselError) -> bool {
    let message = error.to_string();
    message.contains("pg_type_typname_nsp_index")
        || message.contains("pg_class_relname_nsp_index")
        || message.contains("already exists")
        || message.contains("tuple concurrently updated")
}

fn no_right(error: DieselError, place: &Place) -> StoreError {
    if error.to_string().contains("permission denied for schema") {
        return StoreError::Open {
            target: format!("the ledger's tables in schema {}", place.schema),
            why: "this role may not create tables there".to_owned(),
            hint: Some(format!(
                "as the database's owner: GRANT USAGE, CREATE ON SCHEMA {} TO the_role",
                place.schema
            )),
        };
    }
    classify(error)
}

/// The statement that renews the lease, where it is still ours.
pub fn renewal(place: &Place, owner: &str, fence: i64) -> String {
    format!(
        "UPDATE {} SET expires_at = {} WHERE service = {} AND owner = {} AND fence = {fence}",
        table(place),
        expiry(),
        quote(&place.service),
        quote(owner),
    )
}

/// From the heartbeat's own connection: the backend stays the one of the run.
pub fn renew(conn: &mut PgConnection, place: &Place, owner: &str, fence: i64) -> Result<(), StoreError> {
    conn.batch_execute(&renewal(place, owner, fence)).map_err(classify)
}

const FREE: &str = "owner = NULL, process = NULL, held_by = NULL, since = NULL, expires_at = NULL";

pub fn release(conn: &mut PgConnection, place: &Place, owner: &str, fence: i64) -> Result<(), StoreError> {
    conn.batch_execute(&format!(
        "UPDATE {} SET {FREE} WHERE service = {} AND owner = {} AND fence = {fence}",
        table(place),
        quote(&place.service),
        quote(owner),
    ))
    .map_err(classify)
}

/// Frees the lease whoever has it; the next fence stops a holder that still lives. Waits for a
/// migration that runs, for the lock timeout at most.
pub fn take_away(conn: &mut PgConnection, place: &Place) -> Result<Option<Holder>, StoreError> {
    if !read::ledger_exists(conn, place) {
        return Ok(None);
    }
    let holder = read::holder(conn, place)?;
    conn.batch_execute(&format!(
        "BEGIN; SET LOCAL lock_timeout = '5s'; UPDATE {} SET fence = fence + 1, {FREE} WHERE service = {}; COMMIT",
        table(place),
        quote(&place.service)
    ))
    .map_err(|error| {
        let _ = conn.batch_execute("ROLLBACK");
        classify(error)
    })?;
    Ok(holder)
}
