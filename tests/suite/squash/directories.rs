//! Directories of SQL, in the formats of two tools: what is written builds the same, by `verify --schema` and by dumps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use crate::scaffold::UPDOWN;
use crate::support::{Home, Ran, Store};

/// A directory under version control, and how it is named.
struct Directory {
    root: TempDir,
    format: &'static str,
}

/// What is migrated: in each, the way forward and the way back.
const SQL: [(&str, &str, &str); 5] = [
    (
        "users",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);",
        "DROP TABLE users;",
    ),
    (
        "posts",
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), title TEXT);\n\
         CREATE INDEX posts_by_title ON posts (title);",
        "DROP TABLE posts;",
    ),
    ("titles", "ALTER TABLE posts ADD COLUMN slug TEXT NOT NULL DEFAULT 'it''s; -- new';", "SELECT 1;"),
    (
        "shown",
        "CREATE VIEW shown AS SELECT posts.title, users.email FROM posts JOIN users ON users.id = posts.user_id;",
        "DROP VIEW shown;",
    ),
    ("tags", "CREATE TABLE tags (name TEXT PRIMARY KEY);", "DROP TABLE tags;"),
];

impl Directory {
    fn new(format: &'static str) -> Self {
        let directory = Self { root: tempfile::tempdir().unwrap(), format };
        for (number, (name, up, down)) in (1..).zip(SQL) {
            directory.add(number, name, up, down);
        }
        fs::write(directory.root.path().join(".gitignore"), "*.db*\n").unwrap();
        directory.git(&["init", "--quiet"]);
        directory.commit();
        directory
    }

    fn path(&self) -> PathBuf {
        self.root.path().join("db")
    }

    fn name(&self, number: usize, name: &str) -> String {
        match self.format {
            "diesel" => format!("2024-01-{number:02}-000000_{name}"),
            _ => format!("{number:06}_{name}"),
        }
    }

    fn file(&self, number: usize, name: &str, way: &str) -> PathBuf {
        let name = self.name(number, name);
        match self.format {
            "diesel" => self.path().join(name).join(format!("{way}.sql")),
            _ => self.path().join(format!("{name}.{way}.sql")),
        }
    }

    fn add(&self, number: usize, name: &str, up: &str, down: &str) {
        for (way, text) in [("up", up), ("down", down)] {
            let file = self.file(number, name, way);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.root.path()).args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(arguments);
        assert!(git.output().unwrap().status.success(), "{arguments:?}");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "x"]);
    }

    fn run(&self, url: &str, arguments: &[&str]) -> Ran {
        let mut updown = Command::new(UPDOWN);
        updown.current_dir(self.root.path()).env_clear();
        for (name, value) in std::env::vars().filter(|(name, _)| name == "PATH" || name == "HOME") {
            updown.env(name, value);
        }
        updown.env("ENV", "development").args(["--dir", "db", "--database-url", url]).args(arguments);
        Ran::of(updown.output().unwrap())
    }

    fn squash(&self, home: &Home, more: &[&str]) -> Ran {
        let to = self.name(4, "shown");
        self.run(home.url(), &[&["squash", "--to", &to], more].concat())
    }

    /// What stands in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn databases(store: Store, at: &Path) -> [Arc<Home>; 3] {
    ["one", "other", "third"].map(|name| Home::new(store, &at.join(format!("{name}.db"))))
}

/// The same as the tool that belongs to the database has it, but for the ledger.
fn dumped(home: &Arc<Home>) -> Vec<String> {
    let Store::Postgres = home.store() else { return home.database().schema() };
    let mut dump = Command::new("pg_dump");
    dump.args(["--schema-only", "--exclude-table=schema_migrations*", "--dbname", home.url()]);
    let output = dump.output().expect("pg_dump is where the server is");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.starts_with('\\')).map(str::to_owned).collect()
}

