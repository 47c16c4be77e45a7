//! A backup before a run: of each store that it touches, under the leases, before the first migration. Where one
//! fails, nothing is migrated.

mod place;
#[cfg(feature = "postgres")]
mod postgres;
mod taken;
mod tool;

use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::Utc;

use crate::cancel::{Cancel, Stop};
use crate::config::Config;
use crate::error::{BackupFailure, Error, Refusal, Rule};
use crate::execute::millis;
use crate::lease::Claim;
use crate::ledger::{Attempt, Direction, Outcome, Write, timestamp};
use crate::migrator::{Migrator, asking};
use crate::plan::{Action, stores_of};
use crate::reach::{self, Reached};
use crate::report::{Event, Report, Reporter, masked};
use crate::store::Database;
use place::Place;
#[cfg(all(feature = "postgres", feature = "cli"))]
pub(crate) use postgres::Dump;
pub use taken::TakenBackup;
use tool::{Ended, Tool};

/// How backups are taken: by what belongs to the database, or by a command of yours.
///
/// On PostgreSQL that is `pg_dump`, on SQLite a copy that SQLite itself makes. CockroachDB, ScyllaDB and Cassandra
/// have a way of their own, which has to be called by a command.
///
/// ```
/// use updown::{Backup, Config};
///
/// let config = Config::empty().backup(Backup::new().directory("/var/backups/shop"));
/// let config = config.backup(Backup::new().command("/usr/local/bin/snapshot-the-volume"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Backup {
    directory: Option<PathBuf>,
    command: Option<String>,
}

impl Backup {
    /// By what belongs to the database, into `backups` at the workspace's root.
    pub fn new() -> Self {
        Self::default()
    }

    /// Into this directory; a relative one is meant from the workspace's root. It is made where it is missing,
    /// for its owner alone.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// By this command, which `sh` runs for each store. In its environment are `DATABASE_URL` with the URL of that
    /// store, `UPDOWN_STORE`, `UPDOWN_SERVICE`, `UPDOWN_ENVIRONMENT`, and `UPDOWN_BACKUP_FILE`: a command that
    /// names it has to write there. Any other exit code than 0 stops the run.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.command = Some(command.to_owned());
        self
    }

    fn method(&self, database: Database) -> Option<Method<'_>> {
        match (&self.command, database) {
            (Some(command), _) => Some(Method::Command(command)),
            (None, Database::Postgres) => Some(Method::PgDump),
            (None, Database::Sqlite) => Some(Method::Copy),
            (None, Database::Cockroach | Database::Scylla) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method<'a> {
    PgDump,
    Copy,
    Command(&'a str),
}

impl Method<'_> {
    /// As the history has it.
    const fn word(self) -> &'static str {
        match self {
            Self::PgDump => "pg_dump",
            Self::Copy => "copy",
            Self::Command(_) => "command",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::PgDump => "dump",
            Self::Copy => "db",
            Self::Command(_) => "backup",
        }
    }
}

/// Why there is no backup.
enum Failed {
    Because {
        why: String,
        said: Option<String>,
        hint: String,
    },
    Stopped(Stop),
    /// The store did not let it be taken.
    Store(Error),
}

impl Failed {
    fn io(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::Because {
            why: format!("cannot {what} {}: {error}", path.display()),
            said: None,
            hint:
                "name a directory that this user may write with `UPDOWN_BACKUP_DIR`, and where there is room"
                    .to_owned(),
        }
    }

    fn of(name: &str, ended: Ended, hint: impl FnOnce(Option<&str>) -> String) -> Self {
        match ended {
            Ended::Stopped(stop) => Self::Stopped(stop),
            Ended::NotStarted(error) => Self::Because {
                why: format!("`{name}` cannot be started: {error}"),
                said: None,
                hint: hint(None),
            },
            Ended::Failed { how, said } => {
                Self::Because { why: format!("`{name}` {how}"), hint: hint(Some(&said)), said: Some(said) }
            }
        }
    }
}

