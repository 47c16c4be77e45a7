//! `plan --sql`: each migration as a reviewer reads it.

use std::io::Write;

use super::human::{BOLD, DIM, GREEN, YELLOW, write_out};
use super::printable::shown;
use crate::ledger::Direction;
use crate::preview::{MigrationPreview, Preview, TextPreview};
use crate::schema::{ChangePreview, TypedPreview};

pub fn print(preview: &Preview) {
    for message in &preview.warnings {
        anstream::eprintln!("{YELLOW}warning{YELLOW:#}: {}", shown(message));
    }
    let mut text = Vec::new();
    let _ = write(&mut text, preview);
    write_out(&text);
}

fn write(out: &mut dyn Write, preview: &Preview) -> std::io::Result<()> {
    if preview.migrations.is_empty() {
        writeln!(out, "nothing to do")?;
    }
    for (index, migration) in preview.migrations.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_migration(out, migration)?;
    }
    Ok(())
}

fn write_migration(out: &mut dyn Write, migration: &MigrationPreview) -> std::io::Result<()> {
    let verb = match migration.direction {
        Direction::Up => "apply",
        Direction::Down => "roll back",
    };
    writeln!(
        out,
        "{GREEN}{verb}{GREEN:#} {BOLD}{}{BOLD:#}  {DIM}{}, {}{DIM:#}",
        shown(&migration.name),
        migration.store,
        how(migration)
    )?;
    if let Some(file) = &migration.file {
        writeln!(out, "{DIM}--> {}{DIM:#}", shown(file))?;
    }
    if let Some(text) = &migration.text {
        return write_text(out, migration, text);
    }
    if migration.typed.is_empty() {
        writeln!(out, "  hand-written: use --dry-run to see its SQL")?;
        return Ok(());
    }
    write_changes(out, migration, "  ", |typed| &typed.changes)?;
    let irreversible = migration.typed.iter().find_map(|typed| typed.irreversible.as_ref());
    let nothing = migration.typed.iter().all(|typed| typed.reverse.is_empty());
    match irreversible {
        Some(because) => writeln!(out, "  {YELLOW}irreversible{YELLOW:#}: {}", shown(because))?,
        None if nothing => writeln!(out, "  {DIM}nothing to undo{DIM:#}")?,
        None => {
            writeln!(out, "  {DIM}{}{DIM:#}", undone(migration))?;
            write_changes(out, migration, "    ", |typed| &typed.reverse)?;
        }
    }
    Ok(())
}

fn undone(migration: &MigrationPreview) -> &'static str {
    match migration.direction {
        Direction::Up => "undone by",
        Direction::Down => "applied again by",
    }
}

fn write_text(out: &mut dyn Write, migration: &MigrationPreview, text: &TextPreview) -> std::io::Result<()> {
    write_lines(out, "  ", &text.text)?;
    match (&text.reverse, &text.irreversible) {
        (Some(reverse), _) => {
            writeln!(out, "  {DIM}{}{DIM:#}", undone(migration))?;
            write_lines(out, "    ", reverse)
        }
        (None, Some(because)) => writeln!(out, "  {YELLOW}irreversible{YELLOW:#}: {}", shown(because)),
        (None, None) => writeln!(out, "  {DIM}nothing to undo{DIM:#}"),
    }
}

fn write_lines(out: &mut dyn Write, indent: &str, text: &str) -> std::io::Result<()> {
    // As a whole: what is masked may go over lines.
    shown(&text.replace("\r\n", "\n"))
        .lines()
        .try_for_each(|line| writeln!(out, "{}", format!("{indent}{line}").trim_end()))
}

fn how(migration: &MigrationPreview) -> String {
    let in_steps: Vec<String> = migration
        .typed
        .iter()
        .filter(|typed| !typed.in_transaction)
        .map(|typed| typed.database.to_string())
        .collect();
    match (migration.typed.len(), in_steps.len()) {
        (0 | 1, _) => if migration.in_steps { "in steps" } else { "in a transaction" }.to_owned(),
        (all, some) if all == some => "in steps".to_owned(),
        (_, 0) => "in a transaction".to_owned(),
        _ => format!("in a transaction, on {} in steps", in_steps.join(" and ")),
    }
}

/// Each change, and below it its SQL: once for all databases that have the same.
fn write_changes(
    out: &mut dyn Write,
    migration: &MigrationPreview,
    indent: &str,
    of: impl Fn(&TypedPreview) -> &[ChangePreview],
) -> std::io::Result<()> {
    let several = migration.typed.len() > 1;
    for (place, words) in changes(migration, &of) {
        writeln!(out, "{indent}{} {DIM}({}){DIM:#}", shown(&words), shown(&place))?;
        let mut said: Vec<(Vec<String>, &ChangePreview)> = Vec::new();
        for typed in &migration.typed {
            let Some(change) = of(typed).iter().find(|change| change.words == words && at(change) == place)
            else {
                continue;
            };
            let database = typed.database.to_string();
            match said.iter_mut().find(|(_, other)| same(other, change)) {
                Some((databases, _)) => databases.push(database),
                None => said.push((vec![database], change)),
            }
        }
        for (databases, change) in said {
            if several {
                writeln!(out, "{indent}  {DIM}{}{DIM:#}", databases.join(", "))?;
            }
            match &change.unknown {
                Some(why) => writeln!(out, "{indent}    {YELLOW}not known yet{YELLOW:#}: {}", shown(why))?,
                None if change.statements.is_empty() => writeln!(out, "{indent}    {DIM}nothing{DIM:#}")?,
                None => {}
            }
            for statement in &change.statements {
                write_lines(out, &format!("{indent}    "), &format!("{statement};"))?;
            }
        }
    }
    Ok(())
}

/// The changes of all databases, each once, in order.
fn changes(
    migration: &MigrationPreview,
    of: &impl Fn(&TypedPreview) -> &[ChangePreview],
) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for typed in &migration.typed {
        for change in of(typed) {
            let key = (at(change), change.words.clone());
            if !found.contains(&key) {
                found.push(key);
            }
        }
    }
    found
}

fn at(change: &ChangePreview) -> String {
    format!("{}:{}", change.file, change.line)
}

fn same(one: &ChangePreview, other: &ChangePreview) -> bool {
    one.statements == other.statements && one.unknown == other.unknown
}
