//! `updown export`: the migrations as another tool has them, and that tool's ledger, by which it goes on.

use std::process::Command;

use crate::support::{Fixture, Ran, Store, diesel_cli};

const FILES: [(&str, &str); 5] = [
    (
        "000001_users.up.sql",
        "CREATE TABLE users (id INT PRIMARY KEY, name TEXT);\nINSERT INTO users VALUES (1, 'a;b');\n",
    ),
    ("000001_users.down.sql", "DROP TABLE users;\n"),
    ("000002_posts.up.sql", "BEGIN;\nCREATE TABLE posts (id INT);\nCOMMIT;\n"),
    ("000002_posts.down.sql", "DROP TABLE posts;\n"),
    (
        "000003_seen.up.sql",
        "-- updown: irreversible: who has seen what is not kept\nALTER TABLE posts ADD seen INT;\n",
    ),
];

fn diesel(fixture: &Fixture, args: &[&str]) -> Option<Ran> {
    let mut command = Command::new(diesel_cli::program()?);
    command.args(args).current_dir(fixture.directory.path());
    command.env("DATABASE_URL", fixture.home.url().trim_start_matches("sqlite://"));
    Some(Ran::of(command.output().expect("it runs")))
}

#[test]
fn diesel_goes_on_where_updown_was() {
    for store in Store::with_programs() {
        let fixture = Fixture::of_files(store, &FILES);
        fixture.run(&["up", "--step", "2"]).exits(0);
        let said = fixture.run(&["export", "--format", "diesel", "out"]).exits(0);
        said.says("000003_seen has no way back: who has seen what is not kept").says("wrote 5 files");
        // What the other tool remembers by is no part of the schema.
        fixture.run(&["verify", "--schema"]).exits(0);
        assert!(
            !fixture.path("out/0002_posts/up.sql").exists() || !fixture.path("out/000002_posts").exists()
        );
        let Some(listed) = diesel(&fixture, &["migration", "list", "--migration-dir", "out"]) else { return };
        let listed = listed.exits(0);
        assert_eq!(listed.stdout.matches("[X]").count(), 2, "{listed:#?}");
        diesel(&fixture, &["migration", "run", "--migration-dir", "out"]).unwrap().exits(0).says("0003_seen");
        assert!(fixture.database().columns("posts").contains(&"seen".to_owned()));
        // Up and down from the beginning, with what was exported alone.
        let fresh = Fixture::of_files(store, &[]);
        std::fs::rename(fixture.path("out"), fresh.path("out")).unwrap();
        diesel(&fresh, &["migration", "run", "--migration-dir", "out"]).unwrap().exits(0);
        assert_eq!(fresh.database().number("SELECT count(*) AS number FROM users WHERE name = 'a;b'"), 1);
        std::fs::remove_dir_all(fresh.path("out/0003_seen")).unwrap();
        fresh.database().execute("DELETE FROM __diesel_schema_migrations WHERE version = '0003'");
        diesel(&fresh, &["migration", "revert", "--all", "--migration-dir", "out"]).unwrap().exits(0);
        assert!(!fresh.database().has("users") && !fresh.database().has("posts"));
    }
}

#[test]
fn golang_migrate_gets_pairs_and_one_version() {
    for store in Store::with_programs() {
        let fixture = Fixture::of_files(store, &FILES);
        fixture.run(&["up", "--step", "2"]).exits(0);
        fixture.run(&["export", "--format", "golang-migrate", "out"]).exits(0).says("x-migrations-table=");
        let table = "schema_migrations_golang_migrate";
        assert_eq!(fixture.database().number(&format!("SELECT max(version) AS number FROM {table}")), 2);
        assert_eq!(fixture.database().number(&format!("SELECT count(*) AS number FROM {table}")), 1);
        let posts = std::fs::read_to_string(fixture.path("out/0002_posts.up.sql")).unwrap();
        assert_eq!(posts, "BEGIN;\n\nCREATE TABLE posts (id INT);\n\nCOMMIT;\n");
        // What was written runs here, too.
        let again = Fixture::of_files(store, &[]);
        std::fs::rename(fixture.path("out"), again.path("migrations")).unwrap();
        again.run(&["up"]).exits(0).says("3 migrations applied");
        assert_eq!(again.database().schema(), {
            fixture.run(&["up"]).exits(0);
            let mut schema = fixture.database().schema();
            schema.retain(|line| !line.contains(table));
            schema
        });
        // The rest of the time, ours is the ledger.
        fixture.run(&["status", "--check"]).exits(0);
    }
}

#[test]
fn modules_are_recorded() {
    for store in Store::with_programs() {
        let fixture = Fixture::on(store, "example");
        let listed = fixture.run(&["status", "--json"]);
        let names = listed.json()["stores"][0]["migrations"].as_array().expect("a list").len();
        let ran = fixture.run(&["export", "--format", "golang-migrate", "out", "--no-ledger"]).exits(0);
        assert!(fixture.home.is_untouched(), "{ran:#?}");
        let ups = std::fs::read_dir(fixture.path("out"))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".up.sql"));
        assert_eq!(ups.count(), names);
        fixture.run(&["migrate"]).exits(0);
        let again = Fixture::of_files(store, &[]);
        std::fs::rename(fixture.path("out"), again.path("migrations")).unwrap();
        again.run(&["up"]).exits(0);
        assert_eq!(again.database().schema(), fixture.database().schema());
        again.run(&["rollback", "--all"]).exits(0);
        assert!(again.database().schema().is_empty(), "{:#?}", again.database().schema());
    }
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let fixture = Fixture::of_files(Store::Sqlite, &FILES);
    fixture.run(&["export", "out"]).exits(2).says("`--format diesel` or `--format golang-migrate`");
    fixture.run(&["export", "--format", "goose", "out"]).exits(2).says("nothing is exported as goose");
    fixture.run(&["export", "--format", "diesel", "migrations"]).exits(2).says("has files in it");
    fixture.run(&["up"]).exits(0);
    let production = fixture.var("ENV", "production");
    production.run(&["export", "--format", "diesel", "out"]).exits(5).says("nobody is there to confirm it");
    production.run(&["export", "--format", "diesel", "out", "--no-ledger"]).exits(0);
    assert!(!production.database().has("__diesel_schema_migrations"));
}

#[test]
fn one_version_cannot_say_that_something_before_it_is_pending() {
    let fixture = Fixture::of_files(Store::Sqlite, &FILES);
    fixture.run(&["up", "1"]).exits(0);
    let second = fixture.path("migrations/000002_posts.up.sql");
    fixture.write("migrations/000003_seen.up.sql", "-- updown: irreversible: x\nCREATE TABLE seen (id INT);");
    let (late, gone) =
        (std::fs::read_to_string(&second).unwrap(), fixture.path("migrations/000002_posts.down.sql"));
    std::fs::remove_file(&second).unwrap();
    let down = std::fs::read_to_string(&gone).unwrap();
    std::fs::remove_file(&gone).unwrap();
    fixture.run(&["up"]).exits(0).says("000003_seen");
    std::fs::write(&second, late).unwrap();
    std::fs::write(&gone, down).unwrap();
    let refused = fixture.run(&["export", "--format", "golang-migrate", "out"]).exits(2);
    refused.says("000002_posts is pending, and stands before an applied one");
    assert!(!fixture.database().has("schema_migrations_golang_migrate"));
    // Diesel has a row for each.
    fixture.run(&["export", "--format", "diesel", "other"]).exits(0);
}
