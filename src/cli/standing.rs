//! What stands where, as a table: a line for each store.

use super::human;
use crate::ledger::Direction;
use crate::report::Report;
use crate::standing::{Standing, StoreReport};

/// Aligned lines, the first of which is the heading; none where there is but one store.
pub fn table(report: &Report) -> Vec<String> {
    if report.stores.len() < 2 {
        return Vec::new();
    }
    let mut rows = vec![["store".to_owned(), "this run".to_owned(), heading(report).to_owned()]];
    rows.extend(report.stores.iter().map(row));
    rows.extend(
        report.skipped.iter().map(|store| [store.name.clone(), "skipped".to_owned(), store.because.clone()]),
    );
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let line = |[store, done, left]: &[String; 3]| {
        format!("  {store:<first$}  {done:<second$}  {left}").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// What is left is one or the other, by the way that the run went.
fn heading(report: &Report) -> &'static str {
    let goes = |way| report.stores.iter().flat_map(|store| &store.left).any(|left| left.direction == way);
    match (goes(Direction::Up), goes(Direction::Down)) {
        (true, false) => "still pending",
        (false, true) => "still applied",
        _ => "left",
    }
}

fn row(store: &StoreReport) -> [String; 3] {
    let mut done = Vec::new();
    if store.rolled_back > 0 {
        done.push(format!("{} rolled back", store.rolled_back));
    }
    if store.applied > 0 {
        done.push(format!("{} applied", store.applied));
    }
    let done = match (done.is_empty(), store.standing) {
        (true, Standing::NotReached) => "not reached".to_owned(),
        (true, _) => "nothing".to_owned(),
        (false, _) => done.join(", "),
    };
    let mut left = match store.left.first() {
        None => String::new(),
        Some(first) => {
            let how = match (store.standing, first.direction) {
                (Standing::Failed, _) => ", which failed",
                (Standing::HalfDone, Direction::Up) => ", which is half applied",
                (Standing::HalfDone, Direction::Down) => ", which is half rolled back",
                _ => "",
            };
            let from =
                if store.left.len() > 1 { format!("{}, from ", store.left.len()) } else { String::new() };
            format!("{from}{}{how}", first.name)
        }
    };
    if let Some(because) = &store.because {
        left.push_str(if left.is_empty() { "" } else { ": " });
        left.push_str(&human::one_line(because));
    }
    [store.name.clone(), done, left]
}
