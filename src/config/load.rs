//! The configuration as the command line has it: what the places say, put together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::address::{self, Address};
use super::vars::{Vars, switch};
use super::{Config, duration, file, workspace_root};
use crate::error::Error;
use crate::mode::Environment;
use crate::project::Project;

impl Config {
    /// Reads what is configured: the process's environment, over `.env.{ENV}`, over `.env`, over `updown.toml`,
    /// all at the workspace's root. [`.env.example`] has every variable: `ENV`, `AUTO_MIGRATE`, `FORCE_MIGRATION`,
    /// `SERVICE`, `DATABASE_URL` and so on. Where a store has no URL, its parts are one: `DB_HOST`, `DB_PORT`,
    /// `DB_USER`, `DB_PASSWORD`, `DB_NAME` and `DB_SSLMODE` for `DATABASE_URL`, `AUDIT_HOST` and so on for
    /// `AUDIT_URL`.
    ///
    /// `.env.{ENV}` is read where something says which environment it is. The root is that of the workspace which
    /// holds the migrations crate where the program runs inside of it, else the current directory. Files of a parent
    /// directory are never read.
    ///
    /// [`.env.example`]: https://github.com/updown-rs/updown/blob/main/.env.example
    ///
    /// # Errors
    /// [`Error::Usage`] for a value that makes no sense, [`Error::Io`] for a file that cannot be read.
    pub fn load(project: &Project) -> Result<Self, Error> {
        Self::load_under(project, BTreeMap::new())
    }

    /// The same, where the command line says something: that goes over everything else.
    pub(crate) fn load_under(project: &Project, typed: BTreeMap<String, String>) -> Result<Self, Error> {
        let root = root(project.manifest_dir)?;
        let vars = Self::vars(&root, project, typed)?;
        Self::of(root, project, &vars)
    }

    /// What is said in the current directory, for a command that has no project yet.
    #[cfg(feature = "cli")]
    pub(crate) fn vars_here(typed: BTreeMap<String, String>) -> Result<Vars, Error> {
        let (root, mut vars) = (root("")?, Vars::of(typed));
        let above = vars.layers.len();
        vars.add_file(&root, ".env", above)?;
        // Stores that it names may be those of a program. What is wrong with it is said where it is read for good.
        if let Ok(values) = file::read(&root, &Project::at("", "").unlisted("main")) {
            vars.add(file::NAME, values);
        }
        Ok(vars)
    }

    pub(super) fn vars(
        root: &Path,
        project: &Project,
        typed: BTreeMap<String, String>,
    ) -> Result<Vars, Error> {
        let mut vars = Vars::of(typed);
        let above = vars.layers.len();
        vars.add_file(root, ".env", above)?;
        vars.add(file::NAME, file::read(root, project)?);
        let Some(name) = vars.get("ENV") else {
            return Ok(vars);
        };
        let environment = Environment::parse(&name)?;
        // By its whole name, or as it is written.
        for file in [format!(".env.{environment}"), format!(".env.{name}")] {
            if !vars.add_file(root, &file, above)? {
                continue;
            }
            return match vars.layers[above].get("ENV") {
                Some(other) if other != name && other != environment.name() => Err(Error::usage(
                    format!("{file} says ENV={other}, and is read in {environment} alone"),
                    format!("take ENV out of {file}"),
                )),
                _ => Ok(vars),
            };
        }
        Ok(vars)
    }

    pub(super) fn of(root: PathBuf, project: &Project, vars: &Vars) -> Result<Self, Error> {
        let mut urls = BTreeMap::new();
        let (mut unclear, mut doubts) = (BTreeMap::new(), BTreeMap::new());
        for store in &project.stores {
            let name = store.name.clone();
            match address::of(vars, store) {
                Ok(Address { url, doubt }) => {
                    urls.extend(url.map(|url| (name.clone(), url)));
                    doubts.extend(doubt.map(|doubt| (name, doubt)));
                }
                // An error where the store is reached: another one can be run alone.
                Err(why) => drop(unclear.insert(name, why)),
            }
        }
        let service = vars.get("SERVICE").or_else(|| project.service.clone());
        let mut config = Self::from_parts(root, urls, vars.get("ENV"), service)?;
        let misspelt = vars.misspelt();
        if !misspelt.is_empty() {
            // Of no store.
            doubts.insert(String::new(), misspelt.join("; "));
        }
        (config.unclear, config.doubts) = (unclear, doubts);
        config.auto_migrate = vars.parsed("AUTO_MIGRATE", switch)?;
        config.actor = vars.get("UPDOWN_ACTOR");
        config.ledger_schema = vars.get("UPDOWN_LEDGER_SCHEMA");
        config.statement_timeout = vars.parsed("UPDOWN_STATEMENT_TIMEOUT", duration)?;
        config.timeout = vars.parsed("UPDOWN_TIMEOUT", duration)?;
        config.migration_timeout = vars.parsed("UPDOWN_MIGRATION_TIMEOUT", duration)?;
        let count = |text: &str| text.parse().map_err(|_| "write a number".to_owned());
        set(&mut config.lock_retries, vars.parsed("UPDOWN_LOCK_RETRIES", count)?);
        set(&mut config.lock_timeout, vars.parsed("UPDOWN_LOCK_TIMEOUT", duration)?);
        set(&mut config.health_timeout, vars.parsed("UPDOWN_HEALTH_TIMEOUT", duration)?);
        set(&mut config.wait_for_lock, vars.parsed("UPDOWN_WAIT_FOR_LOCK", duration)?);
        set(&mut config.wait_for_database, vars.parsed("UPDOWN_WAIT_FOR_DATABASE", duration)?);
        set(&mut config.force_migration, vars.parsed("FORCE_MIGRATION", switch)?);
        set(&mut config.refuses_newer_database, vars.parsed("UPDOWN_REFUSE_NEWER_DATABASE", switch)?);
        set(&mut config.refreshes_schema, vars.parsed("UPDOWN_REFRESH_SCHEMA", switch)?);
        set(&mut config.use_transactions, vars.parsed("UPDOWN_USE_TRANSACTIONS", switch)?);
        set(&mut config.backs_up, vars.parsed("UPDOWN_BACKUP", switch)?);
        if let Some(directory) = vars.get("UPDOWN_BACKUP_DIR") {
            config.backup = config.backup.directory(directory);
        }
        if let Some(command) = vars.get("UPDOWN_BACKUP_COMMAND") {
            config.backup = config.backup.command(&command);
        }
        Ok(config)
    }
}

fn set<T>(value: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *value = said;
    }
}

/// The workspace's root where the program runs inside the workspace that it was built in, else the
/// current directory: a shipped binary must not look into directories of the machine that built it.
pub(super) fn root(manifest_dir: &str) -> Result<PathBuf, Error> {
    let here = std::env::current_dir()
        .map_err(|source| Error::Io { what: "cannot read the current directory".to_owned(), source })?;
    if manifest_dir.is_empty() {
        return Ok(here);
    }
    let root = workspace_root(Path::new(manifest_dir));
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok(if canonical(&here).starts_with(canonical(&root)) { root } else { here })
}
