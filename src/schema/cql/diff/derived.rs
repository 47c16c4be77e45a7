//! What is kept beside a table: indexes and materialized views. What is in them is in the table, too, so that
//! nothing is lost with them but time.

use std::collections::BTreeSet;

use super::options::options;
use super::steps::{Steps, addition, change};
use crate::schema::cql::declared::Declared;
use crate::schema::cql::keyspace::{IndexOf, Keyspace, Place, ViewOf};
use crate::schema::cql::name::quoted;
use crate::schema::cql::text::{class, conditions, read_target};
use crate::schema::cql::whole::{cql_view, create_index, drop_index};
use crate::schema::cql::{Op, Was};

pub fn indexes(there: &Keyspace, declared: &Declared, steps: &mut Steps) {
    let wanted = &declared.keyspace.indexes;
    for (name, index) in &there.indexes {
        let column = read_target(&index.target).map(|(_, column)| column).unwrap_or_default();
        let is_renamed = steps.renamed.contains(&(index.table.clone(), column));
        let at = declared.at(&format!("index {name}"));
        match wanted.get(name) {
            Some(other) if !is_renamed && alike(index, other) => {}
            Some(other) => {
                steps.drop_indexes.push(change(drop_index(name, index), at.clone()));
                steps.create_indexes.push(change(create_index(name, other), at));
            }
            None => steps.drop_indexes.push(change(drop_index(name, index), None)),
        }
    }
    for (name, index) in wanted.iter().filter(|(name, _)| !there.indexes.contains_key(*name)) {
        let made = create_index(name, index);
        let at = declared.at(&format!("index {name}"));
        let column = read_target(&index.target).map(|(_, column)| column).unwrap_or_default();
        let waits = !is_there(there, declared, &index.table, [&column]);
        steps.create_indexes.push(if waits { change(made, at) } else { addition(made, at) });
    }
}

/// Whether columns are there, or only have to be added: not those that wait for another name.
fn is_there<'a>(
    there: &Keyspace,
    declared: &Declared,
    table: &str,
    columns: impl IntoIterator<Item = &'a String>,
) -> bool {
    let Some(of) = there.tables.get(table) else { return true };
    let is_key = |column: &String| {
        let wanted = declared.keyspace.tables.get(table).and_then(|table| table.columns.get(column));
        wanted.is_some_and(|of| !matches!(of.place, Place::Regular | Place::Static))
    };
    columns.into_iter().all(|column| of.columns.contains_key(column) || !is_key(column))
}

fn alike(is: &IndexOf, wanted: &IndexOf) -> bool {
    let kind = |index: &IndexOf| {
        let short = class(index.class.as_deref().unwrap_or_default()).to_lowercase();
        if short == "storageattachedindex" { "sai".to_owned() } else { short }
    };
    let target = |index: &IndexOf| read_target(&index.target).ok_or_else(|| index.target.clone());
    is.table == wanted.table
        && target(is) == target(wanted)
        && kind(is) == kind(wanted)
        && is.options == wanted.options
}

pub fn views(there: &Keyspace, declared: &Declared, steps: &mut Steps) {
    let wanted = &declared.keyspace.views;
    let gone = |name: &String, view: &ViewOf| {
        let was = cql_view(name, view, there.tables.get(&view.table));
        Op::DropMaterializedView { name: name.clone(), was: Was::Known(was) }
    };
    let made = |name: &String, view: &ViewOf| {
        Op::CreateMaterializedView(cql_view(name, view, declared.keyspace.tables.get(&view.table)))
    };
    for (name, view) in &there.views {
        let at = declared.at(&format!("materialized view {name}"));
        match wanted.get(name) {
            None => steps.drop_views.push(change(gone(name, view), None)),
            Some(_) if steps.unsettled.contains(&view.table) => {}
            Some(other) if steps.without_views.contains(&view.table) || !same(view, other) => {
                steps.drop_views.push(change(gone(name, view), at.clone()));
                steps.create_views.push(change(made(name, other), at));
            }
            Some(other) => of_options(name, view, other, declared, steps),
        }
    }
    for (name, view) in wanted.iter().filter(|(name, _)| !there.views.contains_key(*name)) {
        let at = declared.at(&format!("materialized view {name}"));
        let waits = !is_there(there, declared, &view.table, view.columns.keys());
        let op = made(name, view);
        steps.create_views.push(if waits { change(op, at) } else { addition(op, at) });
    }
}

fn of_options(name: &str, view: &ViewOf, wanted: &ViewOf, declared: &Declared, steps: &mut Steps) {
    for option in options((&view.options, &view.usual), (&wanted.options, &wanted.usual)) {
        let to =
            |value: &str| format!("ALTER MATERIALIZED VIEW {} WITH {} = {value}", quoted(name), option.name);
        let op = Op::Raw { up: to(&option.to), down: Was::Known(vec![to(&option.from)]) };
        let at = declared.at(&format!("option {name}.{}", option.name));
        steps.options.push(change(op, at));
    }
}

/// But for their options.
fn same(is: &ViewOf, wanted: &ViewOf) -> bool {
    let places = |view: &ViewOf| -> BTreeSet<(String, (u8, i32, bool))> {
        let all = view.columns.iter().map(|(name, column)| (name.clone(), place(column.place)));
        // Those that it has of the table anyway are none of its own.
        all.filter(|(_, place)| !view.has_all_columns || place.0 < 2).collect()
    };
    let parts = |view: &ViewOf| conditions(&view.condition).into_iter().collect::<BTreeSet<_>>();
    is.table == wanted.table
        && is.has_all_columns == wanted.has_all_columns
        && places(is) == places(wanted)
        && parts(is) == parts(wanted)
}

fn place(place: Place) -> (u8, i32, bool) {
    match place {
        Place::Partition(position) => (0, position, false),
        Place::Clustering { position, is_descending } => (1, position, is_descending),
        Place::Static | Place::Regular => (2, 0, false),
    }
}
