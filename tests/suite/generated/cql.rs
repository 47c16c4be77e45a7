//! The same in CQL: a keyspace that is there is taken over, and what `schema.cql` says next becomes a migration.

use std::fs;
use std::path::Path;

use super::{replace, says};
use crate::scaffold::{UPDOWN, cargo, command, lock, ok};
use crate::support::cassandra::{Keyspace, keyspace};

/// A project with the store `scylladb` behind `main`, which is not used.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    ok(UPDOWN, dir.path(), &["init", "--empty", "--sqlite"]);
    lock(dir.path());
    let migrations = dir.path().join("migrations");
    let manifest = fs::read_to_string(migrations.join("Cargo.toml")).unwrap();
    let line = manifest.lines().find(|line| line.starts_with("updown = ")).unwrap();
    let with = match line.split_once("features = [") {
        Some((before, after)) => format!("{before}features = [\"scylla\", {after}"),
        None => line.replace(" }", ", features = [\"scylla\"] }"),
    };
    replace(&migrations.join("Cargo.toml"), line, &with);
    fs::create_dir(migrations.join("scylladb")).unwrap();
    let list = "use updown::scylla::ScyllaConnection;\n\nupdown::registry! {\n    pub static SCYLLADB: ScyllaConnection = [];\n}\n";
    fs::write(migrations.join("scylladb/mod.rs"), list).unwrap();
    let lib = migrations.join("lib.rs");
    replace(&lib, "pub mod main;\n", "pub mod main;\npub mod scylladb;\n");
    replace(&lib, "main: main::MAIN", "main: main::MAIN, scylladb: scylladb::SCYLLADB => optional");
    dir
}

/// A command on a keyspace, and how it has to end: what it said there, and beside that.
#[track_caller]
fn on(keyspace: &Keyspace, dir: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let mut command = command(UPDOWN, dir);
    let url = format!("sqlite://{}/unused.db", dir.display());
    command.env("DATABASE_URL", url).env("SCYLLA_URL", &keyspace.url).env("ENV", "development");
    let output = command.args(arguments).args(["--store", "scylladb"]).output().unwrap();
    let [out, beside] = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}{beside}");
    (out, beside)
}

/// As an application leaves it that makes its tables when it starts.
const GROWN: [&str; 7] = [
    "CREATE TYPE device (name text, locale text)",
    "CREATE TABLE notes (user_id bigint, id timeuuid, owner text static, title text, tags set<text>, \
     device frozen<device>, \"Größe\" int, PRIMARY KEY (user_id, id)) WITH CLUSTERING ORDER BY (id DESC) \
     AND default_time_to_live = 2592000 AND comment = 'what people''s phones show'",
    "CREATE INDEX notes_by_title ON notes (title)",
    "CREATE MATERIALIZED VIEW notes_by_id AS SELECT user_id, id, title FROM notes \
     WHERE id IS NOT NULL AND user_id IS NOT NULL PRIMARY KEY (id, user_id)",
    "CREATE TABLE people (id bigint PRIMARY KEY, name text)",
    "CREATE TABLE visits (day date, shard smallint, n counter, PRIMARY KEY ((day, shard)))",
    "INSERT INTO notes (user_id, id, title) VALUES (1, now(), 'a')",
];

#[test]
fn a_keyspace_is_taken_over_and_goes_on() {
    let (Some(grown), Some(empty)) = (keyspace(), keyspace()) else { return };
    let connection = grown.create();
    for cql in GROWN {
        connection.execute(cql, ()).unwrap();
    }
    let project = project();
    let dir = project.path();
    taken_over(dir, &grown, &empty);
    let rows: Vec<(Option<String>,)> = connection.query("SELECT title FROM notes", ()).unwrap();
    assert_eq!(rows, [(Some("a".to_owned()),)]);
    what_is_declared_next_becomes_a_migration(dir, &grown, &empty);
}

