//! What the server's schema has, and what it should have.

use std::collections::BTreeMap;

use updown::scylla::{CqlType, ScyllaConnection};

use super::{Index, Key, Model, Table, Target};

impl Model {
    /// A line for each thing, in order.
    pub fn expected(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for of in &self.types {
            let fields: Vec<String> =
                of.fields.iter().map(|(name, kind)| format!("{name} {}", stored(kind))).collect();
            lines.push(format!("type {}: {}", of.name, fields.join(", ")));
        }
        for table in &self.tables {
            lines.extend(columns(table));
            let option = |name: &str, usual: &str| {
                let said = table.options.iter().find(|(of, _)| *of == name);
                said.map_or(usual, |(_, value)| value.as_str()).to_owned()
            };
            let (grace, comment) = (option("gc_grace_seconds", "864000"), option("comment", "''"));
            lines.push(format!("table {}: {grace} {comment}", table.name));
        }
        for index in &self.indexes {
            lines.push(format!("index {}.{}: {}", index.table, index.name, target(index)));
        }
        for view in &self.views {
            lines.push(format!("view {} of {}", view.name, view.table));
            let table = self.tables.iter().find(|table| table.name == view.table).expect("it is there");
            let of_table = |name: &str| table.columns.iter().find(|of| of.name == name).expect("it is there");
            for (at, name) in view.key.iter().enumerate() {
                // Where nothing is said, in the order of the table.
                let is_descending = match &view.descending {
                    Some(descending) => descending == name,
                    None => of_table(name).descending == Some(true),
                };
                let place = match (at, is_descending) {
                    (0, _) => "partition_key 0 none".to_owned(),
                    (at, true) => format!("clustering {} desc", at - 1),
                    (at, false) => format!("clustering {} asc", at - 1),
                };
                let kind = stored(&of_table(name).kind);
                lines.push(format!("column {}.{name}: {kind} {place}", view.name));
            }
        }
        lines.sort();
        lines
    }
}

fn columns(table: &Table) -> impl Iterator<Item = String> {
    table.columns.iter().map(|column| {
        let at = |key| table.key(key).position(|other| other.name == column.name).expect("it is one of them");
        let place = match column.key {
            Some(Key::Partition) => format!("partition_key {} none", at(Key::Partition)),
            Some(Key::Clustering) => {
                let order = if column.descending == Some(true) { "desc" } else { "asc" };
                format!("clustering {} {order}", at(Key::Clustering))
            }
            None if column.is_static => "static -1 none".to_owned(),
            None => "regular -1 none".to_owned(),
        };
        format!("column {}.{}: {} {place}", table.name, column.name, stored(&column.kind))
    })
}

/// As the schema has a type: a tuple is frozen, whatever was said.
fn stored(kind: &CqlType) -> String {
    match kind {
        CqlType::Tuple(_) => format!("frozen<{kind}>"),
        CqlType::List(of) if matches!(**of, CqlType::Tuple(_)) => format!("list<frozen<{of}>>"),
        kind => kind.to_string(),
    }
}

fn target(index: &Index) -> String {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let column = match index.column.chars().all(is_plain) && !index.column.is_empty() {
        true => index.column.clone(),
        false => format!("\"{}\"", index.column.replace('"', "\"\"")),
    };
    match index.target {
        Target::Simple => column,
        Target::Keys => format!("keys({column})"),
        Target::Values => format!("values({column})"),
        Target::Entries => format!("entries({column})"),
        Target::Full => format!("full({column})"),
    }
}

/// The same of what is there, but for the ledger.
pub fn found(conn: &ScyllaConnection) -> Vec<String> {
    let keyspace = &conn.url().keyspace;
    let of = |columns: &str, table: &str| {
        format!("SELECT {columns} FROM system_schema.{table} WHERE keyspace_name = '{keyspace}'")
    };
    let mut lines = Vec::new();
    type Column = (String, String, String, String, i32, String);
    let cql = of("table_name, column_name, type, kind, position, clustering_order", "columns");
    for (table, name, kind, place, at, order) in conn.query::<Column>(&cql, ()).expect("an answer") {
        lines.push(format!("column {table}.{name}: {kind} {place} {at} {order}"));
    }
    let cql = of("table_name, gc_grace_seconds, comment", "tables");
    for (name, grace, comment) in conn.query::<(String, i32, String)>(&cql, ()).expect("an answer") {
        lines.push(format!("table {name}: {grace} '{}'", comment.replace('\'', "''")));
    }
    let cql = of("table_name, index_name, options", "indexes");
    type Index = (String, String, BTreeMap<String, String>);
    for (table, name, options) in conn.query::<Index>(&cql, ()).expect("an answer") {
        lines.push(format!("index {table}.{name}: {}", options["target"]));
    }
    let cql = of("view_name, base_table_name", "views");
    for (name, table) in conn.query::<(String, String)>(&cql, ()).expect("an answer") {
        lines.push(format!("view {name} of {table}"));
    }
    let cql = of("type_name, field_names, field_types", "types");
    type Type = (String, Vec<String>, Vec<String>);
    for (name, fields, kinds) in conn.query::<Type>(&cql, ()).expect("an answer") {
        let fields: Vec<String> =
            fields.iter().zip(kinds).map(|(field, kind)| format!("{field} {kind}")).collect();
        lines.push(format!("type {name}: {}", fields.join(", ")));
    }
    lines.retain(|line| !line.contains(" schema_migrations"));
    lines.sort();
    lines
}
