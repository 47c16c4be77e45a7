use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable};

use super::*;
use crate::schema::model::{Facts, Table, differences};

fn with(sql: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute(sql).expect(sql);
    conn
}

fn model(sql: &str) -> Model {
    inspect(&mut with(sql)).expect(sql)
}

fn facts(sql: &str) -> Facts {
    model(sql).facts()
}

fn listed(facts: &Facts) -> Vec<String> {
    facts.iter().map(|(object, is)| format!("{object}: {is}")).collect()
}

/// Texts that a parser may read wrongly.
const STRANGE: &[&str] = &[
    "CREATE TABLE t (a)",
    "CREATE TABLE t(a,b,c)",
    "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT NOT NULL DEFAULT 'a,b)' COLLATE NOCASE)",
    "CREATE TABLE [user name] (\"first, name\" VARCHAR ( 10 , 2 ) NOT NULL, [last) name] text, `a``b` int, 'c' blob)",
    "CREATE TABLE t (a int -- the (a\n, b /* , */ text, -- the b\n c real /* , ( */)",
    "CREATE TABLE t (a UNSIGNED BIG INT DEFAULT -1, b DOUBLE PRECISION DEFAULT +1.5, c DEFAULT (1 + (2)), d DEFAULT NULL)",
    "CREATE TABLE t (a int CHECK (a IN (1, 2)) CHECK (a <> 3), b int, CHECK (a > b) CHECK (b > 0), CONSTRAINT x UNIQUE (a, b))",
    "CREATE TABLE t (a int CONSTRAINT x CONSTRAINT y NOT NULL ON CONFLICT FAIL CONSTRAINT z UNIQUE ON CONFLICT IGNORE CONSTRAINT w)",
    "CREATE TABLE t (a int, b int AS (a + 1), c int GENERATED ALWAYS AS (a * 2) STORED, d generated, e int always)",
    "CREATE TABLE t (a text, b text, PRIMARY KEY (a DESC, b COLLATE NOCASE)) WITHOUT ROWID",
    "CREATE TABLE t (a int PRIMARY KEY, b any) STRICT, WITHOUT ROWID",
    "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b int)",
    "CREATE TABLE t (a INTEGER, b int, PRIMARY KEY (a AUTOINCREMENT))",
    "CREATE TABLE t (a INTEGER, PRIMARY KEY (a DESC))",
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a int REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, b int REFERENCES p (id) MATCH FULL NOT DEFERRABLE NOT NULL, FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET DEFAULT)",
    "CREATE TABLE t (a int REFERENCES t NOT NULL DEFERRABLE INITIALLY DEFERRED, b int UNIQUE DEFAULT abc)",
    "CREATE TABLE t AS SELECT 1 AS a, 'x' AS \"b c\"",
    "CREATE TABLE t (a \"my type\"(3), b 'text', c [x y], \"primary\" int, key int, \"check\" text CHECK (\"check\" <> ')'))",
    "CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY, b TEXT NULL, größe int, _x$y int)",
    "CREATE TABLE t (a \"INTEGER\" PRIMARY KEY, b int)",
];

#[derive(QueryableByName)]
struct Info {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = Bool)]
    not_null: bool,
    #[diesel(sql_type = Nullable<Text>)]
    dflt: Option<String>,
    #[diesel(sql_type = Integer)]
    pk: i32,
    #[diesel(sql_type = Integer)]
    hidden: i32,
}

/// What SQLite itself says of the columns.
fn info(conn: &mut SqliteConnection, table: &str) -> Vec<Info> {
    sql_query("SELECT name, type AS sql_type, \"notnull\" AS not_null, dflt_value AS dflt, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")
        .bind::<Text, _>(table)
        .load(conn)
        .expect("columns")
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut SqliteConnection, sql: &str, table: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(sql).bind::<Text, _>(table).load(conn).expect(sql);
    lines.into_iter().map(|line| line.line).collect()
}

fn same_columns(conn: &mut SqliteConnection, name: &str, table: &Table, said: &str) {
    let info = info(conn, name);
    let names: Vec<_> = table.columns.iter().map(|column| &column.name).collect();
    assert_eq!(names, info.iter().map(|column| &column.name).collect::<Vec<_>>(), "{said}");
    let mut key: Vec<_> = info.iter().filter(|column| column.pk > 0).collect();
    key.sort_by_key(|column| column.pk);
    let expected: Vec<_> = key.iter().map(|column| column.name.clone()).collect();
    assert_eq!(
        table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default(),
        expected,
        "{said}"
    );
    for (column, info) in table.columns.iter().zip(&info) {
        let is = crate::schema::model::one_line(&column.sql_type);
        assert_eq!(is, crate::schema::model::one_line(&info.sql_type), "{said}");
        // What is implied, the pragma does not say.
        assert!(column.nullable != info.not_null || info.pk > 0, "{said}: {}", column.name);
        assert_eq!(column.default.is_some(), info.dflt.is_some(), "{said}: {}", column.name);
        let stored = column.generated.as_ref().map(|generated| generated.stored);
        assert_eq!(stored, [None, None, Some(false), Some(true)][info.hidden as usize], "{said}");
    }
}

