use super::files::SqlFile;
use super::format::recognised;
use super::formats::pairs;
use super::text::{Part, SqlText};
use super::{SqlDirectory, SqlFormat};
use crate::sql::Dialect;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
use crate::store::Database;

/// A directory of files that all have a statement in them; `path=text` has that.
fn directory(files: &[&str]) -> Vec<SqlFile> {
    let file = |file: &&str| match file.split_once('=') {
        Some((path, text)) => SqlFile::new(path.to_owned(), text.to_owned()),
        None => SqlFile::new((*file).to_owned(), "SELECT 1;"),
    };
    files.iter().map(file).collect()
}

/// Its migrations, each as `name` and `name<` where it has a way back.
fn read(format: SqlFormat, files: &[&str]) -> Vec<String> {
    let found = pairs(format, directory(files)).unwrap_or_else(|bad| panic!("{}", bad.message));
    found.iter().map(|pair| format!("{}{}", pair.name, if pair.down.is_some() { "<" } else { "" })).collect()
}

fn wrong(format: SqlFormat, files: &[&str]) -> String {
    pairs(format, directory(files)).expect_err("it is wrong").message
}

const GOOSE: &str = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n";

#[test]
fn a_format_is_recognised_by_its_files() {
    for (files, format) in [
        (&["2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/down.sql"][..], SqlFormat::Diesel),
        (&["00000000000000_diesel_initial_setup/up.sql"], SqlFormat::Diesel),
        (&["000001_a.up.sql", "000001_a.down.sql", "000002_b.up.sql"], SqlFormat::Pairs),
        (&["001_a_up.sql", "001_a_down.sql"], SqlFormat::Pairs),
        (&["1_a.up.cql"], SqlFormat::Pairs),
        (&["20241227_101500_a.sql", "20241227_101500_a_rollback.sql"], SqlFormat::Rollback),
        (&["20241227_101500_a.sql"], SqlFormat::Rollback),
        (&["00001_a.sql=-- +goose Up\nSELECT 1"], SqlFormat::Goose),
        (&["20240101000000_a.sql", "20240102000000_b.sql"], SqlFormat::Sqlx),
        (&["V1__a.sql", "V2__b.sql", "R__views.sql"], SqlFormat::Versioned),
        (&["a.cql", "b.cql"], SqlFormat::Cql),
    ] {
        let found =
            recognised(&directory(files), "here").unwrap_or_else(|bad| panic!("{files:?}: {}", bad.message));
        assert_eq!(found, format, "{files:?}");
    }
}

#[test]
fn where_two_formats_fit_it_is_asked() {
    for (files, names) in [
        (&["V1__a.sql", "1_a.up.sql"][..], ["golang-migrate", "refinery"]),
        (&["20240101000000_a.sql", "2024-01-01-000000_a/up.sql"], ["diesel", "sqlx"]),
        (&["20240101000000_a.sql", "00001_a.sql=-- +goose Up\nSELECT 1"], ["goose", "sqlx"]),
    ] {
        let bad = recognised(&directory(files), "here").expect_err("both fit");
        assert!(names.iter().all(|name| bad.message.contains(name)), "{}", bad.message);
        assert!(bad.hint.contains("--format "), "{}", bad.hint);
    }
    let none = recognised(&directory(&["schema.sql"]), "here").expect_err("none fits");
    assert!(none.message.contains("schema.sql fits none"), "{}", none.message);
    assert!(recognised(&[], "here").expect_err("nothing").message.contains("has no migrations"));
}

#[test]
fn each_format_gives_its_migrations_in_the_order_of_their_numbers() {
    let pairs = ["10_c.up.sql", "2_b.down.sql", "2_b.up.sql", "1_a.up.sql"];
    assert_eq!(read(SqlFormat::Pairs, &pairs), ["1_a", "2_b<", "10_c"]);
    let both = ["001_a_up.sql", "001_a_down.sql", "002_b.up.sql", "002_b.down.sql"];
    assert_eq!(read(SqlFormat::Pairs, &both), ["001_a<", "002_b<"]);
    let diesel =
        ["2024-02-01-000000_b/up.sql", "2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/down.sql", "x.sql"];
    assert_eq!(read(SqlFormat::Diesel, &diesel), ["2024-01-01-000000_a<", "2024-02-01-000000_b"]);
    let script = ["20241227_101500_a.sql", "20241227_101500_a_rollback.sql", "20241228_000000_b.sql"];
    assert_eq!(read(SqlFormat::Rollback, &script), ["20241227_101500_a<", "20241228_000000_b"]);
    let goose = format!("00002_a.sql={GOOSE}");
    assert_eq!(
        read(SqlFormat::Goose, &[&goose, "00001_b.sql=-- +goose Up\nSELECT 1"]),
        ["00001_b", "00002_a<"]
    );
    assert_eq!(
        read(SqlFormat::Versioned, &["R__v.sql", "V10__b.sql", "V2__a.sql"]),
        ["V2__a", "V10__b", "R__v"]
    );
    assert_eq!(read(SqlFormat::Cql, &["b.cql", "a.cql"]), ["a", "b"]);
    assert_eq!(read(SqlFormat::Sqlx, &["20240101000000_a.sql"]), ["20240101000000_a"]);
}

