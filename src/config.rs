//! The configuration of a run: environment, URLs, service, and how long to wait.

mod address;
mod vars;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;
use crate::lease;
use crate::mode::Environment;
use crate::project::Project;
use crate::store::url;
use address::Address;
use vars::Vars;

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
    /// Somebody said which service it is; where nobody did, the project may.
    pub(crate) says_service: bool,
    /// `fresh` removes what other services have in the same database, too.
    pub(crate) erases_other_services: bool,
    pub(crate) wait_for_lock: Duration,
    pub(crate) ledger_schema: Option<String>,
    pub(crate) lock_timeout: Duration,
    pub(crate) lock_retries: u32,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) migration_timeout: Option<Duration>,
    pub(crate) allow_out_of_order: bool,
    /// Whether the files that declare the schema come along with a run in development.
    pub(crate) refreshes_schema: bool,
    /// Only these stores.
    pub(crate) only: Vec<String>,
}

impl Config {
    /// Reads process environment and, below it, the file `.env` at the workspace's root:
    /// `DATABASE_URL` and the variables of the other stores, `ENV`, `SERVICE`. Where a store has no URL,
    /// its parts are one: `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME` and `DB_SSLMODE` for
    /// `DATABASE_URL`, `AUDIT_HOST` and so on for `AUDIT_URL`.
    ///
    /// The root is that of the workspace which holds the migrations crate where the program runs
    /// inside of it, else the current directory. A `.env` of a parent directory is never read.
    ///
    /// # Errors
    /// [`Error::Usage`] for a value that makes no sense, [`Error::Io`] for a `.env` that cannot be
    /// read.
    pub fn load(project: &Project) -> Result<Self, Error> {
        Self::load_with(project, None)
    }

    pub(crate) fn load_with(project: &Project, environment: Option<&str>) -> Result<Self, Error> {
        let root = root(project.manifest_dir)?;
        let vars = Vars::read(&root)?;
        let mut urls = BTreeMap::new();
        let (mut unclear, mut doubts) = (BTreeMap::new(), BTreeMap::new());
        for store in &project.stores {
            let name = store.name.clone();
            match address::of(&vars, store) {
                Ok(Address { url, doubt }) => {
                    urls.extend(url.map(|url| (name.clone(), url)));
                    doubts.extend(doubt.map(|doubt| (name, doubt)));
                }
                // An error where the store is reached: another one can be run alone.
                Err(why) => drop(unclear.insert(name, why)),
            }
        }
        let mut config = Self::from_parts(
            root,
            urls,
            environment.map(str::to_owned).or_else(|| vars.get("ENV")),
            vars.get("SERVICE").or_else(|| project.service.clone()),
        )?;
        (config.unclear, config.doubts) = (unclear, doubts);
        config.ledger_schema = vars.get("UPDOWN_LEDGER_SCHEMA");
        config.statement_timeout = vars.parsed("UPDOWN_STATEMENT_TIMEOUT", duration)?;
        config.timeout = vars.parsed("UPDOWN_TIMEOUT", duration)?;
        config.migration_timeout = vars.parsed("UPDOWN_MIGRATION_TIMEOUT", duration)?;
        if let Some(timeout) = vars.parsed("UPDOWN_LOCK_TIMEOUT", duration)? {
            config.lock_timeout = timeout;
        }
        let count = |text: &str| text.parse().map_err(|_| "write a number".to_owned());
        if let Some(retries) = vars.parsed("UPDOWN_LOCK_RETRIES", count)? {
            config.lock_retries = retries;
        }
        let switch = |text: &str| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("write true or false".to_owned()),
        };
        if let Some(refreshes) = vars.parsed("UPDOWN_REFRESH_SCHEMA", switch)? {
            config.refreshes_schema = refreshes;
        }
        Ok(config)
    }

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
            says_service,
            erases_other_services: false,
            wait_for_lock: lease::WAIT,
            ledger_schema: None,
            lock_timeout: Duration::from_secs(5),
            lock_retries: 5,
            statement_timeout: None,
            timeout: None,
            migration_timeout: None,
            allow_out_of_order: false,
            refreshes_schema: true,
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
    /// batches and lease. Goes over [`Project::service`].
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

    /// Runs one store alone.
    #[must_use]
    pub fn only_store(mut self, store: &str) -> Self {
        self.only.push(store.to_owned());
        self
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

/// The workspace's root where the program runs inside the workspace that it was built in, else the
/// current directory: a shipped binary must not look into directories of the machine that built it.
fn root(manifest_dir: &str) -> Result<PathBuf, Error> {
    let here = std::env::current_dir()
        .map_err(|source| Error::Io { what: "cannot read the current directory".to_owned(), source })?;
    if manifest_dir.is_empty() {
        return Ok(here);
    }
    let root = workspace_root(Path::new(manifest_dir));
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok(if canonical(&here).starts_with(canonical(&root)) { root } else { here })
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
mod tests {
    use super::*;

    fn config(urls: &[(&str, &str)], environment: Option<&str>) -> Result<Config, Error> {
        let urls = urls.iter().map(|(store, url)| ((*store).to_owned(), (*url).to_owned())).collect();
        Config::from_parts(PathBuf::from("/app"), urls, environment.map(str::to_owned), None)
    }

    #[test]
    fn the_environment_is_inferred_from_local_urls_alone() {
        assert_eq!(config(&[], None).unwrap().environment.name(), "development");
        assert_eq!(config(&[("main", "sqlite:x.db")], None).unwrap().environment.name(), "development");
        assert_eq!(
            config(&[("main", "postgres://db.example.com/x")], None).unwrap().environment.name(),
            "production"
        );
        assert!(!config(&[], Some("development")).unwrap().inferred);
        assert!(config(&[], Some("prodution")).is_err());
    }

    #[test]
    fn a_relative_path_is_meant_from_the_root() {
        assert_eq!(config(&[], None).unwrap().url("main", "sqlite:x.db").urls["main"], "sqlite:///app/x.db");
        assert_eq!(
            config(&[], None).unwrap().url("main", "sqlite://x.db").urls["main"],
            "sqlite:///app/x.db"
        );
        assert_eq!(
            config(&[], None).unwrap().url("main", "sqlite:///tmp/x.db").urls["main"],
            "sqlite:///tmp/x.db"
        );
        assert_eq!(config(&[], None).unwrap().url("main", "sqlite::memory:").urls["main"], "sqlite::memory:");
    }

    #[test]
    fn durations() {
        for (text, wanted) in
            [("90", 90_000), ("2s", 2_000), ("5m", 300_000), ("1h", 3_600_000), ("250ms", 250)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(wanted)), "{text}");
        }
        for bad in ["", "s", "-1s", "5x", "1.5s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn service_names_are_checked() {
        for good in ["", "ai-svc", "a.b_c9"] {
            assert!(Config::empty().service(good).is_ok(), "{good}");
        }
        for bad in ["a b", "a'b", "../x", "ä", &"x".repeat(64)] {
            assert!(Config::empty().service(bad).is_err(), "{bad}");
        }
    }
}
