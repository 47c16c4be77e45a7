//! A registry as a source of migrations for Diesel, for those who stay with its harness and its ledger.

use std::fmt;

use anyhow::Context as _;
use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration as OfDiesel, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion,
};

use super::unjournaled::Unjournaled;
use crate::migration::{DownBody, Migration, UpBody, digits_of};
use crate::registry::{BadList, Registry};
#[cfg(feature = "schema")]
use crate::schema::Already;
use crate::steps::Steps;
use crate::store::{Database, StoreConnection};
use crate::traits::Options;

/// `conn.run_pending_migrations(&MAIN)` of the crate `diesel_migrations`: each migration runs as Diesel runs its own,
/// and is entered into Diesel's ledger. Its version are the digits that its name begins with, as Diesel takes them:
/// `0002` of `m0002_create_videos`, `20240101000000` of `2024-01-01-000000_a`.
///
/// ```
/// use diesel_migrations::MigrationHarness;
/// use updown::prelude::*;
/// use updown::{Migration, Registry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let registry: Registry<SqliteConnection> = Registry::from_migrations(vec![Migration::sql(
///     "0001_videos",
///     "CREATE TABLE videos (id INTEGER)",
///     Some("DROP TABLE videos"),
/// )]);
/// # use diesel::Connection;
/// let mut conn = SqliteConnection::establish(":memory:")?;
/// assert_eq!(conn.run_pending_migrations(&registry)?.len(), 1);
/// assert!(!conn.has_pending_migration(&registry)?);
/// conn.revert_last_migration(&registry)?;
/// # Ok(())
/// # }
/// ```
///
/// There is no journal then: a migration in steps that was interrupted begins anew. A limit of time in its options does
/// not count. What is repeatable is an error, since Diesel runs a version once.
impl<C: StoreConnection + diesel::Connection> MigrationSource<C::Backend> for &Registry<C> {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn OfDiesel<C::Backend>>>> {
        let migrations = Registry::migrations(self).map_err(in_words)?;
        let mut versioned: Vec<ForDiesel<C>> = Vec::with_capacity(migrations.len());
        for migration in migrations {
            let migration = ForDiesel::of(migration)?;
            if let Some(before) = versioned.last() {
                migration.check_behind(before)?;
            }
            versioned.push(migration);
        }
        Ok(versioned.into_iter().map(|migration| Box::new(migration) as _).collect())
    }
}

type Boxed = Box<dyn std::error::Error + Send + Sync>;

fn in_words(bad: BadList) -> Boxed {
    format!("{}; {}", bad.message, bad.hint).into()
}

/// What only an error can say to Diesel, in one line with its causes.
fn whole(error: anyhow::Error) -> Boxed {
    format!("{error:#}").into()
}

struct ForDiesel<C> {
    migration: Migration<C>,
    name: Name,
    runs: Runs,
}

struct Name {
    name: String,
    version: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.version)
    }
}

struct Runs {
    in_transaction: bool,
}

impl MigrationMetadata for Runs {
    fn run_in_transaction(&self) -> bool {
        self.in_transaction
    }
}

impl<C: StoreConnection + diesel::Connection> ForDiesel<C> {
    fn of(migration: Migration<C>) -> Result<Self, Boxed> {
        let name = migration.name.to_string();
        if migration.is_repeatable {
            return Err(format!(
                "{name} is repeatable, and Diesel runs each version once: leave it out of this registry, or run it with updown"
            )
            .into());
        }
        let Some(version) = digits_of(&name) else {
            return Err(
                format!("{name} does not begin with a number, by which Diesel knows a migration").into()
            );
        };
        // Asked before there is a connection: whatever is in steps on one of them.
        let is_in_steps =
            C::DATABASES.iter().filter(|database| !database.changes_in_steps()).any(|database| {
                let on = on(migration.clone(), *database);
                matches!(on.up, UpBody::Steps(_)) || matches!(on.down, DownBody::Steps(_))
            });
        let runs = Runs { in_transaction: !is_in_steps };
        Ok(Self { migration, name: Name { name, version }, runs })
    }

