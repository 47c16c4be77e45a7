//! SIGKILL at any point: the same command again completes, and the database is what an undisturbed
//! run makes of it. By statements (Diesel's instrumentation in the fixture) and by system calls (a
//! library that is loaded before libc's).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Fixture, Store, for_each_store, full};

for_each_store! {
    // Diesel's instrumentation kills; on Cassandra a proxy does, at every request (`on_scylla`).
    ; sql: killed_at_every_statement_of_the_example_up,
    killed_at_every_statement_of_the_example_down,
    killed_at_every_statement_of_steps_up,
    killed_at_every_statement_of_steps_down,
    killed_at_every_statement_of_typed_changes_up,
    killed_at_every_statement_of_typed_changes_down,
}

/// What an undisturbed run leaves.
fn undisturbed(fixture: &Fixture, commands: &[&[&str]]) -> Vec<String> {
    fixture.home.clear();
    for command in commands {
        fixture.run(command).exits(0);
    }
    fixture.database().dump()
}

/// Kills the command at N = 1, 2, … until it survives; each time the same command again has to
/// bring the database where it would be.
fn at_every(fixture: &mut Fixture, up: bool, every: usize, kill: impl Fn(&mut Fixture, usize)) {
    let command: &[&str] = if up { &["migrate"] } else { &["rollback", "--all"] };
    let before: &[&[&str]] = if up { &[] } else { &[&["migrate"]] };
    let wanted = undisturbed(fixture, &[before, &[command]].concat());
    let mut killed = 0;
    for n in (1..).step_by(every) {
        fixture.home.clear();
        for command in before {
            fixture.run(command).exits(0);
        }
        kill(fixture, n);
        let first = fixture.run(command);
        for name in ["KILL", "KILL_AT", "LD_PRELOAD"] {
            fixture.set(name, "");
        }
        let survived = first.code == Some(0);
        if !survived {
            assert_eq!(first.code, None, "killed at {n}, not failed: {first:?}");
            killed += 1;
            fixture.holder_is_gone();
            fixture.run(command).exits(0);
        }
        assert_eq!(fixture.database().dump(), wanted, "killed at {n}: {first:?}");
        fixture.run(&["lock"]).exits(0).says("main: free");
        fixture.run(command).exits(0).says("nothing to do");
        if survived {
            assert!(killed > 10 / every, "the killer kills: {killed}");
            return;
        }
    }
}

fn at_every_statement(store: Store, project: &str, up: bool) {
    // Every one on all in `make test-full`, every other one on PostgreSQL otherwise: after the first is
    // before the second, so that no place is left out. A third where most statements are the journal's.
    let every = match store {
        _ if full() => 1,
        Store::Cockroach => 3,
        _ => store.either(1, 2),
    };
    // Their statements are many, and most alike.
    let every = if project == "typed safely" { every * store.either(3, 5) } else { every };
    let mut fixture = store.fixture(project);
    for when in ["before", "after"] {
        at_every(&mut fixture, up, every, |fixture, n| fixture.set("KILL", &format!("{when}:{n}")));
    }
}

fn killed_at_every_statement_of_the_example_up(store: Store) {
    at_every_statement(store, "example", true);
}

fn killed_at_every_statement_of_typed_changes_up(store: Store) {
    at_every_statement(store, "typed safely", true);
}

fn killed_at_every_statement_of_typed_changes_down(store: Store) {
    at_every_statement(store, "typed safely", false);
}

fn killed_at_every_statement_of_the_example_down(store: Store) {
    at_every_statement(store, "example", false);
}

fn killed_at_every_statement_of_steps_up(store: Store) {
    at_every_statement(store, "steps", true);
}

fn killed_at_every_statement_of_steps_down(store: Store) {
    at_every_statement(store, "steps", false);
}

#[cfg(feature = "postgres")]
mod cockroach_simulated_in_steps {
    use super::{Store, at_every_statement};
    use crate::support::postgres::is_there;

    #[test]
    fn killed_at_every_statement_up() {
        if is_there() {
            at_every_statement(Store::Cockroach, "steps", true);
        }
    }

    #[test]
    fn killed_at_every_statement_down() {
        if is_there() {
            at_every_statement(Store::Cockroach, "steps", false);
        }
    }
}

/// Builds the library that kills at the Nth write, truncation, sync or removal of a file.
pub fn killer() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: killing at system calls needs LD_PRELOAD, which is not here");
        return None;
    }
    static LIBRARY: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    Some(
        LIBRARY
            .get_or_init(|| {
                let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("killat.so");
                let built = Command::new("cc")
                    .args(["-shared", "-fPIC", "-O1", "-o"])
                    .arg(&library)
                    .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/killat.c"))
                    .arg("-ldl")
                    .status()
                    .expect("a C compiler, which SQLite needs as well");
                assert!(built.success());
                library
            })
            .clone(),
    )
}

fn at_every_write(project: &str, up: bool) {
    let Some(library) = killer() else { return };
    let mut fixture = Fixture::new(project);
    for when in ["before", "after"] {
        // Every one in `make test-full`; a third of them, shifted, otherwise.
        let every = if full() { 1 } else { 3 };
        at_every(&mut fixture, up, every, |fixture, n| {
            fixture.set("KILL_AT", &format!("{when}:{n}"));
            fixture.set("LD_PRELOAD", library.to_str().expect("text"));
        });
    }
}

#[test]
fn killed_at_every_write_of_the_example_up() {
    at_every_write("example", true);
}

#[test]
fn killed_at_every_write_of_the_example_down() {
    at_every_write("example", false);
}

#[test]
fn killed_at_every_write_of_steps_up() {
    at_every_write("steps", true);
}

#[test]
fn killed_at_every_write_of_steps_down() {
    at_every_write("steps", false);
}
