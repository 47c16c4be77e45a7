//! A keyspace as the changes that make it.

use std::collections::{BTreeMap, BTreeSet};

use super::keyspace::{ColumnOf, FieldOf, IndexOf, Keyspace, Place, TableOf, ViewOf};
use super::name::quoted;
use super::parts::{Column, CqlIndex, CqlTable, CqlView, Field, Key, UserType};
use super::text::{Value, canonical_text, conditions, read_target};
use super::{Op, Was};
use crate::schema::diff::Needed;

/// How many files there have to be before they are compacted, and how many are compacted at once.
const THRESHOLDS: [(&str, &str); 2] = [("max_threshold", "32"), ("min_threshold", "4")];

/// All of a keyspace, in an order in which it can be made: types, and then each table with what is of it.
pub fn whole(keyspace: &Keyspace) -> Vec<Needed> {
    operations(keyspace).into_iter().map(|op| Needed::new(op, None).addition(true)).collect()
}

pub fn operations(keyspace: &Keyspace) -> Vec<Op> {
    let mut all = Vec::new();
    for name in in_order(&keyspace.types) {
        all.push(Op::CreateType(user_type(name, &keyspace.types[name])));
    }
    for (name, table) in &keyspace.tables {
        all.push(Op::CreateTable(cql_table(name, table, &[])));
        let indexes = keyspace.indexes.iter().filter(|(_, index)| index.table == *name);
        all.extend(indexes.map(|(name, index)| create_index(name, index)));
        let views = keyspace.views.iter().filter(|(_, view)| view.table == *name);
        all.extend(views.map(|(name, view)| Op::CreateMaterializedView(cql_view(name, view, Some(table)))));
    }
    all
}

/// The types, each behind those that it has in it.
pub fn in_order(types: &BTreeMap<String, Vec<FieldOf>>) -> Vec<&str> {
    fn visit<'a>(
        name: &'a str,
        types: &'a BTreeMap<String, Vec<FieldOf>>,
        seen: &mut BTreeSet<&'a str>,
        all: &mut Vec<&'a str>,
    ) {
        if !seen.insert(name) {
            return;
        }
        for field in &types[name] {
            for inner in canonical_text(&field.kind).user_types() {
                if let Some((inner, _)) = types.get_key_value(inner) {
                    visit(inner, types, seen, all);
                }
            }
        }
        all.push(name);
    }
    let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
    types.keys().for_each(|name| visit(name, types, &mut seen, &mut all));
    all
}

pub fn user_type(name: &str, fields: &[FieldOf]) -> UserType {
    UserType { name: name.to_owned(), fields: fields.iter().map(cql_field).collect() }
}

pub fn cql_field(field: &FieldOf) -> Field {
    Field { name: field.name.clone(), kind: canonical_text(&field.kind) }
}

pub fn cql_column(name: &str, column: &ColumnOf) -> Column {
    let (key, descending) = match column.place {
        Place::Partition(_) => (Some(Key::Partition), None),
        Place::Clustering { is_descending, .. } => (Some(Key::Clustering), is_descending.then_some(true)),
        Place::Static | Place::Regular => (None, None),
    };
    Column {
        name: name.to_owned(),
        kind: canonical_text(&column.kind),
        key,
        descending,
        is_static: column.place == Place::Static,
    }
}

/// The key comes first, and then the other columns in the order that is known, or by name.
pub fn cql_table(name: &str, table: &TableOf, order: &[String]) -> CqlTable {
    let rank = |name: &String| order.iter().position(|column| column == name).unwrap_or(order.len());
    let mut columns: Vec<(&String, &ColumnOf)> = table.columns.iter().collect();
    columns.sort_by_key(|(name, column)| (key_rank(column.place), rank(name)));
    CqlTable {
        name: name.to_owned(),
        columns: columns.into_iter().map(|(name, column)| cql_column(name, column)).collect(),
        options: said(&table.options),
    }
}

/// By the place in the key; what is not in it is behind it.
pub fn key_rank(place: Place) -> (u8, i32) {
    match place {
        Place::Partition(position) => (0, position),
        Place::Clustering { position, .. } => (1, position),
        Place::Static | Place::Regular => (2, 0),
    }
}

