//! Types, by the names that CQL has for them.

use std::fmt;

use super::name;

/// A type, by the name that CQL has for it.
///
/// What is inside of another one is frozen, as the database wants it: a list of sets is
/// `list<frozen<set<text>>>`, without a word.
/// <https://cassandra.apache.org/doc/latest/cassandra/developing/cql/types.html>
///
/// ```
/// use updown::scylla::CqlType;
///
/// let kind = CqlType::map(CqlType::Text, CqlType::list(CqlType::Int));
/// assert_eq!(kind.to_string(), "map<text, frozen<list<int>>>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CqlType {
    /// ASCII alone.
    Ascii,
    /// Eight bytes.
    Bigint,
    /// Bytes.
    Blob,
    /// True or false.
    Boolean,
    /// What is only added to. Where one column is, all others but the key are.
    Counter,
    /// A day.
    Date,
    /// Exact, of any length.
    Decimal,
    /// Eight bytes, binary.
    Double,
    /// Months, days and nanoseconds.
    Duration,
    /// Four bytes, binary.
    Float,
    /// An address, of version 4 or 6.
    Inet,
    /// Four bytes.
    Int,
    /// Two bytes.
    Smallint,
    /// UTF-8; `varchar` is the same.
    Text,
    /// A time of day.
    Time,
    /// An instant, in milliseconds.
    Timestamp,
    /// A UUID of version 1, which has its time in it.
    Timeuuid,
    /// One byte.
    Tinyint,
    /// 128 bits.
    Uuid,
    /// A whole number of any length.
    Varint,
    /// In an order, repeatedly.
    List(Box<CqlType>),
    /// Each once.
    Set(Box<CqlType>),
    /// Of keys to values.
    Map(Box<CqlType>, Box<CqlType>),
    /// So many, each of its own type.
    Tuple(Vec<CqlType>),
    /// So many of one type, for similarity search.
    Vector(Box<CqlType>, u16),
    /// A user-defined type of the keyspace. It is not frozen: its fields can be set one by one.
    Udt(String),
    /// Written as a whole, as one value.
    Frozen(Box<CqlType>),
    /// Any other one, word for word as the database is to read it.
    Custom(String),
}

impl CqlType {
    /// A list, whose elements can be changed one by one.
    pub fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// A set, whose elements can be changed one by one.
    pub fn set(of: Self) -> Self {
        Self::Set(Box::new(of))
    }

    /// A map, whose entries can be changed one by one.
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// A tuple.
    pub fn tuple(of: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(of.into_iter().collect())
    }

    /// A vector of so many elements.
    pub fn vector(of: Self, dimensions: u16) -> Self {
        Self::Vector(Box::new(of), dimensions)
    }

    /// A user-defined type, frozen.
    pub fn udt(name: impl Into<String>) -> Self {
        Self::frozen(Self::Udt(name.into()))
    }

    /// A type whose values are written as a whole: what is in a primary key has to be.
    pub fn frozen(of: Self) -> Self {
        Self::Frozen(Box::new(of))
    }

    /// Whether parts of a value can be set on their own. A key cannot be of such a type.
    pub(crate) fn is_multi_cell(&self) -> bool {
        self.is_collection() || matches!(self, Self::Udt(_))
    }

    /// A list, a set or a map, not frozen.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Set(_) | Self::Map(..))
    }

    /// Without what freezes it.
    pub(crate) fn thawed(&self) -> &Self {
        if let Self::Frozen(of) = self { of.thawed() } else { self }
    }

    /// Whether it is one of these, or has one inside.
    pub(crate) fn has(&self, is: &impl Fn(&Self) -> bool) -> bool {
        is(self)
            || match self {
                Self::List(of) | Self::Set(of) | Self::Vector(of, _) | Self::Frozen(of) => of.has(is),
                Self::Map(key, value) => key.has(is) || value.has(is),
                Self::Tuple(of) => of.iter().any(|of| of.has(is)),
                _ => false,
            }
    }

    /// The user-defined types in it.
    pub(crate) fn user_types(&self) -> Vec<&str> {
        match self {
            Self::Udt(name) => vec![name],
            Self::List(of) | Self::Set(of) | Self::Vector(of, _) | Self::Frozen(of) => of.user_types(),
            Self::Map(key, value) => [key.user_types(), value.user_types()].concat(),
            Self::Tuple(of) => of.iter().flat_map(Self::user_types).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a column of it, once dropped, can be added again: Cassandra keeps what it was as a tuple, and
    /// finds that to be another type.
    /// <https://issues.apache.org/jira/browse/CASSANDRA-8099>
    pub(crate) fn comes_back(&self) -> bool {
        !self.has(&|of| matches!(of, Self::Udt(_) | Self::Counter))
    }
}

/// As it stands inside of another type.
struct Inner<'a>(&'a CqlType);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multi_cell() { write!(f, "frozen<{}>", self.0) } else { self.0.fmt(f) }
    }
}

impl fmt::Display for CqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ascii => "ascii",
            Self::Bigint => "bigint",
            Self::Blob => "blob",
            Self::Boolean => "boolean",
            Self::Counter => "counter",
            Self::Date => "date",
            Self::Decimal => "decimal",
            Self::Double => "double",
            Self::Duration => "duration",
            Self::Float => "float",
            Self::Inet => "inet",
            Self::Int => "int",
            Self::Smallint => "smallint",
            Self::Text => "text",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Timeuuid => "timeuuid",
            Self::Tinyint => "tinyint",
            Self::Uuid => "uuid",
            Self::Varint => "varint",
            Self::Custom(word_for_word) => word_for_word,
            Self::List(of) => return write!(f, "list<{}>", Inner(of)),
            Self::Set(of) => return write!(f, "set<{}>", Inner(of)),
            Self::Map(key, value) => return write!(f, "map<{}, {}>", Inner(key), Inner(value)),
            Self::Tuple(of) => {
                let of: Vec<String> = of.iter().map(|of| Inner(of).to_string()).collect();
                return write!(f, "tuple<{}>", of.join(", "));
            }
            Self::Vector(of, dimensions) => return write!(f, "vector<{}, {dimensions}>", Inner(of)),
            Self::Udt(name) => return f.write_str(&name::object(name)),
            Self::Frozen(of) => return write!(f, "frozen<{of}>"),
        })
    }
}
