//! Every row of a table read, page by page, and one column of it written, by a migration and by a loop
//! that somebody wrote by hand.

// "rows/backfill.rs", where `ScyllaConnection::backfill` is there.
#[path = "rows/pages.rs"]
mod fill;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use updown::scylla::ScyllaConnection;
use updown::{Migration, Project, Registry};

use super::cassandra::{Cassandra, Keyspace, keyspace_on};
use super::{TOOLS, driver, workload};
use crate::Result;
use crate::compare::{Times, in_turn, load, row};
use crate::measure::{self, timed};

const ROWS: usize = 200_000;
const REPETITIONS: usize = 3;
/// At least nine tenths of the loop's speed.
const TARGET: f64 = 1.0 / 0.9;

pub const PAGE: usize = 5_000;
pub const IN_FLIGHT: usize = 64;
/// Not in the keyspace of the ledger, which is a new one each time.
pub const READ: &str = "SELECT id, title FROM updown_bench_rows.notes";
pub const WRITE: &str = "UPDATE updown_bench_rows.notes SET slug = ? WHERE id = ?";

pub fn slug(id: i32, title: &str) -> String {
    format!("{title}-{id}")
}

pub fn compare(server: &Cassandra, rows: Option<usize>) -> Result {
    let rows = rows.unwrap_or(ROWS);
    println!(
        "\none column of {rows} rows, pages of {PAGE}, {IN_FLIGHT} writes at the same time; load {}",
        load()
    );
    println!(
        "{:<21}{:>22}{:>22}{:>8}{:>11}   target",
        "", "updown, migration", "driver, loop", "ratio", "(fastest)"
    );
    let notes = Keyspace { url: server.url().replace("{}", "updown_bench_rows") };
    let conn = notes.create();
    conn.execute("CREATE TABLE notes (id int PRIMARY KEY, title text, slug text)", ())?;
    let values = (0..i32::try_from(rows)?).map(|id| (id, format!("note number {id}")));
    let many = NonZeroUsize::new(IN_FLIGHT).ok_or("none at a time")?;
    conn.execute_concurrently("INSERT INTO notes (id, title) VALUES (?, ?)", values, many)?;
    let mut ms: [Vec<f64>; 2] = Default::default();
    for repetition in 0..=REPETITIONS {
        for side in in_turn(repetition, 2) {
            // What was written before is gone with its column.
            conn.execute("ALTER TABLE notes DROP slug", ())?;
            conn.execute("ALTER TABLE notes ADD slug text", ())?;
            let ledger = Keyspace { url: keyspace_on(&server.url()) };
            ledger.create();
            let url = Path::new(&ledger.url);
            measure::once(TOOLS[side], "first", url, 1)?;
            let measured = measure::once(TOOLS[side], "fill", url, rows)?;
            let mut filled = 0;
            conn.for_each_page("SELECT slug FROM notes", (), PAGE, |page: Vec<(Option<String>,)>| {
                filled += page.iter().filter(|row| row.0.is_some()).count();
                Ok::<_, crate::Error>(())
            })?;
            if filled != rows {
                return Err(format!("{} filled {filled} rows", TOOLS[side]).into());
            }
            if repetition > 0 {
                ms[side].push(measured.ms);
            }
        }
    }
    let [updown, driver] = ms.map(Times::of);
    row("fill", &updown, &driver, Some(TARGET));
    let per_second = |times: &Times| format!("{:.0}", rows as f64 / times.median * 1000.0);
    println!("{:<21}{:>22}{:>22}", "  rows per second", per_second(&updown), per_second(&driver));
    Ok(())
}

/// In the child.
pub fn child(tool: &str, url: &str, count: usize) -> Result<(Duration, usize)> {
    match tool {
        "updown" => {
            let mut migrations = workload::migrations("first", 1);
            migrations.push(Migration::new("m0001_fill_slug", "fill slug", Fill));
            let project = Project::of(Registry::from_migrations(migrations));
            // The parent looks whether they are filled.
            timed(|| Ok(measure::updown(project, "up", url)? * count))
        }
        "driver" => timed(|| driver::fill(url)),
        other => Err(format!("there is no tool {other}").into()),
    }
}

struct Fill;

impl updown::Up<ScyllaConnection> for Fill {
    fn up(&self, conn: &mut ScyllaConnection) -> updown::Result {
        fill::fill(conn)
    }
}

impl updown::Down<ScyllaConnection> for Fill {
    fn down(&self, _conn: &mut ScyllaConnection) -> updown::Result {
        Ok(())
    }
}
