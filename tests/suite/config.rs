//! Where a value comes from: what was typed, over the environment, over `.env.{ENV}`, over `.env`, over `updown.toml`.

use std::fs;

use crate::support::Fixture;

fn project() -> Fixture {
    Fixture::new("tables").var("VERSIONS", "m1_users")
}

/// A value, and where it comes from.
fn value(fixture: &Fixture, args: &[&str], name: &str) -> (String, String) {
    let args = [&["config", "--json"], args].concat();
    let values = fixture.run(&args).exits(0).json();
    let found = values.as_array().unwrap().iter().find(|value| value["name"] == name).unwrap();
    (found["value"].as_str().unwrap_or("-").to_owned(), found["from"].as_str().unwrap().to_owned())
}

fn said(value: &str, from: &str) -> (String, String) {
    (value.to_owned(), from.to_owned())
}

#[test]
fn the_strongest_place_counts() {
    let fixture = project();
    let name = "UPDOWN_LOCK_TIMEOUT";
    assert_eq!(value(&fixture, &[], name), said("-", "default"));
    fs::write(fixture.path("updown.toml"), "lock-timeout = \"1s\"\n").unwrap();
    assert_eq!(value(&fixture, &[], name), said("1s", "updown.toml"));
    fs::write(fixture.path(".env"), "UPDOWN_LOCK_TIMEOUT=2s\n").unwrap();
    assert_eq!(value(&fixture, &[], name), said("2s", ".env"));
    fs::write(fixture.path(".env.uat"), "UPDOWN_LOCK_TIMEOUT=3s\n").unwrap();
    assert_eq!(value(&fixture, &[], name), said("2s", ".env"));
    assert_eq!(value(&fixture, &["--env", "uat"], name), said("3s", ".env.uat"));
    let fixture = fixture.var(name, "4s");
    assert_eq!(value(&fixture, &["--env", "uat"], name), said("4s", "the environment"));
    assert_eq!(value(&fixture, &["--lock-timeout", "5s"], name), said("5s", "the command line"));
}

#[test]
fn an_environment_chooses_its_own_file_and_database() {
    let fixture = project().var("DATABASE_URL", "").var("ENV", "");
    fs::write(fixture.path(".env"), "ENV=development\nDATABASE_URL=sqlite:dev.db\n").unwrap();
    fs::write(fixture.path(".env.uat"), "DATABASE_URL=sqlite:uat.db\n").unwrap();
    assert!(value(&fixture, &[], "DATABASE_URL").0.ends_with("/dev.db"));
    assert_eq!(value(&fixture, &[], "ENV"), said("development", ".env"));
    assert_eq!(value(&fixture, &["--env", "uat"], "AUTO_MIGRATE"), said("false", "default in uat"));
    let (url, from) = value(&fixture, &["--env", "uat"], "DATABASE_URL");
    assert!(url.ends_with("/uat.db") && from == ".env.uat", "{url} {from}");
    fixture.run(&["migrate", "--env", "uat", "--yes"]).exits(0);
    assert!(fixture.path("uat.db").is_file() && !fixture.path("dev.db").exists());
    // By either of its names.
    fs::write(fixture.path(".env.production"), "SERVICE=a\n").unwrap();
    assert_eq!(value(&fixture, &["--env", "prod"], "SERVICE"), said("a", ".env.production"));
    fs::write(fixture.path(".env.production"), "ENV=uat\n").unwrap();
    fixture.run(&["status", "--env", "production"]).exits(2).says(".env.production says ENV=uat");
}

#[test]
fn no_secret_is_shown() {
    let fixture = project()
        .var("DATABASE_URL", "")
        .var("DB_HOST", "db.example.com")
        .var("DB_USER", "app")
        .var("DB_PASSWORD", crate::support::SECRET)
        .var("DB_NAME", "shop");
    // That it says nothing of the password is looked at by each run.
    let ran = fixture.run(&["config"]).exits(0);
    if cfg!(feature = "postgres") {
        ran.says("app:***@db.example.com").says("DB_HOST and the other parts, from the environment");
    }
}

#[test]
fn what_is_wrong_in_the_file_is_an_error_with_what_was_meant() {
    let fixture = project();
    for (text, says) in [
        ("force_migration = true", "did you mean `force-migration`?"),
        ("[stores.mian]\nurl = \"sqlite:x.db\"", "did you mean `stores.main`?"),
        ("[stores.main]\nurl = \"postgres://a:b@db/x\"", "has a password"),
        ("force-migration = maybe", "updown.toml is not TOML"),
    ] {
        fs::write(fixture.path("updown.toml"), text).unwrap();
        fixture.run(&["status"]).exits(2).says(says);
    }
    fs::write(fixture.path("updown.toml"), "force-migration = \"maybe\"").unwrap();
    fixture.run(&["startup"]).exits(2).says("FORCE_MIGRATION=maybe makes no sense (from updown.toml)");
}

#[test]
fn what_nobody_says_is_explained_too() {
    let fixture = project().var("ENV", "");
    let unsaid = "nobody says it, and every database is local";
    assert_eq!(value(&fixture, &[], "ENV"), said("development", unsaid));
    let ran = fixture.run(&["config"]).exits(0);
    let lines: Vec<String> = ran.stdout.lines().map(crate::support::words).collect();
    for line in ["AUTO_MIGRATE true default in development", "UPDOWN_LOCK_TIMEOUT 5s default"] {
        assert!(lines.iter().any(|shown| shown == line), "{line:?} is not in {lines:#?}");
    }
}

/// Whoever copies `.env.example` finds every variable there is.
#[test]
fn the_example_file_has_every_variable() {
    let example = include_str!("../../.env.example");
    let fixture = project();
    let values = fixture.run(&["config", "--json"]).exits(0).json();
    for value in values.as_array().unwrap() {
        let name = value["name"].as_str().unwrap();
        assert!(example.contains(&format!("#{name}=")), "{name} is not in .env.example");
    }
}

/// In code, as in the environment.
#[test]
fn a_dry_run_can_be_configured() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.db");
    let config = updown::Config::empty().url("main", &format!("sqlite://{}", file.display())).dry_run(true);
    let registry = updown::Registry::<updown::prelude::SqliteConnection>::from_migrations(vec![
        updown::Migration::irreversible("m1_x", "x", MakesX, "it is a test"),
    ]);
    let report = updown::Migrator::new(updown::Project::of(registry))
        .with_config(config)
        .run(&updown::Request::migrate())
        .unwrap();
    assert!(report.dry_run && report.applied.len() == 1);
}

struct MakesX;

impl updown::Up<updown::prelude::SqliteConnection> for MakesX {
    fn up(&self, conn: &mut updown::prelude::SqliteConnection) -> updown::Result {
        use updown::prelude::SimpleConnection;
        Ok(conn.batch_execute("CREATE TABLE x (id INTEGER PRIMARY KEY)")?)
    }
}
