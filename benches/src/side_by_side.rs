//! updown and `diesel_migrations` on SQLite, alternating, and the targets.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compare::{Times, in_turn, load, met};
use crate::measure::{self, fsyncs};
use crate::{Result, directory};

const MIGRATIONS: usize = 1000;
/// The last two only for comparison, where there is nothing to do.
const TOOLS: [&str; 4] = ["updown", "diesel", "floor", "files"];
/// Long ones and short ones.
const FEW: usize = 5;
const MANY: usize = 15;

/// At most this much of what `diesel_migrations` takes.
const OPERATIONS: [(&str, &str, f64); 4] = [
    ("up", "up from empty", 1.0),
    ("nothing", "nothing to do", 0.5),
    ("status", "status", 0.5),
    ("down", "down all", 1.0),
];
const FSYNCS: f64 = 4.0;
const PEAK_MIB: f64 = 40.0;

pub fn run() -> Result {
    let bench = Bench { directory: directory("bench-sqlite")? };
    println!("updown and diesel_migrations on SQLite, {MIGRATIONS} migrations, a table and an index each");
    println!("medians (fastest); every measurement in a process of its own, alternating; load {}\n", load());
    println!("{:<16}{:>22}{:>22}{:>8}{:>11}   target", "", "updown", "diesel", "ratio", "(fastest)");
    let mut peaks = [0.0_f64; 2];
    for (what, title, target) in OPERATIONS {
        let mut ms: [Vec<f64>; 4] = Default::default();
        for repetition in 0..if matches!(what, "up" | "down") { FEW } else { MANY } {
            for side in in_turn(repetition, if what == "nothing" { 4 } else { 2 }) {
                let file = bench.prepare(TOOLS[side], what)?;
                let measured = measure::once(TOOLS[side], what, &file, MIGRATIONS)?;
                ms[side].push(measured.ms);
                if let Some(peak) = peaks.get_mut(side) {
                    *peak = peak.max(measured.peak_mib);
                }
                bench.keep(TOOLS[side], what)?;
            }
        }
        let [updown, diesel, floor, files] = ms.map(Times::of);
        let ratio = updown.median / diesel.median;
        println!(
            "{title:<16}{updown:>22}{diesel:>22}{ratio:>8.2}{:>11}   at most {target:.1}: {}",
            format!("({:.2})", updown.fastest / diesel.fastest),
            met(ratio <= target)
        );
        if what == "nothing" {
            // No statement goes without the first; the second is what Diesel's own command does.
            println!("  of which SQLite reads its schema {:>27}", floor.to_string());
            println!("  diesel_migrations from files     {:>27}", files.to_string());
        }
    }
    println!(
        "{:<16}{:>18.1} MiB{:>18.1} MiB{:>8.2}{:>11}   under {PEAK_MIB:.0}: {}",
        "peak memory",
        peaks[0],
        peaks[1],
        peaks[0] / peaks[1],
        "",
        met(peaks[0] < PEAK_MIB)
    );
    bench.count_fsyncs()?;
    println!("load {}", load());
    Ok(())
}

struct Bench {
    directory: PathBuf,
}

impl Bench {
    fn file(&self, tool: &str) -> PathBuf {
        self.directory.join(format!("{tool}.db"))
    }

    /// What `up` left, to begin other operations from.
    fn migrated(&self, tool: &str) -> PathBuf {
        self.directory.join(format!("{tool}-migrated.db"))
    }

    /// Puts the database into the state that the operation begins with.
    fn prepare(&self, tool: &str, what: &str) -> Result<PathBuf> {
        let file = self.file(tool);
        if what == "up" {
            remove(&file)?;
        } else {
            let of = if tool == "updown" { "updown" } else { "diesel" };
            fs::copy(self.migrated(of), &file)?;
        }
        // Else the operation's first fsync would wait for what was copied or removed here.
        if file.exists() {
            fs::File::open(&file)?.sync_all()?;
        }
        fs::File::open(&self.directory)?.sync_all()?;
        Ok(file)
    }

    fn keep(&self, tool: &str, what: &str) -> Result {
        if what == "up" {
            fs::copy(self.file(tool), self.migrated(tool))?;
        }
        Ok(())
    }

    /// What one migration costs is the slope between a half and the whole of them; the rest is what
    /// one run costs (lease, tables of the ledger).
    fn count_fsyncs(&self) -> Result {
        println!("\n{:<16}{:>12}{:>12}", "fsyncs", "updown", "diesel");
        for (what, title) in [("up", "up"), ("down", "down")] {
            let mut columns = String::new();
            let mut per_migration = 0.0;
            for tool in ["diesel", "updown"] {
                let Some((slope, run)) = self.fsyncs_of(tool, what)? else {
                    println!("(not counted: there is no strace)");
                    return Ok(());
                };
                columns = format!("{:>12}{columns}", format!("{slope:.2} + {run:.0}"));
                per_migration = slope;
            }
            println!(
                "{title:<16}{columns}{:>19}   at most {FSYNCS:.0}: {}",
                "",
                met(per_migration <= FSYNCS)
            );
        }
        println!("(per migration + per run)");
        Ok(())
    }

    fn fsyncs_of(&self, tool: &str, what: &str) -> Result<Option<(f64, f64)>> {
        let file = self.file(tool);
        let mut counts = [0; 2];
        for (slot, count) in counts.iter_mut().zip([MIGRATIONS / 2, MIGRATIONS]) {
            remove(&file)?;
            if what == "down" {
                measure::once(tool, "up", &file, count)?;
            }
            let Some(calls) = fsyncs(tool, what, &file, count)? else { return Ok(None) };
            *slot = calls;
        }
        let [half, whole] = counts.map(|count| count as f64);
        let slope = (whole - half) / (MIGRATIONS / 2) as f64;
        Ok(Some((slope, whole - slope * MIGRATIONS as f64)))
    }
}

fn remove(file: &Path) -> Result {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
