//! For the tests of those who use updown: a migrated database of one's own.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;

use crate::config::Config;
use crate::error::Error;
#[cfg(feature = "sqlite")]
use crate::lease;
use crate::migrator::Migrator;
use crate::plan::Request;
use crate::project::{Project, StoreKind};
#[cfg(feature = "postgres")]
use crate::store::Scratch;
use crate::store::StoreConnection;

/// A database for one test, with every migration applied; gone when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    config: Config,
    #[cfg(feature = "sqlite")]
    directory: Option<PathBuf>,
    /// Dropped with this value.
    #[cfg(feature = "postgres")]
    _on_server: Vec<Scratch>,
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
#[cfg(feature = "sqlite")]
pub fn database(project: Project) -> Result<TestDatabase, Error> {
    let directory = std::env::temp_dir().join(format!("updown-test-{}", lease::token()));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&directory)
        .map_err(|source| Error::Io { what: format!("cannot make {}", directory.display()), source })?;
    let mut config = for_tests()?;
    for store in stores(&project) {
        config = config.url(&store, &format!("sqlite://{}/{store}.db", directory.display()));
    }
    // Made before it is filled, so that a failure removes it too.
    let database = TestDatabase {
        config,
        directory: Some(directory),
        #[cfg(feature = "postgres")]
        _on_server: Vec::new(),
    };
    database.filled(project)
}

/// The same on a PostgreSQL server: a new database for each store. `server` is the URL of any database
/// there, for a role that may create others.
///
/// ```no_run
/// use updown::prelude::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let project = updown::Project::of(updown::Registry::<PgConnection>::from_migrations(vec![]));
/// let server = std::env::var("TEST_DATABASE_URL")?;
/// let database = updown::testing::database_on(&server, project)?; // `migrations::project()`
/// let mut conn: PgConnection = database.connect("main")?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What [`Migrator::run`] returns, and [`Error::Store`] where a database cannot be made.
#[cfg(feature = "postgres")]
pub fn database_on(server: &str, project: Project) -> Result<TestDatabase, Error> {
    let mut config = for_tests()?;
    let mut on_server = Vec::new();
    for store in stores(&project) {
        let scratch = Scratch::new(server, "test").map_err(|error| Error::store(&store, error))?;
        config = config.url(&store, &scratch.url());
        on_server.push(scratch);
    }
    let database = TestDatabase {
        config,
        #[cfg(feature = "sqlite")]
        directory: None,
        _on_server: on_server,
    };
    database.filled(project)
}

fn for_tests() -> Result<Config, Error> {
    Ok(Config::empty().environment(crate::Environment::parse("test")?))
}

fn stores(project: &Project) -> Vec<String> {
    let stores = project.stores.iter();
    let needed = stores.filter(|store| matches!(store.kind, StoreKind::Registry { .. }) && !store.optional);
    needed.map(|store| store.name.clone()).collect()
}

impl TestDatabase {
    fn filled(self, project: Project) -> Result<Self, Error> {
        Migrator::new(project).with_config(self.config.clone()).run(&Request::migrate())?;
        Ok(self)
    }

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

#[cfg(feature = "sqlite")]
impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            // A directory that stays behind in the temporary directory is not worth a panic.
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}
