//! updown on Cassandra beside the driver alone, beside what there is in Go, and beside a loop over many
//! rows that somebody wrote by hand.

mod driver;
mod go;
mod rows;
mod workload;

// The tests have it too, and use more of it.
#[allow(dead_code, unexpected_cfgs, unused_imports, unused_macros)]
#[path = "../../../tests/suite/support/cassandra.rs"]
mod cassandra;

use std::path::Path;
use std::time::Duration;

use updown::scylla::ScyllaConnection;
use updown::{Project, Registry};

use crate::Result;
use crate::compare::{Times, file_system, in_turn, load, row};
use crate::measure::{self, timed};
use cassandra::{Cassandra, Keyspace, Options, keyspace_on};

/// What starts a Cassandra.
const CASSANDRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/cassandra");

const MIGRATIONS: usize = 30;
const REPETITIONS: usize = 5;
const TOOLS: [&str; 2] = ["updown", "driver"];
/// The last one without what a first run makes for itself.
const OPERATIONS: [(&str, &str); 3] =
    [("tables", "up, a table each"), ("columns", "up, table and column"), ("later", "up, with a ledger")];

struct Cluster {
    nodes: usize,
    /// Each brings its schema to a disk before it answers: three on one disk would wait for each other.
    on_disk: bool,
    /// At most this much of what the driver alone takes.
    up: f64,
}

const ONE: Cluster = Cluster { nodes: 1, on_disk: true, up: 1.1 };
const THREE: Cluster = Cluster { nodes: 3, on_disk: false, up: 1.0 / 1.5 };

/// `part` is `one`, `three`, `go` or `rows`, or empty for all of them; `count` is how many migrations or
/// rows, where it is not what is usual.
pub fn run(part: &str, count: Option<usize>) -> Result {
    if !["", "one", "three", "go", "rows"].contains(&part) {
        return Err(format!("there is no part {part}: there are one, three, go and rows").into());
    }
    let wanted = |name| part.is_empty() || part == name;
    // Who starts a cluster says why there is none.
    if wanted("one") || wanted("rows") {
        let Some(server) = ONE.start()? else { return Ok(()) };
        if wanted("one") {
            ONE.compare(&server, count.unwrap_or(MIGRATIONS))?;
        }
        if wanted("rows") {
            rows::compare(&server, count)?;
        }
    }
    if wanted("three") || wanted("go") {
        let Some(server) = THREE.start()? else { return Ok(()) };
        if wanted("three") {
            THREE.compare(&server, count.unwrap_or(MIGRATIONS))?;
        }
        if wanted("go") {
            go::compare(&server, count)?;
        }
    }
    println!("load {}", load());
    Ok(())
}

impl Cluster {
    /// `None` where it cannot be had.
    fn start(&self) -> Result<Option<Cassandra>> {
        let mut options = Options::default().nodes(self.nodes);
        options.on_disk = self.on_disk;
        let Some(server) = Cassandra::start(&options) else { return Ok(None) };
        let conn = ScyllaConnection::open(&keyspace_on(&server.url()))?;
        let versions: Vec<(String,)> = conn.query("SELECT release_version FROM system.local", ())?;
        let version = versions.first().map_or("", |row| row.0.as_str());
        println!(
            "\nCassandra {version}, {}",
            match self.nodes {
                1 => format!("one node on {}, as it comes", file_system(Path::new("/var/tmp"))),
                nodes => format!("{nodes} nodes that do not flush their schema, in memory"),
            }
        );
        Ok(Some(server))
    }

    fn compare(&self, server: &Cassandra, migrations: usize) -> Result {
        println!("updown and the driver alone, {migrations} migrations; load {}", load());
        println!(
            "medians (fastest); every measurement in a process of its own and a new keyspace, alternating, \
             connecting included"
        );
        println!("{:<21}{:>22}{:>22}{:>8}{:>11}   target", "", "updown", "driver", "ratio", "(fastest)");
        for (what, title) in OPERATIONS {
            let mut ms: [Vec<f64>; 2] = Default::default();
            for repetition in 0..=REPETITIONS {
                for side in in_turn(repetition, 2) {
                    let took = once(server, what, migrations, |url| {
                        let (tool, url) = (TOOLS[side], Path::new(url));
                        if what == "later" {
                            measure::once(tool, "first", url, 1)?;
                        }
                        Ok(measure::once(tool, what, url, migrations)?.ms)
                    })?;
                    // Java is slow before it has compiled what it runs.
                    if repetition > 0 {
                        ms[side].push(took);
                    }
                }
            }
            let [updown, driver] = ms.map(Times::of);
            row(title, &updown, &driver, Some(self.up));
        }
        Ok(())
    }
}

/// One measurement in a keyspace of its own, that goes afterwards: many tables need more memory than the
/// server has.
fn once(
    server: &Cassandra,
    what: &str,
    count: usize,
    measure: impl FnOnce(&str) -> Result<f64>,
) -> Result<f64> {
    let keyspace = Keyspace { url: keyspace_on(&server.url()) };
    let conn = keyspace.create();
    let took = measure(&keyspace.url)?;
    let columns: Vec<(String,)> = conn.query(
        "SELECT table_name FROM system_schema.columns WHERE keyspace_name = ?",
        (&conn.url().keyspace,),
    )?;
    let made = columns.iter().filter(|row| row.0.starts_with("thing_")).count();
    let expected = workload::columns(what, count);
    if made != expected {
        return Err(format!("{what}: {made} columns instead of {expected}").into());
    }
    Ok(took)
}

/// In the child: what was asked for, how long it took, and how many migrations or rows it was about.
pub fn child(tool: &str, what: &str, url: &str, count: usize) -> Result<(Duration, usize)> {
    match (tool, what) {
        (_, "fill") => rows::child(tool, url, count),
        ("updown", _) => {
            let project = Project::of(Registry::from_migrations(workload::migrations(what, count)));
            timed(|| measure::updown(project, "up", url))
        }
        ("driver", _) => {
            let statements = workload::all(what, count);
            timed(|| driver::up(url, &statements))
        }
        _ => Err(format!("there is no {tool} {what}").into()),
    }
}
