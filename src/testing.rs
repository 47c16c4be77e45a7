//! For the tests of those who use updown: a migrated database of one's own.

use std::path::PathBuf;

use crate::config::Config;
use crate::error::Error;
use crate::lease;
use crate::migrator::Migrator;
use crate::plan::Request;
use crate::project::{Project, StoreKind};
use crate::store::StoreConnection;

/// A database for one test, with every migration applied; gone when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    directory: PathBuf,
    config: Config,
}

/// Makes a database for one test and applies every migration of `project`: an SQLite file for each
/// store, in a temporary directory. Optional stores are left out.
///
/// ```
/// use diesel::prelude::*;
/// use updown::prelude::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let project = updown::Project::of(updown::Registry::<SqliteConnection>::from_migrations(vec![]));
/// let database = updown::testing::database(project)?; // `migrations::project()`
/// let mut conn: SqliteConnection = database.connect("main")?;
/// diesel::sql_query("SELECT 1").execute(&mut conn)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What [`Migrator::run`] returns, and [`Error::Io`] where the directory cannot be made.
pub fn database(project: Project) -> Result<TestDatabase, Error> {
    let directory = std::env::temp_dir().join(format!("updown-test-{}", lease::token()));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&directory)
        .map_err(|source| Error::Io { what: format!("cannot make {}", directory.display()), source })?;
    let mut config = Config::empty().environment(crate::Environment::parse("test")?);
    for store in &project.stores {
        if matches!(store.kind, StoreKind::Registry(_)) && !store.optional {
            config = config.url(&store.name, &format!("sqlite://{}/{}.db", directory.display(), store.name));
        }
    }
    // Made before it is filled, so that a failure removes it too.
    let database = TestDatabase { directory, config };
    Migrator::new(project).with_config(database.config.clone()).run(&Request::migrate())?;
    Ok(database)
}

impl TestDatabase {
    /// A new connection to a store.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such store, [`Error::Store`] where it cannot be opened.
    pub fn connect<C: StoreConnection>(&self, store: &str) -> Result<C, Error> {
        let url = self.url(store)?;
        C::connect(url).map_err(|error| Error::store(store, error))
    }

    /// The URL of a store.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such store.
    pub fn url(&self, store: &str) -> Result<&str, Error> {
        self.config.urls.get(store).map(String::as_str).ok_or_else(|| {
            Error::usage(format!("there is no store {store}"), "name one of the project that is not optional")
        })
    }

    /// The configuration that reaches it, for a [`Migrator`].
    pub fn config(&self) -> Config {
        self.config.clone()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A directory that stays behind in the temporary directory is not worth a panic.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
