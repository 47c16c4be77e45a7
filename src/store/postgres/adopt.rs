//! The ledgers of other tools on PostgreSQL: found, and taken over in one transaction. What only reads is
//! CockroachDB's as well.

use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName};

use super::connect::{batch, classify};
use super::{lease, read};
use crate::error::StoreError;
use crate::ledger::{
    self, Foreign, HISTORY, JOURNAL, Kept, LEASE, LEDGER, Place, Since, Snapshot, Texts, Tool, Write,
    foreign_ledger, quote,
};
use crate::store::foreign::{self, Column};
use crate::store::{Taken, Takeover, Undone};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn hex(column: &str) -> String {
    format!("encode({column}, 'hex')")
}

/// All that can be seen, and were not taken over; or the table that somebody has `named`, which may be in a schema
/// that is not seen.
pub fn there(
    conn: &mut PgConnection,
    place: &Place,
    named: Option<&str>,
) -> Result<Vec<Foreign>, StoreError> {
    let (schema, table) = match named.and_then(|named| named.split_once('.')) {
        Some((schema, table)) => (Some(schema), Some(table)),
        None => (None, named),
    };
    let is_seen = match schema {
        Some(schema) => format!("n.nspname = {}", quote(schema)),
        None => format!("(n.nspname = {} OR pg_table_is_visible(c.oid))", quote(&place.schema)),
    };
    let columns: Vec<Column> = read::load(
        conn,
        format!(
            "SELECT n.nspname::TEXT AS schema, c.relname::TEXT AS \"table\", a.attname::TEXT AS \"column\" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relname IN ({}) AND c.relkind IN ('r', 'p') AND {is_seen} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2, a.attnum",
            ledger::foreign_names(table),
        ),
    )?;
    Ok(foreign::ledgers(columns, place, named))
}

/// Those that have something of a service which is not in our own ledger, where that `exists`.
pub fn left(conn: &mut PgConnection, place: &Place, exists: bool) -> Result<Vec<Foreign>, StoreError> {
    let mut left = Vec::new();
    for from in there(conn, place, None)? {
        let sql = foreign::has_something(&from, &place.service, exists.then_some(place));
        if foreign::found(conn, sql).map_err(classify)? {
            left.push(from);
        }
    }
    Ok(left)
}

pub fn rows(conn: &mut PgConnection, from: &Foreign) -> Result<Vec<Texts>, StoreError> {
    foreign::rows(conn, foreign::select(from, hex)).map_err(classify)
}

/// Whether our own ledger is there. A look would say it as well, but end the transaction where it is not.
fn has_ledger(conn: &mut PgConnection, place: &Place) -> Result<bool, StoreError> {
    let columns: Vec<Name> = read::load(
        conn,
        format!(
            "SELECT a.attname::TEXT AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE n.nspname = {} AND c.relname = '{LEDGER}' AND a.attnum > 0 AND NOT a.attisdropped",
            quote(&place.schema),
        ),
    )?;
    let columns: Vec<String> = columns.into_iter().map(|row| row.name).collect();
    match foreign_ledger(&columns) {
        Some(tool) => Err(StoreError::ForeignLedger { tool }),
        None => Ok(!columns.is_empty()),
    }
}

/// Whose tables have made room for the ledger.
pub fn moved(conn: &mut PgConnection, place: &Place) -> Result<Vec<Tool>, StoreError> {
    let beside = Tool::ALL.iter().filter_map(|tool| tool.table_beside());
    let names: Vec<Name> = read::load(
        conn,
        format!(
            "SELECT c.relname::TEXT AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname IN ({})",
            quote(&place.schema),
            beside.map(quote).collect::<Vec<_>>().join(", "),
        ),
    )?;
    let is_there = |tool: &Tool| names.iter().any(|row| Some(row.name.as_str()) == tool.table_beside());
    Ok(Tool::ALL.into_iter().filter(is_there).collect())
}

/// The other services that have something in the ledger, or are at work.
pub fn others(conn: &mut PgConnection, place: &Place) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> = read::load(conn, foreign::others(place))?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// Runs `body` in a transaction that begins with `opening`. What it returns says whether anything stays.
fn in_one<T>(
    conn: &mut PgConnection,
    opening: &str,
    body: impl FnOnce(&mut PgConnection) -> Result<(T, bool), StoreError>,
) -> Result<T, StoreError> {
    foreign::in_one(conn, "BEGIN", classify, |conn| batch(conn, opening).and_then(|()| body(conn)))
}

/// `opening` is what the transaction begins with: its limits.
pub fn adopt(
    conn: &mut PgConnection,
    place: &Place,
    opening: &str,
    takeover: &mut Takeover<'_>,
) -> Result<Taken, StoreError> {
    let from = takeover.from;
    // Nobody else reads what is renamed, nor writes what is read.
    let opening = format!("{opening} LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", foreign::table(from));
    let taken = in_one(conn, &opening, |conn| adopt_inside(conn, place, takeover));
    match taken {
        Err(StoreError::Busy) => Ok(Taken::Busy),
        Err(StoreError::Query(message)) if lease::is_race(&message) => Ok(Taken::Busy),
        // Another one has taken it over, and renamed it.
        Err(StoreError::Query(_)) if !there(conn, place, from.named.as_deref())?.contains(from) => {
            Ok(Taken::Busy)
        }
        taken => taken,
    }
}

