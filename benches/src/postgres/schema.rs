//! The schema of a large database: printed, beside Diesel's command line, and compared with its declaration.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::server::Server;
use crate::Result;
use crate::compare::{Times, in_turn, load, row};

const TABLES: usize = 1000;
const COLUMNS: usize = 20;
const REPETITIONS: usize = 5;
const DATABASE: &str = "updown_bench_schema";

/// Every table, and one of them: what is inspected is the same.
const ALL: &str = "[print_schema]\nfile = \"schema.rs\"\n";
const ONE: &str = "[print_schema]\nfile = \"schema.rs\"\nfilter = { only_tables = [\"^t0001$\"] }\n";

pub fn compare(server: &Server) -> Result {
    let updown = beside("schema")?;
    let Some(diesel) = diesel() else {
        println!("\nSKIPPED: `schema print` (`make bench` installs what it is compared with: diesel_cli)");
        return Ok(());
    };
    println!("\nthe schema of {TABLES} tables with {} columns in all; load {}", TABLES * COLUMNS, load());
    println!("{:<21}{:>22}{:>22}{:>8}{:>11}", "", "updown", "diesel_cli", "ratio", "(fastest)");
    server.create(DATABASE, None)?;
    server.execute(DATABASE, &tables())?;
    server.execute(DATABASE, "VACUUM ANALYZE")?;
    let url = server.url(DATABASE);
    let directory = crate::directory("bench-schema")?;
    let run = |program: &Path, arguments: &[&str]| -> Result<(f64, String)> {
        let began = Instant::now();
        let mut command = Command::new(program);
        let output = command.args(arguments).current_dir(&directory).env("DATABASE_URL", &url).output()?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        if !output.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok((ms, String::from_utf8(output.stdout)?))
    };
    std::fs::write(directory.join("diesel.toml"), ALL)?;
    let mut ms: [Vec<f64>; 2] = Default::default();
    let mut texts = [String::new(), String::new()];
    for repetition in 0..REPETITIONS {
        for side in in_turn(repetition, 2) {
            let (took, text) = match side {
                0 => run(&updown, &["schema", "print"])?,
                _ => run(&diesel, &["print-schema"])?,
            };
            ms[side].push(took);
            texts[side] = text;
        }
    }
    if texts[0] != texts[1] {
        return Err("the two print something else".into());
    }
    let [ours, theirs] = ms.map(Times::of);
    row("print", &ours, &theirs, Some(1.0));

    std::fs::write(directory.join("schema.rs"), &texts[0])?;
    let mut ms: [Vec<f64>; 2] = Default::default();
    for repetition in 0..REPETITIONS {
        for side in in_turn(repetition, 2) {
            std::fs::write(directory.join("diesel.toml"), if side == 0 { ALL } else { ONE })?;
            let text = if side == 0 { &texts[0] } else { one(&texts[0]) };
            std::fs::write(directory.join("schema.rs"), text)?;
            ms[side].push(run(&updown, &["schema", "diff"])?.0);
        }
    }
    println!("{:<21}{:>22}{:>22}{:>8}{:>11}", "", "all of it", "one table of it", "ratio", "(fastest)");
    let [all, inspection] = ms.map(Times::of);
    row("diff", &all, &inspection, Some(2.0));
    server.remove(DATABASE)
}

/// The first table of a `schema.rs`.
fn one(text: &str) -> &str {
    let end = text.find("\n}\n").map_or(text.len(), |end| end + "\n}\n".len());
    &text[..end]
}

fn tables() -> String {
    let kinds = ["bigint", "text NOT NULL", "timestamptz", "boolean NOT NULL DEFAULT false", "varchar(100)"];
    let mut sql = String::new();
    for table in 1..=TABLES {
        sql.push_str(&format!("CREATE TABLE t{table:04} (id bigserial PRIMARY KEY"));
        for column in 1..COLUMNS - 1 {
            let kind = kinds[column % kinds.len()];
            sql.push_str(&format!(", c{column:02} {kind}"));
        }
        if table > 1 {
            sql.push_str(&format!(", parent_id bigint REFERENCES t{:04} (id)", table - 1));
        }
        sql.push_str(&format!("); CREATE INDEX t{table:04}_c05 ON t{table:04} (c05);\n"));
    }
    sql
}

/// A program that is built beside this one.
pub fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    match program.is_file() {
        true => Ok(program),
        false => Err(format!("{} is not built", program.display()).into()),
    }
}

/// Built as this program is, which `make bench` sees to.
pub fn diesel() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.parent()?.parent()?;
    Some(target.join("diesel_cli/release/bin/diesel")).filter(|program| program.is_file())
}
