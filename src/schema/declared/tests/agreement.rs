//! Which types of Diesel agree with which of a database, and what a new column gets.

use super::*;
use crate::schema::model::{Column, Name};

const SQLITE: Database = Database::Sqlite;
const POSTGRES: Database = Database::Postgres;
const COCKROACH: Database = Database::Cockroach;

fn model() -> Model {
    let mut model = Model::default();
    model.enums.insert(Name::new("video_status"), vec!["new".to_owned()]);
    let other = Name { schema: Some("other".to_owned()), name: "Odd mood".to_owned() };
    model.enums.insert(other, vec!["ok".to_owned()]);
    model.others.insert(
        "domain positive".to_owned(),
        "integer DEFAULT 1 NOT NULL CONSTRAINT above CHECK (VALUE > 0)".to_owned(),
    );
    model.others.insert("domain slug".to_owned(), "character varying(20)".to_owned());
    model.extensions.insert("vector".to_owned());
    model
}

fn column(declared: &str) -> DeclaredColumn {
    let (attribute, kind) =
        declared.split_once("] ").map_or(("", declared), |(attribute, kind)| (attribute, kind));
    let attribute = if attribute.is_empty() { String::new() } else { format!("{attribute}]") };
    let text = format!(
        "#[diesel(postgres_type(name = \"video_status\"), sqlite_type(name = \"Long\"))] struct Mine;
         #[diesel(postgres_type(name = \"Odd mood\", schema = \"other\"))] struct Mood;
         #[diesel(postgres_type(name = \"gone\"))] struct Gone;
         #[diesel(postgres_type(name = \"vector\"))] struct Vector;
         #[diesel(postgres_type(name = \"citext\"))] struct MyText;
         #[diesel(postgres_type(name = \"slug\"))] struct Slug;
         diesel::table! {{ t (c) {{ {attribute} c -> {kind}, }} }}"
    );
    parse(&text).tables[0].columns[0].clone()
}

fn is_same(database: Database, declared: &str, found: &str) -> bool {
    let model = model();
    let found = Column { name: "c".to_owned(), sql_type: found.to_owned(), ..Column::default() };
    Types { database, model: &model }.is_same(&column(declared), &found, false, false)
}

fn made(database: Database, declared: &str) -> Result<Type, String> {
    let model = model();
    let made = Types { database, model: &model }.sql(&column(declared));
    made.map_err(|problem| format!("{}; {}", problem.what, problem.hint))
}

#[test]
fn agreement() {
    let cases: &[(Database, &str, &[&str], &[&str])] = &[
        (SQLITE, "Integer", &["INTEGER", "int", "MEDIUMINT"], &["bigint", "smallint", "text", "boolean"]),
        (SQLITE, "Int8", &["bigint", "UNSIGNED BIG INT", "int8"], &["integer", "real"]),
        (SQLITE, "SmallInt", &["smallint", "int2"], &["integer"]),
        (SQLITE, "Bool", &["boolean", "BOOL", "tinyint(1)"], &["integer"]),
        (SQLITE, "Text", &["text", "varchar(20)", "CLOB", "json_text", "nchar(5)"], &["blob", "integer", ""]),
        (SQLITE, "#[max_length = 9] VarChar", &["varchar(20)", "text"], &["integer"]),
        (SQLITE, "Binary", &["blob", "", "varbinary(9)"], &["text"]),
        (SQLITE, "Float", &["float", "real"], &["double", "integer"]),
        (SQLITE, "Double", &["double precision", "numeric(10, 2)", "decimal"], &["real"]),
        (SQLITE, "Numeric", &["decimal", "numeric(10, 2)", "double"], &["real", "text"]),
        (SQLITE, "Timestamp", &["timestamp", "DATETIME"], &["timestamptz", "text", "date"]),
        (SQLITE, "TimestamptzSqlite", &["timestamptz", "timestamp with time zone"], &["timestamp", "text"]),
        (SQLITE, "Date", &["date"], &["time", "datetime"]),
        (SQLITE, "Json", &["text", "json_text", "json"], &["integer"]),
        (SQLITE, "Jsonb", &["blob", "jsonb_text", "jsonb"], &["text"]),
        (SQLITE, "Mine", &["bigint"], &["integer", "text"]),
        (SQLITE, "Mood", &[], &["text", "mood"]),
        (SQLITE, "Inet", &[], &["inet", "text"]),
        (POSTGRES, "Int4", &["integer", "positive"], &["bigint", "smallint", "integer[]", "text"]),
        (POSTGRES, "BigInt", &["bigint"], &["integer"]),
        (POSTGRES, "BigSerial", &["bigint"], &["integer"]),
        (
            POSTGRES,
            "Text",
            &["text", "character varying", "character varying(20)", "character(3)", "slug"],
            &["citext", "bytea", "text[]", "\"char\"", "name"],
        ),
        (POSTGRES, "Varchar", &["character varying", "text", "character varying(20)"], &["citext"]),
        (
            POSTGRES,
            "#[max_length = 20] Varchar",
            &["character varying(20)", "slug"],
            &["character varying(30)", "text", "character varying", "character(20)"],
        ),
        (POSTGRES, "#[max_length = 3] Bpchar", &["character(3)"], &["character varying(3)", "character(4)"]),
        (POSTGRES, "Numeric", &["numeric", "numeric(10,2)"], &["double precision"]),
        (
            POSTGRES,
            "Timestamp",
            &["timestamp without time zone", "timestamp(3) without time zone"],
            &["timestamp with time zone"],
        ),
        (
            POSTGRES,
            "Timestamptz",
            &["timestamp with time zone", "timestamp(6) with time zone"],
            &["timestamp without time zone"],
        ),
        (POSTGRES, "TimestamptzSqlite", &[], &["timestamp with time zone"]),
        (POSTGRES, "Time", &["time without time zone"], &["time with time zone"]),
        (POSTGRES, "Interval", &["interval", "interval day to second"], &["integer"]),
        (POSTGRES, "Array<Nullable<Text>>", &["text[]", "character varying[]"], &["text", "integer[]"]),
        (POSTGRES, "Array<Array<Int4>>", &["integer[]"], &["integer"]),
        (POSTGRES, "Range<Timestamptz>", &["tstzrange"], &["tsrange"]),
        (POSTGRES, "Int4range", &["int4range"], &["int8range"]),
        (POSTGRES, "Multirange<Date>", &["datemultirange"], &["daterange"]),
        (POSTGRES, "Jsonb", &["jsonb"], &["json"]),
        (COCKROACH, "Json", &["jsonb"], &["text"]),
        (POSTGRES, "Macaddr", &["macaddr"], &["macaddr8"]),
        (POSTGRES, "CChar", &["\"char\""], &["character(1)", "text"]),
        (POSTGRES, "Citext", &["citext"], &["text"]),
        (POSTGRES, "MyText", &["citext"], &["text"]),
        (POSTGRES, "Mine", &["video_status"], &["text", "other.video_status"]),
        (POSTGRES, "Mood", &["other.\"Odd mood\""], &["\"Odd mood\"", "video_status"]),
        (POSTGRES, "Slug", &["slug"], &["character varying(20)", "text"]),
        // By Diesel's rule for the names of types, where nothing says more.
        (POSTGRES, "VideoStatus", &["video_status"], &["text"]),
        (POSTGRES, "Vector", &["vector", "vector(3)"], &["text"]),
        (POSTGRES, "Tsvector", &["tsvector"], &["tsquery"]),
    ];
    for (database, declared, alike, others) in cases {
        for found in *alike {
            assert!(is_same(*database, declared, found), "{database}: {declared} is {found}");
        }
        for found in *others {
            assert!(!is_same(*database, declared, found), "{database}: {declared} is not {found}");
        }
    }
}

