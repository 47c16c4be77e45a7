//! No value is lost, or becomes another one: it fails instead.

use super::*;

#[track_caller]
fn fails(setup: &str, change: &Edit, why: &str) {
    let conn = &mut with(setup);
    let rows = "t ORDER BY 1";
    let before =
        (lines(conn, "t.rowid || ':' || coalesce(a, 'NULL')", rows), inspect(conn).expect("a schema"));
    let error = try_edit(conn, "t", change).expect_err("it fails");
    assert!(error.contains(why), "{error}");
    let after =
        (lines(conn, "t.rowid || ':' || coalesce(a, 'NULL')", rows), inspect(conn).expect("a schema"));
    assert_eq!(before, after);
}

#[test]
fn what_does_not_fit_fails() {
    let t = |columns: &str, rows: &str| format!("CREATE TABLE t ({columns}); INSERT INTO t VALUES {rows}");
    fails(&t("a", "(1), (NULL)"), &set_not_null("a", true), "NOT NULL constraint failed");
    fails(&t("a", "(1), (2)"), &add_constraint("CHECK (a < 2)"), "CHECK constraint failed");
    fails(&t("a", "(1), (1)"), &add_constraint("UNIQUE (a)"), "UNIQUE constraint failed");
    fails(&t("a", "(1), (1)"), &add_constraint("PRIMARY KEY (a)"), "UNIQUE constraint failed");
    fails(&t("a", "(1)"), &add_column("b int NOT NULL"), "NOT NULL");
    // These would be left out, or get the default.
    fails(&t("a", "(1), (1)"), &add_constraint("UNIQUE (a) ON CONFLICT IGNORE"), "UNIQUE constraint failed");
    fails(&t("a", "(1), (1)"), &add_constraint("UNIQUE (a) ON CONFLICT REPLACE"), "UNIQUE constraint failed");
    fails(
        &t("a", "(1), (2)"),
        &add_constraint("CHECK (a < 2) ON CONFLICT IGNORE"),
        "CHECK constraint failed",
    );
    fails(
        "CREATE TABLE t (a text COLLATE BINARY UNIQUE ON CONFLICT IGNORE, b int); INSERT INTO t (a) VALUES ('x'), ('X')",
        &add_constraint("CONSTRAINT u UNIQUE (a COLLATE NOCASE) ON CONFLICT REPLACE"),
        "UNIQUE constraint failed",
    );
    let strict = "CREATE TABLE t (a text) STRICT; INSERT INTO t VALUES ('x')";
    fails(strict, &set_type("a", "int"), "cannot store TEXT value in INT column");
    // A NULL would become a number.
    for change in [set_type("a", "INTEGER"), add_constraint("PRIMARY KEY (a)")] {
        let is_key = if matches!(change, Edit::SetType { .. }) { "a int PRIMARY KEY" } else { "a INTEGER" };
        fails(&t(is_key, "(4), (NULL)"), &change, "datatype mismatch");
        fails(&t(is_key, "(4), ('x')"), &change, "datatype mismatch");
    }
}

#[test]
fn a_new_foreign_key_is_checked_behind_it() {
    let conn = &mut with(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a int); INSERT INTO t VALUES (1)",
    );
    let change = add_constraint("FOREIGN KEY (a) REFERENCES p");
    let statements = statements(conn, "t", &change).expect("statements");
    conn.batch_execute("PRAGMA foreign_keys = OFF; BEGIN").expect("a transaction");
    for statement in statements {
        conn.batch_execute(&statement).expect("it is changed");
    }
    assert_eq!(lines(conn, "\"table\" || rowid", "pragma_foreign_key_check"), ["t1"]);
}

#[test]
fn values_are_copied() {
    let conn = &mut with(
        "CREATE TABLE t (a text, b, c int AS (length(a)) STORED, d blob); INSERT INTO t (a, b, d) VALUES ('007', 1.5, x'00ff'), (NULL, 'x', NULL)",
    );
    edit(conn, "t", &set_type("a", "varchar(3)"));
    let row = "concat_ws(',', typeof(a), a, typeof(b), b, typeof(c), c, typeof(d), hex(d))";
    assert_eq!(lines(conn, row, "t"), ["text,007,real,1.5,integer,3,blob,00FF", "null,text,x,null,null,"]);
}

#[test]
fn a_key_can_become_the_rowid() {
    let conn =
        &mut with("CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (9, 'x'), ('4', 'y')");
    edit(conn, "t", &set_type("a", "INTEGER"));
    assert_eq!(lines(conn, "rowid || b", "t ORDER BY a"), ["4y", "9x"]);
}
