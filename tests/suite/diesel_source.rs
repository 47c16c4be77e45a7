//! Diesel's own way to run migrations, and this one, over the same migrations: each takes what the other has.

use std::path::Path;

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, FileBasedMigrations, MigrationHarness, embed_migrations};
use updown::prelude::*;
use updown::{
    Config, Error, Migration, Migrator, Project, Registry, Request, Selection, SqlDirectory, StoreConnection,
};

use crate::support::{Home, Store};

const EMBEDDED: EmbeddedMigrations = embed_migrations!("tests/sql/diesel");

fn directory() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sql/diesel"))
}

fn files() -> FileBasedMigrations {
    FileBasedMigrations::from_path(directory()).unwrap()
}

/// A connection as an application makes it, with Diesel alone.
trait Connects: Connection + StoreConnection {
    const STORE: Store;

    fn to(home: &Home) -> Self {
        Self::establish(home.url().trim_start_matches("sqlite://")).unwrap()
    }
}

impl Connects for SqliteConnection {
    const STORE: Store = Store::Sqlite;
}

#[cfg(feature = "postgres")]
impl Connects for PgConnection {
    const STORE: Store = Store::Postgres;
}

/// Each test on both, as functions that are generic over the connection.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test::<diesel::SqliteConnection>() })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[test] fn $test() {
                if crate::support::postgres::is_there() {
                    super::$test::<diesel::PgConnection>()
                }
            })*
        }
    };
}

on_both! {
    what_diesel_has_run_is_applied_to_a_registry,
    a_source_of_diesel_is_a_registry,
    every_form_of_migration_is_run_and_reverted_by_diesel,
    what_diesel_cannot_run_is_said,
    what_fails_says_where,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

macro_rules! versions {
    ($conn:expr) => {{
        let sql = "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version";
        let rows: Vec<Line> = diesel::sql_query(sql).load($conn).unwrap();
        rows.into_iter().map(|row| row.line).collect::<Vec<String>>()
    }};
}

/// What the tests ask of a connection, for which Diesel wants a page of bounds where it is generic.
trait Harness: Connects {
    fn run_all<S: MigrationSource<Self::Backend>>(&mut self, source: S) -> diesel::migration::Result<usize>;
    fn is_pending<S: MigrationSource<Self::Backend>>(&mut self, source: S) -> bool;
    fn revert_last<S: MigrationSource<Self::Backend>>(
        &mut self,
        source: S,
    ) -> diesel::migration::Result<String>;
    fn revert_all<S: MigrationSource<Self::Backend>>(
        &mut self,
        source: S,
    ) -> diesel::migration::Result<usize>;
    fn versions(&mut self) -> Vec<String>;
    fn typed() -> Vec<Migration<Self>>;
}

macro_rules! harness {
    ($C:ty) => {
        impl Harness for $C {
            fn run_all<S: MigrationSource<Self::Backend>>(
                &mut self,
                source: S,
            ) -> diesel::migration::Result<usize> {
                Ok(self.run_pending_migrations(source)?.len())
            }
            fn is_pending<S: MigrationSource<Self::Backend>>(&mut self, source: S) -> bool {
                self.has_pending_migration(source).unwrap()
            }
            fn revert_last<S: MigrationSource<Self::Backend>>(
                &mut self,
                source: S,
            ) -> diesel::migration::Result<String> {
                Ok(self.revert_last_migration(source)?.to_string())
            }
            fn revert_all<S: MigrationSource<Self::Backend>>(
                &mut self,
                source: S,
            ) -> diesel::migration::Result<usize> {
                Ok(self.revert_all_migrations(source)?.len())
            }
            fn versions(&mut self) -> Vec<String> {
                versions!(self)
            }
            fn typed() -> Vec<Migration<Self>> {
                vec![
                    Migration::change("m0002_typed", "typed", Typed),
                    Migration::in_steps("m0003_steps", "steps", InSteps),
                    Migration::new("m0004_body", "body", Body),
                ]
            }
        }

        impl Change<$C> for Typed {
            fn change(&self, schema: &mut Schema<$C>) {
                schema.create_table("typed", |t| {
                    t.big_integer("id").primary_key();
                });
            }
        }

        impl Up<Steps<'_, $C>> for InSteps {
            fn up(&self, steps: &mut Steps<'_, $C>) -> Result {
                steps.run("INSERT INTO typed (id) VALUES (1)")?;
                steps.transaction("two", |conn| {
                    Ok(conn.batch_execute("INSERT INTO typed (id) VALUES (2)")?)
                })?;
                steps.batches("three and four", |conn, after: Option<i64>| {
                    let next = after.unwrap_or(2) + 1;
                    if next < 5 {
                        conn.batch_execute(&format!("INSERT INTO typed (id) VALUES ({next})"))?;
                    }
                    Ok((next < 5).then_some(next))
                })?;
                steps.read(|conn| Ok(conn.batch_execute("DELETE FROM typed")?))?;
                // Which no transaction may contain.
                steps.run("VACUUM")
            }
        }
        impl Down<Steps<'_, $C>> for InSteps {
            fn down(&self, steps: &mut Steps<'_, $C>) -> Result {
                steps.raw("empty", |conn| Ok(conn.batch_execute("DELETE FROM typed")?))
            }
        }

        impl Up<$C> for Body {
            fn up(&self, conn: &mut $C) -> Result {
                Ok(conn.batch_execute("INSERT INTO typed (id) VALUES (10)")?)
            }
        }
        impl Down<$C> for Body {
            fn down(&self, conn: &mut $C) -> Result {
                Ok(conn.batch_execute("DELETE FROM typed WHERE id = 10")?)
            }
        }
    };
}

