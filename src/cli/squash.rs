//! `updown squash`: what it was asked, and what it says.

use std::process::ExitCode;

use super::args::{self, Common};
use super::human::{self, YELLOW};
use super::json;
use super::printable::printable;
use super::signals;
use super::standalone::Standalone;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::squash::{Data, Squash, Squashed};

pub fn run(migrator: &mut Migrator, asked: args::Squash, common: &Common) -> Result<ExitCode, Error> {
    signals::listen(&migrator.cancel());
    let is_directory = migrator.project.manifest_dir.is_empty();
    let directory = if is_directory { Some(directory(common)?) } else { None };
    let asked = Squash {
        to: asked.to,
        store: common.store.first().cloned(),
        data: match (asked.with_data, asked.without_data) {
            (true, _) => Data::Written,
            (_, true) => Data::LeftOut,
            _ => Data::Unsaid,
        },
        is_dry: asked.dry_run,
        is_confirmed: common.yes,
        directory: directory.map(|directory| directory.directory()),
    };
    let squashed = migrator.squash(&asked)?;
    if common.json {
        json::document(&squashed);
    } else {
        say(&squashed, &asked, common);
    }
    Ok(ExitCode::SUCCESS)
}

fn directory(common: &Common) -> Result<Standalone, Error> {
    let found = match Standalone::said(common)? {
        Some(directory) => Some(directory),
        None => Standalone::usual(common)?,
    };
    found.ok_or_else(|| {
        Error::usage(
            "there is neither a migrations crate nor a directory of SQL to write into",
            "`--dir DIR` or MIGRATIONS_DIR says where files of SQL are",
        )
    })
}

fn say(squashed: &Squashed, asked: &Squash, common: &Common) {
    for table in &squashed.without_rows {
        anstream::eprintln!(
            "{YELLOW}warning{YELLOW:#}: the rows that the migrations write into {} are left out",
            printable(table)
        );
    }
    if asked.is_dry {
        return human::write_out(squashed.text.as_bytes());
    }
    if common.quiet {
        return;
    }
    let mut text = String::new();
    for file in &squashed.written {
        text.push_str(&format!("  wrote {}\n", printable(&file.display().to_string())));
    }
    text.push_str(&format!("  removed {} files\n", squashed.removed.len()));
    let how = if squashed.dumps_compared { "inspected and dumped" } else { "inspected" };
    text.push_str(&format!(
        "\n{} builds what {} migrations have built: both were {how} on scratch databases, and are the same\n\
         next: read it, then `updown status`; a database in which all of them are applied is left as it is, and its \
         ledger is brought up to date by the next `updown migrate`\n",
        printable(&squashed.migration),
        squashed.replaces.len(),
    ));
    human::write_out(text.as_bytes());
}
