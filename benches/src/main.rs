//! The bench: `updown-bench` compares updown with what else there is, `updown-bench sqlite`,
//! `updown-bench postgres` and `updown-bench scylla` on one database alone, and `updown-bench compile`
//! measures what `registry!` costs the compiler.
//!
//! `updown-bench schema` is the part of `postgres` about large schemas, and `updown-bench files` the one about
//! directories of SQL, with what it costs to read one.
//!
//! `updown-bench scylla [one | three | go | rows] [COUNT]` is a part of that one, with fewer migrations
//! or rows.
//!
//! Every measurement is a process of its own (this program, started again as `run TOOL WHAT TARGET
//! COUNT`), so that neither side finds a warm allocator or cache of the other, and peak memory is
//! that of one operation.

mod child;
mod compare;
mod compile;
mod files;
mod measure;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "scylla")]
mod scylla;
mod side_by_side;
mod workload;

use std::process::ExitCode;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match arguments[..] {
        [] => side_by_side::run()
            .and_then(|()| files::run())
            .and_then(|()| on_postgres())
            .and_then(|()| on_scylla("", None)),
        ["sqlite"] => side_by_side::run(),
        ["postgres"] => on_postgres(),
        #[cfg(feature = "postgres")]
        ["schema"] => postgres::run_schema(),
        ["files"] => files::run().and_then(|()| files_on_postgres()),
        ["scylla"] => on_scylla("", None),
        ["scylla", part] => on_scylla(part, None),
        ["scylla", part, count] => on_scylla(part, Some(count)),
        ["compile"] => compile::run(),
        ["run", tool, what, target, count] => child::run(tool, what, target, count),
        _ => Err("usage: updown-bench [sqlite | postgres | schema | files | scylla | compile]".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "postgres")]
fn on_postgres() -> Result {
    postgres::run()
}

#[cfg(not(feature = "postgres"))]
fn on_postgres() -> Result {
    println!("\nSKIPPED: PostgreSQL (built without the feature postgres, which needs libpq)");
    Ok(())
}

#[cfg(feature = "postgres")]
fn files_on_postgres() -> Result {
    postgres::run_files()
}

#[cfg(not(feature = "postgres"))]
fn files_on_postgres() -> Result {
    on_postgres()
}

#[cfg(feature = "scylla")]
fn on_scylla(part: &str, count: Option<&str>) -> Result {
    scylla::run(part, count.map(str::parse).transpose()?)
}

#[cfg(not(feature = "scylla"))]
fn on_scylla(_part: &str, _count: Option<&str>) -> Result {
    println!("\nSKIPPED: Cassandra (built without the feature scylla; it needs a Java 17, and maven)");
    Ok(())
}

/// The middle value: a mean would show what else the machine was doing.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

/// A directory of the bench's own, beside what cargo built: on the disk, never in memory.
fn directory(name: &str) -> Result<std::path::PathBuf> {
    let program = std::env::current_exe()?;
    let target =
        program.parent().and_then(std::path::Path::parent).ok_or("the program stands in no directory")?;
    let directory = target.join(name);
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