/// What CQL has no words for is left out, and so is what both databases say where nobody has said it.
fn said(options: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let short = |value: &String| match Value::of(value) {
        Some(Value::Map(mut parts)) if parts.contains_key("class") => {
            parts.retain(|name, value| !THRESHOLDS.contains(&(name.as_str(), value.as_str())));
            Value::Map(parts).cql()
        }
        _ => value.clone(),
    };
    let said = options.iter().filter(|(name, _)| *name != "extensions");
    said.map(|(name, value)| (name.clone(), short(value))).collect()
}

pub fn create_index(name: &str, index: &IndexOf) -> Op {
    match cql_index(name, index) {
        Ok(index) => Op::CreateIndex(index),
        Err((up, down)) => Op::Raw { up, down: Was::Known(vec![down]) },
    }
}

pub fn drop_index(name: &str, index: &IndexOf) -> Op {
    match cql_index(name, index) {
        Ok(index) => Op::DropIndex { name: name.to_owned(), was: Was::Known(index) },
        Err((up, down)) => Op::Raw { up: down, down: Was::Known(vec![up]) },
    }
}

/// Where its key has several columns, as in ScyllaDB: the statement that makes it, and the one that drops it.
fn cql_index(name: &str, index: &IndexOf) -> Result<CqlIndex, (String, String)> {
    let unquoted = |value: &String| match Value::of(value) {
        Some(Value::Text(text)) => text,
        _ => value.clone(),
    };
    let Some((target, column)) = read_target(&index.target) else {
        let make =
            format!("CREATE INDEX {} ON {} ({})", quoted(name), quoted(&index.table), local(&index.target));
        return Err((make, format!("DROP INDEX {}", quoted(name))));
    };
    Ok(CqlIndex {
        name: name.to_owned(),
        table: index.table.clone(),
        column,
        target,
        using: index.class.clone(),
        options: index.options.iter().map(|(name, value)| (name.clone(), unquoted(value))).collect(),
    })
}

/// `{"pk": ["a"], "ck": ["b"]}`, as CQL has it.
fn local(target: &str) -> String {
    let of = |part: &str| -> Option<String> {
        let json: serde_json::Value = serde_json::from_str(target).ok()?;
        let columns = json.get(part)?.as_array()?.iter();
        Some(columns.filter_map(|column| Some(quoted(column.as_str()?))).collect::<Vec<_>>().join(", "))
    };
    match (of("pk"), of("ck")) {
        (Some(partition), Some(clustering)) => format!("({partition}), {clustering}"),
        _ => target.to_owned(),
    }
}

/// The table is looked at for the order, which is the view's, too, where that does not say another.
pub fn cql_view(name: &str, view: &ViewOf, table: Option<&TableOf>) -> CqlView {
    let mut columns: Vec<(&String, &ColumnOf)> = view.columns.iter().collect();
    columns.sort_by_key(|(_, column)| key_rank(column.place));
    let names = |is_it: &dyn Fn(&String, Place) -> bool| -> Vec<String> {
        let found = columns.iter().filter(|(name, column)| is_it(name, column.place));
        found.map(|(name, _)| (*name).clone()).collect()
    };
    let is_clustering = |place| matches!(place, Place::Clustering { .. });
    let is_down = |place| matches!(place, Place::Clustering { is_descending: true, .. });
    let descending = names(&|_, place| is_down(place));
    let would_be_down =
        |name: &String| table.and_then(|table| table.columns.get(name)).is_some_and(|of| is_down(of.place));
    let key = names(&|_, place| !matches!(place, Place::Regular | Place::Static));
    let is_of_key = |part: &String| key.iter().any(|key| *part == format!("{} IS NOT NULL", quoted(key)));
    CqlView {
        name: name.to_owned(),
        table: view.table.clone(),
        columns: if view.has_all_columns { Vec::new() } else { names(&|_, _| true) },
        conditions: conditions(&view.condition).into_iter().filter(|part| !is_of_key(part)).collect(),
        partition_key: names(&|_, place| matches!(place, Place::Partition(_))),
        clustering_key: names(&|_, place| is_clustering(place)),
        // Said of one, it is said of all.
        ascending: match descending.is_empty() {
            true => names(&|name, place| is_clustering(place) && would_be_down(name)),
            false => Vec::new(),
        },
        descending,
        options: said(&view.options),
    }
}
