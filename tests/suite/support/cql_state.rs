//! What is in a keyspace, as lines by which two runs can be compared.

use updown::scylla::driver::value::{CqlValue, Row};
use updown::scylla::{ScyllaConnection, ScyllaError};

/// Schema, rows and ledger, but for what differs from run to run, and for attempts that failed.
pub fn state(url: &str) -> Vec<String> {
    let conn = ScyllaConnection::open(url).expect("the server answers");
    let keyspace = conn.url().keyspace.clone();
    let system = |table: &str, columns: &str| -> Vec<String> {
        let cql = format!("SELECT {columns} FROM system_schema.{table} WHERE keyspace_name = '{keyspace}'");
        rows(&conn, &cql).into_iter().map(|row| format!("{table}: {row}")).collect()
    };
    let mut lines = system("columns", "table_name, column_name, type, kind, position, clustering_order");
    lines.extend(system("indexes", "table_name, index_name, kind, options"));
    lines.extend(system("types", "type_name, field_names, field_types"));
    lines.extend(system("views", "view_name, base_table_name, where_clause"));
    let tables = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?";
    let tables: Vec<(String,)> = conn.query(tables, (&keyspace,)).expect("its tables");
    for (table,) in &tables {
        if !table.starts_with("schema_migrations") {
            let mut found = rows(&conn, &format!("SELECT JSON * FROM \"{table}\""));
            // By token otherwise.
            found.sort();
            lines.extend(found.into_iter().map(|row| format!("{table}: {row}")));
        }
    }
    if tables.iter().any(|(table,)| table == "schema_migrations") {
        lines.extend(ledger(&conn));
    }
    lines
}

/// Says only what differs.
#[track_caller]
pub fn assert_state(url: &str, wanted: &[String], what: &str) {
    let found = state(url);
    let not_in = |lines: &[String], others: &[String]| -> Vec<String> {
        lines.iter().filter(|line| !others.contains(line)).cloned().collect()
    };
    let (more, less) = (not_in(&found, wanted), not_in(wanted, &found));
    assert!(more.is_empty() && less.is_empty(), "{what}: there is {more:#?} and not {less:#?}");
    assert_eq!(found.len(), wanted.len(), "{what}: something is there twice: {found:#?}");
}

fn ledger(conn: &ScyllaConnection) -> Vec<String> {
    // A run that is interrupted and goes on is two batches.
    let mut lines = rows(conn, "SELECT id, name FROM schema_migrations");
    let history = "SELECT outcome, direction, name FROM schema_migrations_history";
    let mut history = rows(conn, history);
    history.retain(|row| !row.starts_with("failed"));
    // Two of one millisecond.
    history.sort();
    lines.extend(history.into_iter().map(|row| format!("history: {row}")));
    type Left = (Option<String>, Option<i64>, Option<String>, Option<String>);
    let left = "SELECT name, step, state, owner FROM schema_migrations_journal";
    for (name, step, state, owner) in answered(left, || conn.query_serial::<Left>(left, ())) {
        if name.is_some() {
            lines.push(format!("left in the journal: {name:?} {step:?} {state:?}"));
        }
        if owner.is_some() {
            lines.push("the lease is not free".to_owned());
        }
    }
    lines
}

/// Rows of any columns, a line for each.
fn rows(conn: &ScyllaConnection, cql: &str) -> Vec<String> {
    let shown = |value: &Option<CqlValue>| match value {
        Some(CqlValue::Text(text)) => text.clone(),
        Some(value) => format!("{value:?}"),
        None => "null".to_owned(),
    };
    let rows: Vec<Row> = answered(cql, || conn.query(cql, ()));
    rows.iter().map(|row| row.columns.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
}

/// A node that has just died is still asked.
fn answered<T>(cql: &str, mut ask: impl FnMut() -> Result<T, ScyllaError>) -> T {
    let mut tries = (0..5).map(|_| ask());
    tries.find_map(Result::ok).unwrap_or_else(|| panic!("{cql} has no answer"))
}
