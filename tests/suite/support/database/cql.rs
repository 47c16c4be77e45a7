//! ScyllaDB and Cassandra. A keyspace that is not there is an empty one, and is made by whoever writes.

use updown::scylla::ScyllaConnection;
use updown::scylla::driver::deserialize::row::DeserializeRow;
use updown::scylla::driver::value::{Counter, CqlValue, Row};

use super::{Eyes, catalog};

pub struct Cql {
    conn: ScyllaConnection,
    /// It was there, and is in use.
    is_there: bool,
}

/// Of the one service that a project has where it names none.
const SERVICE: &str = "'(default)'";

impl Cql {
    pub fn open(url: &str) -> Self {
        Self { conn: ScyllaConnection::open(url).expect("the server answers"), is_there: false }
    }

    /// Whether the keyspace is there by now.
    fn is_there(&mut self) -> bool {
        if !self.is_there && self.conn.has_keyspace().expect("the server answers") {
            self.conn.use_keyspace().expect("it is there");
            self.is_there = true;
        }
        self.is_there
    }

    /// The rows of a table of the ledger, where there is one.
    fn rows_of<R: for<'r> DeserializeRow<'r, 'r>>(&mut self, table: &str, columns: &str) -> Vec<R> {
        if !self.has(table) {
            return Vec::new();
        }
        self.query(&format!("SELECT {columns} FROM {table}"))
    }

    fn query<R: for<'r> DeserializeRow<'r, 'r>>(&self, cql: &str) -> Vec<R> {
        self.conn.query(cql, ()).unwrap_or_else(|error| panic!("{error}: {cql}"))
    }

    fn catalog(&mut self, what: &str) -> Vec<String> {
        if !self.is_there() {
            return Vec::new();
        }
        self.lines(&format!("{what} WHERE keyspace_name = '{}'", self.conn.url().keyspace))
    }

    /// The lease is in the columns that a partition has once.
    fn set_lease(&mut self, columns: &str) {
        let cql = format!(
            "UPDATE schema_migrations_journal SET {columns} WHERE service = {SERVICE} IF fence != null"
        );
        let set = self.conn.execute_if(&cql, ()).unwrap_or_else(|error| panic!("{error}: {cql}"));
        assert!(set.is_applied(), "there is a lease");
    }
}

impl Eyes for Cql {
    fn execute(&mut self, cql: &str) {
        if !self.is_there() {
            self.conn.create_keyspace("").expect("a keyspace");
            self.is_there = true;
        }
        for cql in cql.split(';') {
            self.conn.execute(cql.trim(), ()).unwrap_or_else(|error| panic!("{error}: {cql}"));
        }
    }

    fn lines(&mut self, cql: &str) -> Vec<String> {
        assert!(self.is_there(), "there is a keyspace");
        let rows: Vec<(String,)> = self.query(cql);
        rows.into_iter().map(|row| row.0).collect()
    }

    fn number(&mut self, cql: &str) -> i64 {
        assert!(self.is_there(), "there is a keyspace");
        let rows: Vec<Row> = self.query(cql);
        match rows[0].columns[0] {
            Some(CqlValue::BigInt(number) | CqlValue::Counter(Counter(number))) => number,
            ref other => panic!("{other:?}: {cql}"),
        }
    }

    fn schema(&mut self) -> Vec<String> {
        let mut lines: Vec<String> = catalog::CQL.iter().flat_map(|what| self.catalog(what)).collect();
        lines.retain(|line| !line.contains("\"schema_migrations"));
        lines
    }

    fn columns(&mut self, table: &str) -> Vec<String> {
        let cql = format!(
            "SELECT column_name FROM system_schema.columns WHERE keyspace_name = '{}' AND table_name = '{table}'",
            self.conn.url().keyspace
        );
        self.lines(&cql)
    }

    fn rows(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for table in self.catalog("SELECT table_name FROM system_schema.tables") {
            if !table.starts_with("schema_migrations") {
                let rows = self.lines(&format!("SELECT JSON * FROM \"{table}\""));
                lines.extend(rows.iter().map(|row| format!("{table}: {row}")));
            }
        }
        lines
    }

    fn has(&mut self, table: &str) -> bool {
        self.catalog("SELECT table_name FROM system_schema.tables").iter().any(|name| name == table)
    }

    fn is_untouched(&mut self) -> bool {
        !self.is_there()
    }

    fn ledger(&mut self) -> Vec<String> {
        let rows: Vec<(String, String)> = self.rows_of("schema_migrations", "name, hash");
        rows.iter().map(|(name, hash)| format!("{name} {hash}")).collect()
    }

    fn batches(&mut self) -> Vec<String> {
        let rows: Vec<(String, i64)> = self.rows_of("schema_migrations", "name, batch_no");
        rows.iter().map(|(name, batch)| format!("{name}@{batch}")).collect()
    }

    fn history(&mut self) -> Vec<String> {
        // Which is kept from the newest to the oldest.
        let rows: Vec<(String, String)> = self.rows_of("schema_migrations_history", "name, outcome");
        rows.iter().rev().map(|(name, outcome)| format!("{name} {outcome}")).collect()
    }

    fn journal(&mut self) -> Vec<String> {
        // A partition without rows is one with nothing but its lease.
        let rows: Vec<(Option<String>,)> = self.rows_of("schema_migrations_journal", "name");
        rows.into_iter().filter_map(|row| row.0).collect()
    }

    /// It goes by itself.
    fn expire_lease(&mut self) {
        self.free_lease();
    }

    fn hold_lease(&mut self, by: &str) {
        self.set_lease(&format!(
            "owner = 'other', held_by = '{by}', process = '', since = '2020-01-01', expires_at = '2999-01-01'"
        ));
    }

    fn free_lease(&mut self) {
        self.set_lease("owner = null, held_by = null, process = null, since = null, expires_at = null");
    }

    fn waiting(&mut self) -> i64 {
        0
    }

    /// There are no triggers in CQL: what a row is found by gets another name.
    fn refuse_updates(&mut self, table: &str) {
        self.execute(&format!("ALTER TABLE {table} RENAME id TO other"));
    }

    fn allow_updates(&mut self, table: &str) {
        self.execute(&format!("ALTER TABLE {table} RENAME other TO id"));
    }
}
