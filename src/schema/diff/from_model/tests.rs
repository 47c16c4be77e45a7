//! What a database has comes out as a change that makes the same.

use super::*;
use crate::schema::op::{DefaultValue, Op, Type};

#[test]
fn types_by_the_words_of_the_database() {
    let mut model = Model::default();
    model.enums.insert(Name::new("status"), Vec::new());
    let kind = |database, sql: &str| FromModel { database, model: &model }.kind(sql, false);
    let custom = |sql: &str| Type::Custom(sql.to_owned());
    for (sql, is) in [
        ("character varying(20)", Type::String(Some(20))),
        ("character varying", Type::String(None)),
        ("character(3)", Type::Char(3)),
        ("numeric(10,2)", Type::Decimal(Some((10, 2)))),
        ("timestamp with time zone", Type::TimestampWithTimeZone),
        ("timestamp(3) with time zone", custom("timestamp(3) with time zone")),
        ("text[]", Type::Array(Box::new(Type::Text))),
        ("status", Type::Enum("status".to_owned())),
        ("other.status", custom("other.status")),
        ("tsvector", custom("tsvector")),
    ] {
        assert_eq!(kind(Database::Postgres, sql), is, "{sql}");
    }
    for (sql, is) in [
        ("INTEGER", Type::Integer),
        ("bigint", Type::BigInteger),
        ("VARCHAR(20)", Type::String(Some(20))),
        ("decimal(10, 2)", Type::Decimal(Some((10, 2)))),
        ("NUMERIC(10,2)", custom("NUMERIC(10,2)")),
        ("", custom("")),
        ("timestamptz", Type::TimestampWithTimeZone),
    ] {
        assert_eq!(kind(Database::Sqlite, sql), is, "{sql}");
    }
}

#[test]
fn defaults_by_the_words_of_the_database() {
    let model = Model::default();
    let default = |database, sql: &str, kind: Type| FromModel { database, model: &model }.default(sql, &kind);
    let text = |value: &str| DefaultValue::Text(value.to_owned());
    let sql = |value: &str| DefaultValue::Expression(value.to_owned());
    for (written, kind, is) in [
        ("'it''s'::text", Type::Text, text("it's")),
        ("'{}'::character varying(20)[]", Type::Text, text("{}")),
        ("'-1'::integer", Type::Integer, DefaultValue::Integer(-1)),
        ("0", Type::BigInteger, DefaultValue::Integer(0)),
        ("0.10", Type::Decimal(None), sql("0.10")),
        ("1.5", Type::Double, DefaultValue::Float(1.5)),
        ("true", Type::Boolean, DefaultValue::Boolean(true)),
        ("CURRENT_TIMESTAMP", Type::Timestamp, DefaultValue::Now),
        ("CURRENT_DATE", Type::Date, DefaultValue::Now),
        ("CURRENT_TIMESTAMP", Type::Date, sql("CURRENT_TIMESTAMP")),
        ("now()", Type::Timestamp, sql("now()")),
        ("('a'::text || 'b'::text)", Type::Text, sql("'a'::text || 'b'::text")),
        ("NULL::text", Type::Text, sql("NULL::text")),
    ] {
        assert_eq!(default(Database::Postgres, written, kind), is, "{written}");
    }
    for (written, is) in [
        ("'5'", text("5")),
        ("-5", DefaultValue::Integer(-5)),
        ("abc", text("abc")),
        ("NULL", sql("NULL")),
        ("(1 + 2)", sql("1 + 2")),
        ("x'00'", sql("x'00'")),
    ] {
        assert_eq!(default(Database::Sqlite, written, Type::Integer), is, "{written}");
    }
}

