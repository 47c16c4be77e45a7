//! The schema of a PostgreSQL or a CockroachDB, from its catalog.

#[cfg(feature = "cli")]
mod beyond;
mod objects;
mod queries;
mod tables;

#[cfg(test)]
pub mod tests;

use std::collections::BTreeMap;

use diesel::{PgConnection, QueryResult};

use crate::schema::model::{MadeBy, Model, Name, Table, View};
#[cfg(feature = "cli")]
pub use beyond::beyond;
use queries::Queries;
use tables::Relation;

/// Every schema but those of the system, without the ledger and without what extensions brought. Ten queries
/// at most, however large it is. Names of the first schema of the search path have none.
///
/// # Errors
///
/// Those of the server.
pub fn inspect(conn: &mut PgConnection, cockroach: bool) -> QueryResult<Model> {
    let queries = Queries { cockroach };
    let mut model = Model::default();
    let mut relations = tables::relations(conn, queries)?;
    tables::add_columns(conn, queries, &mut relations)?;
    tables::add_constraints(conn, queries, &mut relations)?;
    tables::add_indexes(conn, queries, &mut relations)?;
    place(&mut model, relations);
    objects::add_types(conn, queries, &mut model)?;
    objects::add_sequences(conn, queries, &mut model)?;
    objects::add_functions(conn, queries, &mut model)?;
    if !cockroach {
        objects::add_triggers(conn, queries, &mut model)?;
        objects::add_extensions(conn, &mut model)?;
    }
    Ok(model)
}

fn place(model: &mut Model, relations: BTreeMap<i64, Relation>) {
    for relation in relations.into_values() {
        let Relation { name, kind, table, definition, .. } = relation;
        match kind.as_str() {
            "r" | "p" => {
                model.tables.insert(name, table);
            }
            "v" | "m" => {
                let Table { columns, indexes, comment, .. } = table;
                let view = View {
                    materialized: kind == "m",
                    definition: definition.unwrap_or_default(),
                    columns,
                    indexes,
                    comment,
                };
                model.views.insert(name, view);
            }
            _ => {
                let what = if kind == "f" { "foreign table" } else { "type" };
                let attributes = attributes(&table);
                if kind == "c" {
                    let up = format!("CREATE TYPE {} AS {attributes}", quoted(&name));
                    let down = format!("DROP TYPE {}", quoted(&name));
                    model.made_by.insert(format!("type {name}"), MadeBy { up: vec![up], down });
                }
                model.others.insert(format!("{what} {name}"), attributes);
            }
        }
    }
}

/// `(street text, city text)`.
fn attributes(table: &Table) -> String {
    let list: Vec<String> =
        table.columns.iter().map(|column| format!("\"{}\" {}", column.name, column.sql_type)).collect();
    format!("({})", list.join(", "))
}

/// A name in SQL.
fn quoted(name: &Name) -> String {
    let schema = name.schema.iter().map(|schema| format!("{}.", crate::schema::render::quoted(schema)));
    schema.chain([crate::schema::render::quoted(&name.name)]).collect()
}

/// As a name of the model; `None` is the first schema of the search path.
fn name(schema: Option<String>, name: String) -> Name {
    Name { schema, name }
}
