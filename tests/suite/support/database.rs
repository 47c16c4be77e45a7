//! What one sees of a database with a connection of one's own, on each store.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use updown::AnyConnection;

use super::catalog;
use super::{Home, Store};

/// A second pair of eyes on a database.
pub struct Database {
    conn: AnyConnection,
    #[cfg(feature = "postgres")]
    url: String,
    /// A database that goes with its test stays as long as somebody looks at it.
    _home: Option<Arc<Home>>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Database {
    /// By a URL as the fixture has it. Not by the engine's own way to connect, which is what is tested.
    pub fn open(url: &str) -> Self {
        let conn = match url.strip_prefix("sqlite://") {
            Some(path) => {
                let mut conn = SqliteConnection::establish(path).expect("it opens");
                conn.batch_execute("PRAGMA busy_timeout = 5000").expect("it answers");
                AnyConnection::Sqlite(conn)
            }
            #[cfg(feature = "postgres")]
            None => AnyConnection::Pg(PgConnection::establish(url).expect("the database answers")),
            #[cfg(not(feature = "postgres"))]
            None => panic!("{url} is on no store of this build"),
        };
        Self {
            conn,
            #[cfg(feature = "postgres")]
            url: url.to_owned(),
            _home: None,
        }
    }

    /// With what it looks at, which stays as long.
    pub fn of(home: &Arc<Home>) -> Self {
        Self { _home: Some(home.clone()), ..Self::open(home.url()) }
    }

    /// A third pair of eyes, or hands.
    #[cfg(feature = "postgres")]
    pub fn another(&self) -> Self {
        Self { _home: self._home.clone(), ..Self::open(&self.url) }
    }

    pub fn store(&self) -> Store {
        if matches!(self.conn, AnyConnection::Sqlite(_)) { Store::Sqlite } else { Store::Postgres }
    }

    pub fn execute(&mut self, sql: &str) {
        self.conn.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// The one column `line` of a query.
    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> =
            diesel::sql_query(sql).load(&mut self.conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    /// The one value `number` of a query.
    pub fn number(&mut self, sql: &str) -> i64 {
        let row: Number = diesel::sql_query(sql)
            .get_result(&mut self.conn)
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        row.number
    }

    /// Whatever there is but the ledger: tables, indexes, views and the rest, as the catalog has them.
    pub fn schema(&mut self) -> Vec<String> {
        self.lines(match self.store() {
            Store::Sqlite => catalog::SQLITE,
            Store::Postgres => catalog::POSTGRES,
        })
    }

    /// The names of a table's columns.
    pub fn columns(&mut self, table: &str) -> Vec<String> {
        self.lines(&match self.store() {
            Store::Sqlite => format!("SELECT name AS line FROM pragma_table_info('{table}')"),
            Store::Postgres => format!(
                "SELECT column_name::text AS line FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        })
    }

    /// Schema, data and ledger, but for times and numbers that differ from run to run.
    pub fn dump(&mut self) -> Vec<String> {
        let mut lines = self.schema();
        let tables = self.lines(match self.store() {
            Store::Sqlite => catalog::SQLITE_TABLES,
            Store::Postgres => catalog::POSTGRES_TABLES,
        });
        for table in tables {
            let row = match self.store() {
                Store::Sqlite => self
                    .columns(&table)
                    .iter()
                    .map(|column| format!("quote(\"{column}\")"))
                    .collect::<Vec<_>>()
                    .join(" || ', ' || "),
                Store::Postgres => format!("\"{table}\"::text"),
            };
            lines.extend(
                self.lines(&format!("SELECT '{table}: ' || {row} AS line FROM \"{table}\" ORDER BY 1")),
            );
        }
        lines.extend(self.ledger());
        if self.has("schema_migrations_journal") {
            lines.extend(self.lines("SELECT 'journal: ' || name AS line FROM schema_migrations_journal"));
        }
        lines
    }

    pub fn has(&mut self, table: &str) -> bool {
        let catalog = match self.store() {
            Store::Sqlite => "sqlite_master WHERE name",
            Store::Postgres => "pg_class WHERE relname",
        };
        self.number(&format!("SELECT count(*) AS number FROM {catalog} = '{table}'")) > 0
    }

    /// Names and hashes, in the order of application.
    pub fn ledger(&mut self) -> Vec<String> {
        if !self.has("schema_migrations") {
            return Vec::new();
        }
        self.lines("SELECT name || ' ' || hash AS line FROM schema_migrations ORDER BY id")
    }

    /// `name@batch`, in the order of application.
    pub fn batches(&mut self) -> Vec<String> {
        self.lines("SELECT name || '@' || batch_no AS line FROM schema_migrations ORDER BY id")
    }

    /// `name outcome`, oldest first.
    pub fn history(&mut self) -> Vec<String> {
        self.lines("SELECT name || ' ' || outcome AS line FROM schema_migrations_history ORDER BY id")
    }

    /// As if its holder had not renewed it for years.
    pub fn expire_lease(&mut self) {
        self.execute("UPDATE schema_migrations_lease SET expires_at = '2020-01-01T00:00:00.000Z'");
    }

    /// Holds the lease for `by`, as long as this connection lives.
    pub fn hold_lease(&mut self, by: &str) {
        // A backend that is not there would hold nothing.
        let process = match self.store() {
            Store::Sqlite => "NULL",
            Store::Postgres => {
                "(SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid())"
            }
        };
        self.execute(&format!(
            "UPDATE schema_migrations_lease SET owner = 'other', held_by = '{by}', process = {process},
             since = '2020-01-01T00:00:00.000Z', expires_at = '2999-01-01T00:00:00.000Z'"
        ));
    }

    pub fn free_lease(&mut self) {
        self.execute("UPDATE schema_migrations_lease SET owner = NULL");
    }

    /// How many seconds of the lease were left when the migration ended.
    pub fn lease_behind(&mut self, name: &str) -> i64 {
        let seconds = match self.store() {
            Store::Sqlite => "CAST(round((julianday(l.expires_at) - julianday(h.at)) * 86400) AS INTEGER)",
            Store::Postgres => "round(extract(epoch FROM l.expires_at - h.at))::bigint",
        };
        self.number(&format!(
            "SELECT {seconds} AS number FROM schema_migrations_lease l, schema_migrations_history h WHERE h.name = '{name}'"
        ))
    }

    /// How many connections wait for a lock inside the database, where one can tell.
    pub fn waiting(&mut self) -> i64 {
        match self.store() {
            Store::Sqlite => 0,
            Store::Postgres => self.number(
                "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
            ),
        }
    }

    /// Refuses every change of the row `id` of `table`, by a trigger `stop` that says so.
    pub fn refuse_updates(&mut self, table: &str, id: i64, why: &str) {
        self.execute(&match self.store() {
            Store::Sqlite => format!(
                "CREATE TRIGGER stop BEFORE UPDATE ON {table} WHEN old.id = {id} BEGIN SELECT RAISE(ABORT, '{why}'); END"
            ),
            Store::Postgres => format!(
                "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$;
                 CREATE TRIGGER stop BEFORE UPDATE ON {table} FOR EACH ROW WHEN (old.id = {id}) EXECUTE FUNCTION stop()"
            ),
        });
    }

    pub fn allow_updates(&mut self, table: &str) {
        self.execute(&match self.store() {
            Store::Sqlite => "DROP TRIGGER stop".to_owned(),
            Store::Postgres => format!("DROP TRIGGER stop ON {table}; DROP FUNCTION stop()"),
        });
    }
}
