//! What single commands take.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, ValueEnum};

use super::count;
use crate::ledger::Tool;

#[derive(Debug, clap::Args)]
pub struct Init {
    /// The directory
    #[arg(default_value = ".")]
    pub directory: PathBuf,
    /// Without a first migration: for a database that is there (`updown baseline`)
    #[arg(long)]
    pub empty: bool,
    /// Migrations for SQLite (the default)
    #[arg(long)]
    pub sqlite: bool,
    /// Migrations for PostgreSQL
    #[arg(long, conflicts_with = "sqlite")]
    pub postgres: bool,
    /// Migrations that run on both
    #[arg(long, conflicts_with_all = ["sqlite", "postgres"])]
    pub both: bool,
}

#[derive(Debug, clap::Args)]
pub struct New {
    /// What it does, in words
    pub name: String,
    /// Number it by the time instead of by the next number
    #[arg(long)]
    pub timestamp: bool,
    /// Write two files of SQL, instead of a module
    #[arg(long, conflicts_with_all = ["raw", "diff"])]
    pub sql: bool,
    /// Write `Up` and `Down` by hand, instead of a typed change that knows its way back
    #[arg(long)]
    pub raw: bool,
    /// Write one that runs again whenever it changes, behind all others: for views and functions
    #[arg(long, conflicts_with_all = ["timestamp", "raw", "diff"])]
    pub repeatable: bool,
    /// Write what brings the database from what the migrations make of it to the declared schema
    #[arg(long, conflicts_with = "raw")]
    pub diff: bool,
    /// With `--diff`: what is called otherwise now, and is not another column or table (`videos.title=heading`)
    #[arg(long, value_name = "FROM=TO", requires = "diff")]
    pub rename: Vec<String>,
    /// With `--diff`: nothing else is a rename
    #[arg(long, requires = "diff")]
    pub no_rename: bool,
    /// With `--diff`: let the migration lose what it has to
    #[arg(long, requires = "diff")]
    pub allow_loss: bool,
}

#[derive(Debug, clap::Args)]
pub struct Baseline {
    /// What it is called
    pub name: String,
    /// Number it by the time instead of by the next number
    #[arg(long)]
    pub timestamp: bool,
}

#[derive(Debug, clap::Args)]
pub struct Adopt {
    /// Whose ledger, where there are several; `none` begins an empty one beside them, where they are of something else
    #[arg(long, value_name = "TOOL", value_parser = PossibleValuesParser::new(TOOLS))]
    pub from: Option<String>,
    /// Its table, where it has another name than the tool gives it by itself: NAME, or SCHEMA.NAME
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// How those migrations stand whose runs ended in the middle
    #[arg(long, value_name = "HOW")]
    pub dirty: Option<Dirty>,
    /// Give the database back: remove our ledger, where nothing was done since
    #[arg(long, conflicts_with_all = ["from", "table", "dirty", "dry_run"])]
    pub undo: bool,
    /// Show what would be entered, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// The tools by their names, and that it is none of them.
const TOOLS: [&str; Tool::ALL.len() + 1] = {
    let mut names = ["none"; Tool::ALL.len() + 1];
    let mut at = 0;
    while at < Tool::ALL.len() {
        names[at] = Tool::ALL[at].name();
        at += 1;
    }
    names
};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Dirty {
    /// They are applied: what was missing was done by hand
    Applied,
    /// They are not: nothing of them is left
    NotApplied,
}

#[derive(Debug, clap::Args)]
pub struct Renumber {
    /// The migration
    pub name: String,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Rehearsal {
    /// Really execute it, print every statement, and undo it all
    #[arg(long)]
    pub dry_run: bool,
}

/// What comes before a change.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct First {
    /// Take a backup first, and change nothing where that fails
    #[arg(long, conflicts_with = "dry_run")]
    pub backup: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Range {
    /// Up to and with this one
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = count)]
    pub step: Option<usize>,
    /// Let one run that stands before an applied one
    #[arg(long)]
    pub allow_out_of_order: bool,
}

#[derive(Debug, clap::Args)]
pub struct Squash {
    /// Up to and with this one
    #[arg(long, value_name = "NAME")]
    pub to: String,
    /// Write the rows that the migrations have written on an empty database, too
    #[arg(long, conflicts_with = "without_data")]
    pub with_data: bool,
    /// Leave these rows out
    #[arg(long)]
    pub without_data: bool,
    /// Print the migration, and write and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// At most so many
    #[arg(value_name = "N", value_parser = count, conflicts_with = "step")]
    pub next: Option<usize>,
    #[command(flatten)]
    pub range: Range,
    /// Write no `schema.rs`, and exit with 3 where it is not up to date behind the run
    #[arg(long, conflicts_with = "dry_run")]
    pub locked: bool,
    #[command(flatten)]
    pub first: First,
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

#[derive(Clone, Debug, clap::Args)]
#[command(group = ArgGroup::new("selection").multiple(false))]
pub struct Rollback {
    /// The newest so many
    #[arg(value_name = "N", group = "selection", value_parser = count)]
    pub newest: Option<usize>,
    /// The newest so many
    #[arg(long, value_name = "N", group = "selection", value_parser = count)]
    pub step: Option<usize>,
    /// One batch
    #[arg(long, value_name = "N", group = "selection")]
    pub batch: Option<i64>,
    /// Everything applied after this one
    #[arg(long, value_name = "NAME", group = "selection")]
    pub to: Option<String>,
    /// This one alone
    #[arg(long, value_name = "NAME", group = "selection")]
    pub name: Option<String>,
    /// Everything
    #[arg(long, group = "selection")]
    pub all: bool,
    /// Write no `schema.rs`, and exit with 3 where it is not up to date behind the run
    #[arg(long, conflicts_with = "dry_run")]
    pub locked: bool,
    #[command(flatten)]
    pub first: First,
    #[command(flatten)]
    pub rehearsal: Rehearsal,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("truth").required(true))]
pub struct Resolve {
    /// The migration, or its number
    #[arg(required_unless_present = "to", conflicts_with = "to")]
    pub name: Option<String>,
    /// The database stands exactly here: all up to it are applied, and those behind it are not
    #[arg(long, value_name = "NAME", group = "truth")]
    pub to: Option<String>,
    /// It is applied: enter it without running it
    #[arg(long, group = "truth")]
    pub applied: bool,
    /// It is not applied: take it out without running anything
    #[arg(long, group = "truth")]
    pub rolled_back: bool,
    /// Its content may differ: enter today's hash
    #[arg(long, group = "truth")]
    pub rehash: bool,
    /// What the interrupted step did
    #[arg(long, group = "truth")]
    pub step: Option<Step>,
    /// Why; goes into the history
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub struct Force {
    /// The migration, or its number; -1 where nothing is applied
    #[arg(allow_hyphen_values = true)]
    pub name: String,
    /// Why; goes into the history
    #[arg(long)]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Step {
    /// It took effect: go on behind it
    Done,
    /// It took no effect: run it again
    Again,
}
