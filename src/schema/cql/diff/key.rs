//! The primary key, which stays as it is but for the names in it.

use std::collections::BTreeSet;

use super::Rename;
use super::steps::Steps;
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::{ColumnOf, Place, TableOf};
use crate::schema::cql::name::quoted;
use crate::schema::cql::text::canonical_text;
use crate::schema::cql::whole::key_rank;

const CANNOT: &str = "a primary key stays as it is in CQL: declare a table of another name beside it, fill it by a \
                      backfill, and remove this one when nothing reads it any more";

/// Compares two, and gives the columns that are in one of them.
pub fn key(
    name: &str,
    there: &TableOf,
    wanted: &TableOf,
    declared: &Declared,
    steps: &mut Steps,
) -> BTreeSet<String> {
    let (is, to_be) = (in_order(there), in_order(wanted));
    let both = is.iter().chain(&to_be).map(|(column, _)| (*column).clone()).collect();
    if is.len() == to_be.len()
        && is.iter().zip(&to_be).all(|(one, other)| one.0 == other.0 && alike(one.1, other.1))
    {
        return both;
    }
    let only_names =
        is.len() == to_be.len() && is.iter().zip(&to_be).all(|(one, other)| alike(one.1, other.1));
    let mut hint = CANNOT;
    if only_names {
        let differ = is.iter().zip(&to_be).filter(|(one, other)| one.0 != other.0);
        let renames: Vec<Rename> = differ
            .map(|((from, _), (to, _))| Rename::Column {
                table: name.to_owned(),
                from: (*from).clone(),
                to: (*to).clone(),
            })
            .collect();
        let is_free = |rename: &Rename| match rename {
            Rename::Column { from, to, .. } => {
                !wanted.columns.contains_key(from) && !there.columns.contains_key(to)
            }
            Rename::Field { .. } => false,
        };
        if renames.iter().all(is_free) {
            steps.renames.extend(renames);
            hint = "say that it is a rename: nothing else of a primary key can be changed in CQL";
        }
    }
    let what = format!("the primary key of {name} is {}, and declared as {}", words(&is), words(&to_be));
    steps.unsettled.insert(name.to_owned());
    steps.problem(what, hint, declared.at(&format!("table {name}")));
    both
}

fn in_order(table: &TableOf) -> Vec<(&String, &ColumnOf)> {
    let is_key = |place| matches!(place, Place::Partition(_) | Place::Clustering { .. });
    let mut key: Vec<_> = table.columns.iter().filter(|(_, column)| is_key(column.place)).collect();
    key.sort_by_key(|(_, column)| key_rank(column.place));
    key
}

fn alike(one: &ColumnOf, other: &ColumnOf) -> bool {
    one.place == other.place && canonical_text(&one.kind) == canonical_text(&other.kind)
}

/// `((a int, b text), c date desc)`.
fn words(key: &[(&String, &ColumnOf)]) -> String {
    let (partition, clustering): (Vec<_>, Vec<_>) =
        key.iter().partition(|(_, column)| matches!(column.place, Place::Partition(_)));
    let one = |(name, column): &&(&String, &ColumnOf)| {
        let order = match column.place {
            Place::Clustering { is_descending: true, .. } => " desc",
            _ => "",
        };
        format!("{} {}{order}", quoted(name), canonical_text(&column.kind))
    };
    let partition: Vec<String> = partition.iter().map(one).collect();
    let partition = format!("({})", partition.join(", "));
    let clustering = clustering.iter().map(one);
    format!("({})", std::iter::once(partition).chain(clustering).collect::<Vec<_>>().join(", "))
}
