//! What can be typed.

mod options;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::duration;
pub use options::*;

const EXIT_CODES: &str = "\
Exit codes:
  0  done                    4  locked by another run
  1  failed                  5  refused by a safety rule
  2  wrong usage             101  the project did not build
  3  pending or different    130, 143  ended by a signal

Environment: DATABASE_URL, or DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME, DB_SSLMODE; for a store audit
AUDIT_URL, or AUDIT_HOST and so on; ENV, SERVICE, UPDOWN_ACTOR, UPDOWN_LEDGER_SCHEMA, UPDOWN_LOCK_TIMEOUT,
UPDOWN_LOCK_RETRIES, UPDOWN_STATEMENT_TIMEOUT and more (`updown config` shows them); also read from .env.{ENV},
.env and updown.toml at the workspace's root.";

/// Code-first database migrations.
#[derive(Debug, Parser)]
#[command(name = "updown", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Only this store (may be given more than once)
    #[arg(long, global = true, value_name = "NAME")]
    pub store: Vec<String>,
    /// The URL of the first store, over DATABASE_URL
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// A directory of SQL files as the migrations, without a project
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<String>,
    /// How the files there are named: diesel, golang-migrate, rollback, goose, sqlx, refinery, gocqlx (default: as it
    /// is recognised)
    #[arg(long, global = true, value_name = "NAME", value_parser = a_format)]
    pub format: Option<String>,
    /// Whether that is the format of what is written.
    #[arg(skip)]
    pub exports: bool,
    /// The service whose migrations these are, where several share a database
    #[arg(long, global = true, value_name = "NAME")]
    pub service: Option<String>,
    /// The environment, over ENV: development, test, production, or another name
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Wait so long for another run that holds the lock [default: 60s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = a_duration)]
    pub wait_for_lock: Option<String>,
    /// The schema of the ledger, on databases with schemas (default: the first of the search path)
    #[arg(long, global = true, value_name = "NAME")]
    pub ledger_schema: Option<String>,
    /// Wait so long for one lock of the database [default: 5s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = a_duration)]
    pub lock_timeout: Option<String>,
    /// Try a migration so often again that could not get a lock [default: 5]
    #[arg(long, global = true, value_name = "N")]
    pub lock_retries: Option<u32>,
    /// End a statement of a migration that runs longer
    #[arg(long, global = true, value_name = "DURATION", value_parser = a_duration)]
    pub statement_timeout: Option<String>,
    /// Stop a run that takes longer: its migration is cancelled in the database, and rolled back
    #[arg(long, global = true, value_name = "DURATION", value_parser = a_duration)]
    pub timeout: Option<String>,
    /// The same for each migration
    #[arg(long, global = true, value_name = "DURATION", value_parser = a_duration)]
    pub migration_timeout: Option<String>,
    /// Answer as JSON: one document, or one line for each event of a run
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say how far a long change is, every few seconds, where standard error is no terminal, too
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub progress: bool,
    /// Confirm what would be asked
    #[arg(short, long, global = true)]
    pub yes: bool,
}

/// How to answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Output {
    pub json: bool,
    pub quiet: bool,
    pub verbose: bool,
    pub progress: bool,
}

impl Common {
    /// What was typed, by the variable that it goes over.
    pub fn said(&self) -> BTreeMap<String, String> {
        let said = [
            ("ENV", self.env.clone()),
            ("DATABASE_URL", self.database_url.clone()),
            ("MIGRATIONS_DIR", self.dir.clone()),
            ("MIGRATIONS_FORMAT", self.format.clone().filter(|_| !self.exports)),
            ("SERVICE", self.service.clone()),
            ("UPDOWN_LEDGER_SCHEMA", self.ledger_schema.clone()),
            ("UPDOWN_LOCK_RETRIES", self.lock_retries.map(|retries| retries.to_string())),
            ("UPDOWN_LOCK_TIMEOUT", self.lock_timeout.clone()),
            ("UPDOWN_STATEMENT_TIMEOUT", self.statement_timeout.clone()),
            ("UPDOWN_TIMEOUT", self.timeout.clone()),
            ("UPDOWN_MIGRATION_TIMEOUT", self.migration_timeout.clone()),
            ("UPDOWN_WAIT_FOR_LOCK", self.wait_for_lock.clone()),
        ];
        said.into_iter().filter_map(|(name, said)| said.map(|said| (name.to_owned(), said))).collect()
    }

