//! SQLite and PostgreSQL, by Diesel.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use updown::AnyConnection;

use super::{Eyes, catalog};

pub struct Sql(AnyConnection);

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

impl Sql {
    /// Not by the engine's own way to connect, which is what is tested.
    pub fn open(url: &str) -> Self {
        Self(match url.strip_prefix("sqlite://") {
            Some(path) => {
                let mut conn = SqliteConnection::establish(path).expect("it opens");
                conn.batch_execute("PRAGMA busy_timeout = 5000").expect("it answers");
                AnyConnection::Sqlite(conn)
            }
            #[cfg(feature = "postgres")]
            None => AnyConnection::Pg(PgConnection::establish(url).expect("the database answers")),
            #[cfg(not(feature = "postgres"))]
            None => panic!("{url} is on no store of this build"),
        })
    }

    fn either<T>(&self, sqlite: T, postgres: T) -> T {
        if matches!(self.0, AnyConnection::Sqlite(_)) { sqlite } else { postgres }
    }
}

impl Eyes for Sql {
    fn execute(&mut self, sql: &str) {
        self.0.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> =
            diesel::sql_query(sql).load(&mut self.0).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    fn number(&mut self, sql: &str) -> i64 {
        let row: Number =
            diesel::sql_query(sql).get_result(&mut self.0).unwrap_or_else(|error| panic!("{error}: {sql}"));
        row.number
    }

    fn schema(&mut self) -> Vec<String> {
        self.lines(self.either(catalog::SQLITE, catalog::POSTGRES))
    }

    fn columns(&mut self, table: &str) -> Vec<String> {
        self.lines(&self.either(
            format!("SELECT name AS line FROM pragma_table_info('{table}')"),
            format!(
                "SELECT column_name::text AS line FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        ))
    }

    fn rows(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for table in self.lines(self.either(catalog::SQLITE_TABLES, catalog::POSTGRES_TABLES)) {
            let columns = self.columns(&table);
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let row = self.either(quoted.join(" || ', ' || "), format!("\"{table}\"::text"));
            lines.extend(
                self.lines(&format!("SELECT '{table}: ' || {row} AS line FROM \"{table}\" ORDER BY 1")),
            );
        }
        lines
    }

    fn has(&mut self, table: &str) -> bool {
        let catalog = self.either("sqlite_master WHERE name", "pg_class WHERE relname");
        self.number(&format!("SELECT count(*) AS number FROM {catalog} = '{table}'")) > 0
    }

    fn ledger(&mut self) -> Vec<String> {
        if !self.has("schema_migrations") {
            return Vec::new();
        }
        self.lines("SELECT name || ' ' || hash AS line FROM schema_migrations ORDER BY id")
    }

    fn batches(&mut self) -> Vec<String> {
        self.lines("SELECT name || '@' || batch_no AS line FROM schema_migrations ORDER BY id")
    }

    fn history(&mut self) -> Vec<String> {
        self.lines("SELECT name || ' ' || outcome AS line FROM schema_migrations_history ORDER BY id")
    }

    fn journal(&mut self) -> Vec<String> {
        if !self.has("schema_migrations_journal") {
            return Vec::new();
        }
        self.lines("SELECT name AS line FROM schema_migrations_journal")
    }

    fn expire_lease(&mut self) {
        self.execute("UPDATE schema_migrations_lease SET expires_at = '2020-01-01T00:00:00.000Z'");
    }

    fn hold_lease(&mut self, by: &str) {
        // A backend that is not there would hold nothing.
        let process = self.either(
            "NULL",
            "(SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid())",
        );
        self.execute(&format!(
            "UPDATE schema_migrations_lease SET owner = 'other', held_by = '{by}', process = {process},
             since = '2020-01-01T00:00:00.000Z', expires_at = '2999-01-01T00:00:00.000Z'"
        ));
    }

    fn free_lease(&mut self) {
        self.execute("UPDATE schema_migrations_lease SET owner = NULL");
    }

    fn waiting(&mut self) -> i64 {
        self.number(self.either(
            "SELECT 0 AS number",
            "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        ))
    }

    fn refuse_updates(&mut self, table: &str) {
        self.execute(&self.either(
            format!(
                "CREATE TRIGGER stop BEFORE UPDATE ON {table} WHEN old.id = 5 BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            ),
            format!(
                "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
                 CREATE TRIGGER stop BEFORE UPDATE ON {table} FOR EACH ROW WHEN (old.id = 5) EXECUTE FUNCTION stop()"
            ),
        ));
    }

    fn allow_updates(&mut self, table: &str) {
        self.execute(&self.either(
            "DROP TRIGGER stop".to_owned(),
            format!("DROP TRIGGER stop ON {table}; DROP FUNCTION stop()"),
        ));
    }
}
