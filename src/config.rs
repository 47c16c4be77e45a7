//! The configuration of a run: environment, URLs, service, and how long to wait.

mod address;
#[cfg(feature = "cli")]
pub(crate) mod explained;
mod file;
mod known;
mod load;
mod vars;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::backup::Backup;
use crate::error::Error;
use crate::lease;
use crate::mode::{Environment, Mode};
use crate::store::url;

/// The configuration of a run. [`Config::load`] reads it as the command line does; the other
/// methods change single values.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    pub(crate) root: PathBuf,
    pub(crate) environment: Environment,
    /// Nobody said which environment it is.
    pub(crate) inferred: bool,
    /// URLs by the name of the store.
    pub(crate) urls: BTreeMap<String, String>,
    /// By the name of the store: what makes no sense of its variables, and what to do.
    pub(crate) unclear: BTreeMap<String, (String, String)>,
    /// By the name of the store: what should be known of its variables.
    pub(crate) doubts: BTreeMap<String, String>,
    pub(crate) service: String,
    /// Who runs this, where it is said.
    pub(crate) actor: Option<String>,
    /// `None` where nobody says it: it depends on the environment.
    pub(crate) auto_migrate: Option<bool>,
    pub(crate) force_migration: bool,
    pub(crate) dry_run: bool,
    pub(crate) wait_for_database: Duration,
    /// Somebody said which service it is; where nobody did, the project may.
    pub(crate) says_service: bool,
    /// `fresh` removes what other services have in the same database, too.
    pub(crate) erases_other_services: bool,
    pub(crate) wait_for_lock: Duration,
    pub(crate) ledger_schema: Option<String>,
    pub(crate) lock_timeout: Duration,
    pub(crate) lock_retries: u32,
    pub(crate) use_transactions: bool,
    pub(crate) statement_timeout: Option<Duration>,
    /// How long an answer to whether all is applied may take.
    pub(crate) health_timeout: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) migration_timeout: Option<Duration>,
    pub(crate) allow_out_of_order: bool,
    pub(crate) refuses_newer_database: bool,
    /// Whether an application starts, and a newer database is no error.
    pub(crate) is_startup: bool,
    /// Whether the files that declare the schema come along with a run in development.
    pub(crate) refreshes_schema: bool,
    /// How backups are taken, and whether one comes before each run.
    pub(crate) backup: Backup,
    pub(crate) backs_up: bool,
    /// Only these stores.
    pub(crate) only: Vec<String>,
}

impl Config {
    fn from_parts(
        root: PathBuf,
        mut urls: BTreeMap<String, String>,
        environment: Option<String>,
        service: Option<String>,
    ) -> Result<Self, Error> {
        for url in urls.values_mut() {
            *url = absolute(url, &root);
        }
        let inferred = environment.is_none();
        let environment = match environment {
            Some(name) => Environment::parse(&name)?,
            None if urls.values().all(|url| url::is_local(url)) => Environment::development(),
            None => Environment::production(),
        };
        let says_service = service.is_some();
        let service = service.unwrap_or_default();
        check_service(&service)?;
        Ok(Self {
            root,
            environment,
            inferred,
            urls,
            unclear: BTreeMap::new(),
            doubts: BTreeMap::new(),
            service,
            actor: None,
            auto_migrate: None,
            force_migration: false,
            dry_run: false,
            wait_for_database: Duration::from_secs(60),
            says_service,
            erases_other_services: false,
            wait_for_lock: lease::WAIT,
            ledger_schema: None,
            lock_timeout: Duration::from_secs(5),
            lock_retries: 5,
            use_transactions: true,
            statement_timeout: None,
            health_timeout: Duration::from_secs(3),
            timeout: None,
            migration_timeout: None,
            allow_out_of_order: false,
            refuses_newer_database: false,
            is_startup: false,
            refreshes_schema: true,
            backup: Backup::new(),
            backs_up: false,
            only: Vec::new(),
        })
    }