/// Refuses a run with backups where nobody has said how one is taken.
pub fn check(config: &Config, stores: &[Reached], actions: &[Action]) -> Result<(), Error> {
    if !config.backs_up {
        return Ok(());
    }
    for index in stores_of(actions) {
        let store = &stores[index];
        let database = kind(store);
        if config.backup.method(database).is_some() {
            continue;
        }
        let with = match database {
            Database::Cockroach => "`BACKUP INTO '…'`, sent by `cockroach sql`",
            _ => "`nodetool snapshot` on each node",
        };
        return Err(Error::Refused(Box::new(Refusal {
            rule: Rule::Backup,
            store: store.name.clone(),
            names: Vec::new(),
            message: format!(
                "a backup was asked for, and how one of store {} is taken is not known: {database} has a way of its own",
                store.name
            ),
            hint: format!(
                "set `UPDOWN_BACKUP_COMMAND` to what takes it: {with}; or go without, `UPDOWN_BACKUP=false`"
            ),
        })));
    }
    Ok(())
}

/// Which database it is, or is treated as.
fn kind(store: &Reached) -> Database {
    #[cfg(feature = "postgres")]
    if crate::store::url::simulated(&store.url).is_some() {
        return Database::Cockroach;
    }
    store.session.database()
}

impl Migrator {
    /// Takes a backup of each store that the plan touches, where that was asked for.
    pub(crate) fn back_up(
        &mut self,
        stores: &mut [Reached],
        actions: &[Action],
        batch_no: i64,
        claim: &Claim,
        config: &Config,
        report: &mut Report,
    ) -> Result<(), Error> {
        if !config.backs_up {
            return Ok(());
        }
        for index in stores_of(actions) {
            // What another store's backup took may have been too long for this one's lease.
            let mut asking = asking(claim, config, &self.cancel, &mut self.reporter);
            reach::claim_again(stores, index, &mut asking)?;
            let store = &mut stores[index];
            let Some(method) = config.backup.method(kind(store)) else { continue };
            self.reporter.event(&Event::BackingUp { store: &store.name, by: method.word() });
            let began = Instant::now();
            let at = timestamp(Utc::now());
            let place = take(store, method, claim, config, &self.cancel).map_err(|failed| match failed {
                Failed::Stopped(stop) => stop.into(),
                Failed::Store(error) => error,
                Failed::Because { why, said, hint } => Error::Backup(Box::new(BackupFailure {
                    store: store.name.clone(),
                    why: masked(&why),
                    said: said.filter(|said| !said.is_empty()),
                    hint,
                    report: Report::default(),
                })),
            })?;
            let duration_ms = millis(began);
            let goes_up =
                actions.iter().any(|action| action.store_index == index && action.direction == Direction::Up);
            let attempt = Attempt {
                name: "backup".to_owned(),
                direction: if goes_up { Direction::Up } else { Direction::Down },
                outcome: Outcome::BackedUp,
                at,
                batch_no,
                run_id: claim.owner.clone(),
                duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
                hash: String::new(),
                by: claim.by.clone(),
                app_version: self.project.version.clone(),
                detail: Some(format!("{}: {place}", method.word())),
                before: None,
            };
            let recorded = store
                .session
                .record(&[Write::Attempt(attempt.clone())])
                // What came in while it was taken is behind it.
                .map(|()| drop(store.session.position(true)))
                .and_then(|()| store.look());
            recorded.map_err(|error| Error::store(&store.name, error))?;
            store.claimed = Some(Instant::now());
            self.reporter.event(&Event::BackedUp { store: &store.name, place: &place, duration_ms });
            if let Some(taken) =
                TakenBackup::of(&attempt, &store.name, &store.url, self.url_var(&store.name), true)
            {
                report.backups.retain(|backup| backup.store != store.name);
                report.backups.push(taken);
            }
        }
        Ok(())
    }

    /// The last backup of each store that the plan touches, which is not in the report yet.
    pub(crate) fn name_backups(
        &self,
        stores: &mut [Reached],
        touched: impl IntoIterator<Item = usize>,
        backups: &mut Vec<TakenBackup>,
    ) {
        /// So many of the newest rows are looked through.
        const LOOKED_AT: usize = 1000;
        for index in touched {
            let Reached { name, url, session, .. } = &mut stores[index];
            if backups.iter().any(|backup| backup.store == *name) {
                continue;
            }
            // It is named beside something else, which an error here must not take the place of.
            let history = session.history(LOOKED_AT).unwrap_or_default();
            let last = history.iter().find(|attempt| attempt.outcome == Outcome::BackedUp);
            backups.extend(last.and_then(|row| TakenBackup::of(row, name, url, self.url_var(name), false)));
        }
    }