struct Typed;
struct InSteps;
struct Body;

harness!(SqliteConnection);
#[cfg(feature = "postgres")]
harness!(PgConnection);

/// A database, and the directory that it may be in.
fn home<C: Connects>() -> (std::sync::Arc<Home>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Home::new(C::STORE, &directory.path().join("x.db")), directory)
}

fn migrator<C: Connects>(home: &Home, registry: Registry<C>) -> Migrator {
    Migrator::new(Project::of(registry)).with_config(Config::empty().url("main", home.url()))
}

fn what_diesel_has_run_is_applied_to_a_registry<C: Harness>() {
    let (home, _directory) = home::<C>();
    let mut conn = C::to(&home);
    assert_eq!(conn.run_all(files()).unwrap(), 2);
    let taken: Registry<C> = SqlDirectory::at(directory()).registry().unwrap();
    assert!(!conn.is_pending(&taken), "the same versions");
    assert_eq!(conn.versions(), ["20240101000000", "20240102000000"]);
    // Each undoes what the other has done.
    assert_eq!(conn.revert_last(&taken).unwrap(), "20240102000000");
    assert_eq!(conn.run_all(&taken).unwrap(), 1);
    assert_eq!(conn.revert_all(files()).unwrap(), 2);
    assert!(!home.database().has("users") && conn.versions().is_empty());
}

fn a_source_of_diesel_is_a_registry<C: Harness>() {
    let (home, _directory) = home::<C>();
    for registry in [Registry::<C>::from_source(EMBEDDED), Registry::from_source(files())] {
        let mut migrator = migrator(&home, registry.unwrap());
        let plan = migrator.plan(&Request::migrate()).unwrap();
        let planned: Vec<(&str, bool)> =
            plan.actions.iter().map(|action| (action.name.as_str(), action.in_steps)).collect();
        // As `metadata.toml` has it.
        assert_eq!(planned, [("2024-01-01-000000_users", false), ("2024-01-02-000000_users_name", true)]);
        assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 2);
        assert!(migrator.is_ready().unwrap());
        let mut by_updown = home.database().schema();
        let (other, _directory) = self::home::<C>();
        C::to(&other).run_all(files()).unwrap();
        let mut by_diesel = other.database().schema();
        by_diesel.retain(|line| !line.contains("__diesel"));
        by_updown.sort();
        by_diesel.sort();
        assert_eq!(by_updown, by_diesel);
        migrator.run(&Request::Rollback(Selection::All)).unwrap();
        assert!(!home.database().has("users"));
    }
}

fn first<C: StoreConnection>() -> Migration<C> {
    Migration::sql("0001_users", "CREATE TABLE users (id BIGINT PRIMARY KEY)", Some("DROP TABLE users"))
}

fn every_form_of_migration_is_run_and_reverted_by_diesel<C: Harness>() {
    let (home, _directory) = home::<C>();
    let list = || {
        let mut list = vec![first::<C>()];
        list.extend(C::typed());
        // With a transaction of its own, which Diesel's has no place for.
        let own = "BEGIN; INSERT INTO users (id) VALUES (1); COMMIT;";
        list.push(Migration::sql("0005_data", own, Some("DELETE FROM users")));
        list
    };
    let registry = Registry::from_migrations(list());
    let mut conn = C::to(&home);
    assert_eq!(conn.run_all(&registry).unwrap(), 5);
    assert_eq!(conn.versions(), ["0001", "0002", "0003", "0004", "0005"]);
    let mut database = home.database();
    let rows = |database: &mut crate::support::Database| {
        ["typed", "users"].map(|table| database.number(&format!("SELECT count(*) AS number FROM {table}")))
    };
    assert_eq!(rows(&mut database), [5, 1], "what was read is not changed");
    assert_eq!(conn.revert_last(&registry).unwrap(), "0005");
    assert_eq!(conn.revert_last(&registry).unwrap(), "0004");
    assert_eq!(rows(&mut database), [4, 0]);
    assert_eq!(conn.run_all(&registry).unwrap(), 2);
    assert_eq!(conn.revert_all(&registry).unwrap(), 5);
    assert!(!database.has("users") && !database.has("typed") && conn.versions().is_empty());
}

