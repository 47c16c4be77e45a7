//! Everything in a keyspace but the ledger's tables, removed: what `fresh` begins with.

use super::connection::ScyllaConnection;
use super::error::ScyllaError;
use super::partition::Partition;
use super::rows::Writer;
use crate::ledger::{HISTORY, JOURNAL, LEDGER, quote, quote_name};

/// What is removed, in an order in which nothing is in the way of what comes before it, but for types and
/// functions that are made of one another.
const KINDS: [(&str, &str, &str); 5] = [
    ("views", "view_name", "MATERIALIZED VIEW"),
    ("tables", "table_name", "TABLE"),
    ("aggregates", "aggregate_name", "AGGREGATE"),
    ("functions", "function_name", "FUNCTION"),
    ("types", "type_name", "TYPE"),
];

/// The history stays, or a batch number would be used twice.
pub fn erase(conn: &ScyllaConnection, at: i64) -> Result<(), ScyllaError> {
    for (table, column, kind) in KINDS {
        let mut names = named(conn, table, column)?;
        names.retain(|name| ![LEDGER, HISTORY, JOURNAL].contains(&name.as_str()));
        while !names.is_empty() {
            let mut left = Vec::new();
            let mut refused = None;
            for name in &names {
                let cql = format!("DROP {kind} IF EXISTS {}", quote_name(name));
                if let Err(error) = conn.execute(&cql, ()) {
                    left.push(name.clone());
                    refused = Some(error);
                }
            }
            if let Some(error) = refused.filter(|_| left.len() == names.len()) {
                return Err(error);
            }
            names = left;
        }
    }
    // Other services had their tables in here, too.
    let services: Vec<(String,)> = conn.query(&format!("SELECT DISTINCT service FROM {JOURNAL}"), ())?;
    for (service,) in services {
        conn.execute(&Writer { service: &service, at }.remove_all(), ())?;
        Partition { conn, service: &service }.clear()?;
    }
    Ok(())
}

fn named(conn: &ScyllaConnection, table: &str, column: &str) -> Result<Vec<String>, ScyllaError> {
    let keyspace = quote(&conn.url().keyspace);
    let cql = format!("SELECT {column} FROM system_schema.{table} WHERE keyspace_name = {keyspace}");
    let rows: Vec<(String,)> = conn.query(&cql, ())?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
