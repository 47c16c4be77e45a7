//! What is wrong with an index on a table that is known.

use super::{Wrong, wrong};
use crate::schema::cql::CqlType;
use crate::schema::cql::parts::{CqlIndex, CqlTable, Key, Target};

/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/indexing/2i/2i-concepts.html>
pub fn against(index: &CqlIndex, table: &CqlTable) -> Vec<Wrong> {
    let name = &index.name;
    let whole = format!("{}.{}", index.table, index.column);
    if table.is_counter() {
        return vec![wrong(
            format!("index {name} is on table {}, which has counters", table.name),
            "remove it: counters cannot be looked up",
        )];
    }
    let Some(column) = table.column(&index.column) else {
        return vec![missing(&format!("index {name}"), table, &index.column)];
    };
    if column.key == Some(Key::Partition) && table.key(Key::Partition).count() == 1 {
        return vec![wrong(
            format!("index {name} is on {whole}, which is the whole partition key"),
            "remove it: rows are found by that column anyway",
        )];
    }
    if matches!(column.kind.thawed(), CqlType::Custom(_)) {
        return Vec::new();
    }
    let is_map = matches!(column.kind, CqlType::Map(..));
    let frozen = column.kind.is_collection().then(|| format!("{} is not frozen", column.kind));
    let why = match index.target {
        Target::Simple if matches!(column.kind, CqlType::Udt(_)) => {
            Some("a user-defined type that is not frozen has none".to_owned())
        }
        Target::Keys | Target::Entries if !is_map => {
            Some(format!("{} is no map that is not frozen", column.kind))
        }
        Target::Values if !column.kind.is_collection() => {
            Some(format!("{} is no collection that is not frozen", column.kind))
        }
        Target::Full if !column.kind.thawed().is_collection() => {
            Some(format!("{} is no collection", column.kind))
        }
        Target::Full => frozen,
        _ => None,
    };
    why.into_iter()
        .map(|why| {
            wrong(
                format!("index {name} cannot be on that of {whole}: {why}"),
                "say `.keys()`, `.values()` or `.entries()` of a collection that is not frozen, `.full()` of a frozen one, and \
                 nothing of what is none",
            )
        })
        .collect()
}

/// A column that a table has not.
pub fn missing(of: &str, table: &CqlTable, column: &str) -> Wrong {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    wrong(
        format!("{of} is about {}.{column}, which is not there", table.name),
        format!("the table has {}", columns.join(", ")),
    )
}
