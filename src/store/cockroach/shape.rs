//! What the catalog says of one object: by it one sees whether a change of the schema took effect whose
//! answer never came. Its shape, not its name: a table may have been there before, with other columns.

use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName};

use super::statement::{Kind, Object};
use crate::error::StoreError;
use crate::ledger::quote;
use crate::store::postgres::read::load;

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = BigInt)]
    now: i64,
}

/// A digest, and when it was taken, by the server's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Empty where there is no object to look at.
    pub digest: String,
    /// In milliseconds since 1970.
    pub at: i64,
    /// The jobs that were there by then, of those that may seem to have begun later.
    pub jobs: Vec<String>,
}

impl Shape {
    /// As a journal keeps it.
    pub fn written(&self) -> String {
        format!("{} {} {}", self.at, self.digest, self.jobs.join(","))
    }

    pub fn read(text: &str) -> Option<Self> {
        let (at, rest) = text.split_once(' ')?;
        let (digest, jobs) = rest.split_once(' ')?;
        let jobs = jobs.split(',').filter(|job| !job.is_empty()).map(str::to_owned).collect();
        Some(Self { at: at.parse().ok()?, digest: digest.to_owned(), jobs })
    }
}

/// The shape that the object has now; with none, the time alone.
pub fn of(conn: &mut PgConnection, object: Option<&Object>) -> Result<Shape, StoreError> {
    let digest = match object {
        Some(object) => format!(
            "(SELECT coalesce(md5(string_agg(line, '; ' ORDER BY line)), '') FROM ({}) AS lines)",
            lines(object)
        ),
        None => "''".to_owned(),
    };
    let now = "(extract(epoch FROM clock_timestamp()) * 1000)::INT8";
    let rows: Vec<Seen> = load(conn, format!("SELECT {digest}::TEXT AS digest, {now} AS now"))?;
    let row =
        rows.into_iter().next().ok_or_else(|| StoreError::Query("the catalog gave no answer".to_owned()))?;
    Ok(Shape { digest: row.digest, at: row.now, jobs: Vec::new() })
}

/// A line for each thing that the catalog has of the object. Only what both the catalog of every
/// CockroachDB since version 22 and PostgreSQL's have.
fn lines(object: &Object) -> String {
    let of_users = "n.nspname NOT IN ('information_schema', 'crdb_internal', 'pg_extension') AND n.nspname NOT LIKE 'pg\\_%'";
    let names: Vec<String> = object.names.iter().map(|name| quote(name)).collect();
    let names = names.join(", ");
    match object.kind {
        Kind::Relation => {
            let class = format!("c.relname IN ({names})");
            [
                format!(
                    "SELECT concat('class ', n.nspname, '.', c.relname, ' ', c.relkind::TEXT, ' ', array_to_string(c.reloptions, ','), ' ', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END) AS line FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {class} AND {of_users}"
                ),
                format!(
                    "SELECT concat('column ', n.nspname, '.', c.relname, ' ', a.attnum::TEXT, ' ', a.attname, ' ', format_type(a.atttypid, a.atttypmod), ' ', a.attnotnull::TEXT, ' ', pg_get_expr(d.adbin, d.adrelid)) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE {class} AND {of_users}"
                ),
                format!(
                    "SELECT concat('constraint ', n.nspname, '.', c.relname, ' ', k.conname, ' ', pg_get_constraintdef(k.oid), ' ', k.convalidated::TEXT) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_constraint AS k ON k.conrelid = c.oid WHERE {class} AND {of_users}"
                ),
                format!(
                    "SELECT concat('index ', n.nspname, '.', c.relname, ' ', pg_get_indexdef(i.indexrelid), ' ', i.indisvalid::TEXT) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_index AS i ON i.indrelid = c.oid WHERE {class} AND {of_users}"
                ),
            ]
            .join(" UNION ALL ")
        }
        Kind::Type => format!(
            "SELECT concat('type ', n.nspname, '.', t.typname, ' ', t.typtype::TEXT, ' ', e.enumlabel) AS line FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_enum AS e ON e.enumtypid = t.oid WHERE t.typname IN ({names}) AND {of_users}"
        ),
        Kind::Schema => format!(
            "SELECT concat('schema ', n.nspname) AS line FROM pg_namespace AS n WHERE n.nspname IN ({names})"
        ),
        Kind::Function => format!(
            "SELECT concat('function ', n.nspname, '.', p.proname, ' ', p.prosrc) AS line FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE p.proname IN ({names}) AND {of_users}"
        ),
        Kind::Role => format!(
            "SELECT concat('role ', r.rolname) AS line FROM pg_roles AS r WHERE r.rolname IN ({names})"
        ),
        Kind::Database => format!(
            "SELECT concat('database ', d.datname) AS line FROM pg_database AS d WHERE d.datname IN ({names})"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_read_as_it_was_written() {
        for (digest, jobs) in [("abc", &["1", "23"][..]), ("", &[])] {
            let jobs = jobs.iter().map(|job| (*job).to_owned()).collect();
            let shape = Shape { digest: digest.to_owned(), at: 1_700_000_000_123, jobs };
            assert_eq!(Shape::read(&shape.written()), Some(shape));
        }
        assert_eq!(Shape::read("nonsense"), None);
    }
}
