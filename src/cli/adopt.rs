//! `updown adopt`: what would be taken over, the question whether it is meant, and what was.

use std::process::ExitCode;

use super::args::{self, Common};
use super::human::{DIM, GREEN, YELLOW, count, write_out};
use super::printable::printable;
use super::{confirm, json, signals};
use crate::adopt::{Adopt, AdoptUndone, Adopted, AdoptedStore, Dirty};
use crate::error::Error;
use crate::ledger::Tool;
use crate::migrator::Migrator;

pub fn run(migrator: &mut Migrator, typed: &args::Adopt, common: &Common) -> Result<ExitCode, Error> {
    let (config, output) = (migrator.config()?, common.output());
    signals::listen(&migrator.cancel());
    if typed.undo {
        confirm::said(
            common,
            &config,
            "adopt --undo",
            "remove our ledger, and leave the database to the other tool",
        )?;
        let undone = migrator.undo_adopt()?;
        if output.json {
            json::document(&undone);
        } else if !output.quiet {
            write_out(given_back(&undone).as_bytes());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let asked = asked(typed);
    let mut adopted = migrator.adopt(&asked.clone().dry_run(true))?;
    let is_done = adopted.stores.iter().all(|store| store.already);
    if !typed.dry_run && !is_done {
        // What is refused is refused before it is asked for.
        confirm::shown_by(common, &config, "adopt", "updown adopt --dry-run", &would(&adopted))?;
        adopted = migrator.adopt(&asked)?;
    }
    if output.json {
        json::document(&adopted);
    } else if !output.quiet {
        write_out(taken_over(&adopted).as_bytes());
    }
    for warning in adopted.stores.iter().flat_map(|store| &store.warnings).filter(|_| !output.json) {
        anstream::eprintln!("{YELLOW}warning{YELLOW:#}: {}", printable(warning));
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(typed: &args::Adopt) -> Adopt {
    let mut asked = Adopt::new().dry_run(typed.dry_run);
    asked = match typed.from.as_deref() {
        None => asked,
        // Clap knows no others.
        Some(name) => match Tool::named(name) {
            Some(tool) => asked.from(tool),
            None => asked.from_nothing(),
        },
    };
    if let Some(table) = &typed.table {
        asked = asked.table(table);
    }
    match typed.dirty {
        None => asked,
        Some(args::Dirty::Applied) => asked.dirty(Dirty::Applied),
        Some(args::Dirty::NotApplied) => asked.dirty(Dirty::NotApplied),
    }
}

/// What a person is to confirm.
fn would(adopted: &Adopted) -> String {
    let each =
        adopted.stores.iter().filter(|store| !store.already).map(|store| match (store.tool, &store.table) {
            (Some(tool), Some(table)) => {
                let entered = count(store.migrations.len());
                format!(
                    "enter {entered} of {tool} ({table}) in store {} as applied, and leave {} pending",
                    store.store,
                    store.pending.len()
                )
            }
            _ => format!(
                "begin an empty ledger in store {}, with {} pending",
                store.store,
                count(store.pending.len())
            ),
        });
    each.collect::<Vec<_>>().join("; ")
}

fn taken_over(adopted: &Adopted) -> String {
    adopted.stores.iter().map(|store| of_store(store, adopted.dry_run)).collect()
}

fn of_store(store: &AdoptedStore, dry_run: bool) -> String {
    let whose = match (store.tool, &store.table) {
        (Some(tool), Some(table)) => format!("{tool} ({table})"),
        _ => String::new(),
    };
    if store.already {
        let what =
            if whose.is_empty() { "it has a ledger".to_owned() } else { format!("{whose} is taken over") };
        return format!("store {}: {what} already, nothing to do\n", store.store);
    }
    let mut text = String::new();
    let verb = if dry_run { "adopt" } else { "adopted" };
    let width = store.migrations.iter().map(|migration| migration.name.chars().count()).max().unwrap_or(0);
    for migration in &store.migrations {
        let at = migration.applied_at.as_deref().unwrap_or("at an unknown time");
        let version = if migration.version == migration.name {
            String::new()
        } else {
            format!("  {}", migration.version)
        };
        text.push_str(&format!(
            "  {GREEN}{verb:<8}{GREEN:#} {:<width$}  {DIM}{at}{}{DIM:#}\n",
            printable(&migration.name),
            printable(&version),
        ));
    }
    if let (Some(table), Some(renamed)) = (&store.table, &store.renamed_to) {
        let becomes = if dry_run { "would be" } else { "is" };
        text.push_str(&format!(
            "the table {table} of {} {becomes} {renamed}\n",
            store.tool.map_or("nobody", Tool::name)
        ));
    }
    let entered = count(store.migrations.len());
    let batch = store.batch_no.map(|batch| format!(" in batch {batch}")).unwrap_or_default();
    let pending = store.pending.len();
    let what = match whose.as_str() {
        "" => format!("store {}: an empty ledger, {pending} pending", store.store),
        whose => format!("store {}: {entered} of {whose} adopted{batch}, {pending} pending", store.store),
    };
    match dry_run {
        true => text.push_str(&format!("dry run: {what}; nothing was written\n")),
        false => text.push_str(&format!("{what}\n")),
    }
    text
}

fn given_back(undone: &AdoptUndone) -> String {
    let each = undone.stores.iter().map(|store| {
        let entered = count(store.migrations);
        format!("store {}: {entered} taken out; {} is {}'s again\n", store.store, store.table, store.tool)
    });
    each.collect()
}
