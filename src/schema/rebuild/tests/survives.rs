//! What refers to a table that is rebuilt, and what the table has besides its rows.

use super::*;

const SCHEMA: &str = "
CREATE TABLE videos (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL COLLATE NOCASE,
  views INTEGER NOT NULL DEFAULT 0 CHECK (videos.views >= 0),
  note TEXT,
  parent_id INTEGER REFERENCES videos ON DELETE CASCADE,
  twice INTEGER AS (views * 2),
  UNIQUE (slug) ON CONFLICT IGNORE
);
CREATE TABLE comments (id INTEGER PRIMARY KEY, video_id INTEGER NOT NULL REFERENCES videos (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE log (said TEXT);
CREATE INDEX by_views ON videos (views DESC) WHERE views > 0;
CREATE VIEW recent AS SELECT id, slug, twice FROM videos WHERE parent_id IS NULL;
CREATE TRIGGER made AFTER INSERT ON videos BEGIN INSERT INTO log VALUES ('made ' || NEW.slug); END;
CREATE TRIGGER commented AFTER INSERT ON comments BEGIN UPDATE videos SET views = views + 1 WHERE id = NEW.video_id; END;
CREATE TRIGGER through INSTEAD OF INSERT ON recent BEGIN INSERT INTO videos (slug) VALUES (NEW.slug); END;
INSERT INTO videos (id, slug, views, parent_id) VALUES (1, 'a', 5, NULL), (2, 'b', 0, 1), (9, 'gone', 0, NULL);
DELETE FROM videos WHERE id = 9;
INSERT INTO comments VALUES (1, 2);
DELETE FROM log;
";

/// That all of it still works together.
fn works(conn: &mut SqliteConnection, said: &str) {
    assert_eq!(lines(conn, "id || slug || views || twice", "videos"), ["1a510", "2b12"], "{said}");
    assert_eq!(lines(conn, "slug", "recent"), ["a"], "{said}");
    assert_eq!(lines(conn, "video_id", "comments"), ["2"], "{said}");
    assert_eq!(lines(conn, "said", "log"), Vec::<String>::new(), "{said}");

    conn.batch_execute("INSERT INTO recent (slug) VALUES ('c')").expect("the view's trigger");
    assert_eq!(lines(conn, "said", "log"), ["made c"], "{said}");
    assert_eq!(lines(conn, "id", "videos WHERE slug = 'C'"), ["10"], "{said}");
    conn.batch_execute("INSERT INTO comments VALUES (2, 10)").expect("the other table's trigger");
    assert_eq!(lines(conn, "views", "videos WHERE id = 10"), ["1"], "{said}");
    conn.batch_execute("INSERT INTO videos (slug) VALUES ('A')").expect("ON CONFLICT IGNORE");
    assert_eq!(lines(conn, "count(*)", "videos"), ["3"], "{said}");
    conn.batch_execute("INSERT INTO comments VALUES (3, 77)").expect_err("the other table's foreign key");
    conn.batch_execute("UPDATE videos SET parent_id = 77").expect_err("its own foreign key");
    conn.batch_execute("UPDATE videos SET views = -1").expect_err("its check");
    conn.batch_execute("DELETE FROM videos WHERE id = 1").expect("what cascades");
    assert_eq!(lines(conn, "id", "videos"), ["10"], "{said}");
    assert_eq!(lines(conn, "video_id", "comments"), ["10"], "{said}");
}

#[test]
fn what_refers_to_it_still_works() {
    works(&mut with(SCHEMA), "as it was");
    for change in [
        add_column("extra TEXT NOT NULL DEFAULT 'x'"),
        drop_column("note"),
        set_type("views", "BIGINT"),
        set_not_null("note", false),
        set_default("slug", Some("'none'")),
        add_constraint("CONSTRAINT short CHECK (length(slug) < 100)"),
    ] {
        for legacy in ["OFF", "ON"] {
            let conn = &mut with(SCHEMA);
            conn.batch_execute(&format!("PRAGMA legacy_alter_table = {legacy}")).expect("the pragma");
            let before = inspect(conn).expect("a schema");
            edit(conn, "videos", &change);
            let after = inspect(conn).expect("a schema");
            let name = crate::schema::model::Name::new("videos");
            assert_eq!(before.others, after.others);
            assert_eq!(before.views, after.views);
            assert_eq!(before.tables[&name].indexes, after.tables[&name].indexes);
            let plan = lines(conn, "sql", "sqlite_master WHERE name = 'by_views'");
            assert_eq!(plan, ["CREATE INDEX by_views ON videos (views DESC) WHERE views > 0"]);
            works(conn, &format!("{change:?}"));
        }
    }
}

#[test]
fn numbers_go_on_in_an_empty_table() {
    let conn = &mut with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a int); INSERT INTO t VALUES (41, 1); DELETE FROM t",
    );
    edit(conn, "t", &add_column("b int"));
    conn.batch_execute("INSERT INTO t (a) VALUES (1)").expect("a row");
    assert_eq!(lines(conn, "id", "t"), ["42"]);
    assert_eq!(lines(conn, "name || seq", "sqlite_sequence"), ["t42"]);
}

