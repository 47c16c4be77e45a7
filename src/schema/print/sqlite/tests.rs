use diesel::connection::{Connection, SimpleConnection};
use diesel::prelude::*;

use super::super::config::{Filter, PrintConfig};
use super::super::print_sqlite;
use crate::ledger::{Dialect, Place, create_tables};

fn connection(sql: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory");
    conn.batch_execute(sql).expect(sql);
    conn
}

fn printed(sql: &str, config: &PrintConfig) -> String {
    print_sqlite(&mut connection(sql), config, false).expect(sql).text
}

fn refused(sql: &str, config: &PrintConfig) -> String {
    print_sqlite(&mut connection(sql), config, false).expect_err(sql).to_string()
}

/// What a formatter makes of it aside, which may be missing.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(", )", ")")
}

#[test]
fn tables_keys_and_groups_are_printed() {
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(20));
               CREATE TABLE posts (\"type\" TEXT NOT NULL, author INTEGER NOT NULL REFERENCES users (id))";
    let expected = "// @generated automatically by Diesel CLI. \
        diesel::table! { posts (rowid) { rowid -> Integer, #[sql_name = \"type\"] type_ -> Text, author -> Integer, } } \
        diesel::table! { users (id) { id -> Integer, name -> Nullable<Text>, } } \
        diesel::joinable!(posts -> users (author)); \
        diesel::allow_tables_to_appear_in_same_query!(posts, users";
    let printed = words(&printed(sql, &PrintConfig::default()));
    assert!(printed.starts_with(expected), "{printed}");
}

#[test]
fn the_ledger_is_left_out_where_that_is_asked() {
    let ledger = create_tables(Dialect::Sqlite, &Place::of_service(""));
    let mut conn = connection(&format!("{ledger}; CREATE TABLE t (id INTEGER PRIMARY KEY)"));
    let config = PrintConfig::default();
    let with = print_sqlite(&mut conn, &config, false).expect("a schema").text;
    assert!(with.contains("schema_migrations_lease"), "{with}");
    let without = print_sqlite(&mut conn, &config, true).expect("a schema").text;
    assert!(without.contains("t (id)") && !without.contains("schema_migrations"), "{without}");
}

#[test]
fn what_diesel_has_not_is_refused_with_its_place() {
    let config = PrintConfig::default();
    let why = refused("CREATE TABLE t (id INTEGER PRIMARY KEY, doc JSON)", &config);
    assert_eq!(why, "the column t.doc is a json, and Diesel has no such type on SQLite");
    let why = refused("CREATE TABLE t (rowid INT, oid INT, _rowid_ INT)", &config);
    assert_eq!(why, "the table t has no primary key, and its columns leave the rowid no name");
    let except = Filter::ExceptTables(vec![regex::Regex::new("^t$").expect("an expression")]);
    let text = printed("CREATE TABLE t (doc JSON)", &PrintConfig { filter: except, ..config.clone() });
    assert!(!text.contains("table!"), "{text}");
    let schema = Some("main".to_owned());
    assert!(refused("", &PrintConfig { schema, ..config }).starts_with("SQLite has no schemas"));
}

#[test]
fn a_patch_comes_last_and_has_to_fit() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("schema.patch");
    let config = PrintConfig { patch_file: Some(file.clone()), ..PrintConfig::default() };
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY)";
    assert!(refused(sql, &config).starts_with("cannot read "));
    std::fs::write(
        &file,
        "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-// @generated automatically by Diesel CLI.\n+// Ours.\n",
    )
    .expect("a file");
    assert!(printed(sql, &config).starts_with("// Ours.\n\n"));
    std::fs::write(&file, "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-// something else\n+// Ours.\n").expect("a file");
    assert!(refused(sql, &config).contains("does not fit what the database has now"));
}