fn three_databases_go_on(store: Store, format: &'static str) {
    let directory = Directory::new(format);
    let [all, part, none] = databases(store, directory.root.path());
    directory.run(all.url(), &["migrate"]).exits(0);
    directory.run(part.url(), &["migrate", "--step", "2"]).exits(0);
    let before = dumped(&all);

    let dry = directory.squash(&all, &["--dry-run"]).exits(0).says("updown: replaces:").says("CREATE");
    directory.squash(&all, &[]).exits(0).says("builds what 4 migrations have built").says("are the same");
    let (squashed, tags) = (directory.name(4, "squashed"), directory.name(5, "tags"));
    let files = match format {
        "diesel" => vec![squashed.clone(), tags.clone()],
        _ => vec![format!("{squashed}.up.sql"), format!("{tags}.down.sql"), format!("{tags}.up.sql")],
    };
    assert_eq!(directory.names(), files);
    assert_eq!(
        fs::read_to_string(directory.file(4, "squashed", "up")).unwrap(),
        dry.stdout,
        "as it was shown"
    );

    directory.run(all.url(), &["status", "--check"]).exits(0).says("replaces 4 applied");
    directory.run(all.url(), &["verify", "--schema"]).exits(0);
    directory.run(all.url(), &["migrate"]).exits(0).says("entered in the place of 4");
    directory.run(part.url(), &["migrate"]).exits(5).says(&format!("--to {}", directory.name(4, "shown")));
    directory.run(none.url(), &["migrate"]).exits(0).says("2 migrations applied");
    for home in [&all, &none] {
        directory.run(home.url(), &["verify", "--schema"]).exits(0);
        directory.run(home.url(), &["verify"]).exits(0);
        directory.run(home.url(), &["status", "--check"]).exits(0);
        assert_eq!(dumped(home), before);
    }
    assert_eq!(none.database().batches(), [format!("{squashed}@1"), format!("{tags}@1")]);
    assert_eq!(all.database().batches(), none.database().batches());
    directory.run(all.url(), &["rollback", "--all"]).exits(5).says("took the place of 4 migrations");

    // By the release before, what lags behind comes as far; the new one goes on from there.
    directory.git(&["stash", "--quiet", "--include-untracked"]);
    directory.run(part.url(), &["migrate", "--to", &directory.name(4, "shown")]).exits(0);
    directory.git(&["stash", "pop", "--quiet"]);
    directory
        .run(part.url(), &["migrate"])
        .exits(0)
        .says("entered in the place of 4")
        .says("1 migration applied");
    assert_eq!(dumped(&part), before);
    // And once more: what is squashed is a migration like any other.
    directory.commit();
    directory.add(6, "last", "CREATE TABLE last (id INTEGER PRIMARY KEY);", "DROP TABLE last;");
    directory.commit();
    directory.run(all.url(), &["migrate"]).exits(0);
    directory.run(all.url(), &["squash", "--to", "last"]).exits(2);
    directory.run(all.url(), &["squash", "--to", &directory.name(6, "last")]).exits(0);
    directory.run(all.url(), &["migrate"]).exits(0).says("entered in the place of 3");
    directory.run(all.url(), &["verify", "--schema"]).exits(0);
}

/// Rows are no part of a schema.
fn rows_are_asked_about(store: Store) {
    let directory = Directory::new("golang-migrate");
    let fill = "INSERT INTO posts (id, user_id, title) VALUES (1, 7, 'a'), (2, 7, NULL);";
    let users = "INSERT INTO users (id, email) VALUES (7, 'it''s; me');\n";
    directory.add(4, "shown", &format!("{}\n{users}{fill}", SQL[3].1), SQL[3].2);
    directory.commit();
    let [home, with, without] = databases(store, directory.root.path());
    let refused = directory.squash(&home, &[]).exits(5).says("write rows into users, posts");
    refused.says("--with-data").says("--without-data");
    assert_eq!(directory.names().len(), 10, "nothing was touched");

    directory.squash(&home, &["--with-data"]).exits(0);
    directory.run(with.url(), &["migrate"]).exits(0);
    let count = "SELECT count(*) AS number FROM posts JOIN users ON users.id = posts.user_id WHERE email = 'it''s; me'";
    assert_eq!(with.database().number(count), 2);
    assert_eq!(with.database().number("SELECT count(*) AS number FROM posts WHERE title IS NULL"), 1);

    directory.git(&["checkout", "--quiet", "."]);
    fs::remove_file(directory.file(4, "squashed", "up")).unwrap();
    directory
        .squash(&home, &["--without-data"])
        .exits(0)
        .says("the rows that the migrations write into posts are left out");
    directory.run(without.url(), &["migrate"]).exits(0);
    assert_eq!(without.database().number("SELECT count(*) AS number FROM posts"), 0);
}

