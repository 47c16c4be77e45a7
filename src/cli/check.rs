//! What `updown check` has found, for people.

use std::io::Write;

use super::human::{BOLD, DIM, GREEN, RED, YELLOW, count, left_out, write_out};
use super::printable::shown;
use crate::check::{Checked, CheckedMigration};
use crate::schema::Difference;

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
    left_out(out, &checked.skipped)?;
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
    for difference in told(&migration.not_undone) {
        line(&format!("behind its way back, {difference}"))?;
    }
    for difference in told(&migration.not_the_same_again) {
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

/// A table that is missing, or left over, says it of all that belongs to it.
fn told(differences: &[Difference]) -> impl Iterator<Item = &Difference> {
    let tables: Vec<(String, bool)> = differences
        .iter()
        .filter(|one| one.before.is_none() || one.after.is_none())
        .filter_map(|one| Some((one.object.strip_prefix("table ")?.to_owned(), one.before.is_none())))
        .collect();
    let of_one = move |one: &Difference| {
        tables.iter().any(|(table, is_left_over)| {
            let belongs =
                one.object.contains(&format!(" {table}.")) || one.object.ends_with(&format!(" {table}"));
            let is_itself = one.object == format!("table {table}");
            let same_side = if *is_left_over { one.before.is_none() } else { one.after.is_none() };
            belongs && !is_itself && same_side
        })
    };
    differences.iter().filter(move |one| !of_one(one))
}