    /// The same for what rolls back, where backups may be expected: a run in development is not made slower.
    pub(crate) fn name_backups_of(
        &self,
        stores: &mut [Reached],
        actions: &[Action],
        config: &Config,
        backups: &mut Vec<TakenBackup>,
    ) {
        let goes_down = actions.iter().any(|action| action.direction == Direction::Down);
        if goes_down && (config.backs_up || !config.environment.is_relaxed()) {
            self.name_backups(stores, stores_of(actions), backups);
        }
    }

    fn url_var(&self, store: &str) -> &str {
        let entry = self.project.stores.iter().find(|entry| entry.name == store);
        entry.map_or("DATABASE_URL", |entry| &entry.url_var)
    }
}

/// Takes one, and checks that it can be read. Returns where it is.
fn take(
    store: &mut Reached,
    method: Method<'_>,
    claim: &Claim,
    config: &Config,
    cancel: &Cancel,
) -> Result<String, Failed> {
    let directory = config.root.join(config.backup.directory.as_deref().unwrap_or(Path::new("backups")));
    let names = [store.name.as_str(), config.service.as_str()];
    let place = Place::prepare(&directory, names, &claim.owner, method.ending())
        .map_err(|error| Failed::io("write", &directory, &error))?;
    let tool = Tool { cancel, secrets: tool::secrets(&store.url) };
    match method {
        Method::PgDump => dump(store, &place, &tool, config)?,
        Method::Copy => {
            let copied = store.session.copy_to(place.partial());
            copied.map_err(|error| Failed::Because {
                why: error.to_string(),
                said: None,
                hint: "make room, or name another directory with `UPDOWN_BACKUP_DIR`; then the same command again"
                    .to_owned(),
            })?;
        }
        Method::Command(command) => {
            let mut shell = tool.shell(command);
            shell
                .env("DATABASE_URL", &store.url)
                .env("UPDOWN_STORE", &store.name)
                .env("UPDOWN_SERVICE", &config.service)
                .env("UPDOWN_ENVIRONMENT", config.environment.name())
                .env("UPDOWN_BACKUP_FILE", place.partial());
            let hint = |_: Option<&str>| "run `UPDOWN_BACKUP_COMMAND` by hand to see why".to_owned();
            held(store, || tool.run(&mut shell))?
                .map_err(|ended| Failed::of(&masked(command), ended, hint))?;
            if !place.is_there() && !command.contains("UPDOWN_BACKUP_FILE") {
                return Ok(masked(command));
            }
        }
    }
    if let Some(stop) = cancel.stop() {
        return Err(Failed::Stopped(stop));
    }
    if !place.is_there() {
        return Err(Failed::Because {
            why: "it ended without an error, and wrote nothing".to_owned(),
            said: None,
            hint: "write the backup to \"$UPDOWN_BACKUP_FILE\"".to_owned(),
        });
    }
    let finished = place.finish().map_err(|error| Failed::io("keep what is in", &directory, &error))?;
    Ok(finished.display().to_string())
}

/// Does something while the store's lease is renewed.
fn held<T>(store: &mut Reached, mut job: impl FnMut() -> T) -> Result<T, Failed> {
    let mut done = None;
    let ended = store.session.while_held(&mut || done = Some(job()));
    match (ended, done) {
        (Ok(()), Some(done)) => Ok(done),
        (Err(error), _) => Err(Failed::Store(Error::store(&store.name, error))),
        (Ok(()), None) => Err(Failed::Store(Error::store(&store.name, crate::error::StoreError::LeaseLost))),
    }
}

#[cfg(feature = "postgres")]
fn dump(store: &mut Reached, place: &Place, tool: &Tool<'_>, config: &Config) -> Result<(), Failed> {
    let of = postgres::Dump::new(&store.url, config.environment.is_relaxed())
        .map_err(|error| Failed::Store(Error::store(&store.name, error)))?;
    held(store, || of.write(place, tool))?
}

#[cfg(not(feature = "postgres"))]
fn dump(_: &mut Reached, _: &Place, _: &Tool<'_>, _: &Config) -> Result<(), Failed> {
    unreachable!("there is no store of PostgreSQL in this build")
}
