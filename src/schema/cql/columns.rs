//! Columns and fields, by a method for each type.

use super::builder::{TableBuilder, TypeBuilder};
use super::parts::{Column, Field, Key};
use super::types::CqlType;

/// A column of a table that is being said.
#[derive(Debug)]
pub struct ColumnBuilder<'a>(pub(super) &'a mut Column);

impl ColumnBuilder<'_> {
    /// It says on which nodes a row is. Several are in the key in the order in which they are written.
    pub fn partition_key(self) -> Self {
        self.0.key = Some(Key::Partition);
        self
    }

    /// It says where in its partition a row is. Several are in the key in the order in which they are
    /// written.
    pub fn clustering_key(self) -> Self {
        self.0.key = Some(Key::Clustering);
        self
    }

    /// The rows of a partition come in descending order of it.
    pub fn desc(self) -> Self {
        self.0.descending = Some(true);
        self
    }

    /// The rows of a partition come in ascending order of it, as they do without a word.
    pub fn asc(self) -> Self {
        self.0.descending = Some(false);
        self
    }

    /// It has one value for all rows of a partition.
    pub fn static_column(self) -> Self {
        self.0.is_static = true;
        self
    }
}

/// A column that is added to a table, or was in it; never one of the key.
#[derive(Debug)]
pub struct ColumnDefinition(pub(super) Column);

impl ColumnDefinition {
    pub(super) fn new(name: String, kind: CqlType) -> Self {
        Self(Column { name, kind, key: None, descending: None, is_static: false })
    }

    /// It has one value for all rows of a partition.
    pub fn static_column(mut self) -> Self {
        self.0.is_static = true;
        self
    }
}

/// Where a column is said that is added: `|c| c.text("preview")`.
#[derive(Debug)]
pub struct NewColumn(pub(super) ());

/// Where it is said what a column was that is dropped: `|c| c.text()`.
#[derive(Debug)]
pub struct OldColumn(pub(super) String);

/// Where a field is said that is added to a type: `|f| f.text("locale")`.
#[derive(Debug)]
pub struct NewField(pub(super) ());

/// The same types everywhere: what differs is whether there is a name, and what becomes of it.
macro_rules! types {
    ($($(#[$doc:meta])* $method:ident($($argument:ident: $of:ty),*) => $kind:expr;)*) => {
        /// A column of each type.
        impl TableBuilder {
            $($(#[$doc])*
            pub fn $method(&mut self, name: impl Into<String> $(, $argument: $of)*) -> ColumnBuilder<'_> {
                self.push(name.into(), $kind)
            })*
        }

        /// A column of each type.
        impl NewColumn {
            $($(#[$doc])*
            pub fn $method(self, name: impl Into<String> $(, $argument: $of)*) -> ColumnDefinition {
                ColumnDefinition::new(name.into(), $kind)
            })*
        }

        /// The column, of each type.
        impl OldColumn {
            $($(#[$doc])*
            pub fn $method(self $(, $argument: $of)*) -> ColumnDefinition {
                ColumnDefinition::new(self.0, $kind)
            })*
        }

        /// A field of each type.
        impl TypeBuilder {
            $($(#[$doc])*
            pub fn $method(&mut self, name: impl Into<String> $(, $argument: $of)*) {
                self.push(name.into(), $kind);
            })*
        }

        /// A field of each type.
        impl NewField {
            $($(#[$doc])*
            pub fn $method(self, name: impl Into<String> $(, $argument: $of)*) -> Field {
                Field { name: name.into(), kind: $kind }
            })*
        }
    };
}

types! {
    /// `ascii`: ASCII alone.
    ascii() => CqlType::Ascii;
    /// `bigint`: eight bytes.
    bigint() => CqlType::Bigint;
    /// `blob`: bytes.
    blob() => CqlType::Blob;
    /// `boolean`.
    boolean() => CqlType::Boolean;
    /// `counter`: what is only added to. Once dropped, it cannot be added again under its name.
    counter() => CqlType::Counter;
    /// `date`: a day.
    date() => CqlType::Date;
    /// `decimal`: exact, of any length.
    decimal() => CqlType::Decimal;
    /// `double`: eight bytes, binary.
    double() => CqlType::Double;
    /// `duration`: months, days and nanoseconds.
    duration() => CqlType::Duration;
    /// `float`: four bytes, binary.
    float() => CqlType::Float;
    /// `inet`: an address.
    inet() => CqlType::Inet;
    /// `int`: four bytes.
    int() => CqlType::Int;
    /// `smallint`: two bytes.
    smallint() => CqlType::Smallint;
    /// `text`: UTF-8.
    text() => CqlType::Text;
    /// `time`: a time of day.
    time() => CqlType::Time;
    /// `timestamp`: an instant, in milliseconds.
    timestamp() => CqlType::Timestamp;
    /// `timeuuid`: a UUID with its time in it.
    timeuuid() => CqlType::Timeuuid;
    /// `tinyint`: one byte.
    tinyint() => CqlType::Tinyint;
    /// `uuid`: 128 bits.
    uuid() => CqlType::Uuid;
    /// `varint`: a whole number of any length.
    varint() => CqlType::Varint;
    /// `list<…>`: in an order, repeatedly.
    list(of: CqlType) => CqlType::list(of);
    /// `set<…>`: each once.
    set(of: CqlType) => CqlType::set(of);
    /// `map<…, …>`.
    map(key: CqlType, value: CqlType) => CqlType::map(key, value);
    /// `tuple<…>`: so many, each of its own type.
    tuple(of: impl IntoIterator<Item = CqlType>) => CqlType::tuple(of);
    /// `vector<…, …>`: so many of one type.
    vector(of: CqlType, dimensions: u16) => CqlType::vector(of, dimensions);
    /// `frozen<…>` of a user-defined type. Once dropped, a column of it cannot be added again under its
    /// name. For one that is not frozen there is `column`.
    udt(of: impl Into<String>) => CqlType::udt(of);
    /// `frozen<…>`: written as a whole.
    frozen(of: CqlType) => CqlType::frozen(of);
    /// Any other type.
    column(of: CqlType) => of;
}
