//! A column, as it is written.

use crate::schema::op::{
    Column, Constraint, DefaultValue, ForeignKey, ForeignKeyAction, Generated, Identity, Type,
};

/// A column without a type. See [`Schema::add_column`](crate::Schema::add_column).
#[derive(Debug)]
pub struct Untyped<'a> {
    pub(super) column: &'a mut Column,
}

/// A column, to say more about.
#[derive(Debug)]
pub struct ColumnBuilder<'a> {
    pub(super) column: &'a mut Column,
}

/// A foreign key of one column, to say more about.
#[derive(Debug)]
pub struct Reference<'a> {
    pub(super) key: &'a mut ForeignKey,
}

impl Column {
    pub fn new(name: impl Into<String>, kind: Type) -> Self {
        Self {
            name: name.into(),
            kind,
            not_null: false,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            constraints: Vec::new(),
        }
    }

    /// As `say` has it.
    pub(super) fn said(name: impl Into<String>, say: impl FnOnce(Untyped<'_>) -> ColumnBuilder<'_>) -> Self {
        let mut column = Self::new(name, Type::Text);
        say(Untyped { column: &mut column });
        column
    }
}

/// One method for each type, on a table (with the column's name) and on a column that has no type yet.
macro_rules! types {
    ($($(#[$doc:meta])* $method:ident($($argument:ident: $of:ty),*) => $kind:expr;)*) => {
        impl<'a> Untyped<'a> {
            $($(#[$doc])*
            pub fn $method(self $(, $argument: $of)*) -> ColumnBuilder<'a> {
                self.column.kind = $kind;
                ColumnBuilder { column: self.column }
            })*
        }
        impl super::TableBuilder {
            $($(#[$doc])*
            pub fn $method(&mut self, name: impl Into<String> $(, $argument: $of)*) -> ColumnBuilder<'_> {
                self.column(name, $kind)
            })*
        }
    };
}
types! {
    /// So many characters, filled up with spaces.
    char_len(length: u32) => Type::Char(length);
    /// `varchar`: any number of characters.
    string() => Type::String(None);
    /// `varchar`: at most so many characters. SQLite does not count.
    string_len(length: u32) => Type::String(Some(length));
    /// Any number of characters.
    text() => Type::Text;
    /// Two bytes: Diesel's `SmallInt`.
    small_integer() => Type::SmallInteger;
    /// Four bytes: Diesel's `Integer`.
    integer() => Type::Integer;
    /// Eight bytes: Diesel's `BigInt`.
    big_integer() => Type::BigInteger;
    /// Four bytes, binary: Diesel's `Float`.
    float() => Type::Float;
    /// Eight bytes, binary: Diesel's `Double`.
    double() => Type::Double;
    /// Exact, of any size: Diesel's `Numeric`.
    decimal() => Type::Decimal(None);
    /// Exact: so many digits, so many of them behind the point.
    decimal_len(precision: u32, scale: u32) => Type::Decimal(Some((precision, scale)));
    /// True or false.
    boolean() => Type::Boolean;
    /// A day.
    date() => Type::Date;
    /// A time of day.
    time() => Type::Time;
    /// A day and a time, of no time zone: Diesel's `Timestamp`.
    timestamp() => Type::Timestamp;
    /// An instant: Diesel's `Timestamptz`.
    timestamp_with_time_zone() => Type::TimestampWithTimeZone;
    /// A length of time. PostgreSQL and CockroachDB.
    interval() => Type::Interval;
    /// Bytes: Diesel's `Binary`.
    blob() => Type::Blob;
    /// JSON, as it was written.
    json() => Type::Json;
    /// JSON, as it is searched.
    json_binary() => Type::JsonBinary;
    /// 128 bits. On SQLite a text.
    uuid() => Type::Uuid;
    /// An address. PostgreSQL and CockroachDB.
    inet() => Type::Inet;
    /// A network. PostgreSQL.
    cidr() => Type::Cidr;
    /// The address of a network card. PostgreSQL.
    mac_address() => Type::MacAddr;
    /// Many of one type. PostgreSQL and CockroachDB.
    array(of: Type) => Type::Array(Box::new(of));
    /// An enum type, by its name. PostgreSQL and CockroachDB.
    enumeration(name: &str) => Type::Enum(name.to_owned());
    /// Any other type, word for word as the database is to read it.
    custom(sql: &str) => Type::Custom(sql.to_owned());
    /// A type that is known when the program runs.
    of_type(kind: Type) => kind;
}

impl<'a> ColumnBuilder<'a> {
    /// Every row has a value.
    pub fn not_null(self) -> Self {
        self.column.not_null = true;
        self
    }

    /// The primary key, alone. One of several columns is said by
    /// [`TableBuilder::primary_key`](super::TableBuilder::primary_key).
    pub fn primary_key(self) -> Self {
        self.column.not_null = true;
        let columns = vec![self.column.name.clone()];
        self.column.constraints.push(Constraint::PrimaryKey { name: None, columns });
        self
    }

    /// The database counts where no number is given: an identity column, on SQLite `AUTOINCREMENT`, which
    /// has to be the primary key. CockroachDB gives unique numbers that are in no order without gaps.
    pub fn auto_increment(self) -> Self {
        self.column.identity = Some(Identity::ByDefault);
        self.not_null()
    }

    /// The database alone counts: `GENERATED ALWAYS AS IDENTITY`. SQLite does not have it.
    pub fn identity_always(self) -> Self {
        self.column.identity = Some(Identity::Always);
        self.not_null()
    }

    /// No value is there twice.
    pub fn unique(self) -> Self {
        let columns = vec![self.column.name.clone()];
        self.column.constraints.push(Constraint::Unique { name: None, columns });
        self
    }

    /// What a row has where no value is given. A text is quoted: it is a value, never SQL.
    pub fn default(self, value: impl Into<DefaultValue>) -> Self {
        self.column.default = Some(value.into());
        self
    }

    /// The time of the statement, where no value is given.
    pub fn default_now(self) -> Self {
        self.default(DefaultValue::Now)
    }

    /// An expression in SQL, word for word, where no value is given. Never made of what others can choose.
    pub fn default_sql(self, expression: impl Into<String>) -> Self {
        self.default(DefaultValue::Expression(expression.into()))
    }

    /// What holds for each row, in SQL.
    pub fn check(self, expression: impl Into<String>) -> Self {
        let expression = expression.into();
        self.column.constraints.push(Constraint::Check { name: None, expression });
        self
    }

    /// Computed from the other columns of the row, and kept.
    pub fn generated_stored(self, expression: impl Into<String>) -> Self {
        self.generated(expression, true)
    }

    /// Computed from the other columns of the row when it is read. PostgreSQL has it from version 18 on.
    pub fn generated_virtual(self, expression: impl Into<String>) -> Self {
        self.generated(expression, false)
    }

    fn generated(self, expression: impl Into<String>, stored: bool) -> Self {
        self.column.generated = Some(Generated { expression: expression.into(), stored });
        self
    }

    /// The collation, by its name in the database.
    pub fn collate(self, collation: impl Into<String>) -> Self {
        self.column.collation = Some(collation.into());
        self
    }

    /// What it is, for those who look into the database. SQLite keeps none.
    pub fn comment(self, text: impl Into<String>) -> Self {
        self.column.comment = Some(text.into());
        self
    }

    /// Every value is that of `column` in a row of `table`. Say it last: what follows is about the foreign
    /// key.
    pub fn references(self, table: impl Into<String>, column: impl Into<String>) -> Reference<'a> {
        let key = ForeignKey::new([self.column.name.clone()], table, [column]);
        self.column.constraints.push(Constraint::ForeignKey(key));
        match self.column.constraints.last_mut() {
            Some(Constraint::ForeignKey(key)) => Reference { key },
            _ => unreachable!("it was put there just now"),
        }
    }
}

/// What can be said of a foreign key, wherever it is written.
macro_rules! foreign_key {
    ($($builder:ty: $key:ident;)*) => {$(
        impl $builder {
            /// Its name; else `table_column_fkey`.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.$key().name = Some(name.into());
                self
            }

            /// What happens to the row when the one that it refers to goes.
            pub fn on_delete(mut self, action: ForeignKeyAction) -> Self {
                self.$key().on_delete = Some(action);
                self
            }

            /// What happens to the row when the one that it refers to gets another key.
            pub fn on_update(mut self, action: ForeignKeyAction) -> Self {
                self.$key().on_update = Some(action);
                self
            }

            /// Checked when the transaction ends. CockroachDB does not have it.
            pub fn deferrable(mut self) -> Self {
                self.$key().deferrable = true;
                self
            }
        }
    )*};
}
pub(super) use foreign_key;

foreign_key! { Reference<'_>: key; }

impl Reference<'_> {
    fn key(&mut self) -> &mut ForeignKey {
        self.key
    }
}

impl ForeignKey {
    pub fn new<F, T>(columns: F, to_table: impl Into<String>, to_columns: T) -> Self
    where
        F: IntoIterator,
        F::Item: Into<String>,
        T: IntoIterator,
        T::Item: Into<String>,
    {
        Self {
            name: None,
            columns: super::names(columns),
            to_table: to_table.into(),
            to_columns: super::names(to_columns),
            on_delete: None,
            on_update: None,
            deferrable: false,
        }
    }
}

macro_rules! defaults {
    ($($from:ty => |$value:ident| $made:expr;)*) => {$(
        impl From<$from> for DefaultValue {
            fn from($value: $from) -> Self {
                $made
            }
        }
    )*};
}
defaults! {
    &str => |text| Self::Text(text.to_owned());
    String => |text| Self::Text(text);
    bool => |value| Self::Boolean(value);
    i32 => |number| Self::Integer(number.into());
    i64 => |number| Self::Integer(number);
    f64 => |number| Self::Float(number);
}