fn adopt_inside(
    conn: &mut PgConnection,
    place: &Place,
    takeover: &mut Takeover<'_>,
) -> Result<(Taken, bool), StoreError> {
    let from = takeover.from;
    if !there(conn, place, from.named.as_deref())?.contains(from) {
        return Ok((Taken::Busy, false));
    }
    let recorded = rows(conn, from)?;
    if let Some(name) = from.moves_to() {
        batch(conn, &format!("ALTER TABLE {} RENAME TO \"{name}\"", foreign::table(from)))?;
    }
    has_ledger(conn, place)?;
    lease::make_tables(conn, place)?;
    enter_service(conn, place, &takeover.claim.environment)?;
    let own = read::look(conn, place)?.snapshot;
    if let Some(holder) = own.holder {
        return Ok((Taken::Held(holder), false));
    }
    write(conn, place, recorded, &own, takeover)
}

/// Its row among the leases, which is kept until the end.
fn enter_service(conn: &mut PgConnection, place: &Place, environment: &str) -> Result<(), StoreError> {
    let (table, service) = (place.table(LEASE), quote(&place.service));
    batch(
        conn,
        &format!(
            "INSERT INTO {table} (service, environment, fence) VALUES ({service}, {}, 0) ON CONFLICT DO NOTHING; SELECT 1 FROM {table} WHERE service = {service} FOR UPDATE",
            quote(environment),
        ),
    )
}

/// What was decided, and the environment where it is the stronger one.
pub fn write(
    conn: &mut PgConnection,
    place: &Place,
    recorded: Vec<Texts>,
    own: &Snapshot,
    Takeover { claim, decide, .. }: &mut Takeover<'_>,
) -> Result<(Taken, bool), StoreError> {
    let Some(writes) = decide(recorded, own) else { return Ok((Taken::Left, false)) };
    let mut sql: String = writes.iter().map(|write: &Write| ledger::sql(write, place, "now")).collect();
    if (claim.strength)(&claim.environment) > own.environment.as_deref().map_or(0, claim.strength) {
        sql.push_str(&format!(
            "UPDATE {} SET environment = {} WHERE service = {};",
            place.table(LEASE),
            quote(&claim.environment),
            quote(&place.service),
        ));
    }
    batch(conn, &sql)?;
    Ok((Taken::Done, true))
}

/// `opening` as for [`adopt`].
pub fn undo(conn: &mut PgConnection, place: &Place, opening: &str) -> Result<Undone, StoreError> {
    // One that goes meanwhile fails below, with what the server says.
    match has_ledger(conn, place) {
        Ok(false) | Err(StoreError::ForeignLedger { .. }) => return Ok(Undone::Kept(Kept::NotAdopted)),
        there => there?,
    };
    let lease = place.table(LEASE);
    // A run that is under way in a transaction has locked its row.
    let opening = format!("{opening} LOCK TABLE {lease} IN ACCESS EXCLUSIVE MODE");
    match in_one(conn, &opening, |conn| undo_inside(conn, place)) {
        Err(StoreError::Busy) => Ok(Undone::Busy),
        Err(StoreError::ForeignLedger { .. }) => Ok(Undone::Kept(Kept::NotAdopted)),
        undone => undone,
    }
}

fn undo_inside(conn: &mut PgConnection, place: &Place) -> Result<(Undone, bool), StoreError> {
    if !has_ledger(conn, place)? {
        return Ok((Undone::Kept(Kept::NotAdopted), false));
    }
    let own = read::look(conn, place)?.snapshot;
    if let Some(holder) = own.holder {
        return Ok((Undone::Held(holder), false));
    }
    let since = Since {
        history: read::history(conn, place, foreign::ALL)?,
        applied: own.applied.len(),
        steps: own.journal.len(),
        others: others(conn, place)?,
        moved: moved(conn, place)?,
    };
    let undoing = match since.undoing() {
        Ok(undoing) => undoing,
        Err(kept) => return Ok((Undone::Kept(kept), false)),
    };
    let mut sql = String::new();
    for table in [LEDGER, HISTORY, JOURNAL, LEASE].map(|table| place.table(table)) {
        sql.push_str(&match undoing.is_alone {
            true => format!("DROP TABLE {table};"),
            false => format!("DELETE FROM {table} WHERE service = {};", quote(&place.service)),
        });
    }
    if let Some(name) = undoing.tool.table_beside().filter(|_| undoing.moves_back) {
        sql.push_str(&format!("ALTER TABLE {} RENAME TO {LEDGER};", place.table(name)));
    }
    batch(conn, &sql)?;
    Ok((Undone::Done(since.undone(undoing)), true))
}