#[test]
fn expressions_are_the_same_before_and_after_postgresql() {
    for (written, read) in [
        ("status IN ('a', 'b')", "(status = ANY (ARRAY['a'::text, 'b'::text]))"),
        ("kind NOT IN (1, 2)", "(kind <> ALL (ARRAY[1, 2]))"),
        ("\"Odd\" != '' AND title LIKE 'a%'", "((\"Odd\" <> ''::text) AND (title ~~ 'a%'::text))"),
        ("at < now()", "(at < CURRENT_TIMESTAMP)"),
        ("n >= -1", "(n >= '-1'::integer)"),
        ("length(slug) <= 100", "(length((slug)::character varying(20)) <= 100)"),
        ("read_at IS NULL", "(read_at IS NULL)"),
        ("a BETWEEN 1 AND 5 AND b > 0", "(((a >= 1) AND (a <= 5)) AND (b > 0))"),
        (
            "length(a) NOT BETWEEN 1 AND -5",
            "((length((a)::text) < 1) OR (length((a)::text) > '-5'::integer))",
        ),
    ] {
        assert_eq!(loose(written), loose(read));
    }
    for (one, other) in [("a > 0", "a >= 0"), ("a = 'x'", "a = 'X'"), ("a = '1'::text", "a = 1")] {
        assert_ne!(loose(one), loose(other));
    }
}

#[cfg(feature = "sqlite")]
mod on_sqlite {
    use diesel::connection::{Connection, SimpleConnection};

    use super::*;
    use crate::schema::inspect_sqlite;
    use crate::schema::model::differences;
    use crate::schema::render::statements;

    fn again(sql: &str) -> Vec<String> {
        let mut conn = diesel::SqliteConnection::establish(":memory:").expect("a database");
        conn.batch_execute(sql).expect(sql);
        let model = inspect_sqlite(&mut conn).expect("a schema");
        let from = FromModel { database: Database::Sqlite, model: &model };
        let mut ops: Vec<Op> =
            model.tables.iter().map(|(name, table)| Op::CreateTable(from.table(name, table))).collect();
        for (name, table) in &model.tables {
            ops.extend(table.indexes.iter().map(|index| from.create_index(name, index)));
        }
        let mut copy = diesel::SqliteConnection::establish(":memory:").expect("a database");
        for op in &ops {
            for sql in statements(op, Database::Sqlite, &mut copy).expect("a statement") {
                copy.batch_execute(&sql).expect(&sql);
            }
        }
        let made = inspect_sqlite(&mut copy).expect("a schema");
        differences(&model.facts(), &made.facts()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tables_come_out_as_they_are() {
        for sql in [
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL DEFAULT 'it''s' COLLATE NOCASE, b decimal(10,2) DEFAULT -1.50)",
            "CREATE TABLE t (id bigint PRIMARY KEY, a, b int UNIQUE, c int CHECK (c > 0), UNIQUE (a, b), CONSTRAINT x CHECK (a <> b))",
            "CREATE TABLE t (a int, b int AS (a + 1), c int GENERATED ALWAYS AS (a * 2) STORED, PRIMARY KEY (a)) STRICT, WITHOUT ROWID",
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a int REFERENCES p ON DELETE CASCADE, b int, \"o dd\" timestamp DEFAULT CURRENT_TIMESTAMP, CONSTRAINT y FOREIGN KEY (b) REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TABLE t (a text, b int); CREATE UNIQUE INDEX i ON t (a COLLATE nocase DESC, b); CREATE INDEX j ON t (lower(a) DESC, b) WHERE a IS NOT NULL; CREATE INDEX k ON t (a || 'x')",
            "CREATE TABLE t (at date DEFAULT CURRENT_DATE, b DEFAULT (1 + 2), c boolean DEFAULT TRUE, PRIMARY KEY (at, c))",
        ] {
            assert_eq!(again(sql), Vec::<String>::new(), "{sql}");
        }
    }

    #[test]
    fn what_no_change_can_say_is_named() {
        let mut conn = diesel::SqliteConnection::establish(":memory:").expect("a database");
        conn.batch_execute(
            "CREATE TABLE t (a int NOT NULL ON CONFLICT IGNORE, b int UNIQUE ON CONFLICT REPLACE)",
        )
        .expect("a table");
        let model = inspect_sqlite(&mut conn).expect("a schema");
        let from = FromModel { database: Database::Sqlite, model: &model };
        let (name, table) = model.tables.iter().next().expect("a table");
        let said: Vec<String> = from.unsaid(name, table).into_iter().map(|one| one.what).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("ON CONFLICT REPLACE") && said[1] == "ON CONFLICT IGNORE of a", "{said:?}");
    }
}
