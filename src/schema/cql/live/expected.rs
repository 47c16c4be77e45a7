//! The facts that there should be.

use std::collections::BTreeMap;

use super::model::Model;
use crate::schema::cql::CqlType;
use crate::schema::cql::parts::Key;
use crate::schema::cql::statement::target;

impl Model {
    /// The facts as they should be. What a view is, is left as it was found.
    pub fn facts(&self, found: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for kind in &self.types {
            let field = |(name, kind): (&String, &CqlType)| format!("{name} {}", stored(kind));
            let fields: Vec<String> = kind.fields.iter().map(|of| field((&of.name, &of.kind))).collect();
            facts.insert(format!("type {}", kind.name), fields.join(", "));
        }
        for table in &self.tables {
            let mut options: Vec<String> =
                table.options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            options.sort();
            let options = match options.as_slice() {
                [] => "default options".to_owned(),
                options => format!("with {}", options.join(" and ")),
            };
            facts.insert(format!("table {}", table.name), options);
            for column in &table.columns {
                let place = |key| table.key(key).position(|other| other.name == column.name).map(|at| at + 1);
                let place = match (place(Key::Partition), place(Key::Clustering)) {
                    (Some(at), _) => format!(", partition key {at}"),
                    (_, Some(at)) if column.descending == Some(true) => format!(", clustering key {at} desc"),
                    (_, Some(at)) => format!(", clustering key {at} asc"),
                    _ if column.is_static => ", static".to_owned(),
                    _ => String::new(),
                };
                let line = format!("{}{place}", stored(&column.kind));
                facts.insert(format!("column {}.{}", table.name, column.name), line);
            }
        }
        for index in &self.indexes {
            let name = format!("index {} on {}", index.name, index.table);
            facts.insert(name, target(index));
        }
        for view in &self.views {
            let name = format!("materialized view {}", view.name);
            let line = found.get(&name).cloned().unwrap_or_default();
            facts.insert(name, line);
        }
        facts
    }
}

/// As the schema has a type: a tuple is frozen, whatever was said.
fn stored(kind: &CqlType) -> String {
    match kind {
        CqlType::Tuple(_) => format!("frozen<{kind}>"),
        CqlType::List(of) if matches!(**of, CqlType::Tuple(_)) => format!("list<frozen<{of}>>"),
        kind => kind.to_string(),
    }
}
