//! Reads a keyspace's schema out of `system_schema`, as Cassandra from 4.0 on and ScyllaDB have it.
//! <https://docs.scylladb.com/manual/stable/cql/describe-schema.html>

mod options;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use options::options;

use super::keyspace::{ColumnOf, FieldOf, IndexOf, Keyspace, Place, TableOf, ViewOf};
use crate::ledger::{HISTORY, JOURNAL, LEDGER, quote};
use crate::store::scylla::{ScyllaConnection, ScyllaError};

type Row = Map<String, Value>;

/// What is in the keyspace of the connection, each fact under its name in words (`column users.name`), with
/// its definition in one line.
///
/// # Errors
///
/// Where it cannot be read.
pub fn facts(conn: &mut ScyllaConnection) -> Result<BTreeMap<String, String>, ScyllaError> {
    inspect(conn).map(|keyspace| keyspace.facts())
}

/// The schema of the connection's keyspace, without the ledger's tables, and without those that the database
/// keeps for itself. Functions, and columns that were dropped, are not part of it.
///
/// # Errors
///
/// Where it cannot be read.
pub fn inspect(conn: &mut ScyllaConnection) -> Result<Keyspace, ScyllaError> {
    let mut keyspace = Keyspace::default();
    for row in rows(conn, "types")? {
        keyspace.types.insert(text(&row, "type_name"), fields(&row));
    }
    for row in rows(conn, "tables")? {
        let table = TableOf { columns: BTreeMap::new(), options: options(&row) };
        keyspace.tables.insert(text(&row, "table_name"), table);
    }
    for row in rows(conn, "indexes")? {
        let mut options = texts(row.get("options"));
        let index = IndexOf {
            table: text(&row, "table_name"),
            target: options.remove("target").unwrap_or_default(),
            class: options.remove("class_name"),
            options: options.into_iter().map(|(name, value)| (name, quote(&value))).collect(),
        };
        keyspace.indexes.insert(text(&row, "index_name"), index);
    }
    for row in rows(conn, "views")? {
        let name = text(&row, "view_name");
        // ScyllaDB keeps an index in a view of its own.
        if name.strip_suffix("_index").is_some_and(|index| keyspace.indexes.contains_key(index)) {
            continue;
        }
        let view = ViewOf {
            table: text(&row, "base_table_name"),
            has_all_columns: row.get("include_all_columns") == Some(&Value::Bool(true)),
            condition: text(&row, "where_clause"),
            columns: BTreeMap::new(),
            options: options(&row),
        };
        keyspace.views.insert(name, view);
    }
    for row in rows(conn, "columns")? {
        let table = text(&row, "table_name");
        let columns = keyspace.tables.get_mut(&table).map(|table| &mut table.columns);
        let columns = columns.or_else(|| keyspace.views.get_mut(&table).map(|view| &mut view.columns));
        if let Some(columns) = columns {
            columns.insert(text(&row, "column_name"), column(&row));
        }
    }
    keyspace.forget(|name| [LEDGER, HISTORY, JOURNAL].contains(&name));
    let tables: Vec<String> = keyspace.tables.keys().cloned().collect();
    keyspace.forget(|name| is_kept_for(name, &tables));
    Ok(keyspace)
}

impl Keyspace {
    fn forget(&mut self, is_it: impl Fn(&str) -> bool) {
        self.tables.retain(|name, _| !is_it(name));
        self.views.retain(|_, view| !is_it(&view.table));
        self.indexes.retain(|_, index| !is_it(&index.table));
    }
}

/// ScyllaDB keeps what changed in a table, and what is being decided on in it, in tables beside it.
fn is_kept_for(name: &str, tables: &[String]) -> bool {
    ["_scylla_cdc_log", "$paxos"]
        .into_iter()
        .filter_map(|suffix| name.strip_suffix(suffix))
        .any(|table| tables.iter().any(|other| other == table))
}

/// As JSON: which options a table has, differs from one version to the next.
fn rows(conn: &ScyllaConnection, table: &str) -> Result<Vec<Row>, ScyllaError> {
    let keyspace = quote(&conn.url().keyspace);
    let cql = format!("SELECT JSON * FROM system_schema.{table} WHERE keyspace_name = {keyspace}");
    let rows: Vec<(String,)> = conn.query(&cql, ())?;
    let read = |row: &(String,)| serde_json::from_str(&row.0).map_err(|error| ScyllaError::rows(&cql, error));
    rows.iter().map(read).collect()
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(map: Option<&Value>) -> BTreeMap<String, String> {
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn fields(row: &Row) -> Vec<FieldOf> {
    let list = |column: &str| {
        row.get(column).and_then(Value::as_array).into_iter().flatten().map(plain).collect::<Vec<_>>()
    };
    let fields = list("field_names").into_iter().zip(list("field_types"));
    fields.map(|(name, kind)| FieldOf { name, kind }).collect()
}

fn column(row: &Row) -> ColumnOf {
    let position =
        row.get("position").and_then(Value::as_i64).and_then(|position| i32::try_from(position).ok());
    let position = position.unwrap_or_default();
    let place = match text(row, "kind").as_str() {
        "partition_key" => Place::Partition(position),
        "clustering" => {
            Place::Clustering { position, is_descending: text(row, "clustering_order") == "desc" }
        }
        "static" => Place::Static,
        _ => Place::Regular,
    };
    ColumnOf { kind: text(row, "type"), place }
}
