//! What runs a directory: updown, and the tools that the formats are of.

use std::path::Path;
use std::process::Command;

use crate::scaffold::UPDOWN;
use crate::support::{Ran, diesel_cli, golang_migrate};

/// What nobody says but these tests.
const UNSAID: [&str; 8] = [
    "ENV",
    "CI",
    "SERVICE",
    "DATABASE_URL",
    "MIGRATIONS_DIR",
    "MIGRATIONS_FORMAT",
    "MIGRATION_DIRECTORY",
    "RUST_LOG",
];

fn run(command: &mut Command, directory: &Path) -> Ran {
    for name in UNSAID {
        command.env_remove(name);
    }
    Ran::of(command.current_dir(directory).output().expect("it runs"))
}

/// The installed program, without a project.
pub fn updown(directory: &Path, url: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(UPDOWN);
    command.args(arguments).arg("--dir").arg(directory).args(["--database-url", url, "--env", "development"]);
    run(&mut command, directory)
}

/// Whether it is there to be compared with.
pub fn diesel(directory: &Path, url: &str) -> bool {
    let Some(program) = diesel_cli::program() else { return false };
    // SQLite's are paths to it.
    let url = url.strip_prefix("sqlite://").unwrap_or(url);
    let mut command = Command::new(program);
    command.args(["migration", "run", "--migration-dir"]).arg(directory).args(["--database-url", url]);
    run(&mut command, directory).exits(0);
    true
}

/// All of them, or so many of the next ones.
pub fn golang_migrate(directory: &Path, url: &str, count: Option<usize>) -> bool {
    let Some(program) = golang_migrate::program() else { return false };
    let url = match url.strip_prefix("sqlite://") {
        // It would put a transaction around what has one.
        Some(file) => format!("sqlite3://{file}?x-no-tx-wrap=true"),
        None => in_go(url),
    };
    let mut command = Command::new(program);
    command.arg(directory).arg(url).arg("up").args(count.map(|count| count.to_string()));
    run(&mut command, directory).exits(0);
    true
}

/// Go's URLs have no path of a socket in the place of the host.
#[cfg(feature = "postgres")]
fn in_go(url: &str) -> String {
    let address = crate::support::proxy::Address::of(url);
    let (user, host, port) = (address.user, &address.host, address.port);
    let password = address.password.map(|password| format!(":{password}")).unwrap_or_default();
    let (_, name) = url.rsplit_once('/').expect("a database's name");
    format!("postgres://{user}{password}@/{name}?host={host}&port={port}&sslmode=disable")
}

#[cfg(not(feature = "postgres"))]
fn in_go(url: &str) -> String {
    url.to_owned()
}
