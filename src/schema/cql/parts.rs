//! What changes in CQL are made of.

use super::name;
use super::types::CqlType;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: CqlType,
    /// Its part in the primary key.
    pub key: Option<Key>,
    /// `Some(true)`: descending. `None`: nothing was said.
    pub descending: Option<bool>,
    /// One value for the whole partition.
    pub is_static: bool,
}

/// What a column of the primary key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// It says on which nodes a row is.
    Partition,
    /// It says where in its partition a row is.
    Clustering,
}

/// A table: its columns, in the order in which they stand in the primary key, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CqlTable {
    pub name: String,
    pub columns: Vec<Column>,
    /// Each with its value, word for word.
    pub options: Vec<(String, String)>,
}

impl CqlTable {
    /// The columns that are this part of the primary key, in order.
    pub fn key(&self, key: Key) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| column.key == Some(key))
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether it counts: then all that is not key has to.
    pub fn is_counter(&self) -> bool {
        self.columns.iter().any(|column| column.kind == CqlType::Counter)
    }
}

/// An option of a table, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionTo {
    pub name: String,
    /// Word for word, as in CQL; and so is the other.
    pub from: String,
    pub to: String,
}

/// A field of a user-defined type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub kind: CqlType,
}

/// A user-defined type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserType {
    pub name: String,
    pub fields: Vec<Field>,
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CqlIndex {
    pub name: String,
    pub table: String,
    pub column: String,
    pub target: Target,
    /// `sai`, or the name of a class.
    pub using: Option<String>,
    pub options: Vec<(String, String)>,
}

impl CqlIndex {
    /// With the keyspace of its table, where that was said: an index is dropped by its own name alone.
    pub fn full_name(&self) -> String {
        let (own, name) = name::parts(&self.name);
        let keyspace = own.or_else(|| name::parts(&self.table).0);
        keyspace.map_or_else(|| name.to_owned(), |keyspace| format!("{keyspace}.{name}"))
    }
}

/// What of a column is in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Its value; of a list, a set or a map, its values.
    Simple,
    Keys,
    Values,
    Entries,
    /// A frozen collection as a whole.
    Full,
}

/// A materialized view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CqlView {
    pub name: String,
    pub table: String,
    /// None: all.
    pub columns: Vec<String>,
    /// What rows have to be, beside that their key is not null; word for word.
    pub conditions: Vec<String>,
    pub partition_key: Vec<String>,
    pub clustering_key: Vec<String>,
    /// Those of the clustering key that are descending.
    pub descending: Vec<String>,
    /// Those that are ascending, whatever the table has.
    pub ascending: Vec<String>,
    pub options: Vec<(String, String)>,
}

impl CqlView {
    pub fn key(&self) -> impl Iterator<Item = &String> {
        self.partition_key.iter().chain(&self.clustering_key)
    }
}

/// A keyspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CqlKeyspace {
    pub name: String,
    pub replication: Option<CqlReplication>,
    pub durable_writes: Option<bool>,
    /// ScyllaDB.
    pub tablets: Option<bool>,
}

/// How many copies there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CqlReplication {
    Simple(u32),
    /// In each data centre.
    Network(Vec<(String, u32)>),
}