#[test]
fn what_is_read_is_what_sqlite_understood() {
    for sql in STRANGE {
        let mut conn = with(sql);
        let model = inspect(&mut conn).expect(sql);
        for (name, table) in &model.tables {
            same_columns(&mut conn, &name.name, table, sql);
            let mut keys: Vec<String> = table
                .foreign_keys
                .iter()
                .map(|key| {
                    let to = key.to_columns.first().cloned().unwrap_or_default();
                    let (update, delete) = (key.on_update.sql(), key.on_delete.sql());
                    format!("{} {} {to} {update} {delete}", key.columns[0], key.to)
                })
                .collect();
            keys.sort();
            // Where it names no columns, they are those of the primary key, `id`.
            let expected = lines(
                &mut conn,
                "SELECT \"from\" || ' ' || \"table\" || ' ' || coalesce(\"to\", iif(\"table\" = 'p', 'id', '')) || ' ' || on_update || ' ' || on_delete AS line FROM pragma_foreign_key_list(?) ORDER BY 1",
                &name.name,
            );
            assert_eq!(keys, expected, "{sql}");
            let uniques = lines(
                &mut conn,
                "SELECT name AS line FROM pragma_index_list(?) WHERE origin = 'u'",
                &name.name,
            );
            assert_eq!(table.uniques.len(), uniques.len(), "{sql}");
        }
    }
}

/// A rowid alias is what `rowid` returns under another name: SQLite keeps no index for it.
#[test]
fn the_name_of_the_rowid_is_known() {
    for sql in STRANGE {
        let mut conn = with(sql);
        let texts = lines(
            &mut conn,
            "SELECT sql AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE ? || '%'",
            "sqlite_",
        );
        for text in texts {
            let table = crate::schema::rebuild::TableText::read(&text).expect(&text);
            let indexes = lines(
                &mut conn,
                "SELECT name AS line FROM pragma_index_list(?) WHERE origin = 'pk'",
                &table.name,
            );
            let expected = !table.primary_key().is_empty() && indexes.is_empty();
            assert_eq!(table.rowid_alias().is_some(), expected, "{text}");
        }
    }
}

const VIDEOS: &str = "
CREATE TABLE uploads (id INTEGER PRIMARY KEY);
CREATE TABLE videos (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug VARCHAR(20) NOT NULL UNIQUE COLLATE NOCASE DEFAULT 'x', -- its name
  views INTEGER NOT NULL DEFAULT (0) CHECK (views >= 0),
  upload_id INTEGER CONSTRAINT videos_upload REFERENCES uploads ON DELETE CASCADE,
  twice INTEGER AS (views * 2) STORED,
  CONSTRAINT long CHECK (length(slug) > 1),
  UNIQUE (slug, views) ON CONFLICT IGNORE
) STRICT;
CREATE UNIQUE INDEX idx_videos_slug ON videos (lower(slug), views DESC) WHERE views > 0;
CREATE VIEW recent AS SELECT id, slug FROM videos;
CREATE TRIGGER touched AFTER UPDATE OF slug ON videos BEGIN UPDATE videos SET views = 0; END;
";

#[test]
fn a_schema_as_facts() {
    // STRICT has its own types.
    let sql = VIDEOS.replace("VARCHAR(20)", "TEXT");
    assert_eq!(
        listed(&facts(&sql)),
        [
            "check (views >= 0) on videos: ",
            "check long on videos: length(slug) > 1",
            "column uploads.id: integer NOT NULL",
            "column videos.id: integer NOT NULL AUTOINCREMENT",
            "column videos.slug: text COLLATE nocase NOT NULL DEFAULT 'x'",
            "column videos.twice: integer GENERATED ALWAYS AS (views * 2) STORED",
            "column videos.upload_id: integer",
            "column videos.views: integer NOT NULL DEFAULT 0",
            "foreign key videos_upload on videos: (upload_id) REFERENCES uploads(id) ON DELETE CASCADE",
            "index idx_videos_slug on videos: UNIQUE (lower(slug), views DESC) WHERE views > 0",
            "primary key of uploads: (id)",
            "primary key of videos: (id)",
            "table uploads: ",
            "table videos: strict",
            "trigger touched on videos: AFTER UPDATE OF slug ON videos BEGIN UPDATE videos SET views = 0; END",
            "unique (slug) on videos: ",
            "unique (slug, views) on videos: ON CONFLICT IGNORE",
            "view recent: SELECT id, slug FROM videos",
        ]
    );
}