    /// A configuration without any environment variable: development, no URLs yet.
    pub fn empty() -> Self {
        Self::from_parts(PathBuf::from("."), BTreeMap::new(), Some("development".to_owned()), None)
            .expect("there is nothing in it that could be wrong")
    }

    /// Sets the URL of a store.
    #[must_use]
    pub fn url(mut self, store: &str, url: &str) -> Self {
        self.urls.insert(store.to_owned(), absolute(url, &self.root));
        self.unclear.remove(store);
        self.doubts.remove(store);
        self
    }

    /// Sets the environment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self.inferred = false;
        self
    }

    /// Sets the service: several services may share one database, each with its own ledger rows,
    /// batches and lease. Goes over [`Project::service`](crate::Project::service).
    ///
    /// # Errors
    /// [`Error::Usage`] where the name has other characters than letters, digits, `-`, `_` and `.`,
    /// or more than 63 of them.
    pub fn service(mut self, service: &str) -> Result<Self, Error> {
        check_service(service)?;
        service.clone_into(&mut self.service);
        self.says_service = true;
        Ok(self)
    }

    /// Sets `AUTO_MIGRATE`: whether a start-up in development or test applies what is pending and brings every store
    /// to its declared schema. By default it does in development. No effect in any other environment.
    #[must_use]
    pub fn auto_migrate(mut self, auto: bool) -> Self {
        self.auto_migrate = Some(auto);
        self
    }

    /// Sets `FORCE_MIGRATION`: whether a start-up applies what is pending in every store, in every environment; not
    /// by default.
    #[must_use]
    pub fn force_migration(mut self, force: bool) -> Self {
        self.force_migration = force;
        self
    }

    /// Makes every run a rehearsal: what it does is executed where that can be undone, and undone.
    #[must_use]
    pub fn dry_run(mut self, dry: bool) -> Self {
        self.dry_run = dry;
        self
    }

    /// Refuses to start before a database that is newer than the program, instead of saying so and going on. See
    /// [`startup`](crate::startup).
    #[must_use]
    pub fn refuse_newer_database(mut self, refuse: bool) -> Self {
        self.refuses_newer_database = refuse;
        self
    }

    /// Sets how long a start-up waits until a database can be logged in to; 60 s by default.
    #[must_use]
    pub fn wait_for_database(mut self, wait: Duration) -> Self {
        self.wait_for_database = wait;
        self
    }

    /// Lets [`Request::Fresh`](crate::Request::Fresh) remove what other services have applied in the same database;
    /// without it that is refused.
    #[must_use]
    pub fn fresh_for_all_services(mut self, all: bool) -> Self {
        self.erases_other_services = all;
        self
    }

    /// Sets how long a run waits for another one that holds the lease; 60 s by default.
    #[must_use]
    pub fn wait_for_lock(mut self, wait: Duration) -> Self {
        self.wait_for_lock = wait;
        self
    }

    /// Sets how long one statement waits for a lock of the database; 5 s by default. Whoever waits for a
    /// lock keeps all others waiting behind it: the whole application, where it is that of a table.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// Whether migrations that are SQL files run in one transaction each, where their statements can; by default they
    /// do. Otherwise every statement is a step of its own, as with tools that know no transactions: what was done stays
    /// when a later one fails, and the same command goes on behind it.
    #[must_use]
    pub fn use_transactions(mut self, use_transactions: bool) -> Self {
        self.use_transactions = use_transactions;
        self
    }

    /// Sets how often a migration in a transaction is tried again that could not get a lock on a
    /// server, or lost against another transaction; 5 times by default.
    #[must_use]
    pub fn lock_retries(mut self, retries: u32) -> Self {
        self.lock_retries = retries;
        self
    }

    /// Sets how long one statement of a migration may run on a server; as the server has it by default.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// Sets how long [`Migrator::is_ready`](crate::Migrator::is_ready) waits for an answer of the database; 3 s by
    /// default. Whoever probes should wait a little longer than that.
    #[must_use]
    pub fn health_timeout(mut self, timeout: Duration) -> Self {
        self.health_timeout = timeout;
        self
    }

    /// Sets how long a whole run may take, waiting for others included; as long as it likes by default, and
    /// with zero. A migration that is under way then is cancelled in the database and rolled back.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how long each migration may take; as long as it likes by default, and with zero. One whose
    /// [`Options`](crate::Options) have a `timeout` goes by that.
    #[must_use]
    pub fn migration_timeout(mut self, timeout: Duration) -> Self {
        self.migration_timeout = Some(timeout);
        self
    }

    /// Sets the schema of the ledger on databases that have schemas; by default the first one of the
    /// search path. It is made where it is missing.
    #[must_use]
    pub fn ledger_schema(mut self, schema: &str) -> Self {
        self.ledger_schema = Some(schema.to_owned());
        self
    }

    /// Lets a pending migration run that stands before an applied one, in every environment.
    #[must_use]
    pub fn allow_out_of_order(mut self, allow: bool) -> Self {
        self.allow_out_of_order = allow;
        self
    }

    /// Has a backup taken before each run that changes something. Where it fails, nothing is migrated.
    #[must_use]
    pub fn backup(mut self, backup: Backup) -> Self {
        self.backup = backup;
        self.backs_up = true;
        self
    }

    /// Runs one store alone.
    #[must_use]
    pub fn only_store(mut self, store: &str) -> Self {
        self.only.push(store.to_owned());
        self
    }

    /// What a start-up was told. It `is_guessed` where nobody said which environment it is, and a database is another
    /// one than the default of development.
    pub(crate) fn mode(&self, is_guessed: bool) -> Mode {
        Mode {
            environment: self.environment.clone(),
            auto_migrate: self.auto_migrate,
            force_migration: self.force_migration,
            is_guessed,
        }
    }

    /// The URL of a store; in development, where no store has one at all, the first falls back to what
    /// can be made without a server: `dev.db` at the workspace's root.
    pub(crate) fn url_of(&self, store: &str, fallback: Option<&str>) -> Option<String> {
        if let Some(url) = self.urls.get(store) {
            return Some(url.clone());
        }
        let falls_back = self.urls.is_empty()
            && self.environment.is_development()
            && self.root.join("Cargo.toml").is_file();
        fallback.filter(|_| falls_back).map(|url| absolute(url, &self.root))
    }

    /// Whether the URL is the one that development falls back to.
    pub(crate) fn is_fallback(&self, url: &str) -> bool {
        url == absolute("sqlite:dev.db", &self.root)
    }
}

