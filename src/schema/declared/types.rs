//! What a database has for a type of Diesel, and whether a column has it.

mod postgres;
mod sqlite;

use super::{DeclaredColumn, Problem, SqlType};
use crate::schema::model::{Column, Model, Name};
use crate::schema::op::Type;
use crate::store::Database;

/// The types of a database.
#[derive(Clone, Copy, Debug)]
pub struct Types<'a> {
    pub database: Database,
    /// What is in it: its enums and domains.
    pub model: &'a Model,
}

impl Types<'_> {
    /// What a new column of the type has.
    ///
    /// # Errors
    ///
    /// Where the database has nothing of the kind.
    pub fn sql(&self, column: &DeclaredColumn) -> Result<Type, Problem> {
        let made = match self.database {
            Database::Sqlite => sqlite::made(&column.sql_type, column.max_length),
            _ => self.on_postgres(&column.sql_type, column.max_length),
        };
        made.map_err(|wrong| Problem::new(&column.place, wrong.what, wrong.hint))
    }

    /// Whether a column is what Diesel takes the declared type for. `is_rowid`: it is SQLite's `INTEGER PRIMARY
    /// KEY`, or refers to one. `strict`: its table is.
    pub fn is_same(&self, declared: &DeclaredColumn, column: &Column, is_rowid: bool, strict: bool) -> bool {
        match self.database {
            Database::Sqlite => sqlite::is_same(&declared.sql_type, &column.sql_type, is_rowid, strict),
            _ => self.is_same_on_postgres(&declared.sql_type, declared.max_length, &column.sql_type),
        }
    }
}

/// Why a type cannot be.
#[derive(Debug)]
struct Wrong {
    what: String,
    hint: String,
}

/// What Diesel has several names for, by the name that PostgreSQL has inside; none for what Diesel does not
/// know itself.
fn builtin(declared: &SqlType) -> Option<&'static str> {
    let of = declared.of.first().and_then(builtin);
    Some(match &*declared.name {
        "Bool" => "bool",
        "SmallInt" | "Smallint" | "Int2" | "SmallSerial" => "int2",
        "Integer" | "Int4" | "Serial" => "int4",
        "BigInt" | "Bigint" | "Int8" | "BigSerial" => "int8",
        "Float" | "Float4" => "float4",
        "Double" | "Float8" => "float8",
        "Numeric" | "Decimal" => "numeric",
        "Text" | "VarChar" | "Varchar" | "Char" | "Bpchar" | "Tinytext" | "Mediumtext" | "Longtext" => "text",
        "Binary" | "Bytea" | "Blob" | "Tinyblob" | "Mediumblob" | "Longblob" | "Varbinary" => "bytea",
        "Date" => "date",
        "Time" => "time",
        "Timestamp" => "timestamp",
        "Timestamptz" => "timestamptz",
        "TimestamptzSqlite" => "timestamptz of SQLite",
        "Interval" => "interval",
        "Json" => "json",
        "Jsonb" => "jsonb",
        "Uuid" => "uuid",
        "Inet" => "inet",
        "Cidr" => "cidr",
        "MacAddr" | "Macaddr" => "macaddr",
        "MacAddr8" | "Macaddr8" => "macaddr8",
        "Oid" => "oid",
        "Money" | "Cash" => "money",
        "Citext" => "citext",
        "PgLsn" => "pg_lsn",
        "CChar" => "\"char\"",
        "Int4range" => "int4range",
        "Int8range" => "int8range",
        "Numrange" => "numrange",
        "Daterange" => "daterange",
        "Tsrange" => "tsrange",
        "Tstzrange" => "tstzrange",
        "Int4multirange" => "int4multirange",
        "Int8multirange" => "int8multirange",
        "Nummultirange" => "nummultirange",
        "Datemultirange" => "datemultirange",
        "Tsmultirange" => "tsmultirange",
        "Tstzmultirange" => "tstzmultirange",
        "Range" => match of? {
            "int4" => "int4range",
            "int8" => "int8range",
            "numeric" => "numrange",
            "date" => "daterange",
            "timestamp" => "tsrange",
            "timestamptz" => "tstzrange",
            _ => return None,
        },
        "Multirange" => match of? {
            "int4" => "int4multirange",
            "int8" => "int8multirange",
            "numeric" => "nummultirange",
            "date" => "datemultirange",
            "timestamp" => "tsmultirange",
            "timestamptz" => "tstzmultirange",
            _ => return None,
        },
        _ => return None,
    })
}

/// `pg_catalog.x` and `public.x` are `x`, as far as those have a name without a schema.
fn without_usual_schema(name: &Name) -> Name {
    let schema = name.schema.clone().filter(|schema| schema != "pg_catalog" && schema != "public");
    Name { schema, name: name.name.clone() }
}

/// `BigInt`, or `Array<Nullable<Text>>` without what can be null.
fn written(declared: &SqlType) -> String {
    if declared.of.is_empty() {
        return declared.name.clone();
    }
    let of: Vec<String> = declared.of.iter().map(written).collect();
    format!("{}<{}>", declared.name, of.join(", "))
}
