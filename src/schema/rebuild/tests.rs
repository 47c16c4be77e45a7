mod refused;
mod survives;
mod values;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text};

use super::*;
use crate::schema::inspect::sqlite::inspect;
use crate::schema::model::differences;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

fn with(sql: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute("PRAGMA foreign_keys = ON").expect("foreign keys");
    conn.batch_execute(sql).expect(sql);
    conn
}

/// A row for each line, of the expression.
fn lines(conn: &mut SqliteConnection, expression: &str, from: &str) -> Vec<String> {
    let sql = format!("SELECT CAST({expression} AS TEXT) AS line FROM {from}");
    let lines: Vec<Line> = sql_query(&sql).load(conn).expect(&sql);
    lines.into_iter().map(|line| line.line.unwrap_or_else(|| "NULL".to_owned())).collect()
}

fn statements(conn: &mut SqliteConnection, table: &str, edit: &Edit) -> Result<Vec<String>, String> {
    let current = current(conn, table).expect("SQLite answers").expect("a table");
    rebuild(table, &current, std::slice::from_ref(edit))
}

/// As an engine does it; what SQLite says where it fails, and then nothing has changed.
fn try_edit(conn: &mut SqliteConnection, table: &str, edit: &Edit) -> Result<(), String> {
    let statements = statements(conn, table, edit)?;
    let legacy = lines(conn, "legacy_alter_table", "pragma_legacy_alter_table");
    conn.batch_execute("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE").expect("a transaction");
    let done = statements.iter().try_for_each(|statement| conn.batch_execute(statement));
    if let Err(error) = done {
        conn.batch_execute("ROLLBACK; PRAGMA foreign_keys = ON").expect("a rollback");
        return Err(error.to_string());
    }
    assert_eq!(lines(conn, "\"table\"", "pragma_foreign_key_check"), Vec::<String>::new());
    assert_eq!(lines(conn, "integrity_check", "pragma_integrity_check"), ["ok"]);
    conn.batch_execute("COMMIT; PRAGMA foreign_keys = ON").expect("a commit");
    assert_eq!(lines(conn, "legacy_alter_table", "pragma_legacy_alter_table"), legacy);
    let left = "sqlite_master WHERE name LIKE 'updown%' OR sql LIKE '%updown\\_new%' ESCAPE '\\'";
    assert_eq!(lines(conn, "name", left), Vec::<String>::new());
    Ok(())
}