pub(crate) fn check_service(service: &str) -> Result<(), Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if service.len() <= 63 && service.chars().all(fits) {
        return Ok(());
    }
    Err(Error::usage(
        format!("{service:?} is not the name of a service"),
        "use letters, digits, `-`, `_` and `.`, at most 63 of them",
    ))
}

/// `90`, `90s`, `5m`, `1h`, `250ms`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().map_err(|_| "write it as 250ms, 90s, 5m or 1h".to_owned())?;
    match &text[end..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3600))),
        _ => Err("write it as 250ms, 90s, 5m or 1h".to_owned()),
    }
}

/// A relative SQLite path is meant from the root, wherever the command is typed.
fn absolute(url: &str, root: &Path) -> String {
    let Some((scheme, rest)) = url.split_once(':') else {
        return url.to_owned();
    };
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if !scheme.to_ascii_lowercase().starts_with("sqlite")
        || path.starts_with(['/', ':', '?'])
        || path.is_empty()
    {
        return url.to_owned();
    }
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    format!("{scheme}://{}", root.join(path).display())
}

/// The nearest directory from `dir` upwards whose `Cargo.toml` has a `[workspace]`, else `dir`.
pub(crate) fn workspace_root(dir: &Path) -> PathBuf {
    dir.ancestors()
        .find(|dir| {
            std::fs::read_to_string(dir.join("Cargo.toml"))
                .is_ok_and(|text| text.lines().any(|line| line.trim_start().starts_with("[workspace")))
        })
        .unwrap_or(dir)
        .to_owned()
}

#[cfg(test)]
mod tests;
