//! The ledgers of other tools, as they make them themselves: their tables, and what they enter for two migrations of
//! three.

use crate::support::{Database, Fixture, Store};

/// What is in each migration; whoever has run the first two has these tables.
pub const UP: [&str; 3] = [
    "CREATE TABLE a (id INT PRIMARY KEY);\n",
    "CREATE TABLE b (id INT PRIMARY KEY);\n",
    "CREATE TABLE c (id INT PRIMARY KEY);\n",
];
const DOWN: [&str; 3] = ["DROP TABLE a;\n", "DROP TABLE b;\n", "DROP TABLE c;\n"];

/// Of the first two, as sqlx makes them.
const SHA_384: [&str; 2] = [
    "f47ed9a3ad271e63b5726190d53a5610790b6915678792ec5d390be9fda7f59f99792d8dd6b5d2609b7b4050e6b4886d",
    "96d475eb335e8bbf365761e2480946eb6e33590f5d28c155047af3af14f092fc3cb93002aa73a3cd3c27e62469443e37",
];
/// And in the shorter form.
const SHA_256: [&str; 2] = [
    "0461af8622a5515aeb91a53b1c7df7d1a8c3812e42a396aafa20c51c4efb9f9d",
    "c82c74fc0484b644432f822a5390a7392e7b0b80bca045d9b66939702774a200",
];

