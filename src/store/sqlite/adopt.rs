//! The ledgers of other tools on SQLite: found, and taken over in one transaction under the database's write lock.

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;

use super::statement::classify;
use super::{lease, read};
use crate::error::StoreError;
use crate::ledger::{
    self, Foreign, HISTORY, JOURNAL, Kept, LEASE, LEDGER, Place, Since, Texts, Tool, Write, foreign_ledger,
    quote, timestamp,
};
use crate::store::foreign::{self, Column};
use crate::store::{Taken, Takeover, Undone};

fn hex(column: &str) -> String {
    format!("hex({column})")
}

fn batch(conn: &mut SqliteConnection, sql: &str) -> Result<(), StoreError> {
    conn.batch_execute(sql).map_err(classify)
}

/// All that are there, and were not taken over; or the table that somebody has `named`.
pub fn there(conn: &mut SqliteConnection, named: Option<&str>) -> Result<Vec<Foreign>, StoreError> {
    let columns: Vec<Column> = read::load(
        conn,
        format!(
            "SELECT '' AS schema, t.name AS \"table\", c.name AS \"column\" FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name IN ({}) ORDER BY t.name, c.cid",
            ledger::foreign_names(named)
        ),
    )?;
    Ok(foreign::ledgers(columns, &Place::of_service(""), named))
}

/// Those that have something of a service which is not in our own ledger, where that `exists`.
pub fn left(conn: &mut SqliteConnection, service: &str, exists: bool) -> Result<Vec<Foreign>, StoreError> {
    let place = Place::of_service(service);
    let mut left = Vec::new();
    for from in there(conn, None)? {
        let sql = foreign::has_something(&from, service, exists.then_some(&place));
        if foreign::found(conn, sql).map_err(classify)? {
            left.push(from);
        }
    }
    Ok(left)
}

pub fn rows(conn: &mut SqliteConnection, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
    foreign::rows(conn, foreign::select(from, hex)).map_err(classify)
}

/// Runs `body` under the write lock. What it returns says whether anything stays.
fn locked<T>(
    conn: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> Result<(T, bool), StoreError>,
) -> Result<T, StoreError> {
    foreign::in_one(conn, "BEGIN IMMEDIATE", classify, body)
}

pub fn adopt(
    conn: &mut SqliteConnection,
    service: &str,
    takeover: &mut Takeover<'_>,
) -> Result<Taken, StoreError> {
    let taken = locked(conn, |conn| adopt_inside(conn, service, takeover));
    match taken {
        Err(StoreError::Busy) => Ok(Taken::Busy),
        taken => taken,
    }
}

fn adopt_inside(
    conn: &mut SqliteConnection,
    service: &str,
    Takeover { from, claim, decide }: &mut Takeover<'_>,
) -> Result<(Taken, bool), StoreError> {
    if !there(conn, from.named.as_deref())?.contains(from) {
        return Ok((Taken::Busy, false));
    }
    let recorded = rows(conn, from)?;
    if let Some(name) = from.moves_to() {
        batch(conn, &format!("ALTER TABLE {} RENAME TO \"{name}\"", foreign::table(from)))?;
    }
    lease::create_tables(conn)?;
    let (key, environment) = (quote(service), quote(&claim.environment));
    batch(
        conn,
        &format!(
            "INSERT INTO {LEASE} (service, environment, fence) VALUES ({key}, {environment}, 0) ON CONFLICT DO NOTHING"
        ),
    )?;
    let own = read::snapshot_inside(conn, service)?;
    if let Some(holder) = own.holder {
        return Ok((Taken::Held(holder), false));
    }
    if (claim.strength)(&claim.environment) > own.environment.as_deref().map_or(0, claim.strength) {
        batch(conn, &format!("UPDATE {LEASE} SET environment = {environment} WHERE service = {key}"))?;
    }
    let Some(writes) = decide(recorded, &own) else { return Ok((Taken::Left, false)) };
    write(conn, service, &writes)?;
    Ok((Taken::Done, true))
}

fn write(conn: &mut SqliteConnection, service: &str, writes: &[Write]) -> Result<(), StoreError> {
    let (place, now) = (Place::of_service(service), timestamp(chrono::Utc::now()));
    let sql: String = writes.iter().map(|write| ledger::sql(write, &place, &now)).collect();
    batch(conn, &sql)
}

/// Whose tables have made room for the ledger.
fn moved(conn: &mut SqliteConnection) -> Result<Vec<Tool>, StoreError> {
    let mut moved = Vec::new();
    for (tool, name) in Tool::ALL.into_iter().filter_map(|tool| Some((tool, tool.table_beside()?))) {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '{name}') AS found");
        if foreign::found(conn, sql).map_err(classify)? {
            moved.push(tool);
        }
    }
    Ok(moved)
}

pub fn undo(conn: &mut SqliteConnection, service: &str) -> Result<Undone, StoreError> {
    let undone = locked(conn, |conn| undo_inside(conn, service));
    match undone {
        Err(StoreError::Busy) => Ok(Undone::Busy),
        undone => undone,
    }
}

fn undo_inside(conn: &mut SqliteConnection, service: &str) -> Result<(Undone, bool), StoreError> {
    if foreign_ledger(&read::columns(conn)?).is_some() || !read::ledger_exists(conn) {
        return Ok((Undone::Kept(Kept::NotAdopted), false));
    }
    let own = read::snapshot_inside(conn, service)?;
    if let Some(holder) = own.holder {
        return Ok((Undone::Held(holder), false));
    }
    let since = Since {
        history: read::history(conn, service, foreign::ALL)?,
        applied: own.applied.len(),
        steps: own.journal.len(),
        others: read::others(conn, service)?,
        moved: moved(conn)?,
    };
    let undoing = match since.undoing() {
        Ok(undoing) => undoing,
        Err(kept) => return Ok((Undone::Kept(kept), false)),
    };
    for table in [LEDGER, HISTORY, JOURNAL, LEASE] {
        let sql = match undoing.is_alone {
            true => format!("DROP TABLE {table}"),
            false => format!("DELETE FROM {table} WHERE service = {}", quote(service)),
        };
        batch(conn, &sql)?;
    }
    if let Some(name) = undoing.tool.table_beside().filter(|_| undoing.moves_back) {
        batch(conn, &format!("ALTER TABLE \"{name}\" RENAME TO {LEDGER}"))?;
    }
    Ok((Undone::Done(since.undone(undoing)), true))
}