#[track_caller]
fn edit(conn: &mut SqliteConnection, table: &str, edit: &Edit) {
    try_edit(conn, table, edit).unwrap_or_else(|why| panic!("{edit:?}: {why}"));
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn drop_column(name: &str) -> Edit {
    Edit::DropColumn { name: text(name) }
}

fn add_constraint(definition: &str) -> Edit {
    Edit::AddConstraint { definition: text(definition) }
}

fn drop_constraint(which: Which) -> Edit {
    Edit::DropConstraint { which }
}

fn set_type(column: &str, sql_type: &str) -> Edit {
    Edit::SetType { column: text(column), sql_type: text(sql_type) }
}

fn set_not_null(column: &str, not_null: bool) -> Edit {
    Edit::SetNotNull { column: text(column), not_null }
}

fn set_default(column: &str, default: Option<&str>) -> Edit {
    Edit::SetDefault { column: text(column), default: default.map(text) }
}

fn add_column(definition: &str) -> Edit {
    Edit::AddColumn { definition: text(definition) }
}

/// The text of `t` after an edit, as SQLite keeps it.
fn text_after(before: &str, change: &Edit) -> String {
    let mut conn = with(before);
    edit(&mut conn, "t", change);
    lines(&mut conn, "sql", "sqlite_master WHERE name = 't'").concat()
}

/// A table that was rebuilt is like one that was made so.
#[test]
fn the_result_is_as_if_it_were_made_so() {
    let named = |name: &str| drop_constraint(Which::Named(text(name)));
    let unique =
        |columns: &[&str]| drop_constraint(Which::Unique(columns.iter().map(|it| text(it)).collect()));
    for (before, change, after) in [
        (
            "a int",
            add_column("\"b c\" text NOT NULL DEFAULT 'x'"),
            "a int, \"b c\" text NOT NULL DEFAULT 'x'",
        ),
        ("a int, CHECK (a > 0)", add_column("b int"), "a int, b int, CHECK (a > 0)"),
        ("a int, b int, c int", drop_column("b"), "a int, c int"),
        ("a int, b int, c int", drop_column("C"), "a int, b int"),
        ("a int, b int, c int", drop_column("a"), "b int, c int"),
        (
            "a int, b int UNIQUE, UNIQUE (b), CHECK (b > 0) CHECK (a > 0)",
            drop_column("b"),
            "a int, CHECK (a > 0)",
        ),
        ("a int, b int PRIMARY KEY REFERENCES t (b)", drop_column("b"), "a int"),
        ("a int CHECK (b > 0), b int", drop_column("b"), "a int"),
        (
            "a int, b int, c int, UNIQUE (c), FOREIGN KEY (c) REFERENCES t (b), UNIQUE (b)",
            drop_column("c"),
            "a int, b int UNIQUE",
        ),
        ("a VARCHAR(10) NOT NULL", set_type("a", "text"), "a text NOT NULL"),
        ("a NOT NULL", set_type("a", "double precision"), "a double precision NOT NULL"),
        ("a int NOT NULL", set_type("a", ""), "a NOT NULL"),
        ("a int DEFAULT 1", set_not_null("a", true), "a int NOT NULL DEFAULT 1"),
        ("a", set_not_null("a", true), "a NOT NULL"),
        ("a int NULL", set_not_null("a", true), "a int NOT NULL"),
        ("a int CONSTRAINT x NOT NULL ON CONFLICT FAIL UNIQUE", set_not_null("a", false), "a int UNIQUE"),
        ("a int NOT NULL", set_default("a", Some("-1")), "a int DEFAULT -1 NOT NULL"),
        (
            "a int DEFAULT (1 + 2) NOT NULL",
            set_default("a", Some("length('a') + 1")),
            "a int DEFAULT (length('a') + 1) NOT NULL",
        ),
        ("a text CONSTRAINT x DEFAULT 'a' UNIQUE", set_default("a", None), "a text UNIQUE"),
        ("a text", set_default("a", Some("CURRENT_TIMESTAMP")), "a text DEFAULT CURRENT_TIMESTAMP"),
        ("a text", set_default("a", Some("(1) + (2)")), "a text DEFAULT ((1) + (2))"),
        (
            "a int, b int",
            add_constraint("CONSTRAINT x CHECK (a <> b)"),
            "a int, b int, CONSTRAINT x CHECK (a <> b)",
        ),
        ("a int, b int", add_constraint("PRIMARY KEY (a, b)"), "a int, b int, PRIMARY KEY (a, b)"),
        ("a int, CONSTRAINT x CHECK (a > 0), UNIQUE (a)", named("X"), "a int, UNIQUE (a)"),
        ("a int CONSTRAINT x CHECK (a > 0) UNIQUE", named("x"), "a int UNIQUE"),
        ("a int UNIQUE NOT NULL", unique(&["a"]), "a int NOT NULL"),
        ("a int, b int, UNIQUE (a, b) UNIQUE (b)", unique(&["a", "b"]), "a int, b int, UNIQUE (b)"),
        (
            "a INTEGER PRIMARY KEY AUTOINCREMENT, b int",
            drop_constraint(Which::PrimaryKey),
            "a INTEGER, b int",
        ),
        ("a int, b int, PRIMARY KEY (a, b)", drop_constraint(Which::PrimaryKey), "a int, b int"),
        (
            "a int REFERENCES t (b) ON DELETE CASCADE NOT NULL, b int UNIQUE",
            drop_constraint(Which::ForeignKey(vec![text("a")])),
            "a int NOT NULL, b int UNIQUE",
        ),
        (
            "a int CHECK (a>0) CHECK (a < 9)",
            drop_constraint(Which::Check(text("(A > 0)"))),
            "a int CHECK (a < 9)",
        ),
    ] {
        let made = |columns: &str| with(&format!("CREATE TABLE t ({columns})"));
        let mut conn = made(before);
        edit(&mut conn, "T", &change);
        let (is, expected) =
            (inspect(&mut conn).expect("a schema"), inspect(&mut made(after)).expect("a schema"));
        assert_eq!(differences(&expected.facts(), &is.facts()), [], "{before}: {change:?}");
    }
}

#[test]
fn what_is_not_meant_stays_as_it_was_written() {
    let before = "CREATE TABLE t (\n  a int, -- the (first\n  /* of b, too */\n  b text COLLATE  NOCASE, -- the b\n  c int CHECK (c>0) -- the c\n) STRICT";
    let after = |change| text_after(before, &change).replace("\"t\"", "t");
    assert_eq!(
        after(drop_column("b")),
        before.replace("\n  /* of b, too */\n  b text COLLATE  NOCASE, -- the b", "")
    );
    assert_eq!(after(drop_column("a")), before.replace("\n  a int, -- the (first", ""));
    assert_eq!(
        after(drop_column("c")),
        before.replace(", -- the b\n  c int CHECK (c>0) -- the c", " -- the b")
    );
    assert_eq!(after(add_column("d int")), before.replace("0) -- the c", "0), -- the c\n  d int"));
    assert_eq!(after(set_type("c", "text")), before.replace("c int", "c text"));
    assert_eq!(
        text_after("CREATE TABLE t (a int, -- the a\n b int)", &drop_column("a")).replace("\"t\"", "t"),
        "CREATE TABLE t (\n b int)"
    );
    assert_eq!(
        text_after("CREATE TABLE t (a int, -- the a\n b int, c int)", &drop_column("b"))
            .replace("\"t\"", "t"),
        "CREATE TABLE t (a int, -- the a\n c int)"
    );
    assert_eq!(
        text_after("CREATE TABLE t (a int -- the a\n, CHECK (a > 0))", &add_column("b int -- why"))
            .replace("\"t\"", "t"),
        "CREATE TABLE t (a int -- the a\n, b int, CHECK (a > 0))"
    );
}

/// Twenty edits after each other leave a text that still says the same.
#[test]
fn edits_can_follow_each_other() {
    let mut conn =
        with("CREATE TABLE t (a INTEGER PRIMARY KEY -- why\n, b text); INSERT INTO t VALUES (1, 'x')");
    for n in 0..10 {
        edit(&mut conn, "t", &add_column(&format!("c{n} int DEFAULT {n}")));
        edit(&mut conn, "t", &add_constraint(&format!("CONSTRAINT k{n} CHECK (c{n} <> -1)")));
    }
    for n in 0..10 {
        edit(&mut conn, "t", &drop_column(&format!("c{n}")));
    }
    let expected = with("CREATE TABLE t (a INTEGER PRIMARY KEY, b text)");
    let facts = |mut conn: SqliteConnection| inspect(&mut conn).expect("a schema").facts();
    assert_eq!(lines(&mut conn, "b", "t"), ["x"]);
    assert_eq!(facts(conn), facts(expected));
}

#[test]
fn there_may_be_no_such_table() {
    let conn = &mut with("CREATE VIEW t AS SELECT 1");
    assert_eq!(current(conn, "t").expect("SQLite answers"), None);
    assert_eq!(current(conn, "gone").expect("SQLite answers"), None);
}