/// A tool with its directory and its ledger.
pub struct Ledger {
    /// As `--from` calls it.
    pub tool: &'static str,
    pub table: &'static str,
    pub files: Vec<(String, String)>,
    /// The names of the three migrations.
    pub names: [&'static str; 3],
    /// Makes the table, on each of the two.
    pub table_sql: [String; 2],
    /// Enters the first two.
    pub rows_sql: [String; 2],
    /// When the first one was applied, where the ledger says.
    pub at: Option<&'static str>,
}

fn pairs(names: [&str; 3]) -> Vec<(String, String)> {
    let files = names.iter().enumerate().flat_map(|(at, name)| {
        [(format!("{name}.up.sql"), UP[at].to_owned()), (format!("{name}.down.sql"), DOWN[at].to_owned())]
    });
    files.collect()
}

fn singles(names: [&str; 3]) -> Vec<(String, String)> {
    names.iter().zip(UP).map(|(name, up)| (format!("{name}.sql"), up.to_owned())).collect()
}

/// The same on both databases.
fn both(sql: &str) -> [String; 2] {
    [sql.to_owned(), sql.to_owned()]
}

/// Every tool that runs on a store.
pub fn ledgers(store: Store) -> Vec<Ledger> {
    let mut all = vec![diesel(), golang_migrate(), sea_orm(), sqlx(), refinery(), goose()];
    if store == Store::Postgres {
        all.extend([link(), script()]);
    }
    all
}

pub fn diesel() -> Ledger {
    let names = ["2024-01-01-000000_a", "2024-01-02-000000_b", "2024-01-03-000000_c"];
    let files = names.iter().enumerate().flat_map(|(at, name)| {
        [(format!("{name}/up.sql"), UP[at].to_owned()), (format!("{name}/down.sql"), DOWN[at].to_owned())]
    });
    let table = "CREATE TABLE __diesel_schema_migrations (
       version VARCHAR(50) PRIMARY KEY NOT NULL,
       run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)";
    Ledger {
        tool: "diesel",
        table: "__diesel_schema_migrations",
        files: files.collect(),
        names,
        table_sql: both(table),
        rows_sql: both(
            "INSERT INTO __diesel_schema_migrations VALUES ('20240101000000', '2024-03-01 10:00:00'), ('20240102000000', '2024-03-01 10:00:05')",
        ),
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

pub fn golang_migrate() -> Ledger {
    let names = ["000001_a", "000002_b", "000003_c"];
    Ledger {
        tool: "golang-migrate",
        table: "schema_migrations",
        files: pairs(names),
        names,
        table_sql: [
            "CREATE TABLE schema_migrations (version uint64,dirty bool);
             CREATE UNIQUE INDEX version_unique ON schema_migrations (version)",
            "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)",
        ]
        .map(str::to_owned),
        rows_sql: [
            "INSERT INTO schema_migrations (version, dirty) VALUES (2, 0)".to_owned(),
            "INSERT INTO schema_migrations (version, dirty) VALUES (2, false)".to_owned(),
        ],
        at: None,
    }
}

pub fn link() -> Ledger {
    let names = ["001_a", "002_b", "003_c"];
    Ledger {
        tool: "link",
        table: "migration_records",
        files: pairs(names),
        names,
        table_sql: ["", "CREATE TABLE migration_records (
    id SERIAL PRIMARY KEY,
    service VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT NOW(),
    checksum VARCHAR NOT NULL
);
CREATE TABLE schema_versions (
    service VARCHAR PRIMARY KEY,
    version INTEGER NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT NOW(),
    description VARCHAR
)"].map(str::to_owned),
        rows_sql: both(&format!(
            "INSERT INTO migration_records (service, version, name, applied_at, checksum) VALUES
             ('chat-svc', 1, 'a', '2024-03-01 10:00:00', '{}'), ('chat-svc', 2, '002_b', '2024-03-01 10:00:05', '{}');
             INSERT INTO schema_versions (service, version) VALUES ('chat-svc', 2)",
            SHA_256[0], SHA_256[1],
        )),
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

pub fn script() -> Ledger {
    let names = ["20240101_000000_a", "20240102_000000_b", "20240103_000000_c"];
    let files = names.iter().enumerate().flat_map(|(at, name)| {
        [(format!("{name}.sql"), UP[at].to_owned()), (format!("{name}_rollback.sql"), DOWN[at].to_owned())]
    });
    Ledger {
        tool: "script",
        table: "schema_migrations",
        files: files.collect(),
        names,
        table_sql: ["", "CREATE TABLE schema_migrations (
    id SERIAL PRIMARY KEY,
    migration_name VARCHAR(255) NOT NULL UNIQUE,
    applied_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    checksum VARCHAR(64)
)"].map(str::to_owned),
        rows_sql: both(&format!(
            "INSERT INTO schema_migrations (migration_name, applied_at, checksum) VALUES
             ('20240101_000000_a', '2024-03-01 12:00:00+02', '{}'), ('20240102_000000_b.sql', '2024-03-01 10:00:05+00', NULL)",
            SHA_256[0],
        )),
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

fn sea_orm() -> Ledger {
    Ledger {
        tool: "sea-orm",
        table: "seaql_migrations",
        // What was a module of Rust is a file here.
        table_sql: both(
            r#"CREATE TABLE "seaql_migrations" ( "version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL )"#,
        ),
        rows_sql: both(
            "INSERT INTO seaql_migrations VALUES ('m20240101_000000_a', 1709287200), ('m20240102_000000_b', 1709287205)",
        ),
        at: Some("2024-03-01T10:00:00.000Z"),
        ..script()
    }
}

pub fn sqlx() -> Ledger {
    let names = ["20240101000000_a", "20240102000000_b", "20240103000000_c"];
    let rows = |yes: &str, bytes: &dyn Fn(&str) -> String| {
        format!(
            "INSERT INTO _sqlx_migrations VALUES (20240101000000, 'a', '2024-03-01 10:00:00', {yes}, {}, 12500000),
             (20240102000000, 'b', '2024-03-01 10:00:05', {yes}, {}, -1)",
            bytes(SHA_384[0]),
            bytes(SHA_384[1]),
        )
    };
    Ledger {
        tool: "sqlx",
        table: "_sqlx_migrations",
        files: singles(names),
        names,
        table_sql: [
            "CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)",
            "CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
)",
        ]
        .map(str::to_owned),
        rows_sql: [
            rows("1", &|hex| format!("x'{hex}'")),
            rows("true", &|hex| format!("decode('{hex}', 'hex')")),
        ],
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

fn refinery() -> Ledger {
    let names = ["V1__a", "V2__b", "V3__c"];
    let table = "CREATE TABLE refinery_schema_history(
             version INT4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255))";
    Ledger {
        tool: "refinery",
        table: "refinery_schema_history",
        files: singles(names),
        names,
        table_sql: both(table),
        rows_sql: both(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES
             (1, 'a', '2024-03-01T12:00:00.000000001+02:00', '4611686018427387904'), (2, 'b', '2024-03-01T10:00:05Z', '17')",
        ),
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

pub fn goose() -> Ledger {
    let names = ["00001_a", "00002_b", "00003_c"];
    let files = names.iter().enumerate().map(|(at, name)| {
        (format!("{name}.sql"), format!("-- +goose Up\n{}\n-- +goose Down\n{}", UP[at], DOWN[at]))
    });
    let rows = |yes: &str, no: &str| {
        format!(
            "INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (0, {yes}, '2024-02-01 10:00:00'),
             (1, {yes}, '2024-02-01 10:00:00'), (2, {yes}, '2024-02-01 10:00:00'), (2, {no}, '2024-03-01 09:00:00'),
             (1, {no}, '2024-03-01 09:00:00'), (1, {yes}, '2024-03-01 10:00:00'), (2, {yes}, '2024-03-01 10:00:05')"
        )
    };
    Ledger {
        tool: "goose",
        table: "goose_db_version",
        files: files.collect(),
        names,
        table_sql: [
            "CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	)",
            "CREATE TABLE goose_db_version (
		id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
		version_id bigint NOT NULL,
		is_applied boolean NOT NULL,
		tstamp timestamp NOT NULL DEFAULT now()
	)",
        ]
        .map(str::to_owned),
        rows_sql: [rows("1", "0"), rows("true", "false")],
        at: Some("2024-03-01T10:00:00.000Z"),
    }
}

impl Ledger {
    /// The same with a table that was given this name, as it stands in SQL.
    pub fn named(mut self, name: &str) -> Self {
        for sql in &mut self.table_sql {
            *sql = sql.replace(&format!("\"{}\"", self.table), name).replace(self.table, name);
        }
        self.rows_sql = self.rows_sql.map(|sql| sql.replace(self.table, name));
        self
    }

    /// Its table alone.
    pub fn make_table(&self, database: &mut Database, store: Store) {
        database.execute(store.either(&self.table_sql[0], &self.table_sql[1]));
    }

    /// As if it had run the first two migrations.
    pub fn make(&self, database: &mut Database, store: Store) {
        self.make_table(database, store);
        database.execute(store.either(&self.rows_sql[0], &self.rows_sql[1]));
        database.execute(UP[0]);
        database.execute(UP[1]);
    }

    /// Its directory, and a database in which the first two migrations were run.
    pub fn fixture(&self, store: Store) -> Fixture {
        let fixture = self.directory(store);
        self.make(&mut fixture.database(), store);
        fixture
    }

    /// Its directory.
    pub fn directory(&self, store: Store) -> Fixture {
        let files: Vec<(&str, &str)> =
            self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        Fixture::of_files(store, &files)
    }
}

/// All there is in a database, with whatever ledgers.
pub fn everything(database: &mut Database, store: Store) -> Vec<String> {
    let (schema, tables) = store.either(
        (
            "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
        ),
        (
            "SELECT c.relname || ' ' || c.relkind::text || coalesce(': ' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), ''), ', ' ORDER BY a.attnum), '') AS line
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE n.nspname = 'public' GROUP BY c.oid, c.relname, c.relkind
             UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
            "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        ),
    );
    // SQLite writes a name in quotes that it has changed.
    let mut lines: Vec<String> = database.lines(schema).iter().map(|line| line.replace('"', "")).collect();
    for table in database.lines(tables) {
        let columns = database.columns(&table);
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let row = store.either(quoted.join(" || ', ' || "), format!("\"{table}\"::text"));
        lines.extend(
            database.lines(&format!("SELECT '{table}: ' || {row} AS line FROM \"{table}\" ORDER BY 1")),
        );
    }
    lines
}