#[test]
fn rowids_stay() {
    for (columns, rowid) in [
        ("a text, b int", "rowid"),
        ("a text, rowid text, b int", "oid"),
        ("a text PRIMARY KEY, b int", "rowid"),
    ] {
        let conn = &mut with(&format!(
            "CREATE TABLE t ({columns}); INSERT INTO t ({rowid}, a) VALUES (7, 'x'), (3, 'y')"
        ));
        edit(conn, "t", &drop_column("b"));
        assert_eq!(lines(conn, &format!("{rowid} || a"), &format!("t ORDER BY {rowid}")), ["3y", "7x"]);
    }
    let conn = &mut with("CREATE TABLE t (id INTEGER PRIMARY KEY, a int); INSERT INTO t VALUES (5, 1)");
    edit(conn, "t", &drop_constraint(Which::PrimaryKey));
    assert_eq!(lines(conn, "rowid || '=' || id", "t"), ["5=5"]);
    let conn = &mut with(
        "CREATE TABLE t (rowid text, _rowid_ text, oid text, b int); INSERT INTO t VALUES ('a', 'b', 'c', 1)",
    );
    edit(conn, "t", &drop_column("b"));
    assert_eq!(lines(conn, "rowid || _rowid_ || oid", "t"), ["abc"]);
}

#[test]
fn odd_names_and_tables_survive() {
    let conn = &mut with(
        "CREATE TABLE [user \"name] (\"a'b\" text PRIMARY KEY, `c``d` int, [select] int, drop_me int) WITHOUT ROWID, STRICT;
         CREATE INDEX \"i \"\"(\" ON [user \"name] ([select]);
         INSERT INTO [user \"name] VALUES ('x', 1, 2, 3)",
    );
    edit(conn, "user \"name", &drop_column("drop_me"));
    assert_eq!(lines(conn, "\"a'b\" || \"c`d\" || \"select\"", "\"user \"\"name\""), ["x12"]);
    let facts = inspect(conn).expect("a schema").facts();
    assert_eq!(facts["table user \"name"], "strict, without rowid");
    assert_eq!(facts["index i \"( on user \"name"], "(\"select\")");
}

/// Without the switch, SQLite looks for the table while it is not there.
#[test]
fn the_switch_is_needed() {
    let conn = &mut with(SCHEMA);
    let statements = statements(conn, "videos", &drop_column("note")).expect("statements");
    conn.batch_execute("PRAGMA foreign_keys = OFF; BEGIN").expect("a transaction");
    let without = statements.iter().filter(|statement| !statement.starts_with("PRAGMA"));
    let done: QueryResult<()> = without.into_iter().try_for_each(|statement| conn.batch_execute(statement));
    assert!(done.expect_err("no such table").to_string().contains("no such table: main.videos"));
}
