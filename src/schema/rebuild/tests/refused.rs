//! What cannot be done is refused before anything is sent.

use super::*;

#[track_caller]
fn refused(setup: &str, change: &Edit, why: &str) {
    let conn = &mut with(setup);
    assert_eq!(statements(conn, "t", change), Err(text(why)));
}

#[test]
fn what_uses_a_column_keeps_it() {
    let uses = |who: &str| format!("column b of t cannot be dropped while {who} uses it; drop that first");
    let t = "CREATE TABLE t (a int, b int, c int);";
    for (setup, who) in [
        (format!("{t} CREATE INDEX i ON t (a, B)"), "index i"),
        (format!("{t} CREATE INDEX i ON t (a) WHERE \"b\" > 0"), "index i"),
        (format!("{t} CREATE INDEX i ON t (abs(b))"), "index i"),
        (format!("{t} CREATE VIEW v AS SELECT t.b FROM t"), "view v"),
        (format!("{t} CREATE TRIGGER r AFTER UPDATE OF b ON t BEGIN SELECT 1; END"), "trigger r"),
        (
            format!("{t} CREATE TABLE o (x); CREATE TRIGGER r AFTER INSERT ON o BEGIN INSERT INTO t (b) VALUES (1); END"),
            "trigger r",
        ),
        ("CREATE TABLE t (a int, b int, UNIQUE (a, b))".to_owned(), "the unique constraint `UNIQUE (a, b)`"),
        ("CREATE TABLE t (a int, b int, CONSTRAINT k PRIMARY KEY (a, b))".to_owned(), "the primary key k"),
        ("CREATE TABLE t (a int, b int, CONSTRAINT x CHECK (a > [b]))".to_owned(), "the check x"),
        ("CREATE TABLE t (a int CHECK (a > b), b int)".to_owned(), "the check `CHECK (a > b)`"),
        ("CREATE TABLE t (a int, b int CHECK (a > b))".to_owned(), "the check `CHECK (a > b)`"),
        ("CREATE TABLE t (a int, b int, c int AS (b + 1))".to_owned(), "generated column c"),
        ("CREATE TABLE p (x, y, UNIQUE (x, y)); CREATE TABLE t (a int, b int, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p (x, y))".to_owned(), "the foreign key f"),
        ("CREATE TABLE t (a int REFERENCES t (b), b int UNIQUE)".to_owned(), "the foreign key `REFERENCES t(b)`"),
        ("CREATE TABLE t (a int REFERENCES t, b int PRIMARY KEY)".to_owned(), "the foreign key `REFERENCES t`"),
        ("CREATE TABLE t (a int, b int UNIQUE); CREATE TABLE o (x REFERENCES t (b))".to_owned(), "a foreign key of o"),
        ("CREATE TABLE t (a int, b int PRIMARY KEY); CREATE TABLE o (x REFERENCES t)".to_owned(), "a foreign key of o"),
    ] {
        refused(&setup, &drop_column("b"), &uses(who));
    }
}

#[test]
fn what_does_not_use_it_lets_it_go() {
    let conn = &mut with(
        "CREATE TABLE t (a int CHECK (a <> 'b'), lower text, b int); CREATE TABLE o (b int);
         CREATE INDEX b_index ON t (lower(a)); CREATE VIEW v AS SELECT a AS x FROM t; CREATE VIEW w AS SELECT b FROM o;
         CREATE TRIGGER r AFTER INSERT ON o BEGIN INSERT INTO t (a) VALUES ('b'); END",
    );
    edit(conn, "t", &drop_column("b"));
    assert_eq!(
        statements(conn, "t", &drop_column("lower")).map(|statements| statements.len()),
        Ok(7),
        "a function is no column"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let t = "CREATE TABLE t (a INTEGER PRIMARY KEY, b int CONSTRAINT x CHECK (b > 0) CONSTRAINT x UNIQUE, c int AS (a))";
    for (change, why) in [
        (drop_column("z"), "t has no column z; `.schema t` shows those that it has"),
        (set_type("z", "int"), "t has no column z; `.schema t` shows those that it has"),
        (add_column("B int"), "t has a column B already; alter that one"),
        (add_column("CHECK (a > 0)"), "`CHECK (a > 0)` is a constraint, and no column"),
        (add_column("d int, e int"), "`d int, e int` is not one column"),
        (add_column("d int) STRICT --"), "`d int) STRICT` is no column: `)` is not understood"),
        (add_constraint("d int"), "`d int` is not one constraint of a table"),
        (
            add_constraint("CHECK (a > 0) UNIQUE (b)"),
            "`CHECK (a > 0) UNIQUE (b)` is not one constraint of a table",
        ),
        (add_constraint("PRIMARY KEY (b)"), "t has a primary key already; drop that one first"),
        (
            add_constraint("CONSTRAINT X CHECK (b > 1)"),
            "t has a constraint X already; drop that one first, or take another name",
        ),
        (
            set_not_null("a", false),
            "column a of t is in its primary key, and never NULL there; drop that key first",
        ),
        (
            drop_constraint(Which::Named(text("y"))),
            "t has no constraint y; `.schema t` shows those that it has",
        ),
        (drop_constraint(Which::Named(text("x"))), "t has constraint x more than once; rebuild it by hand"),
        (
            drop_constraint(Which::ForeignKey(vec![text("b")])),
            "t has no foreign key on (b); `.schema t` shows those that it has",
        ),
    ] {
        refused(t, &change, why);
    }
    refused(
        "CREATE TABLE t (a int, b int AS (a))",
        &drop_column("a"),
        "column a of t is its last one; drop the table",
    );
    let without = "CREATE TABLE t (a int PRIMARY KEY, b int) WITHOUT ROWID";
    refused(
        without,
        &drop_column("a"),
        "column a of t is in its primary key, without which a table WITHOUT ROWID cannot be; make another table",
    );
    refused(
        without,
        &drop_constraint(Which::PrimaryKey),
        "t is WITHOUT ROWID, and needs its primary key; make another table",
    );
    refused(
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        &drop_column("a"),
        "t cannot be rebuilt, since its text is not understood: `VIRTUAL` stands where TABLE should",
    );
}

#[test]
fn a_key_that_is_referred_to_stays() {
    let refers = |what: &str, who: &str| {
        format!("{what} of t is what a foreign key of {who} refers to; drop that foreign key first")
    };
    let unique = drop_constraint(Which::Unique(vec![text("b")]));
    let t = "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE); CREATE TABLE o (x REFERENCES t";
    refused(&format!("{t})"), &drop_constraint(Which::PrimaryKey), &refers("primary key", "o"));
    refused(&format!("{t} (b))"), &unique, &refers("unique constraint on (b)", "o"));
    let conn = &mut with(
        "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, UNIQUE (b, a)); CREATE TABLE o (x REFERENCES t (a))",
    );
    edit(conn, "t", &unique);
}
