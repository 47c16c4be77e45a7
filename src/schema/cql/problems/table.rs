//! What is wrong with a table, whatever else there is.

use std::collections::BTreeSet;

use super::{Wrong, wrong};
use crate::schema::cql::CqlType;
use crate::schema::cql::options::{KNOWN, LONGEST_TIME_TO_LIVE, similar};
use crate::schema::cql::parts::{Column, CqlTable, Key};

/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/ddl.html#create-table-statement>
pub fn against(table: &CqlTable) -> Vec<Wrong> {
    let name = &table.name;
    let mut found = Vec::new();
    if table.key(Key::Partition).next().is_none() {
        found.push(wrong(
            format!("table {name} has no partition key"),
            "say which column tells where a row is: `t.bigint(\"user_id\").partition_key()`",
        ));
    }
    for column in twice(table.columns.iter().map(|column| &column.name)) {
        found.push(wrong(format!("table {name} has two columns {column}"), "rename or remove one of them"));
    }
    for column in &table.columns {
        found.extend(against_column(table, column));
    }
    let counted = |column: &&Column| column.key.is_none() && column.kind != CqlType::Counter;
    if let Some(other) = table.columns.iter().find(counted).filter(|_| table.is_counter()) {
        found.push(mixed(name, other));
    }
    found.extend(against_options(name, table.options.iter().map(|(name, value)| (name, value))));
    if table.is_counter()
        && table.options.iter().any(|(name, value)| name == "default_time_to_live" && value != "0")
    {
        found.push(wrong(
            format!("table {name} has counters, and rows that end by themselves"),
            "remove `default_time_to_live`: counters have none",
        ));
    }
    found
}

fn against_column(table: &CqlTable, column: &Column) -> Vec<Wrong> {
    let whole = format!("{}.{}", table.name, column.name);
    let mut found = Vec::new();
    if column.is_static && table.key(Key::Clustering).next().is_none() {
        found.push(alone(&whole));
    }
    if column.is_static && column.key.is_some() {
        found.push(wrong(format!("column {whole} is static, and in the primary key"), "make it one of both"));
    }
    if column.descending.is_some() && column.key != Some(Key::Clustering) {
        found.push(wrong(
            format!("column {whole} has an order, and is no clustering key"),
            "remove it, or say `.clustering_key()`: rows are ordered by no other column",
        ));
    }
    if column.key.is_some() {
        found.extend(against_key(&whole, &column.kind));
    }
    if matches!(&column.kind, CqlType::Vector(_, 0)) {
        found.push(wrong(format!("column {whole} is a vector of nothing"), "say how many elements it has"));
    }
    found
}

/// What cannot be in a key. <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/types.html>
pub fn against_key(whole: &str, kind: &CqlType) -> Option<Wrong> {
    let what = |why: &str| format!("column {whole} is in the primary key, and {why}");
    match kind {
        CqlType::Udt(name) => Some(wrong(
            what("a user-defined type that is not frozen"),
            format!("freeze it: `t.udt(\"…\", \"{name}\")`"),
        )),
        of if of.is_multi_cell() => Some(wrong(
            what(&format!("{of} is not frozen")),
            "freeze it: `t.frozen(\"…\", CqlType::set(CqlType::Text))`",
        )),
        CqlType::Counter => Some(wrong(what("a counter"), "make it a `bigint`")),
        of if of.has(&|of| *of == CqlType::Duration) => {
            Some(wrong(what("a duration, which has no order"), "keep it in a `bigint`, or out of the key"))
        }
        _ => None,
    }
}

pub fn alone(whole: &str) -> Wrong {
    wrong(
        format!("column {whole} is static, but its table has no clustering key"),
        "remove `.static_column()`: there is one row in each partition anyway",
    )
}

pub fn mixed(table: &str, other: &Column) -> Wrong {
    wrong(
        format!("table {table} has counters beside {other}"),
        "make two tables of it: where one column is a counter, all others but the key have to be",
    )
}

pub fn against_options<'a>(
    table: &str,
    options: impl Iterator<Item = (&'a String, &'a String)> + Clone,
) -> Vec<Wrong> {
    let mut found = Vec::new();
    for name in twice(options.clone().map(|(name, _)| name)) {
        found.push(wrong(format!("option {name} of {table} is said twice"), "remove one of them"));
    }
    for (name, value) in options {
        if !KNOWN.contains(&name.as_str()) {
            let hint = match similar(name) {
                Some(known) => {
                    format!("perhaps `{known}` is meant; use `raw` for one that is not known here")
                }
                None => "remove it, or use `raw` for one that is not known here".to_owned(),
            };
            found.push(wrong(format!("there is no option {name} of a table"), hint));
        }
        let is_in_range = || value.parse().is_ok_and(|seconds: u32| seconds <= LONGEST_TIME_TO_LIVE);
        if name == "default_time_to_live" && !is_in_range() {
            found.push(wrong(
                format!("rows of {table} are to last {value} seconds"),
                format!(
                    "say between 0, which is for ever, and {LONGEST_TIME_TO_LIVE}, which is twenty years"
                ),
            ));
        }
    }
    found
}

/// Those that are there more than once.
pub fn twice<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}
