//! A keyspace's schema, as the database has it.

use std::collections::BTreeMap;

use super::text::conditions;

/// What is in a keyspace, by name; the ledger's tables are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyspace {
    pub types: BTreeMap<String, Vec<FieldOf>>,
    pub tables: BTreeMap<String, TableOf>,
    pub views: BTreeMap<String, ViewOf>,
    pub indexes: BTreeMap<String, IndexOf>,
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOf {
    pub name: String,
    /// As the database writes it; and so in all of these.
    pub kind: String,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOf {
    pub columns: BTreeMap<String, ColumnOf>,
    /// Those that are not as without a word, as CQL has them.
    pub options: BTreeMap<String, String>,
    /// Those that are.
    pub usual: BTreeMap<String, String>,
}

/// A column of a table or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnOf {
    pub kind: String,
    pub place: Place,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At this place in the partition key, from 0.
    Partition(i32),
    /// At this place in the clustering key, from 0.
    Clustering {
        position: i32,
        is_descending: bool,
    },
    Static,
    Regular,
}

/// A materialized view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewOf {
    pub table: String,
    /// It has the columns that the table gets, too.
    pub has_all_columns: bool,
    pub condition: String,
    pub columns: BTreeMap<String, ColumnOf>,
    pub options: BTreeMap<String, String>,
    pub usual: BTreeMap<String, String>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexOf {
    pub table: String,
    /// `values(tags)`.
    pub target: String,
    /// What keeps it, where it is not the database's own kind.
    pub class: Option<String>,
    pub options: BTreeMap<String, String>,
}

impl Keyspace {
    /// What is in it, each fact under its name in words, with its definition in one line.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for (name, fields) in &self.types {
            let fields: Vec<String> =
                fields.iter().map(|field| format!("{} {}", field.name, field.kind)).collect();
            facts.insert(format!("type {name}"), fields.join(", "));
        }
        for (name, table) in &self.tables {
            facts.insert(format!("table {name}"), with("default options", "", &table.options));
            for (column, of) in &table.columns {
                facts.insert(format!("column {name}.{column}"), of.line());
            }
        }
        for (name, view) in &self.views {
            let columns: Vec<String> =
                view.columns.iter().map(|(column, of)| format!("{column} {}", of.line())).collect();
            let all = if view.has_all_columns { "all of " } else { "" };
            // Their order says nothing.
            let mut conditions = conditions(&view.condition);
            conditions.sort();
            let conditions = conditions.join(" AND ");
            let line = format!("{all}{} where {conditions}: {}", view.table, columns.join("; "));
            facts.insert(format!("materialized view {name}"), with(&line, " ", &view.options));
        }
        for (name, index) in &self.indexes {
            let class = index.class.as_ref().map(|class| format!(" using {class}")).unwrap_or_default();
            let line = format!("{}{class}", index.target);
            facts.insert(format!("index {name} on {}", index.table), with(&line, " ", &index.options));
        }
        facts
    }
}

impl ColumnOf {
    fn line(&self) -> String {
        let kind = &self.kind;
        match self.place {
            Place::Partition(position) => format!("{kind}, partition key {}", position + 1),
            Place::Clustering { position, is_descending } => {
                let order = if is_descending { "desc" } else { "asc" };
                format!("{kind}, clustering key {} {order}", position + 1)
            }
            Place::Static => format!("{kind}, static"),
            Place::Regular => kind.clone(),
        }
    }
}

/// A line, and the options behind it; where there are none, the line alone.
fn with(line: &str, gap: &str, options: &BTreeMap<String, String>) -> String {
    if options.is_empty() {
        return line.to_owned();
    }
    let line = if gap.is_empty() { "" } else { line };
    let options: Vec<String> = options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!("{line}{gap}with {}", options.join(" and "))
}
