//! updown beside what there is in Go, which waits about a second for the nodes to agree on each statement.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cassandra::Cassandra;
use super::{once, workload};
use crate::compare::{Times, in_turn, load, row};
use crate::{Result, directory, measure};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/cql");
const MIGRATIONS: usize = 4;
const REPETITIONS: usize = 3;
const WHAT: &str = "columns";
/// Five times faster.
const TARGET: f64 = 1.0 / 5.0;
/// Each with the end that it wants its files' names to have.
const TOOLS: [(&str, &str); 3] = [("updown", ""), ("gocqlx", ".cql"), ("golang-migrate", ".up.cql")];

pub fn compare(server: &Cassandra, migrations: Option<usize>) -> Result {
    let migrations = migrations.unwrap_or(MIGRATIONS);
    let program = match build() {
        Ok(program) => program,
        Err(why) => {
            println!("\nSKIPPED: gocqlx and golang-migrate ({why})");
            return Ok(());
        }
    };
    let files = tempfile::tempdir()?;
    for (tool, ending) in &TOOLS[1..] {
        workload::write_files(&files.path().join(tool), WHAT, migrations, ending)?;
    }
    println!("\nupdown and what there is in Go, {migrations} migrations, table and column; load {}", load());
    println!("{:<21}{:>22}{:>22}{:>8}{:>11}   target", "", "updown", "the other", "ratio", "(fastest)");
    let mut ms: [Vec<f64>; 3] = Default::default();
    for repetition in 0..REPETITIONS {
        for side in in_turn(repetition, 3) {
            let tool = TOOLS[side].0;
            ms[side].push(once(server, WHAT, migrations, |url| match tool {
                "updown" => Ok(measure::once(tool, WHAT, Path::new(url), migrations)?.ms),
                _ => apply(&program, tool, url, &files.path().join(tool)),
            })?);
        }
    }
    let [updown, gocqlx, golang_migrate] = ms.map(Times::of);
    row("up, beside gocqlx", &updown, &gocqlx, Some(TARGET));
    row("beside golang-migrate", &updown, &golang_migrate, Some(TARGET));
    Ok(())
}

fn build() -> std::result::Result<PathBuf, String> {
    let program = directory("bench-scylla").map_err(|error| error.to_string())?.join("cql");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(SOURCE).output();
    let built = built.map_err(|error| format!("go: {error}"))?;
    if !built.status.success() {
        return Err(format!("they were not built: {}", String::from_utf8_lossy(&built.stderr).trim_end()));
    }
    Ok(program)
}

fn apply(program: &Path, tool: &str, url: &str, files: &Path) -> Result<f64> {
    // Neither takes several hosts; each finds the others by the first.
    let (hosts, path) = url.rsplit_once('/').ok_or("no keyspace")?;
    let first = format!("{}/{path}", hosts.split(',').next().unwrap_or(hosts));
    let output = Command::new(program).args([tool, &first]).arg(files).output()?;
    if !output.status.success() {
        return Err(format!("{tool}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