#[test]
fn what_a_new_column_gets() {
    let custom = |sql: &str| Type::Custom(sql.to_owned());
    let cases = [
        (SQLITE, "BigInt", Type::BigInteger),
        (SQLITE, "VarChar", Type::String(None)),
        (SQLITE, "#[max_length = 9] Text", Type::String(Some(9))),
        (SQLITE, "Mine", Type::BigInteger),
        (SQLITE, "Numeric", Type::Decimal(None)),
        (POSTGRES, "Mine", Type::Enum("video_status".to_owned())),
        (POSTGRES, "VideoStatus", Type::Enum("video_status".to_owned())),
        (POSTGRES, "Mood", Type::Enum("other.Odd mood".to_owned())),
        (POSTGRES, "Slug", custom("\"slug\"")),
        (POSTGRES, "Vector", custom("\"vector\"")),
        (POSTGRES, "MyText", custom("citext")),
        (POSTGRES, "BigSerial", custom("bigserial")),
        (POSTGRES, "#[max_length = 3] Bpchar", Type::Char(3)),
        (POSTGRES, "Array<Nullable<Mine>>", Type::Array(Box::new(Type::Enum("video_status".to_owned())))),
        (POSTGRES, "Range<Int4>", custom("int4range")),
        (COCKROACH, "Integer", Type::Integer),
    ];
    for (database, declared, kind) in cases {
        assert_eq!(made(database, declared), Ok(kind), "{database}: {declared}");
    }
    let wrong = [
        (SQLITE, "Timestamptz", "SQLite has no type for Timestamptz; write `TimestamptzSqlite`"),
        (
            SQLITE,
            "Array<Text>",
            "SQLite has no type for Array<Text>; write `Json`, or declare a table of its own",
        ),
        (POSTGRES, "TimestamptzSqlite", "PostgreSQL has no type for TimestamptzSqlite; write `Timestamptz`"),
        (
            POSTGRES,
            "Unsigned<Integer>",
            "PostgreSQL has no type for Unsigned<Integer>; write the type without `Unsigned<…>`",
        ),
        (
            POSTGRES,
            "Gone",
            "PostgreSQL has no type gone; create it in a migration first: `schema.create_enum(\"gone\", [\"…\"])`, or with `schema.raw(\"CREATE …\")`",
        ),
        (COCKROACH, "Cidr", "CockroachDB has no type for Cidr; write `Inet`"),
    ];
    for (database, declared, problem) in wrong {
        assert_eq!(made(database, declared), Err(problem.to_owned()), "{database}: {declared}");
    }
    let unknown = made(POSTGRES, "Nobodys").expect_err("nobody knows it");
    assert!(unknown.contains("#[diesel(postgres_type(name = \"…\"))]"), "{unknown}");
}

/// A new column is of the type that it was declared with.
#[test]
fn what_is_made_agrees() {
    let common = [
        "Bool",
        "SmallInt",
        "Integer",
        "BigInt",
        "Float",
        "Double",
        "Numeric",
        "Text",
        "Binary",
        "Date",
        "Time",
        "Timestamp",
        "Json",
        "Jsonb",
    ];
    for kind in common.iter().chain(&["TimestamptzSqlite", "#[max_length = 7] VarChar", "Mine"]) {
        let made = made(SQLITE, kind).expect(kind);
        let sql = crate::schema::render::sql_type(&made, SQLITE, false).expect(kind);
        assert!(is_same(SQLITE, kind, &sql), "{kind} is {sql}");
    }
}
