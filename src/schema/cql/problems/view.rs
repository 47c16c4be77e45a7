//! What is wrong with a materialized view.

use std::collections::BTreeSet;

use super::index::missing;
use super::table::{against_key, against_options, twice};
use super::{Wrong, wrong};
use crate::schema::cql::parts::{CqlTable, CqlView};

/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/mvs.html>
pub fn against(view: &CqlView, table: Option<&CqlTable>) -> Vec<Wrong> {
    let name = &view.name;
    let mut found = Vec::new();
    if view.table.is_empty() {
        found.push(wrong(format!("materialized view {name} is of no table"), "say `v.from(\"…\")`"));
    }
    if view.partition_key.is_empty() {
        found.push(wrong(
            format!("materialized view {name} has no partition key"),
            "say which columns tell where a row is: `.partition_key([\"…\"])`",
        ));
    }
    for column in twice(view.key()) {
        found.push(wrong(format!("{column} is twice in the key of {name}"), "remove one of them"));
    }
    for column in view.key().filter(|column| !view.columns.is_empty() && !view.columns.contains(column)) {
        found.push(wrong(
            format!("{column} is in the key of materialized view {name}, and not among its columns"),
            "add it to `.select([…])`",
        ));
    }
    let ordered = view.descending.iter().chain(&view.ascending);
    for column in ordered.filter(|column| !view.clustering_key.contains(column)) {
        found.push(wrong(
            format!("materialized view {name} is ordered by {column}, which is not in its clustering key"),
            "add it to `.clustering_key([…])`, or remove its order",
        ));
    }
    found.extend(against_options(name, view.options.iter().map(|(name, value)| (name, value))));
    if view.options.iter().any(|(name, _)| name == "default_time_to_live") {
        found.push(wrong(
            format!("materialized view {name} has rows that end by themselves"),
            "remove `default_time_to_live`: they end with those of the table",
        ));
    }
    found.extend(table.into_iter().flat_map(|table| against_table(view, table)));
    found
}

fn against_table(view: &CqlView, table: &CqlTable) -> Vec<Wrong> {
    let name = &view.name;
    if table.is_counter() {
        return vec![wrong(
            format!("materialized view {name} is of table {}, which has counters", table.name),
            "remove it: a view has no counters",
        )];
    }
    let mut found = Vec::new();
    for column in view.key().chain(&view.columns).collect::<BTreeSet<_>>() {
        match table.column(column) {
            None => found.push(missing(&format!("materialized view {name}"), table, column)),
            Some(column) if column.is_static => found.push(wrong(
                format!("materialized view {name} has {}.{}, which is static", table.name, column.name),
                "leave it out: a view has no static columns",
            )),
            Some(column) if view.key().any(|key| *key == column.name) => {
                found.extend(against_key(&format!("{name}.{}", column.name), &column.kind));
            }
            Some(_) => {}
        }
    }
    let is_key = |column: &str| table.column(column).is_some_and(|column| column.key.is_some());
    for column in table.columns.iter().filter(|column| column.key.is_some()) {
        if !view.key().any(|key| *key == column.name) {
            found.push(wrong(
                format!(
                    "materialized view {name} has no {} in its key, which is in that of {}",
                    column.name, table.name
                ),
                "add it to `.clustering_key([…])`: rows that differ in it alone would be one",
            ));
        }
    }
    let others: BTreeSet<&str> = view.key().map(String::as_str).filter(|column| !is_key(column)).collect();
    if others.len() > 1 {
        found.push(wrong(
            format!(
                "materialized view {name} has {} in its key, which are not in that of {}",
                Vec::from_iter(others).join(" and "),
                table.name
            ),
            "leave all but one of them out of the key",
        ));
    }
    found
}
