//! What an application does with its databases when it starts: the decision by `ENV`, `FORCE_MIGRATION` and
//! `AUTO_MIGRATE`, waiting for the databases, the migrations, the declared schema.

use serde::Serialize;

use crate::config::Config;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::mode::Decision;
use crate::plan::Request;
use crate::project::Project;
use crate::reach;
use crate::report::{Event, Report, Reporter};

/// What a start-up did.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Startup {
    /// The environment.
    pub environment: String,
    /// `AUTO_MIGRATE`, or what counts where nobody says it.
    pub auto_migrate: bool,
    /// `FORCE_MIGRATION`.
    pub force_migration: bool,
    /// What these led to, and why, in sentences.
    pub decision: Vec<String>,
    /// The migrations that were applied.
    pub report: Report,
    /// What was added to bring the stores to their declared schemas, in words.
    pub added: Vec<String>,
    /// What differs from the declared schemas still, in words: `updown new NAME --diff` writes the migration.
    pub left: Vec<String>,
}

/// What an application calls when it starts, before it serves: decides by `ENV`, `FORCE_MIGRATION` and
/// `AUTO_MIGRATE` what is done, says so in the log, waits for the databases, and does it.
///
/// ```no_run
/// # mod migrations {
/// #     updown::registry! { pub static MAIN: updown::prelude::SqliteConnection = [] }
/// #     pub fn project() -> updown::Project { updown::project! { main: MAIN } }
/// # }
/// fn main() -> Result<(), updown::Error> {
///     let project = migrations::project();
///     let config = updown::Config::load(&project)?;
///     updown::startup(project, config)?;
///     // … and serve.
///     Ok(())
/// }
/// ```
///
/// | at start-up | migrations | declared schema |
/// | --- | --- | --- |
/// | development (`AUTO_MIGRATE` is true by default) | applied | what is missing is added |
/// | development or test, `AUTO_MIGRATE=false` | not applied | left alone |
/// | test, `AUTO_MIGRATE=true` | applied | what is missing is added |
/// | development or test, `FORCE_MIGRATION=true` | applied | where `AUTO_MIGRATE` is true |
/// | any other environment | not applied | left alone |
/// | any other environment, `FORCE_MIGRATION=true` | applied | left alone |
///
/// A development that nobody named (no `ENV`, local databases) does this on the default `dev.db` alone: a tunnel to
/// production is local too.
///
/// Many replicas may start at once: one migrates, the others wait for it ([`Config::wait_for_lock`]) and go on. A
/// database that is newer than the program, as behind a roll-back of the application, is said and no error, unless
/// [`Config::refuse_newer_database`] is set.
///
/// It blocks until it is done, and may be called from async code: the work is done on a thread of its own. In a
/// server that serves already, give it to `tokio::task::spawn_blocking`. With a [`Migrator`] one has reporters, hooks
/// and a way to cancel: [`Migrator::startup`].
///
/// # Errors
/// As [`Migrator::startup`].
pub fn startup(project: Project, config: Config) -> Result<Startup, Error> {
    Migrator::new(project).with_config(config).startup()
}

