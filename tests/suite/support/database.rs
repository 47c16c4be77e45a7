//! What one sees of an SQLite database with a connection of one's own.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// A second pair of eyes on a database.
pub struct Database(SqliteConnection);

#[derive(QueryableByName)]
pub struct Line {
    #[diesel(sql_type = Text)]
    pub line: String,
}

#[derive(QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

impl Database {
    pub fn open(path: &Path) -> Self {
        let mut conn = SqliteConnection::establish(path.to_str().expect("text")).expect("it opens");
        conn.batch_execute("PRAGMA busy_timeout = 5000").expect("it answers");
        Self(conn)
    }

    pub fn execute(&mut self, sql: &str) {
        self.0.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// The one column `line` of a query.
    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> =
            diesel::sql_query(sql).load(&mut self.0).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    /// The one value `number` of a query.
    pub fn number(&mut self, sql: &str) -> i64 {
        let row: Number =
            diesel::sql_query(sql).get_result(&mut self.0).unwrap_or_else(|error| panic!("{error}: {sql}"));
        row.number
    }

    /// Every table, index and view but the ledger's, as it was written.
    pub fn schema(&mut self) -> Vec<String> {
        self.lines(
            "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master
             WHERE tbl_name NOT LIKE 'schema\\_migrations%' ESCAPE '\\'
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name",
        )
    }

    /// Schema, data and ledger, but for times and numbers that differ from run to run.
    pub fn dump(&mut self) -> Vec<String> {
        let mut lines = self.schema();
        let tables = self.lines(
            "SELECT name AS line FROM sqlite_master WHERE type = 'table'
             AND name NOT LIKE 'schema\\_migrations%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        );
        for table in tables {
            let columns = self
                .lines(&format!(
                    "SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"
                ))
                .join(" || ', ' || ");
            lines.extend(
                self.lines(&format!("SELECT '{table}: ' || {columns} AS line FROM \"{table}\" ORDER BY 1")),
            );
        }
        lines.extend(self.ledger());
        if self.has("schema_migrations_journal") {
            lines.extend(self.lines("SELECT 'journal: ' || name AS line FROM schema_migrations_journal"));
        }
        lines
    }

    pub fn has(&mut self, table: &str) -> bool {
        self.number(&format!("SELECT count(*) AS number FROM sqlite_master WHERE name = '{table}'")) > 0
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
}