/// What is removed has to be somewhere else.
fn what_is_not_committed_stays(store: Store) {
    let directory = Directory::new("diesel");
    let [home, ..] = databases(store, directory.root.path());
    let file = directory.file(2, "posts", "down");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n-- not committed")).unwrap();
    directory.squash(&home, &[]).exits(5).says("is not committed as it is").says("--yes");
    fs::write(&file, text).unwrap();
    // One that git does not know.
    fs::write(
        directory.path().join(directory.name(3, "titles")).join("metadata.toml"),
        "run_in_transaction = true\n",
    )
    .unwrap();
    directory.squash(&home, &[]).exits(5).says("metadata.toml");
    fs::remove_file(directory.path().join(directory.name(3, "titles")).join("metadata.toml")).unwrap();
    fs::remove_dir_all(directory.root.path().join(".git")).unwrap();
    directory.squash(&home, &[]).exits(5).says("no version control");
    assert_eq!(directory.names().len(), 5);
    directory.squash(&home, &["--yes"]).exits(0);
    assert_eq!(directory.names().len(), 2);
}

macro_rules! on_both {
    ($($test:ident => $call:expr;)*) => {
        mod sqlite {
            $(#[test] fn $test() { ($call)(crate::support::Store::Sqlite) })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[test] fn $test() {
                if crate::support::postgres::is_there() {
                    ($call)(crate::support::Store::Postgres);
                }
            })*
        }
    };
}

on_both! {
    three_databases_go_on_in_pairs => |store| super::three_databases_go_on(store, "golang-migrate");
    three_databases_go_on_in_folders => |store| super::three_databases_go_on(store, "diesel");
    rows_are_asked_about => super::rows_are_asked_about;
    what_is_not_committed_stays => super::what_is_not_committed_stays;
}

/// What only PostgreSQL has: functions, triggers, enums, sequences; and an aggregate, for which `pg_dump` alone has
/// the words.
#[cfg(feature = "postgres")]
#[test]
fn what_grown_projects_have_is_built_again() {
    if !crate::support::postgres::is_there() {
        return;
    }
    let directory = Directory::new("golang-migrate");
    let up = "CREATE TYPE mood AS ENUM ('good', 'bad');\n\
              CREATE TABLE notes (id BIGSERIAL PRIMARY KEY, number INT GENERATED ALWAYS AS IDENTITY, mood mood NOT NULL, \
              tags TEXT[], data JSONB, bytes BYTEA, twice INT GENERATED ALWAYS AS (2) STORED);\n\
              CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n-- said here\n  NEW.mood := 'bad'; RETURN NEW;\nEND\n$$;\n\
              INSERT INTO notes (mood, tags, data, bytes) VALUES ('good', '{a,\"b c\"}', '{\"x\": \"it''s\"}', '\\x00ff'), ('good', NULL, NULL, NULL);\n\
              CREATE TRIGGER touched BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION touch();\n\
              CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS number FROM notes;\n\
              CREATE VIEW shown AS SELECT title FROM posts;\n";
    for (aggregate, hidden) in
        [("", ""), ("CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);", "yes")]
    {
        directory.git(&["checkout", "--quiet", "."]);
        let _ = fs::remove_file(directory.file(4, "squashed", "up"));
        directory.add(4, "shown", &format!("{up}{aggregate}"), "SELECT 1;");
        directory.commit();
        let [home, all, none] = databases(Store::Postgres, directory.root.path());
        directory.run(all.url(), &["migrate"]).exits(0);
        directory.squash(&home, &["--with-data"]).exits(0).says("inspected and dumped");
        let text = fs::read_to_string(directory.file(4, "squashed", "up")).unwrap();
        assert!(text.contains("-- said here"), "{hidden}: {text}");
        directory.run(none.url(), &["migrate"]).exits(0);
        directory.run(all.url(), &["migrate"]).exits(0);
        assert_eq!(dumped(&all), dumped(&none), "{aggregate}");
        let rows = "SELECT concat_ws(' ', id, number, mood, tags, data, bytes, twice) AS line FROM notes ORDER BY id";
        assert_eq!(all.database().lines(rows), none.database().lines(rows), "no trigger fired");
        for home in [&all, &none] {
            home.database().execute("INSERT INTO notes (mood) VALUES ('good')");
            assert_eq!(
                home.database().number("SELECT max(id) AS number FROM notes"),
                3,
                "the sequence goes on"
            );
            assert_eq!(home.database().number("SELECT max(number)::bigint AS number FROM notes"), 3);
            assert_eq!(home.database().number("SELECT number FROM counted"), 2);
        }
    }
}
