//! `fresh`: everything in the schema goes but the lease and the history, which is only ever appended
//! to; what an extension brought stays.

use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::classify;
use crate::error::StoreError;
use crate::ledger::{HISTORY, JOURNAL, LEASE, LEDGER, Place, quote};

/// So many at once: each needs locks, of which a server with its default settings has some thousands.
/// <https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION>
pub const AT_ONCE: usize = 50;

/// Empties the ledger: first, so that a run which is killed in between is done again by the same
/// command.
pub fn forget(place: &Place) -> String {
    format!("DELETE FROM {}; DELETE FROM {}", place.table(LEDGER), place.table(JOURNAL))
}

/// That a relation `o` in the schema `n` is none of the ledger's, in SQL.
pub fn not_the_ledger(place: &Place) -> String {
    let ledgers: Vec<String> = [LEDGER, JOURNAL, LEASE, HISTORY].iter().map(|table| quote(table)).collect();
    format!(
        "NOT (n.nspname = {} AND (o.relname IN ({}) OR o.relname LIKE '{HISTORY}%'))",
        quote(&place.schema),
        ledgers.join(", ")
    )
}

#[derive(QueryableByName)]
struct Drop {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// The statements that remove what is in the schema that migrations write to, each on its own.
pub fn statements(conn: &mut PgConnection, place: &Place) -> Result<Vec<String>, StoreError> {
    let own = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')";
    let not_the_ledger = not_the_ledger(place);
    let rows: Vec<Drop> = sql_query(format!(
        "SELECT 'DROP ' || what || ' CASCADE' AS sql FROM (
  SELECT 1 AS nr, format('%s IF EXISTS %I.%I', CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, o.relname) AS what
    FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE n.nspname = current_schema() AND o.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT o.relispartition AND {not_the_ledger} AND {own}
  UNION ALL SELECT 2, format('SEQUENCE IF EXISTS %I.%I', n.nspname, o.relname)
    FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE n.nspname = current_schema() AND o.relkind = 'S' AND {not_the_ledger} AND {own}
  UNION ALL SELECT 3, format('%s IF EXISTS %s', CASE o.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, o.oid::regprocedure)
    FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE n.nspname = current_schema() AND {own}
  UNION ALL SELECT 4, format('TYPE IF EXISTS %I.%I', n.nspname, o.typname)
    FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace LEFT JOIN pg_class c ON c.oid = o.typrelid WHERE n.nspname = current_schema() AND (o.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND {own}
) objects ORDER BY nr, what"
    ))
    .load(conn)
    .map_err(classify)?;
    Ok(rows.into_iter().map(|row| row.sql).collect())
}