    pub fn output(&self) -> Output {
        Output { json: self.json, quiet: self.quiet, verbose: self.verbose, progress: self.progress }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a project: a migrations crate with its list and its program
    #[command(after_help = "Example: mkdir shop && cd shop && updown init && make migrate")]
    Init(Init),
    /// Write the next migration and enter it in the list
    #[command(visible_aliases = ["create", "generate"], after_help = "Example: updown new add_user_avatar")]
    New(New),
    /// Move a migration that is not applied yet behind the others
    #[command(after_help = "Example: updown renumber m0007_add_user_avatar")]
    Renumber(Renumber),
    /// Apply what is pending
    #[command(visible_alias = "up", after_help = "Example: updown migrate --dry-run")]
    Migrate(Migrate),
    /// Undo the last batch, or what the options name
    #[command(visible_alias = "down", after_help = "Example: updown rollback --step 2")]
    Rollback(Rollback),
    /// Migrate or roll back to exactly this migration
    #[command(after_help = "Example: updown goto m0004_create_notifications")]
    Goto {
        /// The migration, or its number
        name: String,
        #[command(flatten)]
        first: First,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
    /// Roll the last batch back and apply it again
    #[command(after_help = "Example: updown redo --step 1")]
    Redo(Rollback),
    /// Remove everything in the database and migrate (development and test only)
    #[command(after_help = "Example: updown fresh")]
    Fresh {
        /// With what other services have applied in the same database
        #[arg(long)]
        all_services: bool,
    },
    /// List every migration and how it stands
    #[command(after_help = "Example: updown status --check")]
    Status {
        /// Exit with 3 where something is pending
        #[arg(long)]
        check: bool,
        /// One table of every service that shares the databases
        #[arg(long)]
        all_services: bool,
    },
    /// Ask whether everything is applied, in a single read; exit with 3 where something is pending, with 1 where it
    /// failed or the database cannot be reached
    #[command(after_help = "Example: updown health --json")]
    Health,
    /// Show what a migrate or a rollback would do, without doing it
    #[command(after_help = "Example: updown plan --sql")]
    Plan {
        /// Of a rollback of the last batch
        #[arg(long, conflicts_with_all = ["to", "step"])]
        rollback: bool,
        /// With the SQL of typed changes, and what undoes them
        #[arg(long)]
        sql: bool,
        /// With `--sql`: every migration of the lists, for each kind of database, without connecting
        #[arg(long, requires = "sql", conflicts_with_all = ["to", "step", "rollback", "allow_out_of_order"])]
        all_backends: bool,
        #[command(flatten)]
        range: Range,
    },
    /// Show every attempt: applied, rolled back, failed, resolved
    #[command(after_help = "Example: updown history --limit 50")]
    History {
        /// The newest so many of each store
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
    },
    /// Compare what was applied with what is in the list; exit with 3 where it differs
    #[command(after_help = "Example: updown verify --accept")]
    Verify {
        /// Accept every change in the code, for every database: writes `formerly` into the list
        #[arg(long, conflicts_with = "schema")]
        accept: bool,
        /// Compare the database with what its applied migrations make of a scratch database
        #[arg(long)]
        schema: bool,
        /// Connect to nothing: check the names, numbers, pairs and statements of SQL files
        #[arg(long, conflicts_with_all = ["accept", "schema"])]
        offline: bool,
    },
    /// Write one migration with the whole of an existing database, and record it there as applied
    #[command(after_help = "Example: updown baseline initial_schema")]
    Baseline(Baseline),
    /// Write the migrations as SQL for another tool (`--format diesel` or `--format golang-migrate`), and its ledger
    /// beside the own one
    #[command(after_help = "Example: updown export --format golang-migrate exported")]
    Export {
        /// The directory, which is empty or not there
        directory: PathBuf,
        /// Write nothing into the database
        #[arg(long)]
        no_ledger: bool,
    },
    /// Take a database over that another tool has migrated: enter what its ledger has as applied
    #[command(after_help = "Example: updown adopt --dry-run")]
    Adopt(Adopt),
    /// Write one migration in the place of all up to one: it builds the same schema, and databases on either side of it go
    /// on
    #[command(after_help = "Example: updown squash --to m0010_add_slug --dry-run")]
    Squash(Squash),
    /// Apply, undo and apply each migration again on a scratch database, and compare the schema; exit with 3
    /// where a way back does not undo its migration
    #[command(after_help = "Example: updown check --store main")]
    Check,
    /// The declared schema, and the one of the database
    #[command(after_help = "Example: updown schema diff")]
    Schema {
        #[command(subcommand)]
        command: SchemaCommand,
    },
    /// Show the newest applied migration of each store
    #[command(after_help = "Example: updown version --json")]
    Version,
    /// Settle by hand how a migration stands, or up to where all are applied
    #[command(after_help = "Example: updown resolve m0004_x --applied --reason \"made by hand in May\"")]
    Resolve(Resolve),
    /// Say that the database stands exactly at a migration, without running anything: as `resolve --to`
    #[command(after_help = "Example: updown force 4")]
    Force(Force),
    /// What an application does when it starts: migrate, or not, by ENV, FORCE_MIGRATION and AUTO_MIGRATE
    #[command(after_help = "Example: ENV=production FORCE_MIGRATION=true updown startup")]
    Startup {
        /// Stop before a database that is newer than this program, instead of saying so and going on
        #[arg(long)]
        refuse_newer: bool,
    },
    /// Wait until every store can be logged in to, for as long as `--timeout` says [default: 60s]
    #[command(after_help = "Example: updown wait --timeout 60s")]
    Wait,
    /// Show each value of the configuration, and where it comes from
    #[command(after_help = "Example: updown config --env uat")]
    Config,
    /// Show who holds the lock
    #[command(after_help = "Example: updown lock --release")]
    Lock {
        /// Take it away from whoever holds it
        #[arg(long)]
        release: bool,
    },
    /// Write the completions of a shell
    #[command(after_help = "Example: updown completions bash > /etc/bash_completion.d/updown")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    #[command(after_help = "Example: updown man | man -l -")]
    Man {
        /// One page for each command into this directory, instead of the main one to the terminal
        directory: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Write `schema.rs` from the database to standard output, as `diesel print-schema` does; on ScyllaDB
    /// `schema.cql`
    #[command(after_help = "Example: updown schema print > src/schema.rs")]
    Print {
        /// What is printed, and how (default: the nearest diesel.toml)
        #[arg(long, value_name = "FILE")]
        config_file: Option<PathBuf>,
        /// Into the files that it names, instead
        #[arg(long, conflicts_with = "locked")]
        write: bool,
        /// Print nothing, and exit with 3 where the files are not up to date
        #[arg(long)]
        locked: bool,
    },
    /// Show what differs between the declared schema and the database; exit with 3 where something does
    #[command(after_help = "Example: updown schema diff --store main")]
    Diff,
    /// Apply what is pending, and add what is declared and still missing (development and test only)
    #[command(after_help = "Example: updown schema sync")]
    Sync,
}

/// The same.
fn a_format(text: &str) -> Result<String, String> {
    text.parse::<crate::source::SqlFormat>().map(|_| text.to_owned())
}

/// It is read where the environment's and the files' are: what was typed stays as it is.
fn a_duration(text: &str) -> Result<String, String> {
    duration(text).map(|_| text.to_owned())
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Args::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example: "), "{}", command.get_name());
        }
    }
}
