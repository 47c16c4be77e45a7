//! Reads a keyspace's schema out of `system_schema`, as Cassandra from 4.0 on and ScyllaDB have it.
//! <https://docs.scylladb.com/manual/stable/cql/describe-schema.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

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

/// What is in the row of a table or a view, and no option; or is of no effect any more.
const NO_OPTIONS: [&str; 11] = [
    "keyspace_name",
    "table_name",
    "view_name",
    "id",
    "flags",
    "base_table_id",
    "base_table_name",
    "include_all_columns",
    "where_clause",
    "read_repair_chance",
    "dclocal_read_repair_chance",
];

/// What is there without a word, in Cassandra 4 and 5 and in ScyllaDB.
const DEFAULTS: [(&str, &[&str]); 17] = [
    ("additional_write_policy", &["'99p'"]),
    ("allow_auto_snapshot", &["true"]),
    (
        "caching",
        &["{'keys': 'ALL', 'rows_per_partition': 'NONE'}", "{'keys': 'ALL', 'rows_per_partition': 'ALL'}"],
    ),
    ("cdc", &["false"]),
    ("comment", &["''"]),
    (
        "compaction",
        &[
            "{'class': 'SizeTieredCompactionStrategy', 'max_threshold': '32', 'min_threshold': '4'}",
            "{'class': 'SizeTieredCompactionStrategy'}",
            "{'class': 'IncrementalCompactionStrategy'}",
        ],
    ),
    (
        "compression",
        &[
            "{'chunk_length_in_kb': '16', 'class': 'LZ4Compressor'}",
            "{'sstable_compression': 'LZ4Compressor'}",
            "{'sstable_compression': 'LZ4WithDictsCompressor'}",
        ],
    ),
    ("crc_check_chance", &["1.0", "1"]),
    ("default_time_to_live", &["0"]),
    ("extensions", &["{}"]),
    ("gc_grace_seconds", &["864000"]),
    ("incremental_backups", &["true"]),
    ("max_index_interval", &["2048"]),
    ("memtable_flush_period_in_ms", &["0"]),
    ("min_index_interval", &["128"]),
    ("read_repair", &["'BLOCKING'"]),
    ("speculative_retry", &["'99p'", "'99.0PERCENTILE'", "'99PERCENTILE'"]),
];

fn options(row: &Row) -> BTreeMap<String, String> {
    let mut options = BTreeMap::new();
    for (name, value) in row {
        let value = literal(value);
        let is_default =
            || DEFAULTS.iter().any(|(of, defaults)| of == name && defaults.contains(&value.as_str()));
        if !NO_OPTIONS.contains(&name.as_str()) && !value.is_empty() && !is_default() {
            options.insert(name.clone(), value);
        }
    }
    // How small it is without a word, depends on how the files are compacted.
    let is_leveled =
        options.get("compaction").is_some_and(|class| class.contains("LeveledCompactionStrategy"));
    let usual = if is_leveled { "0.1" } else { "0.01" };
    options.retain(|name, value| name != "bloom_filter_fp_chance" || value != usual);
    options
}

/// As CQL has it; empty where there is nothing.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // Whose package it is in, nobody writes.
        Value::String(text) => quote(
            text.strip_prefix("org.apache.cassandra.")
                .map_or(text.as_str(), |class| class.rsplit('.').next().unwrap_or(class)),
        ),
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let entries: Vec<String> =
                sorted.iter().map(|(name, value)| format!("{}: {}", quote(name), literal(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}
