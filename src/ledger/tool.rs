//! The tools whose ledgers are taken over: how each is told, and which of its columns say what.

use serde::Serialize;

use super::LEDGER;

/// Another tool whose ledger can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tool {
    /// `__diesel_schema_migrations`.
    Diesel,
    /// `schema_migrations` with one row: the version, and whether its run failed (`dirty`).
    GolangMigrate,
    /// `migration_records` and `schema_versions`, of several services.
    Link,
    /// `schema_migrations` with a `migration_name`, of a script of one's own.
    Script,
    /// `seaql_migrations`.
    SeaOrm,
    /// `_sqlx_migrations`.
    Sqlx,
    /// `refinery_schema_history`.
    Refinery,
    /// `goose_db_version`.
    Goose,
    /// `gocqlx_migrate`, on ScyllaDB and Cassandra.
    Gocqlx,
}

/// Which columns say what, each where the tool has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub version: Option<&'static str>,
    pub name: Option<&'static str>,
    pub at: Option<&'static str>,
    pub checksum: Option<&'static str>,
    /// Whether it went well, or not; see [`super::foreign::recorded`].
    pub flag: Option<&'static str>,
    pub duration: Option<&'static str>,
    pub service: Option<&'static str>,
    /// By which the rows are read, where that says more than the time.
    pub order: Option<&'static str>,
}

impl Tool {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Diesel,
        Self::GolangMigrate,
        Self::Link,
        Self::Script,
        Self::SeaOrm,
        Self::Sqlx,
        Self::Refinery,
        Self::Goose,
        Self::Gocqlx,
    ];

    /// The name, as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Diesel => "diesel",
            Self::GolangMigrate => "golang-migrate",
            Self::Link => "link",
            Self::Script => "script",
            Self::SeaOrm => "sea-orm",
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::Goose => "goose",
            Self::Gocqlx => "gocqlx",
        }
    }

    /// Who made its table, in a sentence.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Script => "a migration script of its own",
            tool => tool.name(),
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The table of its ledger.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Diesel => "__diesel_schema_migrations",
            Self::GolangMigrate | Self::Script => LEDGER,
            Self::Link => "migration_records",
            Self::SeaOrm => "seaql_migrations",
            Self::Sqlx => "_sqlx_migrations",
            Self::Refinery => "refinery_schema_history",
            Self::Goose => "goose_db_version",
            Self::Gocqlx => "gocqlx_migrate",
        }
    }

    /// What its table is called beside ours, where it has the name that ours needs: by itself, or since somebody gave
    /// it that name, as most tools let one.
    pub(crate) const fn table_beside(self) -> Option<&'static str> {
        match self {
            Self::Diesel => Some("schema_migrations_diesel"),
            Self::GolangMigrate => Some("schema_migrations_golang_migrate"),
            Self::Link => Some("schema_migrations_link"),
            Self::Script => Some("schema_migrations_script"),
            Self::SeaOrm => Some("schema_migrations_sea_orm"),
            Self::Sqlx => Some("schema_migrations_sqlx"),
            Self::Refinery => Some("schema_migrations_refinery"),
            Self::Goose => Some("schema_migrations_goose"),
            // It has no other name, and a table of Cassandra cannot be renamed.
            Self::Gocqlx => None,
        }
    }

    /// The columns by which a table is known as its ledger.
    const fn known_by(self) -> &'static [&'static str] {
        match self {
            Self::Diesel => &["version", "run_on"],
            Self::GolangMigrate => &["version", "dirty"],
            Self::Link => &["service", "version", "name", "applied_at", "checksum"],
            Self::Script => &["migration_name"],
            Self::SeaOrm => &["version", "applied_at"],
            Self::Sqlx => {
                &["version", "description", "installed_on", "success", "checksum", "execution_time"]
            }
            Self::Refinery => &["version", "name", "applied_on", "checksum"],
            Self::Goose => &["id", "version_id", "is_applied", "tstamp"],
            Self::Gocqlx => &["name", "checksum", "done", "start_time", "end_time"],
        }
    }

    /// Whether it is one for ScyllaDB and Cassandra, or one for SQL.
    #[cfg(feature = "scylla")]
    pub(crate) const fn speaks_cql(self) -> bool {
        matches!(self, Self::GolangMigrate | Self::Gocqlx)
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) const fn speaks_sql(self) -> bool {
        !matches!(self, Self::Gocqlx)
    }

    /// Whose ledger a table is, by its name and its columns.
    pub(crate) fn of_table(table: &str, columns: &[String]) -> Option<Self> {
        Self::of_columns(columns).filter(|tool| {
            table == tool.table()
                || Some(table) == tool.table_beside()
                || (table == LEDGER && tool.table_beside().is_some())
        })
    }

    /// The same of a table that somebody has named: by its columns. Where they are those of several tools, the one is
    /// meant that has most of them.
    pub(crate) fn of_columns(columns: &[String]) -> Option<Self> {
        let has = |name: &&str| columns.iter().any(|column| column == name);
        let fits = Self::ALL.into_iter().filter(|tool| tool.known_by().iter().all(&has));
        fits.max_by_key(|tool| tool.known_by().len())
    }

    /// Every name that such a table can have.
    pub(crate) fn tables() -> Vec<&'static str> {
        let mut tables: Vec<&str> =
            Self::ALL.iter().flat_map(|tool| [Some(tool.table()), tool.table_beside()]).flatten().collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// Which of the table's columns say what.
    pub(crate) fn columns(self, there: &[String]) -> Columns {
        let none = Columns::default();
        match self {
            Self::Diesel => Columns { version: Some("version"), at: Some("run_on"), ..none },
            Self::GolangMigrate => Columns { version: Some("version"), flag: Some("dirty"), ..none },
            Self::Link => Columns {
                version: Some("version"),
                name: Some("name"),
                at: Some("applied_at"),
                checksum: Some("checksum"),
                service: Some("service"),
                ..none
            },
            Self::Script => {
                let first = |names: &'static [&'static str]| {
                    names.iter().copied().find(|name| there.iter().any(|column| column == name))
                };
                Columns {
                    name: Some("migration_name"),
                    at: first(&["applied_at", "executed_at", "applied_on", "run_at", "created_at"]),
                    checksum: first(&["checksum", "hash", "sha256"]),
                    flag: first(&["success"]),
                    duration: first(&["execution_time_ms", "duration_ms"]),
                    ..none
                }
            }
            Self::SeaOrm => Columns { name: Some("version"), at: Some("applied_at"), ..none },
            Self::Sqlx => Columns {
                version: Some("version"),
                name: Some("description"),
                at: Some("installed_on"),
                checksum: Some("checksum"),
                flag: Some("success"),
                duration: Some("execution_time"),
                ..none
            },
            Self::Refinery => Columns {
                version: Some("version"),
                name: Some("name"),
                at: Some("applied_on"),
                checksum: Some("checksum"),
                ..none
            },
            Self::Goose => Columns {
                version: Some("version_id"),
                at: Some("tstamp"),
                flag: Some("is_applied"),
                order: Some("id"),
                ..none
            },
            Self::Gocqlx => Columns {
                name: Some("name"),
                at: Some("end_time"),
                checksum: Some("checksum"),
                flag: Some("done"),
                ..none
            },
        }
    }
}

