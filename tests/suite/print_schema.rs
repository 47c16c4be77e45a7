//! `updown schema print` beside the real `diesel print-schema`: the same bytes for the same database and the same
//! `diesel.toml`.

mod case;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_options;
mod sqlite;
mod sqlite_options;

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Fixture, Ran, SECRET, Store, diesel_cli};
use case::{Case, Expected};

/// Both programs on the same database.
fn differs(store: Store, case: &Case, diesel: &Path) -> Result<(), String> {
    let fixture = store.fixture("empty");
    fixture.database().execute(case.sql);
    for (name, text) in
        [("diesel.toml", case.toml), ("schema.patch", case.patch), ("rustfmt.toml", case.rustfmt)]
    {
        if !text.is_empty() {
            std::fs::write(fixture.path(name), text).expect("the fixture's directory");
        }
    }
    let theirs = theirs(&fixture, diesel);
    let ours = fixture.run(&["schema", "print"]);
    let expected = match case.expected {
        Expected::Text => 0,
        Expected::Refused => 1,
    };
    if theirs.code != Some(expected) {
        return Err(format!("{}: diesel was expected to end with {expected}: {theirs:#?}", case.name));
    }
    match case.expected {
        // The same is refused; what each says of it is its own.
        Expected::Refused if ours.code == Some(0) => {
            Err(format!("{} is not refused: {}", case.name, ours.stdout))
        }
        Expected::Refused if !ours.stderr.contains("hint") => {
            Err(format!("{}: no hint: {ours:#?}", case.name))
        }
        Expected::Refused => Ok(()),
        Expected::Text if ours.code != Some(0) => Err(format!("{}: {ours:#?}", case.name)),
        Expected::Text if ours.stdout != theirs.stdout => {
            Err(format!("{}\n=== updown\n{}\n=== diesel\n{}", case.name, ours.stdout, theirs.stdout))
        }
        Expected::Text => Ok(()),
    }
}

fn theirs(fixture: &Fixture, diesel: &Path) -> Ran {
    let url = fixture.home.url();
    let mut command = Command::new(diesel);
    command.args(["print-schema", "--database-url", url.strip_prefix("sqlite://").unwrap_or(url)]);
    command.current_dir(fixture.directory.path()).env_remove("DIESEL_CONFIG_FILE");
    Ran::of(command.output().expect("diesel runs"))
}

/// All, on as many threads as there are processors; every case that differs is told.
fn both_print_the_same(store: Store, cases: &[&[Case]]) {
    let Some(diesel) = diesel_cli::program() else { return };
    let cases: Vec<&Case> = cases.iter().copied().flatten().collect();
    let texts = cases.iter().filter(|case| matches!(case.expected, Expected::Text)).count();
    assert!(texts >= 40, "{texts} schemas are compared");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(why) = differs(store, case, diesel) {
                        wrong.lock().expect("nobody panicked").push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panicked");
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn on_sqlite() {
    both_print_the_same(Store::Sqlite, &[sqlite::CASES, sqlite_options::CASES]);
}

#[cfg(feature = "postgres")]
#[test]
fn on_postgres() {
    if crate::support::postgres::is_there() {
        both_print_the_same(Store::Postgres, &[postgres::CASES, postgres_options::CASES]);
    }
}

/// A schema is no secret; where it is, is.
#[test]
fn what_cannot_be_printed_says_what_to_do() {
    let fixture = Store::Sqlite.fixture("empty");
    fixture.database().execute("CREATE TABLE a (id INTEGER PRIMARY KEY, doc JSON)");
    let refused = |toml: &str| {
        std::fs::write(fixture.path("diesel.toml"), toml).expect("the fixture's directory");
        fixture.run(&["schema", "print"]).exits(2).says_nothing_of(SECRET)
    };
    refused("").says("the column a.doc is a json").says("except_tables = [\"^a$\"]");
    refused("[print_schema]\nschema = \"s\"").says("SQLite has no schemas");
    let without = "[print_schema]\nfilter = { except_tables = [\"^a$\"] }\n";
    refused(&format!("{without}patch_file = \"p\"")).says("cannot read").says("patch_file");
    refused(&format!("{without}fil = \"p\""))
        .says("diesel.toml:3: the key `fil` is not known")
        .says("`file`");
    fixture.run(&["schema", "print", "--config-file", "no.toml"]).exits(2).says("there is no file no.toml");
}

/// They are tables as others are, also where they are in use.
#[test]
fn the_ledger_is_printed_too() {
    let Some(diesel) = diesel_cli::program() else { return };
    let fixture = Store::Sqlite.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let ours = fixture.run(&["schema", "print"]).exits(0).says("schema_migrations_history");
    assert_eq!(ours.stdout, theirs(&fixture, diesel).stdout);
}

#[test]
fn each_file_is_a_part_of_the_document() {
    let fixture = Store::Sqlite.fixture("empty");
    fixture.database().execute("CREATE TABLE a (id INTEGER PRIMARY KEY)");
    std::fs::write(fixture.path("diesel.toml"), "[print_schema.b]\nfile = \"b.rs\"").expect("a file");
    let json = fixture.run(&["schema", "print", "--json"]).exits(0).json();
    assert_eq!(json[0]["key"], "b");
    assert!(json[0]["file"].as_str().expect("a path").ends_with("b.rs"), "{json}");
    assert_eq!(json[1]["key"], "default");
    assert!(json[1]["text"].as_str().expect("a text").contains("diesel::table!"), "{json}");
}
