//! A real PostgreSQL: `POSTGRES_URL` where set, else a cluster of this run's own, that ends with it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::Fixture;
use super::database::{Line, Number};

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
    // The shell outlives these tests by a moment: it ends the server when its input ends, also where
    // the tests are killed.
    let script = format!(
        "{}/postgres -D data -k {directory} -c listen_addresses= -c fsync=off -c max_connections=200 \
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

/// A database of its own for one test.
pub struct Postgres {
    conn: PgConnection,
    url: String,
}

/// The fixture on a new PostgreSQL database, and a second pair of eyes on that.
pub fn fixture(project: &str) -> Option<(Fixture, Postgres)> {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let server = server()?;
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let name = format!("updown_test_{}_{number}", std::process::id());
    let mut maintenance =
        PgConnection::establish(&server.url.replace("{}", "postgres")).expect("the server answers");
    maintenance.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    let url = server.url.replace("{}", &name);
    let conn = PgConnection::establish(&url).expect("the database answers");
    Some((Fixture::new(project).var("DATABASE_URL", &url), Postgres { conn, url }))
}

/// The fixture, or the end of the test where no server can be had.
macro_rules! fixture_or_skip {
    ($project:expr) => {
        match $crate::support::postgres::fixture($project) {
            Some(made) => made,
            None => return,
        }
    };
}
pub(crate) use fixture_or_skip;

impl Postgres {
    /// A third pair of eyes, or hands.
    pub fn another(&self) -> Self {
        Self {
            conn: PgConnection::establish(&self.url).expect("the database answers"),
            url: self.url.clone(),
        }
    }

    pub fn execute(&mut self, sql: &str) {
        self.conn.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> =
            diesel::sql_query(sql).load(&mut self.conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    pub fn number(&mut self, sql: &str) -> i64 {
        let row: Number = diesel::sql_query(sql)
            .get_result(&mut self.conn)
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        row.number
    }

    pub fn has(&mut self, name: &str) -> bool {
        self.number(&format!("SELECT count(*) AS number FROM pg_class WHERE relname = '{name}'")) > 0
    }

    pub fn batches(&mut self) -> Vec<String> {
        self.lines("SELECT name || '@' || batch_no AS line FROM schema_migrations ORDER BY id")
    }

    pub fn history(&mut self) -> Vec<String> {
        self.lines("SELECT name || ' ' || outcome AS line FROM schema_migrations_history ORDER BY id")
    }

    /// Columns, indexes and constraints, data of `items`, ledger and journal.
    pub fn dump(&mut self) -> Vec<String> {
        let mut lines = self.lines(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'schema\\_migrations%' ORDER BY 1",
        );
        lines.extend(self.lines(
            "SELECT i.indexrelid::regclass || ' ' || i.indisvalid || ' ' || pg_get_indexdef(i.indexrelid) AS line FROM pg_index i
             JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relname NOT LIKE 'schema\\_migrations%' ORDER BY 1",
        ));
        if self.has("items") {
            lines.extend(self.lines("SELECT i::text AS line FROM items i ORDER BY id"));
        }
        if self.has("schema_migrations") {
            lines.extend(self.lines("SELECT name || ' ' || hash AS line FROM schema_migrations ORDER BY id"));
            lines.extend(self.lines("SELECT 'journal ' || name AS line FROM schema_migrations_journal"));
        }
        lines
    }
}