    /// Diesel has them in the order of their versions as texts.
    fn check_behind(&self, before: &Self) -> Result<(), Boxed> {
        if self.name.version > before.name.version {
            return Ok(());
        }
        Err(format!(
            "{} would not run behind {}: Diesel orders versions as texts, and {:?} does not come behind {:?}; \
             numbers of one length do, as in `0009` and `0010`",
            self.name, before.name, self.name.version, before.name.version
        )
        .into())
    }

    fn carry_out(
        &self,
        conn: &mut dyn BoxableConnection<C::Backend>,
        does: impl FnOnce(Migration<C>, &mut C) -> crate::Result,
    ) -> diesel::migration::Result<()> {
        let Some(conn) = conn.downcast_mut::<C>() else {
            let wanted = std::any::type_name::<C>();
            return Err(
                format!("{} is written for a {wanted}, and this connection is none", self.name).into()
            );
        };
        let migration = on(self.migration.clone(), conn.kind());
        does(migration, conn).map_err(whole)
    }
}

fn on<C: StoreConnection>(migration: Migration<C>, database: Database) -> Migration<C> {
    #[cfg(feature = "schema")]
    return migration.on(database, false, &Already::default());
    #[cfg(not(feature = "schema"))]
    migration.on(database, false)
}

/// Where the harness did not open a transaction, since the other way, or another database, wants none. The savepoint is
/// the engine's: a body that ends its transaction is caught by it, and what has failed is looked for behind it.
fn in_transaction<C: StoreConnection + diesel::Connection>(
    conn: &mut C,
    is_open: bool,
    body: impl FnOnce(&mut C) -> crate::Result,
) -> crate::Result {
    let guarded = |conn: &mut C| {
        conn.send("SAVEPOINT updown")?;
        body(conn)?;
        conn.send("RELEASE SAVEPOINT updown").context("the body ended the transaction that it runs in")
    };
    if is_open { guarded(conn) } else { conn.transaction(guarded) }
}

/// SQLite would ignore the pragma in Diesel's transaction, and a table that is built anew lose the rows of others.
fn check_foreign_keys<C: StoreConnection>(conn: &mut C, options: Options) -> crate::Result {
    if options.foreign_keys_off && conn.has_foreign_keys_on()? {
        anyhow::bail!(
            "it has to run with foreign keys off, and Diesel's transaction is open already: \
             `PRAGMA foreign_keys = OFF` before the migrations run, and `ON` behind them"
        );
    }
    Ok(())
}

impl<C: StoreConnection + diesel::Connection> OfDiesel<C::Backend> for ForDiesel<C> {
    fn run(&self, conn: &mut dyn BoxableConnection<C::Backend>) -> diesel::migration::Result<()> {
        self.carry_out(conn, |migration, conn| match migration.up {
            UpBody::Transaction(body) => {
                check_foreign_keys(conn, body.options())?;
                in_transaction(conn, self.runs.in_transaction, |conn| body.up(conn))
            }
            UpBody::Steps(body) => body.up(&mut Steps { journal: &mut Unjournaled { conn } }),
            _ => unreachable!("`on` has made bodies of it"),
        })
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<C::Backend>) -> diesel::migration::Result<()> {
        self.carry_out(conn, |migration, conn| match migration.down {
            DownBody::Transaction(body) => {
                check_foreign_keys(conn, body.options())?;
                in_transaction(conn, self.runs.in_transaction, |conn| body.down(conn))
            }
            DownBody::Steps(body) => body.down(&mut Steps { journal: &mut Unjournaled { conn } }),
            DownBody::Irreversible(because) => Err(anyhow::anyhow!("it is irreversible: {because}")),
            _ => unreachable!("`on` has made bodies of it"),
        })
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.runs
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}
