//! One measurement: in the child, the operation; in the parent, the child's answer.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use updown::{Config, Migrator, Project, Request, Selection, State};

use crate::workload::On;
use crate::{Result, workload};

/// What one child measured.
pub struct Measured {
    pub ms: f64,
    pub peak_mib: f64,
}

/// In the child: the operation with opening the connection, and nothing else; then one line.
pub fn child(tool: &str, what: &str, target: &str, count: &str) -> Result {
    let count: usize = count.parse()?;
    let (took, done) = match target.split_once("://") {
        #[cfg(feature = "postgres")]
        Some(_) => crate::postgres::child(tool, what, target, count)?,
        _ => sqlite(tool, what, target, count)?,
    };
    // A bench that measures how fast nothing is done would be quick.
    let expected = if what == "nothing" { 0 } else { count };
    if done != expected {
        return Err(format!("{tool} {what}: {done} instead of {expected}").into());
    }
    println!("{} {}", took.as_secs_f64() * 1000.0, peak_mib());
    Ok(())
}

/// How long it took, and how many migrations it was about.
fn sqlite(tool: &str, what: &str, file: &str, count: usize) -> Result<(Duration, usize)> {
    match tool {
        "updown" => {
            let project = Project::of(workload::registry::<SqliteConnection>(On::Sqlite, count));
            let url = format!("sqlite://{file}");
            timed(|| updown(project, what, &url))
        }
        "diesel" => {
            let source = workload::source(On::Sqlite, count);
            timed(|| diesel_migrations::<SqliteConnection>(source, what, file))
        }
        "files" => {
            let directory = Path::new(file).with_extension("migrations");
            workload::write_files(&directory, count)?;
            timed(|| {
                let source = FileBasedMigrations::from_path(&directory)?;
                diesel_migrations::<SqliteConnection>(source, what, file)
            })
        }
        "floor" => timed(|| {
            let mut conn = SqliteConnection::establish(file)?;
            conn.batch_execute("SELECT 1 FROM sqlite_master LIMIT 1")?;
            Ok(if what == "nothing" { 0 } else { count })
        }),
        other => Err(format!("there is no tool {other}").into()),
    }
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

/// The most memory that this process ever had; 0 where the system does not say.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    kib / 1024.0
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
