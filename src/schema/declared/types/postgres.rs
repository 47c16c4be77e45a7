//! PostgreSQL and CockroachDB.

use super::{Types, Wrong, builtin, without_usual_schema, written};
use crate::schema::declared::SqlType;
use crate::schema::diff::from_model::type_name_of;
use crate::schema::model::{Name, type_name};
use crate::schema::op::Type;
use crate::schema::render::qualified;
use crate::store::Database;

/// Extensions whose types have other names than they.
const OF_EXTENSIONS: [(&str, &str); 9] = [
    ("geometry", "postgis"),
    ("geography", "postgis"),
    ("halfvec", "vector"),
    ("sparsevec", "vector"),
    ("lquery", "ltree"),
    ("ltxtquery", "ltree"),
    ("isbn", "isn"),
    ("isbn13", "isn"),
    ("query_int", "intarray"),
];

/// Types of the system that Diesel has no name for.
const OF_SYSTEM: &str = "bit varbit box circle line lseg path point polygon name regclass regtype tid tsquery tsvector \
xid xid8 xml timetz jsonpath bpchar oidvector int2vector pg_snapshot txid_snapshot void record";

impl Types<'_> {
    /// The type of a new column.
    pub(super) fn on_postgres(&self, declared: &SqlType, max_length: Option<u32>) -> Result<Type, Wrong> {
        if declared.name == "Array" {
            let [of] = &declared.of[..] else { return Err(self.missing(declared)) };
            return Ok(Type::Array(Box::new(self.on_postgres(of, max_length)?)));
        }
        if declared.custom.is_none()
            && let Some(known) = builtin(declared)
        {
            return self.known(declared, known, max_length);
        }
        let name = self.custom(declared).ok_or_else(|| self.missing(declared))?;
        let is_plain = !name.name.contains('.') && name.schema.as_ref().is_none_or(|it| !it.contains('.'));
        if self.model.enums.contains_key(&name) && is_plain {
            return Ok(Type::Enum(name.to_string()));
        }
        if let Some(usual) = usual_name(&name) {
            return Ok(Type::Custom(usual.to_owned()));
        }
        if self.is_there(&name) {
            let written = match &name.schema {
                None if OF_SYSTEM.split(' ').any(|known| known == name.name) => name.name.clone(),
                None => crate::schema::render::quoted(&name.name),
                Some(_) => qualified(&name.to_string()),
            };
            return Ok(Type::Custom(written));
        }
        let hint = format!(
            "create it in a migration first: `schema.create_enum(\"{name}\", [\"…\"])`, or with `schema.raw(\"CREATE …\")`"
        );
        Err(Wrong { what: format!("{} has no type {name}", self.database), hint })
    }

    fn known(&self, declared: &SqlType, known: &str, max_length: Option<u32>) -> Result<Type, Wrong> {
        let is_cockroach = self.database == Database::Cockroach;
        Ok(match known {
            "timestamptz of SQLite" => return Err(self.missing(declared)),
            "macaddr" | "macaddr8" | "cidr" | "money" | "citext" if is_cockroach => {
                return Err(self.missing(declared));
            }
            "int2" if declared.name == "SmallSerial" => Type::Custom("smallserial".to_owned()),
            "int4" if declared.name == "Serial" => Type::Custom("serial".to_owned()),
            "int8" if declared.name == "BigSerial" => Type::Custom("bigserial".to_owned()),
            "bool" => Type::Boolean,
            "int2" => Type::SmallInteger,
            "int4" => Type::Integer,
            "int8" => Type::BigInteger,
            "float4" => Type::Float,
            "float8" => Type::Double,
            "numeric" => Type::Decimal(None),
            "text" => match (&*declared.name, max_length) {
                ("Char" | "Bpchar", Some(length)) => Type::Char(length),
                (_, Some(length)) => Type::String(Some(length)),
                ("VarChar" | "Varchar", None) => Type::String(None),
                ("Bpchar", None) if !is_cockroach => Type::Custom("bpchar".to_owned()),
                _ => Type::Text,
            },
            "bytea" => Type::Blob,
            "date" => Type::Date,
            "time" => Type::Time,
            "timestamp" => Type::Timestamp,
            "timestamptz" => Type::TimestampWithTimeZone,
            "interval" => Type::Interval,
            "json" => Type::Json,
            "jsonb" => Type::JsonBinary,
            "uuid" => Type::Uuid,
            "inet" => Type::Inet,
            "cidr" => Type::Cidr,
            "macaddr" => Type::MacAddr,
            other => Type::Custom(other.to_owned()),
        })
    }

    /// What a type is called that Diesel does not know: as its struct says, or by Diesel's rule for names.
    fn custom(&self, declared: &SqlType) -> Option<Name> {
        if let Some(custom) = &declared.custom {
            return custom.postgres.as_ref().map(|name| self.usual(name));
        }
        let is_it = |name: &&Name| camel(&name.name) == declared.name;
        self.model.enums.keys().find(is_it).cloned()
    }

    /// The name without the schema that needs no mention.
    fn usual(&self, name: &Name) -> Name {
        if name.schema.is_some() && self.model.enums.contains_key(name) {
            return name.clone();
        }
        without_usual_schema(name)
    }

    /// Whether there is such a type, as far as one can see.
    fn is_there(&self, name: &Name) -> bool {
        let others = |kind: &str| self.model.others.contains_key(&format!("{kind} {name}"));
        let extension = |wanted: &str| self.model.extensions.iter().any(|extension| extension == wanted);
        let of = OF_EXTENSIONS.iter().find(|(called, _)| *called == name.name);
        others("domain")
            || others("type")
            || OF_SYSTEM.split(' ').any(|known| known == name.name)
            || extension(&name.name)
            || of.is_some_and(|(_, of)| extension(of))
            || self.is_used(name)
    }

    fn is_used(&self, name: &Name) -> bool {
        let columns = self.model.tables.values().flat_map(|table| &table.columns);
        columns
            .into_iter()
            .any(|column| type_name_of(column.sql_type.trim_end_matches("[]")).as_ref() == Some(name))
    }

    fn missing(&self, declared: &SqlType) -> Wrong {
        let hint = match &*declared.name {
            "TimestamptzSqlite" => "write `Timestamptz`",
            "Datetime" => "write `Timestamp`",
            "TinyInt" | "Tinyint" => "write `SmallInt`",
            "Unsigned" => "write the type without `Unsigned<…>`",
            "Citext" | "MacAddr" | "Macaddr" | "MacAddr8" | "Macaddr8" => "write `Text`",
            "Cidr" => "write `Inet`",
            "Money" => "write `Numeric`",
            _ => {
                "say what it is called there, above its struct: `#[diesel(postgres_type(name = \"…\"))]`, in a file \
                 that is read as part of the schema"
            }
        };
        Wrong {
            what: format!("{} has no type for {}", self.database, written(declared)),
            hint: hint.to_owned(),
        }
    }

    /// Whether Diesel takes a column of this type, as `format_type` writes it, for the declared one.
    pub(super) fn is_same_on_postgres(
        &self,
        declared: &SqlType,
        max_length: Option<u32>,
        column: &str,
    ) -> bool {
        let found = self.underlying(column);
        if declared.name == "Array" {
            let (Some(of), Some(element)) = (declared.of.first(), found.strip_suffix("[]")) else {
                return false;
            };
            // One of arrays is the same type there.
            let element = if of.name == "Array" { &found } else { element };
            return self.is_same_on_postgres(of, max_length, element);
        }
        let (plain, length) = without_size(&found);
        let name = type_name_of(&plain);
        let inside = usual_name_of(&plain);
        let wanted = match (&declared.custom, builtin(declared)) {
            (None, Some(known)) => Some(known),
            (Some(_), _) => self.custom(declared).as_ref().and_then(usual_inside),
            (None, None) => None,
        };
        match wanted {
            Some("json") if self.database == Database::Cockroach => matches!(&*inside, "json" | "jsonb"),
            Some("text") => {
                let is_char = matches!(&*declared.name, "Char" | "Bpchar");
                let fits = match max_length {
                    // A domain has its own.
                    None => true,
                    Some(_) if found != column => true,
                    Some(wanted) => length == Some(wanted) && (is_char == (inside == "bpchar")),
                };
                matches!(&*inside, "text" | "varchar" | "bpchar") && fits
            }
            Some(wanted) => wanted == inside,
            None => match self.custom(declared) {
                Some(wanted) => {
                    name.as_ref().map(|name| self.usual(name)) == Some(wanted.clone())
                        || (wanted.schema.is_none() && wanted.name == inside)
                        // By the domain itself, where it is declared as a type of its own.
                        || type_name_of(column) == Some(wanted)
                }
                None => {
                    let plain = name.map_or(inside, |name| name.name);
                    declared.custom.is_none() && camel(&plain) == declared.name
                }
            },
        }
    }

    /// What a domain is of.
    fn underlying(&self, column: &str) -> String {
        let mut found = column.to_owned();
        for _ in 0..8 {
            let Some(name) = type_name_of(&found) else { return found };
            let Some(definition) = self.model.others.get(&format!("domain {name}")) else { return found };
            let ends = [" DEFAULT ", " NOT NULL", " CONSTRAINT "];
            let end = ends.iter().filter_map(|end| definition.find(end)).min();
            found = definition[..end.unwrap_or(definition.len())].to_owned();
        }
        found
    }
}

