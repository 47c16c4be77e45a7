//! SIGKILL at any point: the same command again completes, and the database is what an undisturbed
//! run makes of it. By statements (Diesel's instrumentation in the fixture) and by system calls (a
//! library that is loaded before libc's).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Fixture, full};

/// What an undisturbed run leaves.
fn undisturbed(project: &str, commands: &[&[&str]]) -> Vec<String> {
    let fixture = Fixture::new(project);
    for command in commands {
        fixture.run(command).exits(0);
    }
    fixture.database().dump()
}

/// Kills the command at N = 1, 2, … until it survives; each time the same command again has to
/// bring the database where it would be. Returns the N that survived.
fn at_every(project: &str, up: bool, every: usize, kill: impl Fn(Fixture, usize) -> Fixture) -> usize {
    let command: &[&str] = if up { &["migrate"] } else { &["rollback", "--all"] };
    let before: &[&[&str]] = if up { &[] } else { &[&["migrate"]] };
    let wanted = undisturbed(project, &[before, &[command]].concat());
    let mut killed = 0;
    for n in (1..).step_by(every) {
        let fixture = Fixture::new(project);
        for command in before {
            fixture.run(command).exits(0);
        }
        let mut fixture = kill(fixture, n);
        let first = fixture.run(command);
        for name in ["KILL", "KILL_AT", "LD_PRELOAD"] {
            fixture.set(name, "");
        }
        let survived = first.code == Some(0);
        if !survived {
            assert_eq!(first.code, None, "killed at {n}, not failed: {first:?}");
            killed += 1;
            fixture.run(command).exits(0);
        }
        assert_eq!(fixture.database().dump(), wanted, "killed at {n}: {first:?}");
        fixture.run(&["lock"]).exits(0).says("main: free");
        fixture.run(command).exits(0).says("nothing to do");
        if survived {
            assert!(killed > 10 / every, "the killer kills: {killed}");
            return n;
        }
    }
    unreachable!()
}

fn at_every_statement(project: &str, up: bool) {
    for when in ["before", "after"] {
        at_every(project, up, 1, |fixture, n| fixture.var("KILL", &format!("{when}:{n}")));
    }
}

#[test]
fn killed_at_every_statement_of_the_example_up() {
    at_every_statement("example", true);
}

#[test]
fn killed_at_every_statement_of_the_example_down() {
    at_every_statement("example", false);
}

#[test]
fn killed_at_every_statement_of_steps_up() {
    at_every_statement("steps", true);
}

#[test]
fn killed_at_every_statement_of_steps_down() {
    at_every_statement("steps", false);
}

/// Builds the library that kills at the Nth write, truncation, sync or removal of a file.
fn killer() -> Option<PathBuf> {
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
    for when in ["before", "after"] {
        // Every one in `make test-full`; a third of them, shifted, otherwise.
        let every = if full() { 1 } else { 3 };
        at_every(project, up, every, |fixture, n| {
            fixture.var("KILL_AT", &format!("{when}:{n}")).var("LD_PRELOAD", library.to_str().expect("text"))
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
