//! `updown schema …`, `verify --schema`, and what is said of `schema.rs` behind a run.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use serde_json::json;

use super::args::{Output, SchemaCommand};
use super::ask::asked;
use super::human::{BOLD, DIM, GREEN, RED, YELLOW, write_out};
use super::printable::{printable, shown};
use super::{human, json};
use crate::declared::{NeededChange, Refreshed, SchemaDiff, Stale, StoreSchema, Synced};
use crate::drift::{Drift, StoreDrift};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::report::masked;

pub fn run(migrator: &mut Migrator, command: SchemaCommand, output: Output) -> Result<ExitCode, Error> {
    match command {
        SchemaCommand::Print { config_file, write, locked } => {
            if locked {
                let stale = migrator.refresh(&Default::default(), true)?;
                return Ok(refreshed(&stale, output));
            }
            let files = migrator.print_schema(config_file.as_deref(), write)?;
            for warning in files.iter().flat_map(|file| &file.warnings) {
                anstream::eprintln!("{YELLOW}warning{YELLOW:#}: {}", printable(warning));
            }
            if output.json {
                json::document(&files);
            } else if write && !output.quiet {
                for file in files.iter().filter_map(|file| file.file.as_ref()) {
                    write_out(format!("  wrote {file}\n").as_bytes());
                }
            } else if !write {
                files.iter().for_each(|file| text(&file.text));
            }
            Ok(ExitCode::SUCCESS)
        }
        SchemaCommand::Diff => {
            let diff = migrator.schema_diff()?;
            if output.json {
                json::document(&diff);
            } else if !output.quiet {
                print(|out| write_diff(out, &diff));
            }
            if diff.stores.iter().any(|store| store.unreachable.is_some()) {
                return Ok(ExitCode::FAILURE);
            }
            Ok(asked(diff.is_different()))
        }
        SchemaCommand::Sync => {
            super::signals::listen(&migrator.cancel());
            let synced = migrator.schema_sync()?;
            if output.json {
                json::document(&synced);
            } else {
                human::report(&synced.report, output);
                if !output.quiet {
                    print(|out| write_synced(out, &synced));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// As it is, but to a terminal without what that would obey.
fn text(text: &str) {
    let mut stdout = io::stdout().lock();
    let shown = if stdout.is_terminal() { printable(text) } else { text.to_owned() };
    let _ = stdout.write_all(shown.as_bytes()).and_then(|()| stdout.flush());
}

fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut text = Vec::new();
    let _ = write(&mut text);
    write_out(&text);
}

fn write_diff(out: &mut dyn Write, diff: &SchemaDiff) -> io::Result<()> {
    for store in &diff.stores {
        if human::unreachable(&store.store, store.unreachable.as_ref()) {
            continue;
        }
        write_store(out, store)?;
    }
    human::left_out(out, &diff.skipped)
}

fn write_store(out: &mut dyn Write, store: &StoreSchema) -> io::Result<()> {
    let name = &store.store;
    if store.files.is_empty() {
        return writeln!(out, "{BOLD}{name}{BOLD:#}: {DIM}nothing declares its schema{DIM:#}");
    }
    let files = shown(&store.files.join(", "));
    if store.changes.is_empty() && store.impossible.is_empty() {
        writeln!(out, "{BOLD}{name}{BOLD:#}: {GREEN}as {files} declares it{GREEN:#}")?;
    } else {
        writeln!(out, "{BOLD}{name}{BOLD:#}: to be what {files} declares")?;
    }
    write_changes(out, &store.changes)?;
    for impossible in &store.impossible {
        writeln!(out, "  {RED}not possible{RED:#}: {}", shown(impossible))?;
    }
    for note in &store.notes {
        writeln!(out, "  {DIM}note: {}{DIM:#}", shown(note))?;
    }
    if !store.changes.is_empty() {
        if store.pending > 0 {
            let pending = human::count(store.pending);
            writeln!(out, "\nnext: `updown migrate`: {pending} pending")?;
        } else {
            writeln!(out, "\nnext: `updown new NAME --diff --store {name}` writes the migration")?;
        }
    }
    Ok(())
}

/// Each change with its SQL below, as `plan --sql` shows it.
pub fn write_changes(out: &mut dyn Write, changes: &[NeededChange]) -> io::Result<()> {
    for change in changes {
        let at = change.declared_at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        writeln!(out, "  {} {DIM}{}{DIM:#}", shown(&change.words), shown(at.trim()))?;
        if let Some(loses) = &change.loses {
            writeln!(out, "    {RED}loses{RED:#}: {}", shown(loses))?;
        }
        if let Some(why) = &change.fails_with_rows {
            writeln!(out, "    {YELLOW}fails with rows{YELLOW:#}: {}", shown(why))?;
        }
        for statement in &change.statements {
            for line in format!("{statement};").lines() {
                writeln!(out, "      {}", shown(line))?;
            }
        }
    }
    Ok(())
}

fn write_synced(out: &mut dyn Write, synced: &Synced) -> io::Result<()> {
    for store in &synced.stores {
        let name = &store.store;
        if !store.is_declared {
            writeln!(out, "{BOLD}{name}{BOLD:#}: {DIM}nothing declares its schema{DIM:#}")?;
            continue;
        }
        for change in &store.added {
            writeln!(out, "{GREEN}added{GREEN:#}    {}", shown(&change.words))?;
        }
        for left in &store.left {
            writeln!(
                out,
                "{YELLOW}left{YELLOW:#}     {} {DIM}({}){DIM:#}",
                shown(&left.words),
                shown(&left.because)
            )?;
        }
        match (store.added.len(), store.left.len()) {
            (0, 0) => writeln!(out, "{BOLD}{name}{BOLD:#}: as it is declared")?,
            (_, 0) => {}
            _ => writeln!(
                out,
                "\nnext: `updown new NAME --diff --store {name}` writes the migration for what was left"
            )?,
        }
    }
    Ok(())
}

/// What is said of the files behind a run; the exit code where they are stale and had to be up to date.
pub fn refreshed(refreshed: &[Refreshed], output: Output) -> ExitCode {
    let is_stale = refreshed.iter().any(|one| one.stale.is_some());
    if output.json {
        if !refreshed.is_empty() {
            json::line(&json!({ "event": "schema", "stores": refreshed }));
        }
        return asked(is_stale);
    }
    for one in refreshed {
        if !output.quiet {
            for file in &one.written {
                write_out(format!("refreshed {}\n", shown(file)).as_bytes());
            }
        }
        if let Some(stale) = &one.stale {
            say_stale(&one.store, stale);
        }
    }
    asked(is_stale)
}

/// So many differences are named behind a run: where there are more, it is another schema.
const LISTED: usize = 20;

fn say_stale(store: &str, stale: &Stale) {
    let files = shown(&stale.files.join(", "));
    let what = match stale.is_ahead {
        true => "declares what the database does not have",
        false => "does not say what the database has",
    };
    anstream::eprintln!("{YELLOW}warning{YELLOW:#}: {files} {what}, and was left as it is:");
    for differs in stale.differs.iter().take(LISTED) {
        anstream::eprintln!("  {}", shown(differs));
    }
    if let Some(more @ 1..) = stale.differs.len().checked_sub(LISTED) {
        anstream::eprintln!("  … and {more} more: `updown schema diff --store {store}` shows them all");
    }
    let hint = match stale.is_ahead {
        true => format!(
            "`updown schema sync --store {store}` adds it in development; `updown new NAME --diff --store {store}` writes the migration"
        ),
        false => format!("`updown schema print --write --store {store}`"),
    };
    anstream::eprintln!("hint: {hint}");
}

pub fn drift(drift: &Drift, output: Output) -> ExitCode {
    if output.json {
        json::document(drift);
    } else if !output.quiet {
        print(|out| write_drift(out, drift));
    }
    asked(drift.is_found())
}

fn write_drift(out: &mut dyn Write, drift: &Drift) -> io::Result<()> {
    for store in &drift.stores {
        write_store_drift(out, store)?;
    }
    human::left_out(out, &drift.skipped)
}

fn write_store_drift(out: &mut dyn Write, store: &StoreDrift) -> io::Result<()> {
    let name = &store.store;
    for unknown in &store.unknown {
        writeln!(
            out,
            "{YELLOW}{}{YELLOW:#} is applied and not in the list: what it made counts as drift",
            shown(unknown)
        )?;
    }
    if store.differences.is_empty() {
        return writeln!(out, "{BOLD}{name}{BOLD:#}: {GREEN}as its migrations make it{GREEN:#}");
    }
    writeln!(out, "{BOLD}{name}{BOLD:#}: not as its migrations make it")?;
    for difference in &store.differences {
        let is = |text: &str| if text.is_empty() { String::new() } else { format!(": {}", shown(text)) };
        let object = shown(&difference.object);
        match (&difference.before, &difference.after) {
            (None, Some(after)) => writeln!(out, "  {object}, which no migration makes{}", is(after))?,
            (Some(before), None) => writeln!(out, "  {object} is gone{}", is(before))?,
            (Some(before), Some(after)) => {
                writeln!(out, "  {object} is {}, and the migrations make it {}", shown(after), shown(before))?
            }
            (None, None) => {}
        }
    }
    if !store.back.is_empty() {
        writeln!(out, "\nback to what the migrations make:")?;
        write_changes(out, &store.back)?;
    }
    for by_hand in &store.by_hand {
        writeln!(out, "  {YELLOW}by hand{YELLOW:#}: {}", shown(by_hand))?;
    }
    writeln!(
        out,
        "\nor to keep it: `updown schema print --write --store {name}`, then `updown new NAME --diff --store {name}`"
    )
}

/// Behind a run that went well.
pub fn not_refreshed(error: &Error, output: Output) {
    if output.json {
        json::line(&json!({ "event": "schema", "error": masked(&error.to_string()) }));
        return;
    }
    anstream::eprintln!("{YELLOW}warning{YELLOW:#}: the declared schema was not refreshed");
    super::error::print(error);
}