impl std::fmt::Display for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_ledger_is_told_by_the_name_and_the_columns_of_its_table() {
        let of = |table: &str, names: &[&str]| Tool::of_table(table, &columns(names));
        assert_eq!(of("schema_migrations", &["version", "dirty"]), Some(Tool::GolangMigrate));
        assert_eq!(of("schema_migrations", &["id", "migration_name", "applied_at"]), Some(Tool::Script));
        assert_eq!(of("schema_migrations", &["version"]), None, "Rails");
        assert_eq!(of("schema_migrations_golang_migrate", &["version", "dirty"]), Some(Tool::GolangMigrate));
        assert_eq!(of("schema_migrations_script", &["version", "dirty"]), None);
        assert_eq!(of("seaql_migrations", &["version", "applied_at"]), Some(Tool::SeaOrm));
        assert_eq!(of("seaql_migrations", &["version"]), None, "not what it has");
        assert_eq!(of("videos", &["version", "dirty"]), None);
        assert_eq!(of("schema_migrations", &["id", "version_id", "is_applied", "tstamp"]), Some(Tool::Goose));
        for tool in Tool::ALL {
            assert_eq!(Tool::of_table(tool.table(), &columns(tool.known_by())), Some(tool));
            assert_eq!(Tool::of_columns(&columns(tool.known_by())), Some(tool));
            assert_eq!(Tool::named(tool.name()), Some(tool));
            assert_eq!(serde_json::to_value(tool).unwrap(), tool.name());
        }
    }

    #[test]
    fn our_own_ledger_is_nobody_elses() {
        let ours = columns(&[
            "id",
            "name",
            "hash",
            "applied_at",
            "batch_no",
            "service",
            "run_id",
            "fingerprint",
            "duration_ms",
        ]);
        assert_eq!(Tool::of_table(LEDGER, &ours), None);
    }

    #[test]
    fn of_a_script_the_columns_that_are_there_are_read() {
        let few = Tool::Script.columns(&columns(&["migration_name"]));
        assert_eq!((few.name, few.at, few.checksum), (Some("migration_name"), None, None));
        let more = Tool::Script.columns(&columns(&["migration_name", "executed_at", "checksum", "success"]));
        assert_eq!(
            (more.at, more.checksum, more.flag),
            (Some("executed_at"), Some("checksum"), Some("success"))
        );
    }
}
