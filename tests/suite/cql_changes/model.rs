//! What exists, and what can be done with it.

mod changes;
mod facts;

pub use facts::found;

use updown::scylla::CqlType;

/// What the changes so far have made.
#[derive(Default)]
pub struct Model {
    tables: Vec<Table>,
    types: Vec<UserType>,
    indexes: Vec<Index>,
    views: Vec<View>,
    /// How many names were given.
    named: usize,
}

#[derive(Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub options: Vec<(&'static str, String)>,
}

#[derive(Clone)]
pub struct Column {
    pub name: String,
    pub kind: CqlType,
    pub key: Option<Key>,
    /// `None`: nothing is said.
    pub descending: Option<bool>,
    pub is_static: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Partition,
    Clustering,
}

#[derive(Clone)]
pub struct UserType {
    pub name: String,
    pub fields: Vec<(String, CqlType)>,
}

#[derive(Clone)]
pub struct Index {
    pub name: String,
    pub table: String,
    pub column: String,
    pub target: Target,
}

#[derive(Clone, Copy)]
pub enum Target {
    Simple,
    Keys,
    Values,
    Entries,
    Full,
}

#[derive(Clone)]
pub struct View {
    pub name: String,
    pub table: String,
    /// The first is the partition's. It has no other columns.
    pub key: Vec<String>,
    pub descending: Option<String>,
}

impl Table {
    fn key(&self, key: Key) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| column.key == Some(key))
    }

    fn is_counter(&self) -> bool {
        self.columns.iter().any(|column| column.kind == CqlType::Counter)
    }
}

impl Column {
    fn has_duration(&self) -> bool {
        has(&self.kind, &|of| *of == CqlType::Duration)
    }

    /// Whether it can be added again after it was dropped.
    fn comes_back(&self) -> bool {
        !has(&self.kind, &|of| matches!(of, CqlType::Udt(_) | CqlType::Counter))
    }
}

/// A list, a set or a map, not frozen.
fn is_collection(kind: &CqlType) -> bool {
    matches!(kind, CqlType::List(_) | CqlType::Set(_) | CqlType::Map(..))
}

/// Whether a type is one of these, or has one inside.
fn has(kind: &CqlType, is: &impl Fn(&CqlType) -> bool) -> bool {
    is(kind)
        || match kind {
            CqlType::List(of) | CqlType::Set(of) | CqlType::Vector(of, _) | CqlType::Frozen(of) => {
                has(of, is)
            }
            CqlType::Map(key, value) => has(key, is) || has(value, is),
            CqlType::Tuple(of) => of.iter().any(|of| has(of, is)),
            _ => false,
        }
}