#[test]
fn what_does_not_fit_is_named() {
    for (format, files, message) in [
        (
            SqlFormat::Pairs,
            &["1_a.up.sql", "2_b.down.sql"][..],
            "2_b.down.sql is a way back without a way forward",
        ),
        (SqlFormat::Pairs, &["1_a.up.sql", "01_b.up.sql"], "have the same number, 1"),
        (SqlFormat::Pairs, &["1_a.up.sql", "notes.sql"], "notes.sql is not named as golang-migrate"),
        (SqlFormat::Pairs, &["1_a.up.sql", "1_a_up.sql"], "have the same number, 1"),
        (SqlFormat::Pairs, &["1_a.up.sql", "1_a.down.sql", "1_a_down.sql"], "1_a has two ways back"),
        (SqlFormat::Pairs, &["1_a.up.sql=-- nothing\n"], "1_a.up.sql is empty"),
        (SqlFormat::Diesel, &["2024-01-01-000000_a/down.sql"], "is a way back without a way forward"),
        (SqlFormat::Diesel, &["a/up.sql"], "a/up.sql is not named as diesel"),
        (
            SqlFormat::Diesel,
            &["2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/metadata.toml=run_in_transaction = 1"],
            "neither true nor false",
        ),
        (SqlFormat::Goose, &["1_a.sql=SELECT 1"], "there is no `-- +goose Up`"),
        (
            SqlFormat::Goose,
            &["1_a.sql=-- +goose Up\n-- +goose Up\n"],
            "1_a.sql:2: `-- +goose Up` stands at the wrong place",
        ),
        (
            SqlFormat::Goose,
            &["1_a.sql=-- +goose Up\n-- +goose Sideways\n"],
            "`-- +goose sideways` is not known",
        ),
        (SqlFormat::Versioned, &["V1_a.sql"], "V1_a.sql is not named as refinery"),
    ] {
        let found = wrong(format, files);
        assert!(found.contains(message), "{files:?}: {found}");
    }
}

#[test]
fn an_empty_file_says_that_it_is_on_purpose() {
    assert_eq!(read(SqlFormat::Pairs, &["1_a.up.sql=-- updown: empty\n"]), ["1_a"]);
    let irreversible = pairs(
        SqlFormat::Pairs,
        directory(&["1_a.up.sql", "1_a.down.sql=-- updown: irreversible: the rows are gone\n"]),
    );
    let pair = &irreversible.unwrap()[0];
    assert_eq!(pair.down.as_ref().unwrap().irreversible(), Some("the rows are gone"));
}

#[test]
fn what_a_file_says_about_its_transaction_counts() {
    for (files, is_outside) in [
        (&["1_a.up.sql=SELECT 1"][..], false),
        (&["1_a.up.sql=-- no-transaction\nSELECT 1"], true),
        (&["1_a.up.sql=-- updown: no-transaction\nSELECT 1"], true),
    ] {
        assert_eq!(
            pairs(SqlFormat::Pairs, directory(files)).unwrap()[0].up.is_outside,
            is_outside,
            "{files:?}"
        );
    }
    let metadata = "2024-01-01-000000_a/metadata.toml=run_in_transaction = false";
    let files = ["2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/down.sql", metadata];
    let diesel = pairs(SqlFormat::Diesel, directory(&files)).unwrap();
    assert!(diesel[0].up.is_outside && diesel[0].down.as_ref().unwrap().is_outside);
    let goose = format!("1_a.sql=-- +goose NO TRANSACTION\n{GOOSE}");
    let goose = pairs(SqlFormat::Goose, directory(&[&goose])).unwrap();
    assert!(goose[0].up.is_outside && goose[0].down.as_ref().unwrap().is_outside);
}