fn what_diesel_cannot_run_is_said<C: Harness>() {
    let (home, _directory) = home::<C>();
    let mut conn = C::to(&home);
    let mut said =
        |list: Vec<Migration<C>>| conn.run_all(&Registry::from_migrations(list)).unwrap_err().to_string();
    let sql = |name: &'static str| Migration::sql(name, "SELECT 1", None);
    let repeatable = said(vec![first(), sql("R__views").runs_again()]);
    assert!(repeatable.contains("R__views is repeatable, and Diesel runs each version once"), "{repeatable}");
    let order = said(vec![sql("V9__a"), sql("V10__b")]);
    assert!(order.contains("V10__b would not run behind V9__a"), "{order}");
    let bare = said(vec![sql("a")]);
    assert!(bare.contains("a does not begin with a number"), "{bare}");
    assert!(home.database().schema().iter().all(|line| line.contains("__diesel")), "nothing ran");
    let irreversible = Registry::from_migrations(vec![first(), sql("0002_a")]);
    let mut conn = C::to(&home);
    assert_eq!(conn.run_all(&irreversible).unwrap(), 2);
    let error = conn.revert_last(&irreversible).unwrap_err().to_string();
    assert!(error.contains("it is irreversible: there is no way back beside 0002_a"), "{error}");
    assert_eq!(conn.versions(), ["0001", "0002"]);
}

struct Commits;
impl<C: Harness> Up<C> for Commits {
    fn up(&self, conn: &mut C) -> Result {
        Ok(conn.batch_execute("COMMIT")?)
    }
}
impl<C: Harness> Down<C> for Commits {
    fn down(&self, _: &mut C) -> Result {
        Ok(())
    }
}

fn what_fails_says_where<C: Harness>() {
    let (home, _directory) = home::<C>();
    let bad = || {
        vec![first::<C>(), Migration::sql("0002_bad", "SELECT 1;\n  INSERT INTO nowhere VALUES (1)", None)]
    };
    let mut conn = C::to(&home);
    let error = conn.run_all(&Registry::from_migrations(bad())).unwrap_err().to_string();
    assert!(error.contains("0002_bad:2:3") && error.contains("nowhere"), "{error}");
    assert_eq!(conn.versions(), ["0001"], "what went before it stays, and nothing of it");
    let commits = vec![first::<C>(), Migration::new("0003_commits", "commits", Commits)];
    assert!(conn.run_all(&Registry::from_migrations(commits)).is_err());
    assert_eq!(conn.versions(), ["0001"], "a body that ends its transaction is not entered as applied");
    // The other way round there is only what Diesel says.
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("2024-01-01-000000_bad")).unwrap();
    std::fs::write(directory.path().join("2024-01-01-000000_bad/up.sql"), "INSERT INTO nowhere VALUES (1)")
        .unwrap();
    let source = FileBasedMigrations::from_path(directory.path()).unwrap();
    let (home, _directory) = self::home::<C>();
    let mut migrator = migrator(&home, Registry::<C>::from_source(source).unwrap());
    let Err(Error::Failed(failure)) = migrator.run(&Request::migrate()) else { panic!("it cannot work") };
    assert!(format!("{:#}", failure.source).contains("nowhere"), "{:#}", failure.source);
    assert!(home.database().batches().is_empty());
}

#[test]
fn a_table_is_not_built_anew_with_foreign_keys_on() {
    struct Rebuilt;
    impl Up<SqliteConnection> for Rebuilt {
        fn up(&self, conn: &mut SqliteConnection) -> Result {
            let sql = "CREATE TABLE other (id BIGINT PRIMARY KEY); DROP TABLE users; ALTER TABLE other RENAME TO users";
            Ok(conn.batch_execute(sql)?)
        }
        fn options(&self) -> Options {
            Options::new().foreign_keys_off()
        }
    }
    let (home, _directory) = home::<SqliteConnection>();
    let list = || vec![first(), Migration::irreversible("0002_rebuilt", "rebuilt", Rebuilt, "it is rebuilt")];
    let registry = Registry::from_migrations(list());
    let mut conn = SqliteConnection::to(&home);
    conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    let error = conn.run_all(&registry).unwrap_err().to_string();
    assert!(error.contains("it has to run with foreign keys off"), "{error}");
    assert_eq!(conn.versions(), ["0001"]);
    conn.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    assert_eq!(conn.run_all(&registry).unwrap(), 1);
}
