//! Types, by the words that a database has for them.

use super::FromModel;
use crate::schema::model::words::{Kind, Language, Word, words};
use crate::schema::model::{Name, type_name};
use crate::schema::op::Type;
use crate::schema::render::sql_type;
use crate::store::Database;

/// Those without a size.
const PLAIN: [Type; 21] = [
    Type::Text,
    Type::Integer,
    Type::BigInteger,
    Type::SmallInteger,
    Type::Boolean,
    Type::Double,
    Type::Float,
    Type::Blob,
    Type::Timestamp,
    Type::TimestampWithTimeZone,
    Type::Date,
    Type::Time,
    Type::String(None),
    Type::Decimal(None),
    Type::Json,
    Type::JsonBinary,
    Type::Uuid,
    Type::Interval,
    Type::Inet,
    Type::Cidr,
    Type::MacAddr,
];

impl FromModel<'_> {
    /// A type that the database writes like this; where no change has a name for it, word for word.
    pub fn kind(&self, written: &str, strict: bool) -> Type {
        let found = match self.database {
            Database::Sqlite => of_sqlite(written, strict),
            _ => self.of_postgres(written),
        };
        found.unwrap_or_else(|| Type::Custom(written.to_owned()))
    }

    fn of_postgres(&self, written: &str) -> Option<Type> {
        if let Some(of) = written.strip_suffix("[]") {
            return Some(Type::Array(Box::new(self.kind(of, false))));
        }
        if let Some(kind) = by_name(&type_name(written)) {
            return Some(kind);
        }
        let name = name_of(written)?;
        let has_dot = name.name.contains('.') || name.schema.as_ref().is_some_and(|it| it.contains('.'));
        (!has_dot && self.model.enums.contains_key(&name)).then(|| Type::Enum(name.to_string()))
    }
}

/// As `format_type` writes it.
fn by_name(written: &str) -> Option<Type> {
    Some(match written {
        "text" => Type::Text,
        "smallint" => Type::SmallInteger,
        "integer" => Type::Integer,
        "bigint" => Type::BigInteger,
        "real" => Type::Float,
        "double precision" => Type::Double,
        "numeric" => Type::Decimal(None),
        "boolean" => Type::Boolean,
        "character varying" => Type::String(None),
        "date" => Type::Date,
        "time without time zone" => Type::Time,
        "timestamp without time zone" => Type::Timestamp,
        "timestamp with time zone" => Type::TimestampWithTimeZone,
        "interval" => Type::Interval,
        "bytea" => Type::Blob,
        "json" => Type::Json,
        "jsonb" => Type::JsonBinary,
        "uuid" => Type::Uuid,
        "inet" => Type::Inet,
        "cidr" => Type::Cidr,
        "macaddr" => Type::MacAddr,
        _ => {
            let (name, sizes) = sized(written)?;
            match (name, &sizes[..]) {
                ("character varying", [size]) => Type::String(Some(*size)),
                ("character", [size]) => Type::Char(*size),
                ("numeric", [precision, scale]) => Type::Decimal(Some((*precision, *scale))),
                _ => return None,
            }
        }
    })
}

/// The one that is written like this when a change renders it; letter case makes no other.
fn of_sqlite(written: &str, strict: bool) -> Option<Type> {
    let wanted = type_name(written).to_lowercase();
    let is_it = |kind: &Type| {
        sql_type(kind, Database::Sqlite, strict).is_ok_and(|sql| type_name(&sql).to_lowercase() == wanted)
    };
    if let Some(kind) = PLAIN.iter().find(|kind| is_it(kind)) {
        return Some(kind.clone());
    }
    let (_, sizes) = sized(&wanted)?;
    let kind = match sizes[..] {
        [size] if wanted.starts_with("varchar") => Type::String(Some(size)),
        [size] if wanted.starts_with("char") => Type::Char(size),
        [precision, scale] => Type::Decimal(Some((precision, scale))),
        _ => return None,
    };
    is_it(&kind).then_some(kind)
}

/// `name(1,2)`.
pub fn sized(written: &str) -> Option<(&str, Vec<u32>)> {
    let (name, sizes) = written.strip_suffix(')')?.rsplit_once('(')?;
    let sizes: Result<Vec<u32>, _> = sizes.split(',').map(|size| size.trim().parse()).collect();
    Some((name.trim_end(), sizes.ok()?))
}

/// The name of a type that somebody has made: `status`, `"Odd status"`, `other.status`.
pub fn name_of(written: &str) -> Option<Name> {
    let found = words(written, Language::Standard);
    let is_name = |word: &Word<'_>| matches!(word.kind, Kind::Word | Kind::Quoted);
    match &found[..] {
        [name] if is_name(name) => name.name().map(Name::new),
        [schema, dot, name] if is_name(schema) && dot.is_mark('.') && is_name(name) => {
            Some(Name { schema: schema.name(), name: name.name()? })
        }
        _ => None,
    }
}
