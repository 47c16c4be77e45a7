//! The options of a table, as the schema has them, and as CQL does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Row;
use crate::ledger::quote;
use crate::schema::cql::text::class;

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
const DEFAULTS: [(&str, &[&str]); 18] = [
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
    // It is shown by `DESCRIBE`, and nothing in its place by the schema.
    ("memtable", &["'default'"]),
    ("memtable_flush_period_in_ms", &["0"]),
    ("min_index_interval", &["128"]),
    ("read_repair", &["'BLOCKING'"]),
    ("speculative_retry", &["'99p'", "'99.0PERCENTILE'", "'99PERCENTILE'"]),
];

/// Those that are not as without a word, and those that are.
pub fn options(row: &Row) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let written = row.iter().map(|(name, value)| (name.clone(), literal(value)));
    unusual(
        written.filter(|(name, value)| !NO_OPTIONS.contains(&name.as_str()) && !value.is_empty()).collect(),
    )
}

/// Divides options into those that are not as without a word, and those that are.
pub fn unusual(all: BTreeMap<String, String>) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let is_default = |(name, value): &(&String, &String)| {
        DEFAULTS.iter().any(|(of, defaults)| of == name && defaults.contains(&value.as_str()))
    };
    // How small it is without a word, depends on how the files are compacted.
    let is_leveled = all.get("compaction").is_some_and(|class| class.contains("LeveledCompactionStrategy"));
    let usual = if is_leveled { "0.1" } else { "0.01" };
    all.into_iter().partition(|(name, value)| match name.as_str() {
        "bloom_filter_fp_chance" => value != usual,
        _ => !is_default(&(name, value)),
    })
}

/// As CQL has it; empty where there is nothing.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // Whose package it is in, nobody writes.
        Value::String(text) => quote(class(text)),
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let entries: Vec<String> =
                sorted.iter().map(|(name, value)| format!("{}: {}", quote(name), literal(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}