impl Migrator {
    /// The same as [`startup`](crate::startup()), with what else a [`Migrator`] has.
    ///
    /// # Errors
    /// [`Error::Unreachable`] where a database cannot be logged in to in time; as [`Migrator::run`]. Where nothing is
    /// to be migrated, what is wrong with a database is a warning: the application finds out by itself.
    pub fn startup(&mut self) -> Result<Startup, Error> {
        // A driver that has a runtime of its own must not start it within another one.
        std::thread::scope(|scope| match scope.spawn(|| self.start()).join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    fn start(&mut self) -> Result<Startup, Error> {
        let config = self.config()?;
        let (meant, _) = reach::meant(&self.project, &config)?;
        let is_guessed = config.inferred && meant.iter().any(|store| !config.is_fallback(&store.url));
        let mode = config.mode(is_guessed);
        let decision = mode.decide();
        let mut started = Startup {
            environment: mode.environment.name().to_owned(),
            auto_migrate: mode.is_auto(),
            force_migration: mode.force_migration,
            decision: decision.in_words(&mode.environment),
            ..Startup::default()
        };
        self.reporter.event(&Event::Configured {
            environment: &started.environment,
            auto_migrate: started.auto_migrate,
            force_migration: started.force_migration,
            decision: &started.decision,
        });
        self.set_startup(true);
        let ended = self.carry_out_startup(decision, &config, &mut started);
        self.set_startup(false);
        ended.map(|()| started)
    }

    fn carry_out_startup(
        &mut self,
        decision: Decision,
        config: &Config,
        started: &mut Startup,
    ) -> Result<(), Error> {
        if !decision.migrates() {
            return match self.plan(&Request::migrate()) {
                Ok(plan) => {
                    self.warn(&plan);
                    if !plan.replacements.is_empty() && !config.dry_run {
                        self.replace_at_startup(config, &mut started.report);
                    }
                    let count = plan.actions.len();
                    if count > 0 {
                        let what =
                            if count == 1 { "1 migration is" } else { &format!("{count} migrations are") };
                        let message = format!(
                            "{what} pending: FORCE_MIGRATION=true or `updown migrate` applies what is"
                        );
                        self.reporter.event(&Event::Warning { message: &message });
                    }
                    Ok(())
                }
                Err(error @ (Error::Usage { .. } | Error::Cancelled { .. })) => Err(error),
                Err(error) if config.refuses_newer_database => Err(error),
                Err(error) => {
                    let message = crate::report::masked(&format!("nothing was migrated, and {error}"));
                    self.reporter.event(&Event::Warning { message: &message });
                    Ok(())
                }
            };
        }
        self.wait()?;
        started.report = self.run(&Request::migrate())?;
        if decision.syncs && !config.dry_run {
            self.sync_at_startup(config, started)?;
        }
        Ok(())
    }

    /// What cannot be entered now is so by the next run: no reason to end a program that only starts.
    fn replace_at_startup(&mut self, config: &Config, report: &mut Report) {
        if let Err(error) = self.replace_alone(config, report) {
            let message = crate::report::masked(&format!("the ledger is as it was: {error}"));
            self.reporter.event(&Event::Warning { message: &message });
        }
    }

    #[cfg(feature = "sync")]
    fn sync_at_startup(&mut self, config: &Config, started: &mut Startup) -> Result<(), Error> {
        // No connection and no lease at every start for what nobody declares.
        if !crate::declared::is_declared_anywhere(&self.project, config) {
            return Ok(());
        }
        for store in self.sync_stores(config)? {
            let of = |words: &str| format!("{}: {words}", store.store);
            started.added.extend(store.added.iter().map(|change| of(&change.words)));
            started
                .left
                .extend(store.left.iter().map(|left| of(&format!("{} ({})", left.words, left.because))));
        }
        for what in &started.added {
            self.reporter.event(&Event::Note { message: &format!("added to {what}") });
        }
        for what in &started.left {
            let message = format!("left in {what}; `updown new NAME --diff` writes the migration");
            self.reporter.event(&Event::Warning { message: &message });
        }
        Ok(())
    }

    #[cfg(not(feature = "sync"))]
    fn sync_at_startup(&mut self, _: &Config, _: &mut Startup) -> Result<(), Error> {
        let message =
            "the declared schema is not looked at: this program has updown without its feature `sync`";
        self.reporter.event(&Event::Note { message });
        Ok(())
    }
}

#[cfg(all(test, feature = "sync", feature = "sqlite"))]
mod tests {
    use diesel::SqliteConnection;

    use super::*;
    use crate::registry::Registry;

    /// As an application does that has the library without its command.
    #[test]
    fn what_is_declared_is_added() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir_all(root.join("migrations/main")).unwrap();
        let declared = "diesel::table! { videos (id) { id -> Integer, title -> Nullable<Text>, } }";
        std::fs::write(root.join("migrations/main/schema.rs"), declared).unwrap();
        let mut config = Config::empty().url("main", &format!("sqlite://{}", root.join("x.db").display()));
        config.root = root.to_owned();
        let project = || Project::of(Registry::<SqliteConnection>::from_migrations(Vec::new()));
        let started = startup(project(), config.clone()).unwrap();
        assert_eq!(started.added, ["main: create table videos (id, title)"]);
        assert!(startup(project(), config.clone()).unwrap().added.is_empty());
        // Neither is it looked at where nobody wants it to be.
        std::fs::write(root.join("migrations/main/schema.rs"), declared.replace("title", "name")).unwrap();
        assert!(startup(project(), config.auto_migrate(false)).unwrap().left.is_empty());
    }
}
