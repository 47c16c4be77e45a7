//! Any of Diesel's sources of migrations as a registry.

use std::borrow::Cow;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::connection::BoxableConnection;
use diesel::migration::{Migration as OfDiesel, MigrationSource};

use crate::error::Error;
use crate::migration::{DownBody, Migration, UpBody};
use crate::registry::{Registry, unique};
use crate::steps::Steps;
use crate::store::StoreConnection;
use crate::traits::{Down, Result, Up};

impl<C: StoreConnection + diesel::Connection> Registry<C> {
    /// The registry that a `MigrationSource` of Diesel is: `embed_migrations!`, `FileBasedMigrations`, or one of an
    /// application's own. In the order of their versions, as Diesel runs them.
    ///
    /// ```
    /// # use updown::prelude::*;
    /// use updown::Registry;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = tempfile::tempdir()?;
    /// # std::fs::create_dir(directory.path().join("2024-01-01-000000_a"))?;
    /// # std::fs::write(directory.path().join("2024-01-01-000000_a/up.sql"), "SELECT 1")?;
    /// # let path = directory.path();
    /// // or `const MIGRATIONS: EmbeddedMigrations = embed_migrations!();`
    /// let source = diesel_migrations::FileBasedMigrations::from_path(path)?;
    /// let registry: Registry<SqliteConnection> = Registry::from_source(source)?;
    /// # let _ = registry;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Such a migration says nothing of what it does: its hash is over its name, so that no change of it is noticed, and
    /// where it fails there is no line. One that does not run in a transaction is a single step, and a run that is killed
    /// inside it has to be settled by `updown resolve`. Where the files are there, [`SqlDirectory`](crate::SqlDirectory)
    /// reads them itself, and has all of that.
    ///
    /// # Errors
    /// [`Error::Usage`] where the source cannot be read, or two of its migrations have one name.
    pub fn from_source<S>(source: S) -> Result<Self, Error>
    where
        S: MigrationSource<C::Backend> + Send + Sync + 'static,
    {
        let source = Arc::new(source);
        let mut listed = source.migrations().map_err(|error| {
            Error::usage(
                format!("the source of migrations cannot be read: {error}"),
                "see what it is made of: a directory has a folder with `up.sql` for each migration",
            )
        })?;
        listed.sort_by(|one, other| one.name().version().cmp(&other.name().version()));
        let migrations: Vec<Migration<C>> =
            listed.iter().map(|migration| migration_of(&source, &**migration)).collect();
        unique(&migrations)?;
        Ok(Self::of_ordered(migrations))
    }
}

fn migration_of<C, S>(source: &Arc<S>, migration: &dyn OfDiesel<C::Backend>) -> Migration<C>
where
    C: StoreConnection + diesel::Connection,
    S: MigrationSource<C::Backend> + Send + Sync + 'static,
{
    let name = migration.name().to_string();
    let body = Arc::new(Body { source: source.clone(), name: name.clone() });
    let (up, down) = match migration.metadata().run_in_transaction() {
        true => (UpBody::Transaction(body.clone() as _), DownBody::Transaction(body as _)),
        false => (UpBody::Steps(body.clone() as _), DownBody::Steps(body as _)),
    };
    Migration::of_bodies(name.clone(), Cow::Owned(name), up, down)
}

/// Diesel's migrations cannot be sent to another thread, and their source can: it is asked when one runs.
struct Body<S> {
    source: Arc<S>,
    name: String,
}

impl<S> Body<S> {
    fn with<DB: Backend>(
        &self,
        does: impl FnOnce(&dyn OfDiesel<DB>) -> diesel::migration::Result<()>,
    ) -> Result
    where
        S: MigrationSource<DB>,
    {
        let all = self.source.migrations().map_err(|error| anyhow::anyhow!(error))?;
        let found = all.iter().find(|migration| migration.name().to_string() == self.name);
        let found =
            found.ok_or_else(|| anyhow::anyhow!("the source does not have {} any more", self.name))?;
        does(&**found).map_err(|error| anyhow::anyhow!(error))
    }
}

fn boxable<C: diesel::Connection + 'static>(conn: &mut C) -> &mut dyn BoxableConnection<C::Backend> {
    conn
}

impl<C, S> Up<C> for Body<S>
where
    C: StoreConnection + diesel::Connection,
    S: MigrationSource<C::Backend>,
{
    fn up(&self, conn: &mut C) -> Result {
        self.with(|migration| migration.run(boxable(conn)))
    }
}

impl<C, S> Down<C> for Body<S>
where
    C: StoreConnection + diesel::Connection,
    S: MigrationSource<C::Backend>,
{
    fn down(&self, conn: &mut C) -> Result {
        self.with(|migration| migration.revert(boxable(conn)))
    }
}

impl<C, S> Up<Steps<'_, C>> for Body<S>
where
    C: StoreConnection + diesel::Connection,
    S: MigrationSource<C::Backend>,
{
    fn up(&self, steps: &mut Steps<'_, C>) -> Result {
        steps.raw(&self.name, |conn| self.with(|migration| migration.run(boxable(conn))))
    }
}

impl<C, S> Down<Steps<'_, C>> for Body<S>
where
    C: StoreConnection + diesel::Connection,
    S: MigrationSource<C::Backend>,
{
    fn down(&self, steps: &mut Steps<'_, C>) -> Result {
        steps.raw(&self.name, |conn| self.with(|migration| migration.revert(boxable(conn))))
    }
}
