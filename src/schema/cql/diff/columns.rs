//! Columns that are not in the primary key.

use std::collections::BTreeSet;

use super::steps::{Steps, addition, loss};
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::{Keyspace, Place, TableOf};
use crate::schema::cql::parts::Column;
use crate::schema::cql::text::canonical_text;
use crate::schema::cql::whole::cql_column;
use crate::schema::cql::{CqlType, Op, Was};

pub fn columns(
    name: &str,
    (there, wanted): (&TableOf, &TableOf),
    in_key: &BTreeSet<String>,
    keyspace: &Keyspace,
    declared: &Declared,
    steps: &mut Steps,
) {
    let at = |column: &str| declared.at(&format!("column {name}.{column}"));
    let not_in_key = |table: &TableOf| -> Vec<String> {
        table.columns.keys().filter(|column| !in_key.contains(*column)).cloned().collect()
    };
    for column in not_in_key(there) {
        let of = &there.columns[&column];
        match wanted.columns.get(&column) {
            None => dropped(name, cql_column(&column, of), declared, steps),
            Some(other) if canonical_text(&other.kind) != canonical_text(&of.kind) => steps.problem(
                format!(
                    "column {name}.{column} is {}, and declared as {}",
                    canonical_text(&of.kind),
                    canonical_text(&other.kind)
                ),
                "a column keeps its type in CQL: declare one of another name beside it, fill it by a backfill, and remove \
                 this one when nothing reads it any more",
                at(&column),
            ),
            Some(other) if other.place != of.place => {
                let (is, to_be) = match of.place == Place::Static {
                    true => ("static", "is not declared so"),
                    false => ("not static", "is declared so"),
                };
                steps.problem(
                    format!("column {name}.{column} is {is}, and {to_be}"),
                    "declare one of another name beside it, fill it by a backfill, and remove this one when nothing reads \
                     it any more",
                    at(&column),
                );
            }
            Some(_) => {}
        }
    }
    let mut new: Vec<String> = not_in_key(wanted);
    new.retain(|column| !there.columns.contains_key(column));
    let order = declared.order(name);
    new.sort_by_key(|column| order.iter().position(|other| other == column));
    for column in new {
        let added = cql_column(&column, &wanted.columns[&column]);
        let back = back(name, &added, keyspace, declared, steps);
        let op = Op::AddColumn { table: name.to_owned(), column: added, back };
        steps.add_columns.push(addition(op, at(&column)));
    }
}

fn dropped(table: &str, column: Column, declared: &Declared, steps: &mut Steps) {
    let name = column.name.clone();
    if let CqlType::Udt(kind) = &column.kind {
        steps.problem(
            format!("column {table}.{name} ({kind}) is not declared, and not frozen"),
            "declare it: in CQL a column of a user-defined type that is not frozen cannot be dropped",
            declared.at(&format!("table {table}")),
        );
        return;
    }
    let was = match column.kind.comes_back() {
        true => Was::Known(column),
        false => Was::Irreversible(format!(
            "Cassandra does not add a column of type {} under a name that it had",
            column.kind
        )),
    };
    steps.without_views.insert(table.to_owned());
    let op = Op::DropColumn { table: table.to_owned(), name: name.clone(), was };
    let at = declared.at(&format!("table {table}"));
    steps.drop_columns.push(loss(op, format!("the column {table}.{name} is dropped with its values"), at));
}

/// A table with a view loses no column. One that goes before, or comes later, does not count.
fn back(table: &str, column: &Column, there: &Keyspace, declared: &Declared, steps: &Steps) -> Was<()> {
    if matches!(column.kind, CqlType::Udt(_)) {
        let because = "a user-defined type that is not frozen cannot be dropped";
        return Was::Irreversible(because.to_owned());
    }
    let stays = |view: &&String| declared.keyspace.views.contains_key(*view);
    let mut views = there.views.iter().filter(|(_, view)| view.table == table).map(|(view, _)| view);
    match views.find(stays) {
        Some(view) if !steps.without_views.contains(table) => Was::Irreversible(format!(
            "{table} has the materialized view {view}, and loses no column while it has"
        )),
        _ => Was::Known(()),
    }
}
