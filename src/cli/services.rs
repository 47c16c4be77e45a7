//! The table of all services that share the databases.

use super::human::{BOLD, say_skipped, unreachable, write_out};
use super::printable::printable;
use crate::services::{ServiceStatus, Services, shown};

const HEADINGS: [&str; 8] =
    ["service", "store", "current", "applied", "pending", "failed", "last applied", "locked by"];

pub fn print(services: &Services) {
    let rows: Vec<[String; 8]> = services.services.iter().map(row).collect();
    let width = |column: usize| {
        let of_rows = rows.iter().map(|row| row[column].chars().count());
        of_rows.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    };
    let line = |cells: &[&str]| {
        let cells = cells.iter().enumerate().map(|(column, cell)| match column {
            // Numbers stand under each other.
            3..=5 => format!("{cell:>0$}", width(column)),
            _ => format!("{cell:<0$}", width(column)),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&HEADINGS));
    for row in &rows {
        text.push_str(&line(&row.each_ref().map(String::as_str)));
        text.push('\n');
    }
    write_out(text.as_bytes());
    for (store, why) in &services.unreachable {
        unreachable(store, Some(why));
    }
    say_skipped(&services.skipped);
}

fn row(status: &ServiceStatus) -> [String; 8] {
    let none = || "-".to_owned();
    [
        printable(shown(&status.service)),
        status.store.clone(),
        status.current.as_deref().map_or_else(none, printable),
        status.applied.to_string(),
        status.pending.map_or_else(none, |pending| pending.to_string()),
        status.failed.to_string(),
        status.last_applied_at.as_deref().map_or_else(none, printable),
        status.holder.as_ref().map_or_else(none, |holder| printable(&holder.by)),
    ]
}
