//! SQLite, whose columns have whatever type somebody wrote: Diesel reads it as `print-schema` does.

use super::{Wrong, builtin, written};
use crate::schema::declared::SqlType;
use crate::schema::model::type_name;
use crate::schema::op::Type;
use crate::store::Database;

/// The type of a new column.
pub fn made(declared: &SqlType, max_length: Option<u32>) -> Result<Type, Wrong> {
    let Some(kind) = known(declared) else { return Err(missing(declared)) };
    Ok(match kind {
        "bool" => Type::Boolean,
        "int2" => Type::SmallInteger,
        "int4" => Type::Integer,
        "int8" => Type::BigInteger,
        "float4" => Type::Float,
        "float8" => Type::Double,
        "numeric" => Type::Decimal(None),
        "text" => match max_length {
            Some(length) => Type::String(Some(length)),
            None if matches!(&*declared.name, "VarChar" | "Varchar") => Type::String(None),
            None => Type::Text,
        },
        "bytea" => Type::Blob,
        "date" => Type::Date,
        "time" => Type::Time,
        "timestamp" => Type::Timestamp,
        "timestamptz of SQLite" => Type::TimestampWithTimeZone,
        "json" => Type::Json,
        "jsonb" => Type::JsonBinary,
        _ => return Err(missing(declared)),
    })
}

/// By the name that PostgreSQL would have; for a type of the project, what it is stored as.
fn known(declared: &SqlType) -> Option<&'static str> {
    match declared.custom.as_ref().and_then(|custom| custom.sqlite.as_deref()) {
        Some("Text") => Some("text"),
        Some("Binary") => Some("bytea"),
        Some("SmallInt") => Some("int2"),
        Some("Integer") => Some("int4"),
        Some("Long") => Some("int8"),
        Some("Float") => Some("float4"),
        Some("Double") => Some("float8"),
        Some(_) => None,
        None if declared.custom.is_some() => None,
        None => builtin(declared),
    }
}

fn missing(declared: &SqlType) -> Wrong {
    let hint = match &*declared.name {
        "Timestamptz" => "write `TimestamptzSqlite`",
        "Uuid" => "write `Binary` or `Text`",
        "Array" => "write `Json`, or declare a table of its own",
        "Interval" => "write `BigInt`, and count seconds",
        "Inet" | "Cidr" | "MacAddr" | "Macaddr" | "Citext" => "write `Text`",
        "Money" => "write `Numeric`",
        "Unsigned" | "TinyInt" | "Tinyint" => "write `SmallInt`, `Integer` or `BigInt`",
        "Datetime" => "write `Timestamp`",
        _ => "write one of SQLite's; a type of the project says `#[diesel(sqlite_type(name = \"Text\"))]`",
    };
    Wrong { what: format!("SQLite has no type for {}", written(declared)), hint: hint.to_owned() }
}

/// Whether Diesel takes a column that was declared so for this.
pub fn is_same(declared: &SqlType, column: &str, is_rowid: bool, strict: bool) -> bool {
    let Some(wanted) = known(declared) else { return false };
    // What a change writes for a type is one, whatever Diesel would read it as.
    let written = made(declared, None).ok().and_then(|kind| sql(&kind, strict));
    let column = column.to_lowercase();
    if written.is_some_and(|written| written == type_name(&column)) {
        return true;
    }
    let Some(found) = inferred(&column) else {
        // Diesel refuses to print it, and so nobody can declare it but by what it is meant for.
        return match wanted {
            "json" | "jsonb" => column.contains("json"),
            "timestamptz of SQLite" => column.contains("timestamp") || column.contains("datetime"),
            _ => false,
        };
    };
    match wanted {
        "int8" if is_rowid => matches!(found, "int4" | "int8"),
        "numeric" => found == "float8" || found == "numeric",
        "json" => found == "text",
        "jsonb" => found == "bytea" || (found == "text" && column.contains("json")),
        "timestamptz of SQLite" => found == "text" && column.contains("timestamp"),
        _ => wanted == found,
    }
}

fn sql(kind: &Type, strict: bool) -> Option<String> {
    crate::schema::render::sql_type(kind, Database::Sqlite, strict).ok().map(|sql| type_name(&sql))
}

/// What `diesel print-schema` reads a type as; none for what it refuses.
fn inferred(column: &str) -> Option<&'static str> {
    let has = |part: &str| column.contains(part);
    let either = |parts: &[&str]| parts.iter().any(|part| column.contains(part));
    Some(match () {
        () if matches!(column, "boolean" | "bool") || (has("tiny") && has("int")) => "bool",
        () if column == "int2" || (has("small") && has("int")) => "int2",
        () if column == "int8" || (has("big") && has("int")) => "int8",
        () if has("int") => "int4",
        () if either(&["char", "clob", "text"]) => "text",
        () if column.is_empty() || column == "generated always" || either(&["blob", "binary"]) => "bytea",
        () if either(&["float", "real"]) => "float4",
        () if either(&["double", "num", "dec"]) => "float8",
        () if matches!(column, "datetime" | "timestamp") => "timestamp",
        () if column == "date" => "date",
        () if column == "time" => "time",
        () => return None,
    })
}
