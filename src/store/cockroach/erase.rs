//! `fresh`: everything in the schema goes but the lease and the history, which is only ever appended to.

use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName};

use crate::error::StoreError;
use crate::ledger::Place;
use crate::store::postgres::read::load;

use crate::store::postgres::erase::not_the_ledger;

#[derive(QueryableByName)]
struct Drop {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// The statements that remove what is in the schema that migrations write to: each is a change of the
/// schema of its own.
pub fn statements(conn: &mut PgConnection, place: &Place) -> Result<Vec<String>, StoreError> {
    let not_the_ledger = not_the_ledger(place);
    let rows: Vec<Drop> = load(
        conn,
        format!(
            "SELECT sql FROM (
  SELECT CASE o.relkind::TEXT WHEN 'v' THEN 1 WHEN 'm' THEN 1 WHEN 'S' THEN 3 ELSE 2 END AS nr, concat('DROP ', CASE o.relkind::TEXT WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, ' IF EXISTS ', quote_ident(n.nspname), '.', quote_ident(o.relname), ' CASCADE') AS sql
    FROM pg_class AS o JOIN pg_namespace AS n ON n.oid = o.relnamespace WHERE n.nspname = current_schema() AND o.relkind IN ('r', 'p', 'v', 'm', 'S') AND {not_the_ledger}
  UNION ALL SELECT 4, concat('DROP FUNCTION IF EXISTS ', quote_ident(n.nspname), '.', quote_ident(o.proname), '(', pg_get_function_identity_arguments(o.oid), ')')
    FROM pg_proc AS o JOIN pg_namespace AS n ON n.oid = o.pronamespace WHERE n.nspname = current_schema() AND o.prokind = 'f'
  UNION ALL SELECT 5, concat('DROP TYPE IF EXISTS ', quote_ident(n.nspname), '.', quote_ident(o.typname))
    FROM pg_type AS o JOIN pg_namespace AS n ON n.oid = o.typnamespace WHERE n.nspname = current_schema() AND o.typtype = 'e'
) AS objects ORDER BY nr, sql"
        ),
    )?;
    Ok(rows.into_iter().map(|row| row.sql).collect())
}
