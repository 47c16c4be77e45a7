//! A real PostgreSQL: `POSTGRES_URL` where set, else a cluster of this run's own, that ends with it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{Database, Fixture, Store};

/// PostgreSQL refuses to run as root; this user has nothing that could be harmed.
const NOBODY: u32 = 65534;

struct Server {
    /// With `{}` in the place of the database's name.
    url: String,
}

/// The server, started once for all tests. `None` where none can be had, which is said, and is a
/// failure in CI.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            if let Ok(url) = std::env::var("POSTGRES_URL") {
                let (server, _) = url.rsplit_once('/').expect("POSTGRES_URL ends with a database's name");
                return Some(Server { url: format!("{server}/{{}}") });
            }
            let started = start();
            if started.is_none() {
                assert!(std::env::var_os("CI").is_none(), "PostgreSQL's initdb and postgres are needed");
                eprintln!("SKIPPED: no PostgreSQL server (install postgresql, or set POSTGRES_URL)");
            }
            started
        })
        .as_ref()
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    found.sort();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.into_iter().find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}

fn start() -> Option<Server> {
    let bin = programs()?;
    let root = rustix::process::getuid().is_root();
    let directory = tempfile::Builder::new().prefix("updown-pg-").tempdir().ok()?.keep();
    if root {
        chown(&directory, Some(NOBODY), Some(NOBODY)).ok()?;
    }
    let as_nobody = |program: &Path| {
        let mut command = Command::new(program);
        command.current_dir(&directory);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    let made = as_nobody(&bin.join("initdb"))
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
            "data",
        ])
        .output()
        .ok()?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // Every test that runs now may have eight programs at once, and its own eyes on them.
    let connections = 100 + 10 * std::thread::available_parallelism().map_or(1, usize::from);
    // The shell outlives these tests by a moment: it ends the server when its input ends, also where
    // the tests are killed.
    let script = format!(
        "{}/postgres -D data -k {directory} -c listen_addresses= -c fsync=off -c max_connections={connections} \
         -c log_min_messages=fatal 2>log & server=$!
         until [ -S {directory}/.s.PGSQL.5432 ] || ! kill -0 $server; do sleep 0.05; done
         echo ready; cat >/dev/null; kill -INT $server; wait $server; cd /; rm -rf {directory}",
        bin.display(),
        directory = directory.display(),
    );
    let mut shell = as_nobody(Path::new("/bin/sh"))
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut line = String::new();
    BufReader::new(shell.stdout.take()?).read_line(&mut line).ok()?;
    // Kept open until this process ends.
    std::mem::forget(shell.stdin.take());
    let host = directory.display().to_string().replace('/', "%2F");
    let url = format!("postgres://postgres@{host}/{{}}");
    let began = std::time::Instant::now();
    while PgConnection::establish(&url.replace("{}", "postgres")).is_err() {
        assert!(began.elapsed().as_secs() < 60, "the server never answered");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Some(Server { url })
}

/// Whether there is a server.
pub fn is_there() -> bool {
    server().is_some()
}

/// A new database, by its URL.
pub fn create_database() -> Option<String> {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let server = server()?;
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let name = format!("updown_test_{}_{number}", std::process::id());
    let mut maintenance =
        PgConnection::establish(&server.url.replace("{}", "postgres")).expect("the server answers");
    maintenance.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    Some(server.url.replace("{}", &name))
}

/// Drops a database that [`create_database`] made, with whoever is still connected to it. A test that
/// has failed must be heard of, and not this.
pub fn drop_database(url: &str) {
    if let Some(server) = server()
        && let Ok(mut maintenance) = PgConnection::establish(&server.url.replace("{}", "postgres"))
        && let Some((_, name)) = url.rsplit_once('/')
    {
        let _ = maintenance.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// The fixture on a new PostgreSQL database, and a second pair of eyes on that.
pub fn fixture(project: &str) -> Option<(Fixture, Database)> {
    is_there().then(|| {
        let fixture = Store::Postgres.fixture(project);
        let database = fixture.database();
        (fixture, database)
    })
}
