//! Types: sea-query's, by its names.

use sea_query::{ColumnType, PostgresQueryBuilder, SqliteQueryBuilder, TableBuilder};

use super::Unfit;
use crate::schema::op::Type;
use crate::store::Database;

/// How a database writes a type.
pub fn sql_type(kind: &Type, database: Database, strict: bool) -> Result<String, Unfit> {
    let column_type = column_type(kind, database, strict)?;
    let mut sql = String::new();
    match database {
        Database::Sqlite => TableBuilder::prepare_column_type(&SqliteQueryBuilder, &column_type, &mut sql),
        _ => TableBuilder::prepare_column_type(&PostgresQueryBuilder, &column_type, &mut sql),
    }
    Ok(sql)
}

/// The type as sea-query has it; never one that it cannot write for this database.
pub fn column_type(kind: &Type, database: Database, strict: bool) -> Result<ColumnType, Unfit> {
    let missing = |what: &str, instead: &str| {
        let hint = match database {
            Database::Sqlite => format!(
                "use {instead}, or write the change for the others under `schema.only_on([Database::Postgres], |schema| …)`"
            ),
            _ => format!("use {instead}"),
        };
        Err(Unfit::new(format!("{database} has no type for {what}"), hint))
    };
    if database == Database::Sqlite {
        if strict {
            return strict_type(kind);
        }
        if let Some(custom) = as_diesel_reads_it(kind) {
            return Ok(ColumnType::custom(custom));
        }
        match kind {
            Type::Interval => return missing("an interval", "`integer()` seconds"),
            Type::Inet | Type::Cidr | Type::MacAddr => return missing("an address", "`text()`"),
            Type::Array(_) => return missing("an array", "a table of its own, or `json()`"),
            Type::Enum(name) => return missing(&format!("the enum {name}"), "`text()` with a `check`"),
            _ => {}
        }
    }
    if database == Database::Cockroach {
        match kind {
            // `integer` has eight bytes there: <https://www.cockroachlabs.com/docs/stable/int>.
            Type::Integer => return Ok(ColumnType::custom("int4")),
            Type::Cidr => return missing("a network", "`inet()`"),
            Type::MacAddr => return missing("the address of a network card", "`text()`"),
            Type::Array(of) if matches!(**of, Type::Array(_)) => {
                return missing("an array of arrays", "`json_binary()`");
            }
            _ => {}
        }
    }
    Ok(match kind {
        Type::Char(length) => ColumnType::Char(Some(*length)),
        Type::String(length) => ColumnType::string(*length),
        Type::Text => ColumnType::Text,
        Type::SmallInteger => ColumnType::SmallInteger,
        Type::Integer => ColumnType::Integer,
        Type::BigInteger => ColumnType::BigInteger,
        Type::Float => ColumnType::Float,
        Type::Double => ColumnType::Double,
        Type::Decimal(size) => ColumnType::Decimal(*size),
        Type::Boolean => ColumnType::Boolean,
        Type::Date => ColumnType::Date,
        Type::Time => ColumnType::Time,
        Type::Timestamp => ColumnType::Timestamp,
        Type::TimestampWithTimeZone => ColumnType::TimestampWithTimeZone,
        Type::Interval => ColumnType::Interval(None, None),
        Type::Blob => ColumnType::Blob,
        Type::Json => ColumnType::Json,
        Type::JsonBinary => ColumnType::JsonBinary,
        Type::Uuid => ColumnType::Uuid,
        Type::Inet => ColumnType::Inet,
        Type::Cidr => ColumnType::Cidr,
        Type::MacAddr => ColumnType::MacAddr,
        Type::Array(of) => ColumnType::Array(column_type(of, database, strict)?.into()),
        // sea-query writes the name as it is.
        Type::Enum(name) => ColumnType::custom(super::qualified(name)),
        Type::Custom(sql) => ColumnType::custom(sql.clone()),
    })
}

/// Where sea-query's name for SQLite would be read by Diesel as another type than on PostgreSQL: a
/// `bigint` as an `Integer` of 32 bits, a timestamp as a text.
fn as_diesel_reads_it(kind: &Type) -> Option<String> {
    Some(match kind {
        Type::BigInteger => "bigint".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::TimestampWithTimeZone => "timestamptz".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Time => "time".to_owned(),
        Type::Decimal(None) => "decimal".to_owned(),
        Type::Decimal(Some((precision, scale))) => format!("decimal({precision}, {scale})"),
        _ => return None,
    })
}

/// A `STRICT` table knows six types. See <https://sqlite.org/stricttables.html>.
fn strict_type(kind: &Type) -> Result<ColumnType, Unfit> {
    Ok(ColumnType::custom(match kind {
        Type::SmallInteger | Type::Integer | Type::BigInteger | Type::Boolean => "integer".to_owned(),
        Type::Float | Type::Double => "real".to_owned(),
        Type::Blob => "blob".to_owned(),
        Type::Char(_)
        | Type::String(_)
        | Type::Text
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampWithTimeZone
        | Type::Json
        | Type::JsonBinary
        | Type::Uuid => "text".to_owned(),
        Type::Custom(sql) => sql.clone(),
        other => {
            return Err(Unfit::new(
                format!("a STRICT table of SQLite has no type for {other}"),
                "use `text()` or `integer()`, or leave `strict()` away",
            ));
        }
    }))
}
