//! What is there already is told by its shape, and something else under its name is not it.

use diesel::SqliteConnection;
use diesel::connection::{Connection, SimpleConnection};

use crate::schema::diff::there::is_there;
use crate::schema::inspect_sqlite;
use crate::schema::model::{Model, Name};
use crate::schema::op::Op;
use crate::schema::recorded::Schema;
use crate::schema::{DefaultValue, desc};
use crate::store::Database;

const USERS: &str = "CREATE TABLE users (id bigint NOT NULL PRIMARY KEY);";

/// Whether what a change makes is there after this SQL.
fn is_there_after(sql: &str, change: fn(&mut Schema<SqliteConnection>)) -> bool {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute(sql).expect(sql);
    let model = inspect_sqlite(&mut conn).expect("a schema");
    let mut schema = Schema::new();
    change(&mut schema);
    let [recorded] = schema.recorded.as_slice() else { panic!("one change") };
    is_there(recorded.operation.sql().expect("of SQL"), &model, Database::Sqlite)
}

#[track_caller]
fn by_shape(before: &str, change: fn(&mut Schema<SqliteConnection>), same: &str, others: &[&str]) {
    assert!(is_there_after(&format!("{before} {same}"), change), "{same}");
    for other in others {
        assert!(!is_there_after(&format!("{before} {other}"), change), "{other:?} is taken for it");
    }
}

#[test]
fn columns() {
    by_shape(
        USERS,
        |schema| {
            schema.add_column("users", "nick", |c| {
                c.text().not_null().default(DefaultValue::Text("x".to_owned()))
            })
        },
        "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT 'x'",
        &[
            "",
            "ALTER TABLE users ADD COLUMN other text NOT NULL DEFAULT 'x'",
            "ALTER TABLE users ADD COLUMN nick integer NOT NULL DEFAULT 'x'",
            "ALTER TABLE users ADD COLUMN nick text DEFAULT 'x'",
            "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT 'y'",
            "ALTER TABLE users ADD COLUMN nick text COLLATE NOCASE NOT NULL DEFAULT 'x'",
        ],
    );
}

#[test]
fn tables() {
    by_shape(
        "",
        |schema| {
            schema.create_table("tags", |t| {
                t.big_integer("id").primary_key();
                t.text("word").not_null().unique();
            });
        },
        "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word text NOT NULL, CONSTRAINT tags_word_key UNIQUE (word))",
        &[
            "",
            "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word text NOT NULL)",
            "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word integer NOT NULL, CONSTRAINT tags_word_key UNIQUE (word))",
            "CREATE TABLE tags (id bigint NOT NULL, word text NOT NULL, PRIMARY KEY (id, word), CONSTRAINT tags_word_key UNIQUE (word))",
            "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word text NOT NULL, more text, CONSTRAINT tags_word_key UNIQUE (word))",
            "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word text NOT NULL, CONSTRAINT tags_word_key UNIQUE (id))",
            "CREATE TABLE tags (id bigint NOT NULL PRIMARY KEY, word text NOT NULL, CONSTRAINT tags_word_key UNIQUE (word)) WITHOUT ROWID",
            "CREATE VIEW tags AS SELECT 1 AS id, 'a' AS word",
        ],
    );
}

#[test]
fn indexes_and_constraints() {
    let before = "CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, a text, b text);";
    by_shape(
        before,
        |schema| {
            schema.create_index("i", "users", [desc("a")]).unique();
        },
        "CREATE UNIQUE INDEX i ON users (a DESC)",
        &[
            "CREATE UNIQUE INDEX j ON users (a DESC)",
            "CREATE INDEX i ON users (a DESC)",
            "CREATE UNIQUE INDEX i ON users (a)",
            "CREATE UNIQUE INDEX i ON users (b DESC)",
            "CREATE UNIQUE INDEX i ON users (a DESC, b)",
            "CREATE UNIQUE INDEX i ON users (a DESC) WHERE b IS NULL",
            "CREATE TABLE more (a text); CREATE UNIQUE INDEX i ON more (a DESC)",
        ],
    );
    let with = |constraint: &str| {
        format!("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, a text, b text, {constraint})")
    };
    let others = ["CHECK (a <> '')", "CHECK (b <> '') ", "UNIQUE (a)"]
        .map(|other| with(&format!("CONSTRAINT c {other}")));
    by_shape(
        "",
        |schema| {
            schema.add_check("users", "c", "a <> 'x'");
        },
        &with("CONSTRAINT c CHECK (a <> 'x')"),
        &others.iter().map(String::as_str).chain([before]).collect::<Vec<_>>(),
    );
    by_shape(
        "",
        |schema| {
            schema.add_foreign_key("users", ["a"], "users", ["id"]);
        },
        &with("CONSTRAINT users_a_fkey FOREIGN KEY (a) REFERENCES users (id)"),
        &[
            &with("CONSTRAINT users_a_fkey FOREIGN KEY (b) REFERENCES users (id)"),
            &with("CONSTRAINT users_a_fkey FOREIGN KEY (a) REFERENCES users (id) ON DELETE CASCADE"),
            &with("CONSTRAINT users_a_fkey FOREIGN KEY (a) REFERENCES users (b)"),
            &with("CONSTRAINT users_a_fkey FOREIGN KEY (a) REFERENCES others (id)"),
        ],
    );
}

#[test]
fn enums() {
    let of = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let op = Op::CreateEnum { name: "mood".to_owned(), values: of(&["sad", "ok"]) };
    let is_there_among = |name: &str, values: &[&str]| {
        let enums = [(Name::new(name), of(values))].into_iter().collect();
        is_there(&op, &Model { enums, ..Model::default() }, Database::Postgres)
    };
    assert!(is_there_among("mood", &["sad", "ok"]));
    for (name, values) in [("mood", &["sad"][..]), ("mood", &["ok", "sad"]), ("other", &["sad", "ok"])] {
        assert!(!is_there_among(name, values), "{name} {values:?}");
    }
}
