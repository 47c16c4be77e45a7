//! What changes are made of.

/// A type, by the name that sea-query has for it. `plan --sql --all-backends` shows
/// how each database writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// So many characters, filled up with spaces.
    Char(u32),
    /// At most so many characters; any number without one.
    String(Option<u32>),
    /// Any number of characters.
    Text,
    /// Two bytes.
    SmallInteger,
    /// Four bytes.
    Integer,
    /// Eight bytes.
    BigInteger,
    /// Four bytes, binary.
    Float,
    /// Eight bytes, binary.
    Double,
    /// Exact: so many digits, so many of them behind the point.
    Decimal(Option<(u32, u32)>),
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day and a time, of no time zone.
    Timestamp,
    /// An instant.
    TimestampWithTimeZone,
    /// A length of time. PostgreSQL and CockroachDB.
    Interval,
    /// Bytes.
    Blob,
    /// JSON, as it was written.
    Json,
    /// JSON, as it is searched.
    JsonBinary,
    /// 128 bits.
    Uuid,
    /// An address. PostgreSQL and CockroachDB.
    Inet,
    /// A network. PostgreSQL.
    Cidr,
    /// Of a network card. PostgreSQL.
    MacAddr,
    /// Many of one type. PostgreSQL and CockroachDB.
    Array(Box<Type>),
    /// An enum type, by its name. PostgreSQL and CockroachDB.
    Enum(String),
    /// Any other one, word for word as the database is to read it.
    Custom(String),
}

/// What a column has where no value is given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DefaultValue {
    /// A text. It is quoted.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// The time of the statement.
    Now,
    /// SQL, word for word.
    Expression(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The database gives the number where none is given.
    ByDefault,
    /// The database alone gives it.
    Always,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub expression: String,
    /// Kept in the row; else computed when it is read.
    pub stored: bool,
}

/// A column. What else is said of it alone (a primary key, a foreign key, …) is a constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub kind: Type,
    pub not_null: bool,
    pub default: Option<DefaultValue>,
    pub generated: Option<Generated>,
    pub identity: Option<Identity>,
    pub collation: Option<String>,
    pub comment: Option<String>,
    pub constraints: Vec<Constraint>,
}

impl Column {
    pub fn is_primary_key(&self) -> bool {
        self.constraints.iter().any(|constraint| matches!(constraint, Constraint::PrimaryKey { .. }))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Those of the table; its columns have their own.
    pub constraints: Vec<Constraint>,
    pub comment: Option<String>,
    /// SQLite.
    pub strict: bool,
    pub without_rowid: bool,
}

impl Table {
    /// One of which only the name is known.
    pub fn nothing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            columns: Vec::new(),
            constraints: Vec::new(),
            comment: None,
            strict: false,
            without_rowid: false,
        }
    }

    /// All constraints, the columns' own among them.
    pub fn all_constraints(&self) -> impl Iterator<Item = &Constraint> {
        self.columns.iter().flat_map(|column| &column.constraints).chain(&self.constraints)
    }
}

/// A constraint. One without a name gets the database's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    PrimaryKey { name: Option<String>, columns: Vec<String> },
    Unique { name: Option<String>, columns: Vec<String> },
    Check { name: Option<String>, expression: String },
    ForeignKey(ForeignKey),
}

impl Constraint {
    /// Those of its own table; of a check nobody knows.
    pub fn columns(&self) -> &[String] {
        match self {
            Self::PrimaryKey { columns, .. } | Self::Unique { columns, .. } => columns,
            Self::Check { .. } => &[],
            Self::ForeignKey(key) => &key.columns,
        }
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            Self::PrimaryKey { name, .. } | Self::Unique { name, .. } | Self::Check { name, .. } => {
                name.as_deref()
            }
            Self::ForeignKey(key) => key.name.as_deref(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub to_table: String,
    pub to_columns: Vec<String>,
    pub on_delete: Option<ForeignKeyAction>,
    pub on_update: Option<ForeignKeyAction>,
    pub deferrable: bool,
}

/// What happens to a row when the one that it refers to goes, or gets another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignKeyAction {
    /// It goes, or follows.
    Cascade,
    /// It refers to nothing.
    SetNull,
    /// It has its default.
    SetDefault,
    /// It stands against it at once.
    Restrict,
    /// It stands against it at the end.
    NoAction,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub table: String,
    pub columns: Vec<IndexColumn>,
    pub unique: bool,
    /// `WHERE`: only these rows.
    pub only_where: Option<String>,
    /// `INCLUDE`: what is kept beside the key.
    pub including: Vec<String>,
    /// `USING`: gin, gist, hash, …
    pub method: Option<String>,
    pub concurrently: bool,
}

/// What an index is of: a column, or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    /// A column's name, or an expression.
    pub(crate) what: String,
    pub(crate) is_expression: bool,
    pub(crate) descending: bool,
    /// `text_pattern_ops` and the like. PostgreSQL.
    pub(crate) operator_class: Option<String>,
}
