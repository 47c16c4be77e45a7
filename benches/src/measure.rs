//! One measurement: the operation, and in the parent the answer of the process that did it.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::migration::MigrationSource;
use diesel_migrations::MigrationHarness;
use updown::{Config, Migrator, Project, Request, Selection, State};

use crate::Result;

/// What one child measured.
pub struct Measured {
    pub ms: f64,
    pub peak_mib: f64,
}

pub fn timed(operation: impl FnOnce() -> Result<usize>) -> Result<(Duration, usize)> {
    let began = Instant::now();
    let done = operation()?;
    Ok((began.elapsed(), done))
}

pub fn updown(project: Project, what: &str, url: &str) -> Result<usize> {
    let mut migrator = Migrator::new(project).with_config(Config::empty().url("main", url));
    Ok(match what {
        "up" | "nothing" => migrator.run(&Request::migrate())?.applied.len(),
        "down" => migrator.run(&Request::Rollback(Selection::All))?.rolled_back.len(),
        "status" => {
            let status = migrator.status()?;
            status.stores[0].migrations.iter().filter(|migration| migration.state == State::Applied).count()
        }
        other => return Err(format!("there is no operation {other}").into()),
    })
}

pub fn diesel_migrations<C>(source: impl MigrationSource<C::Backend>, what: &str, url: &str) -> Result<usize>
where
    C: Connection + MigrationHarness<C::Backend>,
{
    let mut conn = C::establish(url)?;
    Ok(match what {
        "up" | "nothing" => conn.run_pending_migrations(source)?.len(),
        "down" => conn.revert_all_migrations(source)?.len(),
        // What `diesel migration list` asks for.
        "status" => {
            let applied: HashSet<_> = conn.applied_migrations()?.into_iter().collect();
            let listed = source.migrations()?;
            listed.iter().filter(|migration| applied.contains(&migration.name().version())).count()
        }
        other => return Err(format!("there is no operation {other}").into()),
    })
}

fn command(
    program: &Path,
    tool: &str,
    what: &str,
    target: &Path,
    count: usize,
    command: &mut Command,
) -> Result<String> {
    command.arg(program).args(["run", tool, what]).arg(target).arg(count.to_string());
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{tool} {what}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// In the parent: one measurement in a process of its own. `target` is a file, or a server's URL.
pub fn once(tool: &str, what: &str, target: &Path, count: usize) -> Result<Measured> {
    // `env` does nothing here but to make one command line fit with and without strace.
    let said = command(&std::env::current_exe()?, tool, what, target, count, &mut Command::new("env"))?;
    let mut numbers = said.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(ms)), Some(Ok(peak_mib))) => Ok(Measured { ms, peak_mib }),
        _ => Err(format!("{tool} {what} said: {said}").into()),
    }
}

/// How often the same calls `fsync` and `fdatasync`; `None` without strace.
pub fn fsyncs(tool: &str, what: &str, file: &Path, count: usize) -> Result<Option<u64>> {
    let table = file.with_extension("strace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-o"]).arg(&table);
    if Command::new("strace").arg("-V").output().is_err() {
        return Ok(None);
    }
    command(&std::env::current_exe()?, tool, what, file, count, &mut strace)?;
    // Columns: time, seconds, µs per call, calls, errors (empty), name.
    let calls = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let is_call = matches!(columns.last(), Some(&("fsync" | "fdatasync")));
        is_call.then(|| columns.get(3)?.parse::<u64>().ok()).flatten()
    };
    Ok(Some(std::fs::read_to_string(&table)?.lines().filter_map(calls).sum()))
}
