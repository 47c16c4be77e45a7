//! What `updown check` has found, for people.

use std::io::Write;

use super::human::{BOLD, DIM, GREEN, RED, YELLOW, count, write_out};
use super::printable::printable;
use crate::check::{Checked, CheckedMigration};
use crate::report::masked;

pub fn print(checked: &Checked) {
    let mut text = Vec::new();
    let _ = write(&mut text, checked);
    write_out(&text);
}

fn write(out: &mut dyn Write, checked: &Checked) -> std::io::Result<()> {
    let mut store = "";
    for migration in &checked.migrations {
        if migration.store != store {
            store = &migration.store;
            writeln!(out, "{BOLD}{store}{BOLD:#}")?;
        }
        write_migration(out, migration)?;
    }
    for skipped in &checked.skipped {
        writeln!(out, "{DIM}{} was left out: {}{DIM:#}", skipped.name, shown(&skipped.because))?;
    }
    let all = count(checked.migrations.len());
    match checked.found() {
        0 => writeln!(out, "{all} checked: each way back undoes its migration"),
        found => writeln!(out, "{all} checked: {RED}{found} not undone by the way back{RED:#}"),
    }
}

fn write_migration(out: &mut dyn Write, migration: &CheckedMigration) -> std::io::Result<()> {
    let (style, word) = match migration {
        CheckedMigration { failed: Some(_), .. } => (RED, "failed"),
        CheckedMigration { irreversible: Some(_), .. } => (YELLOW, "irreversible"),
        other if other.is_fine() => (GREEN, "ok"),
        _ => (RED, "differs"),
    };
    let because = migration.irreversible.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
    writeln!(out, "  {style}{word:<12}{style:#}  {}{}", shown(&migration.name), shown(&because))?;
    if !migration.is_fine()
        && let Some(file) = &migration.file
    {
        writeln!(out, "                {DIM}--> {}{DIM:#}", shown(file))?;
    }
    let mut line = |text: &str| writeln!(out, "                {}", shown(text));
    for difference in &migration.not_undone {
        line(&format!("behind its way back, {difference}"))?;
    }
    for difference in &migration.not_the_same_again {
        line(&format!("applied a second time, {difference}"))?;
    }
    if let Some(failed) = &migration.failed {
        line(failed)?;
        line("nothing behind it was checked")?;
    }
    if migration.includes {
        line("it includes other files: a change of theirs is not seen in its hash")?;
    }
    Ok(())
}

fn shown(text: &str) -> String {
    printable(&masked(text))
}