/// The type without `(…)`, and the first number there.
fn without_size(written: &str) -> (String, Option<u32>) {
    let Some((before, rest)) = written.split_once('(') else { return (written.to_owned(), None) };
    let Some((size, behind)) = rest.split_once(')') else { return (written.to_owned(), None) };
    let length = size.split(',').next().and_then(|size| size.trim().parse().ok());
    (format!("{before}{behind}"), length)
}

/// The name inside of what `format_type` writes in several words.
fn usual_name_of(written: &str) -> String {
    let written = type_name(written);
    let inside = match &*written {
        "integer" => "int4",
        "smallint" => "int2",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "boolean" => "bool",
        "character varying" => "varchar",
        "character" => "bpchar",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "bit varying" => "varbit",
        other if other.starts_with("interval") => "interval",
        "\"char\"" => "\"char\"",
        other => {
            let name = type_name_of(other);
            return name.map_or_else(|| other.to_owned(), |name| name.to_string());
        }
    };
    inside.to_owned()
}

/// A type of the system that a struct of the project stands for.
fn usual_inside(name: &Name) -> Option<&'static str> {
    const KNOWN: [&str; 26] = [
        "bool",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "numeric",
        "text",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "json",
        "jsonb",
        "uuid",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "oid",
        "money",
        "citext",
        "pg_lsn",
        "varchar",
    ];
    if name.schema.is_some() {
        return None;
    }
    let found = KNOWN.into_iter().find(|known| *known == name.name)?;
    Some(if found == "varchar" { "text" } else { found })
}

/// The same, to make a column of.
fn usual_name(name: &Name) -> Option<&str> {
    usual_inside(name).map(|_| name.name.as_str())
}

/// As Diesel makes a type's name of its name in the database.
fn camel(name: &str) -> String {
    let mut made = String::new();
    let mut before: Option<char> = None;
    for c in name.chars() {
        if c.is_alphanumeric() {
            let starts = before.is_none_or(|before| {
                !before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase())
            });
            if starts {
                made.extend(c.to_uppercase());
            } else {
                made.extend(c.to_lowercase());
            }
        }
        before = Some(c);
    }
    made
}
