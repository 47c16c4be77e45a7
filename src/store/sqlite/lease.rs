//! The lease on SQLite: a row that is read and written under the database's write lock.

use chrono::Utc;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::read;
use super::statement::classify;
use crate::error::StoreError;
use crate::lease::{Claim, Claimed, LASTS};
use crate::ledger::{self, Dialect, HISTORY, Holder, LEASE, Place, quote, quote_name, timestamp};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
    #[diesel(sql_type = BigInt)]
    fence: i64,
}

fn row(conn: &mut SqliteConnection, service: &str) -> Result<Option<Row>, StoreError> {
    let rows: Vec<Row> = sql_query(format!(
        "SELECT environment, owner, fence FROM {LEASE} WHERE service = {}",
        quote(service)
    ))
    .load(conn)
    .map_err(classify)?;
    Ok(rows.into_iter().next())
}

/// Runs `body` under the write lock.
fn locked<T>(
    conn: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE").map_err(classify)?;
    let end = body(conn).and_then(|value| {
        AnsiTransactionManager::commit_transaction(conn).map_err(classify)?;
        Ok(value)
    });
    if end.is_err() {
        let _ = AnsiTransactionManager::rollback_transaction(conn);
    }
    end
}

fn expiry() -> String {
    timestamp(Utc::now() + LASTS)
}

pub fn claim(conn: &mut SqliteConnection, service: &str, claim: &Claim) -> Result<Claimed, StoreError> {
    let claimed = locked(conn, |conn| {
        if let Some(tool) = ledger::foreign_ledger(&read::columns(conn)?) {
            return Err(StoreError::ForeignLedger { tool });
        }
        create_tables(conn)?;
        if let Some(holder) = read::holder(conn, service)?
            && !holder.is_over(Utc::now())
        {
            return Ok(Claimed::Held(holder));
        }
        let before = row(conn, service)?;
        let fence = before.as_ref().map_or(0, |row| row.fence) + 1;
        let environment = match &before {
            Some(row) if (claim.strength)(&row.environment) > (claim.strength)(&claim.environment) => {
                &row.environment
            }
            _ => &claim.environment,
        };
        conn.batch_execute(&format!(
            "INSERT OR REPLACE INTO {LEASE} (service, environment, owner, fence, process, held_by, since, expires_at) VALUES ({}, {}, {}, {fence}, {}, {}, {}, {})",
            quote(service),
            quote(environment),
            quote(&claim.owner),
            quote(&claim.process),
            quote(&claim.by),
            quote(&timestamp(Utc::now())),
            quote(&expiry()),
        ))
        .map_err(classify)?;
        Ok(Claimed::Ours { fence })
    });
    match claimed {
        // A writer does not keep readers out: its row says who it is.
        Err(StoreError::Busy) => Ok(match read::holder(conn, service) {
            Ok(Some(holder)) => Claimed::Held(holder),
            _ => Claimed::Busy,
        }),
        other => other,
    }
}

/// In an open transaction: fails where the lease is not ours any more, and renews it where asked.
pub fn check(
    conn: &mut SqliteConnection,
    service: &str,
    owner: &str,
    fence: i64,
    is_due: bool,
) -> Result<(), StoreError> {
    match row(conn, service)? {
        Some(row) if row.owner.as_deref() == Some(owner) && row.fence == fence => {}
        _ => return Err(StoreError::LeaseLost),
    }
    if is_due {
        renew(conn, service, owner, fence)?;
    }
    Ok(())
}

/// Renews the lease, where it is still ours.
pub fn renew(conn: &mut SqliteConnection, service: &str, owner: &str, fence: i64) -> Result<(), StoreError> {
    conn.batch_execute(&format!(
        "UPDATE {LEASE} SET expires_at = {} WHERE service = {} AND owner = {} AND fence = {fence}",
        quote(&expiry()),
        quote(service),
        quote(owner),
    ))
    .map_err(classify)
}

const FREE: &str = "owner = NULL, process = NULL, held_by = NULL, since = NULL, expires_at = NULL";

pub fn release(
    conn: &mut SqliteConnection,
    service: &str,
    owner: &str,
    fence: i64,
) -> Result<(), StoreError> {
    conn.batch_execute(&format!(
        "UPDATE {LEASE} SET {FREE} WHERE service = {} AND owner = {} AND fence = {fence}",
        quote(service),
        quote(owner),
    ))
    .map_err(classify)
}

/// Frees the lease whoever has it; the next fence stops a holder that still lives.
pub fn take_away(conn: &mut SqliteConnection, service: &str) -> Result<Option<Holder>, StoreError> {
    locked(conn, |conn| {
        if !read::ledger_exists(conn) {
            return Ok(None);
        }
        let holder = read::holder(conn, service)?;
        conn.batch_execute(&format!(
            "UPDATE {LEASE} SET fence = fence + 1, {FREE} WHERE service = {}",
            quote(service)
        ))
        .map_err(classify)?;
        Ok(holder)
    })
}

/// In an open transaction with foreign keys off: drops everything but the lease and the history,
/// which is only ever appended to, and makes the other tables of the ledger anew.
pub fn erase(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Object {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        name: String,
    }
    // Virtual tables first: they take tables of their own with them.
    for selection in
        ["type = 'table' AND sql LIKE 'CREATE VIRTUAL%'", "type IN ('view', 'trigger')", "type = 'table'"]
    {
        let objects: Vec<Object> = sql_query(format!(
            "SELECT type AS kind, name FROM sqlite_master WHERE {selection} AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT IN ('{LEASE}', '{HISTORY}')"
        ))
        .load(conn)
        .map_err(classify)?;
        for Object { kind, name } in objects {
            let name = quote_name(&name);
            conn.batch_execute(&format!("DROP {kind} IF EXISTS {name}")).map_err(classify)?;
        }
    }
    create_tables(conn)
}

pub fn create_tables(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    // The names are the same for every service.
    let tables = ledger::create_tables(Dialect::Sqlite, &Place::of_service(""));
    conn.batch_execute(&tables).map_err(classify)
}
