//! An error as a person reads it: what, where, why, and the next command to type.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::human;
use super::printable::shown;
use super::standing;
use crate::error::Error;

const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

pub fn print(error: &Error) {
    let mut text = Vec::new();
    let _ = write(&mut text, error);
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(&text);
    let _ = stderr.flush();
}

fn write(out: &mut dyn Write, error: &Error) -> std::io::Result<()> {
    writeln!(out, "{RED}error{RED:#}: {}", shown(&error.to_string()))?;
    if let Error::Failed(failure) = error {
        if let Some(file) = &failure.file {
            let line = failure.line.map(|line| format!(":{line}")).unwrap_or_default();
            let column = failure.column.map(|column| format!(":{column}")).unwrap_or_default();
            writeln!(out, "  {DIM}-->{DIM:#} {}{line}{column}", shown(file))?;
        }
        if let Some(statement) = &failure.statement {
            for line in excerpt(statement, failure.position) {
                writeln!(out, "   {DIM}|{DIM:#} {}", shown(&line))?;
            }
        }
        // The place in a file of SQL was said already.
        let said = usize::from(failure.source.is::<crate::source::SqlPlace>());
        for cause in failure.source.chain().skip(said) {
            writeln!(out, "caused by: {}", shown(&cause.to_string()))?;
        }
        for line in failure.detail.iter().flat_map(|detail| detail.lines()) {
            writeln!(out, "           {}", shown(line))?;
        }
    }
    if let Error::Backup(failure) = error {
        for line in failure.said.iter().flat_map(|said| said.lines()) {
            writeln!(out, "   {DIM}|{DIM:#} {}", shown(line))?;
        }
    }
    if let Error::InvalidChange(invalid) = error {
        for (index, problem) in invalid.problems.iter().enumerate() {
            writeln!(out, "  {DIM}-->{DIM:#} {}:{}", shown(&problem.file), problem.line)?;
            writeln!(out, "caused by: {}", shown(&problem.message))?;
            // That of the first one stands at the end.
            if index > 0 {
                writeln!(out, "           {}", shown(&problem.hint))?;
            }
        }
    }
    if let Error::InvalidSchema(invalid) = error {
        for (index, problem) in invalid.problems.iter().enumerate() {
            writeln!(out, "  {DIM}-->{DIM:#} {}", shown(&problem.place))?;
            for line in problem.excerpt.lines() {
                writeln!(out, "  {}", shown(line))?;
            }
            writeln!(out, "caused by: {}", shown(&problem.message))?;
            // That of the first one stands at the end.
            if index > 0 && !problem.hint.is_empty() {
                writeln!(out, "           {}", shown(&problem.hint))?;
            }
        }
    }
    if let Some(report) = error.report()
        && (!report.is_empty() || matches!(error, Error::Failed(_)))
    {
        let mut done = Vec::new();
        if !report.applied.is_empty() {
            done.push(format!("{} applied before stay applied", human::count(report.applied.len())));
        }
        if !report.rolled_back.is_empty() {
            done.push(format!(
                "{} rolled back before stay rolled back",
                human::count(report.rolled_back.len())
            ));
        }
        if report.dry_run {
            writeln!(out, "this was a dry run: nothing of it stays")?;
        } else if !done.is_empty() {
            writeln!(out, "{}", done.join(", "))?;
        }
    }
    let table = error.report().map(standing::table).unwrap_or_default();
    for (index, line) in table.iter().enumerate() {
        let line = shown(line);
        if index == 0 { writeln!(out, "\n{DIM}{line}{DIM:#}")? } else { writeln!(out, "{line}")? }
    }
    for backup in error.report().iter().flat_map(|report| &report.backups) {
        writeln!(out)?;
        for line in backup.to_string().lines() {
            writeln!(out, "{}", shown(line))?;
        }
    }
    if let Some(hint) = error.hint() {
        writeln!(out, "\n{CYAN}hint{CYAN:#}: {}", shown(&hint))?;
    }
    Ok(())
}

/// The lines around the position with a caret below it; the beginning where there is none.
fn excerpt(statement: &str, position: Option<usize>) -> Vec<String> {
    const AROUND: usize = 2;
    const WIDTH: usize = 160;
    let cut = |line: &str| line.chars().take(WIDTH).collect::<String>();
    let lines: Vec<&str> = statement.trim_end().lines().collect();
    let Some(position) = position else {
        let mut shown: Vec<String> = lines.iter().take(2 * AROUND + 1).map(|line| cut(line)).collect();
        if lines.len() > shown.len() {
            shown.push("…".to_owned());
        }
        return shown;
    };
    let mut before = 0;
    let mut shown = Vec::new();
    let at = lines
        .iter()
        .position(|line| {
            let length = line.chars().count();
            let here = position <= before + length;
            if !here {
                before += length + 1;
            }
            here
        })
        .unwrap_or(0);
    for (index, line) in lines.iter().enumerate() {
        if index + AROUND < at || index > at + AROUND {
            continue;
        }
        shown.push(cut(line));
        if index == at {
            let column = position - before;
            // Tabs stay tabs, so that the caret stands under its character.
            let indent: String =
                line.chars().take(column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            shown.push(format!("{indent}^"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn the_caret_stands_under_the_position() {
        assert_eq!(excerpt("CREATE TABEL x", Some(7)), ["CREATE TABEL x", "       ^"]);
        assert_eq!(excerpt("a\nb\nc\n  wrong\nd\ne\nf", Some(8)), ["b", "c", "  wrong", "  ^", "d", "e"]);
        assert_eq!(excerpt("\tx", Some(1)), ["\tx", "\t^"]);
        assert_eq!(excerpt("1\n2\n3\n4\n5\n6", None), ["1", "2", "3", "4", "5", "…"]);
    }
}
