//! A real PostgreSQL: `POSTGRES_URL` where set, else a cluster of this run's own, that ends with it.

mod cluster;
mod tls;

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

pub use cluster::{Cluster, Options};
pub use tls::Authority;

use super::Fixture;
use super::database::{Line, Number};

/// The URL of the server that the tests share, with `{}` in the place of the database's name. `None`
/// where none can be had, which is said, and is a failure in CI.
fn server() -> Option<&'static str> {
    // Never dropped: the server ends with this process.
    static SERVER: OnceLock<Option<(String, Option<Cluster>)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("POSTGRES_URL") {
        Ok(url) => {
            let (server, _) = url.rsplit_once('/').expect("POSTGRES_URL ends with a database's name");
            Some((format!("{server}/{{}}"), None))
        }
        Err(_) => Cluster::start(&Options::default()).map(|cluster| (cluster.url("{}"), Some(cluster))),
    });
    server.as_ref().map(|(url, _)| url.as_str())
}

/// A database of its own for one test.
pub struct Postgres {
    conn: PgConnection,
    url: String,
}

/// The fixture on a new PostgreSQL database, and a second pair of eyes on that.
pub fn fixture(project: &str) -> Option<(Fixture, Postgres)> {
    Some(on(server()?, project))
}

/// The same on another server, by a URL with `{}` in the place of the database's name.
pub fn on(server: &str, project: &str) -> (Fixture, Postgres) {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let name = format!("updown_test_{}_{number}", std::process::id());
    let mut maintenance =
        PgConnection::establish(&server.replace("{}", "postgres")).expect("the server answers");
    maintenance.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    let url = server.replace("{}", &name);
    let database = Postgres::at(&url);
    (Fixture::new(project).var("DATABASE_URL", &url), database)
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
    pub fn at(url: &str) -> Self {
        Self { conn: PgConnection::establish(url).expect("the database answers"), url: url.to_owned() }
    }

    /// A third pair of eyes, or hands.
    pub fn another(&self) -> Self {
        Self::at(&self.url)
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