#[test]
fn both_ways_of_one_file_know_their_lines() {
    let pair = pairs(SqlFormat::Goose, directory(&[&format!("1_a.sql={GOOSE}")])).unwrap().remove(0);
    assert_eq!((pair.up.text.as_ref(), pair.up.place(0)), ("SELECT 1;\n", (2, 1)));
    let down = pair.down.unwrap();
    assert_eq!((down.text.as_ref(), down.place(7)), ("SELECT 2;\n", (4, 8)));
}

fn statements(text: &'static str) -> Result<Vec<String>, String> {
    let text = SqlText::whole(text, "x.sql");
    let parts = text.parts(Dialect::Postgres).map_err(|problem| problem.message)?;
    let said = |part: &Part<'_>| match part {
        Part::Statement(piece) => piece.statement.to_owned(),
        Part::Transaction(pieces) => {
            let pieces: Vec<&str> = pieces.iter().map(|piece| piece.statement).collect();
            format!("({})", pieces.join(" "))
        }
    };
    Ok(parts.iter().map(said).collect())
}

#[test]
fn a_file_with_its_own_transaction_is_taken_at_its_word() {
    assert_eq!(statements("BEGIN; a; b; COMMIT;").unwrap(), ["(a b)"]);
    assert_eq!(statements("a; begin transaction; b; end; c").unwrap(), ["a", "(b)", "c"]);
    assert_eq!(statements("a; SAVEPOINT s; ROLLBACK TO s").unwrap(), ["a", "SAVEPOINT s", "ROLLBACK TO s"]);
    assert!(statements("BEGIN; a").unwrap_err().contains("does not end it"));
    assert!(statements("a; COMMIT").unwrap_err().contains("did not begin"));
    assert!(statements("BEGIN; BEGIN; COMMIT; COMMIT").unwrap_err().contains("inside of another"));
    assert!(statements("BEGIN; a; ROLLBACK").unwrap_err().contains("undoes its own"));
}

#[test]
fn what_gocqlx_would_call_is_no_comment() {
    let text = |text: &'static str| SqlText::whole(text, "x.cql");
    let calls = text("SELECT 1;\n-- CALL fill;\nSELECT 2;");
    assert_eq!(calls.parts(Dialect::Cql).unwrap_err().offset, 10);
    assert!(calls.parts(Dialect::Postgres).is_ok());
    assert!(text("-- CALL me later\nSELECT 1").parts(Dialect::Cql).is_ok());
}

#[cfg(all(feature = "sqlite", feature = "postgres"))]
#[test]
fn what_cannot_run_in_a_transaction_runs_in_steps() {
    let in_steps = |text: &'static str, database| SqlText::whole(text, "x.sql").is_in_steps(database);
    for (text, expected) in [
        ("CREATE TABLE a (id int); CREATE INDEX i ON a (id)", false),
        ("BEGIN; CREATE TABLE a (id int); COMMIT", false),
        ("CREATE INDEX CONCURRENTLY i ON a (id)", true),
        ("CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY i ON a (id)", true),
        ("BEGIN; a; COMMIT; BEGIN; b; COMMIT;", true),
        ("-- updown: no-transaction\nCREATE TABLE a (id int)", true),
        ("VACUUM", true),
    ] {
        assert_eq!(in_steps(text, Database::Postgres), expected, "{text}");
        assert!(in_steps(text, Database::Cockroach), "each change of the schema is a step there");
    }
    assert!(!in_steps(
        "PRAGMA foreign_keys = OFF; CREATE TABLE a (id); PRAGMA foreign_keys = ON",
        Database::Sqlite
    ));
    assert!(in_steps("PRAGMA journal_mode = wal", Database::Sqlite));
}

#[cfg(feature = "sqlite")]
#[test]
fn a_list_of_files_is_a_registry() {
    let files =
        [("0002_b.up.sql", "SELECT 2"), ("0001_a.up.sql", "SELECT 1"), ("0001_a.down.sql", "SELECT 0")];
    let migrations = SqlDirectory::of_files(files).migrations::<crate::AnyConnection>().unwrap();
    let names: Vec<&str> = migrations.iter().map(crate::Migration::name).collect();
    assert_eq!(names, ["0001_a", "0002_b"]);
}

#[test]
fn a_file_says_what_it_replaces_in_as_many_lines_as_it_takes() {
    let text = "-- updown: replaces: 0001_a 0002_b\n-- updown: replaces: 0003_c\nCREATE TABLE t (id INT);\n";
    assert_eq!(SqlText::whole(text, "0003_s.up.sql").replaces(), ["0001_a", "0002_b", "0003_c"]);
    assert!(SqlText::whole("SELECT 1", "0003_s.up.sql").replaces().is_empty());
}
