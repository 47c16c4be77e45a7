//! Reads a keyspace's schema out of `system_schema`, as Cassandra from 4.0 on and ScyllaDB have it.
//! <https://docs.scylladb.com/manual/stable/cql/describe-schema.html>

mod options;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use options::options;
pub use options::unusual;

use super::keyspace::{ColumnOf, FieldOf, IndexOf, Keyspace, Place, TableOf, ViewOf};
use crate::ledger::{ledgers, quote};
use crate::store::scylla::{ScyllaConnection, ScyllaError};

type Row = Map<String, Value>;

/// The schema of the connection's keyspace, without the ledger's tables, and without those that the database
/// keeps for itself. Functions, and columns that were dropped, are not part of it.
///
/// # Errors
///
/// Where it cannot be read.
pub fn inspect(conn: &mut ScyllaConnection) -> Result<Keyspace, ScyllaError> {
    Ok(Keyspace::from(Rows {
        types: rows(conn, "types")?,
        tables: rows(conn, "tables")?,
        indexes: rows(conn, "indexes")?,
        views: rows(conn, "views")?,
        columns: rows(conn, "columns")?,
    }))
}

/// What the tables of `system_schema` say of a keyspace.
#[derive(Default)]
struct Rows {
    types: Vec<Row>,
    tables: Vec<Row>,
    indexes: Vec<Row>,
    views: Vec<Row>,
    columns: Vec<Row>,
}

impl From<Rows> for Keyspace {
    fn from(rows: Rows) -> Self {
        let mut keyspace = Self {
            types: rows.types.iter().map(|row| (text(row, "type_name"), fields(row))).collect(),
            tables: rows.tables.iter().map(|row| (text(row, "table_name"), table(row))).collect(),
            indexes: rows.indexes.iter().map(|row| (text(row, "index_name"), index(row))).collect(),
            views: rows.views.iter().map(|row| (text(row, "view_name"), view(row))).collect(),
        };
        // ScyllaDB keeps an index in a view of its own.
        let indexes = &keyspace.indexes;
        keyspace
            .views
            .retain(|name, _| !name.strip_suffix("_index").is_some_and(|index| indexes.contains_key(index)));
        for row in &rows.columns {
            let table = text(row, "table_name");
            let columns = keyspace.tables.get_mut(&table).map(|table| &mut table.columns);
            let columns = columns.or_else(|| keyspace.views.get_mut(&table).map(|view| &mut view.columns));
            if let Some(columns) = columns {
                columns.insert(text(row, "column_name"), column(row));
            }
        }
        let tables: Vec<String> = keyspace.tables.keys().cloned().collect();
        let ledgers = ledgers();
        keyspace.forget(|name| ledgers.contains(&name) || is_kept_for(name, &tables));
        keyspace
    }
}

impl Keyspace {
    fn forget(&mut self, is_it: impl Fn(&str) -> bool) {
        self.tables.retain(|name, _| !is_it(name));
        self.views.retain(|_, view| !is_it(&view.table));
        self.indexes.retain(|_, index| !is_it(&index.table));
    }
}

/// ScyllaDB keeps what changed in a table, and what is being decided on in it, in tables beside it.
pub fn is_kept_for(name: &str, tables: &[String]) -> bool {
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

fn table(row: &Row) -> TableOf {
    let (options, usual) = options(row);
    TableOf { columns: BTreeMap::new(), options, usual }
}

fn view(row: &Row) -> ViewOf {
    let (options, usual) = options(row);
    ViewOf {
        table: text(row, "base_table_name"),
        has_all_columns: row.get("include_all_columns") == Some(&Value::Bool(true)),
        condition: text(row, "where_clause"),
        columns: BTreeMap::new(),
        options,
        usual,
    }
}

fn index(row: &Row) -> IndexOf {
    let mut options = texts(row.get("options"));
    IndexOf {
        table: text(row, "table_name"),
        target: options.remove("target").unwrap_or_default(),
        class: options.remove("class_name"),
        options: options.into_iter().map(|(name, value)| (name, quote(&value))).collect(),
    }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Keyspace, Row, Rows};

    fn rows(rows: Value) -> Vec<Row> {
        serde_json::from_value(rows).expect("rows")
    }

    /// As ScyllaDB's documentation and sources have it, which none of these tests run on.
    #[test]
    fn what_scylladb_keeps_for_itself_is_no_fact() {
        let keyspace = Keyspace::from(Rows {
            tables: rows(json!([
                {"table_name": "t", "compaction": {"class": "IncrementalCompactionStrategy"}, "flags": ["compound"],
                 "compression": {"sstable_compression": "org.apache.cassandra.io.compress.LZ4Compressor"},
                 "speculative_retry": "99.0PERCENTILE", "crc_check_chance": 1, "gc_grace_seconds": 864000,
                 "caching": {"keys": "ALL", "rows_per_partition": "ALL"}, "bloom_filter_fp_chance": 0.01},
                {"table_name": "t_scylla_cdc_log"},
                {"table_name": "t$paxos"},
                {"table_name": "of_nobody_scylla_cdc_log", "gc_grace_seconds": 1, "compression": {}},
            ])),
            indexes: rows(json!([{"table_name": "t", "index_name": "i", "options": {"target": "v"}}])),
            views: rows(json!([
                {"view_name": "i_index", "base_table_name": "t"},
                {"view_name": "an_index", "base_table_name": "t", "where_clause": "v IS NOT NULL",
                 "include_all_columns": true, "bloom_filter_fp_chance": 0.01},
            ])),
            columns: rows(json!([
                {"table_name": "i_index", "column_name": "idx_token", "kind": "clustering", "position": 0, "type": "bigint"},
                {"table_name": "t", "column_name": "id", "kind": "partition_key", "position": 0, "type": "int"},
                {"table_name": "an_index", "column_name": "v", "kind": "partition_key", "position": 0, "type": "int"},
            ])),
            ..Rows::default()
        });
        let facts: Vec<String> =
            keyspace.facts().into_iter().map(|(name, line)| format!("{name}: {line}")).collect();
        assert_eq!(
            facts,
            [
                "column t.id: int, partition key 1",
                "index i on t: v",
                "materialized view an_index: all of t where v IS NOT NULL: v int, partition key 1",
                "table of_nobody_scylla_cdc_log: with compression = {} and gc_grace_seconds = 1",
                "table t: default options",
            ]
        );
    }
}