#[test]
fn how_it_is_written_makes_no_difference() {
    let other = VIDEOS
        .replace("STRICT", "")
        .replace("INTEGER", "integer")
        .replace("VARCHAR(20)", "varchar ( 20 )")
        .replace("(0)", "0")
        .replace("views >= 0", "(\"views\">=0)")
        .replace("uploads ON DELETE", "\"uploads\" ([id]) on delete")
        .replace("CREATE TABLE videos", "CREATE TABLE [videos]")
        .replace("-- its name", "/* its\nname */")
        .replace("length(slug) > 1", "LENGTH ( `slug` )>1")
        .replace("lower(slug), views DESC", "LOWER(slug) ,views desc")
        .replace("SELECT id, slug FROM videos", "select id,slug\nfrom videos");
    assert_eq!(differences(&facts(&VIDEOS.replace("STRICT", "")), &facts(&other)), []);
    let moved = "CREATE TABLE uploads (id INTEGER PRIMARY KEY NOT NULL)";
    assert_eq!(differences(&facts("CREATE TABLE uploads (id INTEGER PRIMARY KEY)"), &facts(moved)), []);
}

#[test]
fn what_is_written_otherwise_makes_one() {
    for (from, to, said) in [
        (
            "NOCASE",
            "RTRIM",
            "column videos.slug is varchar(20) COLLATE rtrim NOT NULL DEFAULT 'x', and was varchar(20) COLLATE nocase NOT NULL DEFAULT 'x'",
        ),
        (
            " STORED",
            "",
            "column videos.twice is integer GENERATED ALWAYS AS (views * 2) VIRTUAL, and was integer GENERATED ALWAYS AS (views * 2) STORED",
        ),
        ("> 1", "> 2", "check long on videos is length(slug) > 2, and was length(slug) > 1"),
        ("AUTOINCREMENT", "", "column videos.id is integer NOT NULL, and was integer NOT NULL AUTOINCREMENT"),
        (
            " ON DELETE CASCADE",
            " DEFERRABLE INITIALLY DEFERRED",
            "foreign key videos_upload on videos is (upload_id) REFERENCES uploads(id) DEFERRABLE INITIALLY DEFERRED, and was (upload_id) REFERENCES uploads(id) ON DELETE CASCADE",
        ),
        (" ON CONFLICT IGNORE", "", "unique (slug, views) on videos is no longer ON CONFLICT IGNORE"),
        (
            "views DESC",
            "views",
            "index idx_videos_slug on videos is UNIQUE (lower(slug), views) WHERE views > 0, and was UNIQUE (lower(slug), views DESC) WHERE views > 0",
        ),
    ] {
        let before = VIDEOS.replace("STRICT", "");
        let after = before.replace(from, to);
        let found: Vec<_> =
            differences(&facts(&before), &facts(&after)).iter().map(ToString::to_string).collect();
        assert_eq!(found, [said]);
    }
}

#[test]
fn what_is_not_of_the_schema_is_left_out() {
    let place = crate::ledger::Place::of_service("");
    let ledger = crate::ledger::create_tables(crate::ledger::Dialect::Sqlite, &place);
    let conn = &mut with(&format!(
        "{ledger} CREATE TABLE updown_new_t (a); CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE); \
         CREATE INDEX i ON schema_migrations (name); INSERT INTO t (b) VALUES (1); ANALYZE; CREATE TEMP TABLE u (a);"
    ));
    let facts = inspect(conn).expect("a schema").facts();
    assert_eq!(
        listed(&facts),
        [
            "column t.a: integer NOT NULL AUTOINCREMENT",
            "column t.b: ",
            "primary key of t: (a)",
            "table t: ",
            "unique (b) on t: "
        ]
    );
}

#[test]
fn a_virtual_table_is_one_thing() {
    let facts = facts("CREATE VIRTUAL TABLE found USING fts5(a, b); CREATE TABLE found_by (a int)");
    assert_eq!(
        listed(&facts),
        ["column found_by.a: int", "table found_by: ", "virtual table found: USING fts5(a, b)"]
    );
}

#[test]
fn a_view_has_columns_where_its_query_works() {
    let model = model(
        "CREATE TABLE t (a int, b text); CREATE VIEW good (x, \"y z\") AS SELECT b, a FROM t; CREATE VIEW bad AS SELECT c FROM gone",
    );
    let columns = |name: &str| {
        let view = &model.views[&Name::new(name)];
        view.columns.iter().map(|column| format!("{} {}", column.name, column.sql_type)).collect::<Vec<_>>()
    };
    assert_eq!(columns("good"), ["x TEXT", "y z INT"]);
    assert_eq!(columns("bad"), Vec::<String>::new());
    assert_eq!(model.views[&Name::new("bad")].definition, "SELECT c FROM gone");
    assert_eq!(model.facts()["view good"], "(x, \"y z\") AS SELECT b, a FROM t");
}

#[test]
fn many_tables_take_few_queries() {
    let sql: String =
        (0..200).map(|n| format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a text UNIQUE);")).collect();
    let mut conn = with(&sql);
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = count.clone();
    conn.set_instrumentation(move |event: diesel::connection::InstrumentationEvent<'_>| {
        if matches!(event, diesel::connection::InstrumentationEvent::StartQuery { .. }) {
            seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    assert_eq!(inspect(&mut conn).expect("a schema").tables.len(), 200);
    assert!(count.load(std::sync::atomic::Ordering::Relaxed) <= 3);
}
