//! One measurement, in the process that was started for it.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::FileBasedMigrations;
use updown::Project;

use crate::measure::{diesel_migrations, timed, updown};
use crate::workload::On;
use crate::{Result, workload};

/// In the child: the operation with opening the connection, and nothing else; then one line.
pub fn run(tool: &str, what: &str, target: &str, count: &str) -> Result {
    let count: usize = count.parse()?;
    let (took, done) = match target.split_once("://") {
        #[cfg(feature = "scylla")]
        Some(("scylla", _)) => crate::scylla::child(tool, what, target, count)?,
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

/// The most memory that this process ever had; 0 where the system does not say.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    kib / 1024.0
}