fn taken_over(dir: &Path, grown: &Keyspace, empty: &Keyspace) {
    says(&on(grown, dir, &["new", "too_early", "--diff"], 2).1, "migrations/scylladb/schema.cql");
    let printed = on(grown, dir, &["schema", "print"], 0).0;
    says(&printed, "CREATE MATERIALIZED VIEW notes_by_id");
    let (out, _) = on(grown, dir, &["baseline", "initial_schema"], 0);
    says(&out, "wrote migrations/scylladb/m0001_initial_schema.rs");
    says(&out, "m0001_initial_schema is recorded as applied in store scylladb; it was not run");
    ok(&cargo(), dir, &["fmt", "--package", "migrations", "--check"]);
    assert_eq!(on(grown, dir, &["schema", "print"], 0).0, printed);
    says(&on(grown, dir, &["migrate"], 0).0, "nothing to do");
    on(grown, dir, &["verify"], 0);
    on(grown, dir, &["verify", "--schema"], 0);
    says(&on(grown, dir, &["history"], 0).0, "baseline");
    says(&on(grown, dir, &["baseline", "again"], 5).1, "its database has a beginning");

    // On an empty keyspace it makes the same.
    says(&on(empty, dir, &["migrate"], 0).0, "m0001_initial_schema");
    assert_eq!(on(empty, dir, &["schema", "print"], 0).0, printed);
    // To undo it would drop every table with its rows.
    for keyspace in [grown, empty] {
        says(&on(keyspace, dir, &["rollback"], 5).1, "would drop every table with its rows");
    }
    assert_eq!(on(grown, dir, &["schema", "print"], 0).0, printed);
}

fn what_is_declared_next_becomes_a_migration(dir: &Path, grown: &Keyspace, empty: &Keyspace) {
    on(grown, dir, &["schema", "print", "--write"], 0);
    says(&on(grown, dir, &["new", "nothing", "--diff"], 0).0, "nothing was written");
    let schema = dir.join("migrations/scylladb/schema.cql");
    let text = fs::read_to_string(&schema).unwrap();
    let file = dir.join("migrations/scylladb/m0002_next.rs");

    // What is lost is not lost unasked, and what may be called otherwise now is not guessed.
    replace(&schema, "    tags set<text>,\n", "");
    says(
        &on(grown, dir, &["new", "next", "--diff"], 5).1,
        "the column notes.tags is dropped with its values",
    );
    fs::write(&schema, text.replace("shard", "part")).unwrap();
    says(&on(grown, dir, &["new", "next", "--diff"], 5).1, "--rename visits.shard=part");
    // No migration can make a column one of another type.
    fs::write(&schema, text.replace("    title text,\n", "    title int,\n")).unwrap();
    let (out, beside) = on(grown, dir, &["new", "next", "--diff"], 0);
    says(&beside, "no migration can do this");
    assert!(!out.contains("the migrations make what is declared"), "{out}");
    assert!(!file.exists());

    fs::write(&schema, text.replace("shard", "part")).unwrap();
    replace(&schema, "    id bigint,\n    name text,\n", "    id bigint,\n    name text,\n    nick text,\n");
    replace(&schema, "2592000", "86400");
    let more =
        "\nCREATE TABLE words (word text PRIMARY KEY, n int);\n\nCREATE INDEX words_by_n ON words (n);\n";
    fs::write(&schema, format!("{}{more}", fs::read_to_string(&schema).unwrap())).unwrap();
    // What is only added can be had at once, in development.
    let (out, _) = on(empty, dir, &["schema", "sync"], 0);
    says(&out, "added    create table words");
    let (out, _) = on(grown, dir, &["new", "next", "--diff", "--rename", "visits.shard=part"], 0);
    says(&out, "wrote migrations/scylladb/m0002_next.rs");
    says(&fs::read_to_string(&file).unwrap(), "schema.rename_column(\"visits\", \"shard\", \"part\");");
    ok(&cargo(), dir, &["fmt", "--package", "migrations", "--check"]);
    // Nothing has happened in the keyspace yet.
    on(grown, dir, &["schema", "diff"], 3);
    for keyspace in [grown, empty] {
        let (out, beside) = on(keyspace, dir, &["migrate"], 0);
        says(&out, "m0002_next");
        // Behind a sync, as far as it went.
        for there in ["create table words", "create index words_by_n", "add column people.nick"] {
            let is_said = format!("{out}{beside}").contains(&format!("to {there}"));
            assert_eq!(is_said, std::ptr::eq(keyspace, empty), "{there}\n{out}{beside}");
        }
        on(keyspace, dir, &["schema", "diff"], 0);
    }
    assert_eq!(on(empty, dir, &["schema", "print"], 0).0, on(grown, dir, &["schema", "print"], 0).0);
    says(&on(grown, dir, &["check"], 0).0, "each way back undoes its migration");
    on(grown, dir, &["rollback"], 0);
    on(grown, dir, &["verify", "--schema"], 0);
}
