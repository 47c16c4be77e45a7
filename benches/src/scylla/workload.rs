//! The same changes for all: one small table each, and a column that it gets afterwards.

use std::path::Path;

use updown::Migration;
use updown::scylla::ScyllaConnection;

/// What is measured is what a migration costs, not what a table does.
fn up(what: &str, number: usize) -> Vec<String> {
    let mut statements =
        vec![format!("CREATE TABLE thing_{number:04} (id bigint PRIMARY KEY, owner_id bigint)")];
    if what == "columns" {
        statements.push(format!("ALTER TABLE thing_{number:04} ADD title text"));
    }
    statements
}

/// How many columns all of it leaves.
pub fn columns(what: &str, count: usize) -> usize {
    match what {
        "columns" => 3 * count,
        "later" => 2 * (count + 1),
        _ => 2 * count,
    }
}

/// The numbers of the migrations: `first` makes what `later` finds.
fn numbers(what: &str, count: usize) -> std::ops::RangeInclusive<usize> {
    if what == "first" { 0..=0 } else { 1..=count }
}

/// The statements of each migration.
pub fn all(what: &str, count: usize) -> Vec<Vec<String>> {
    numbers(what, count).map(|number| up(what, number)).collect()
}

struct Cql {
    up: Vec<String>,
    down: String,
}

impl updown::Up<ScyllaConnection> for Cql {
    fn up(&self, conn: &mut ScyllaConnection) -> updown::Result {
        self.up.iter().try_for_each(|cql| Ok(conn.execute(cql, ())?))
    }
}

impl updown::Down<ScyllaConnection> for Cql {
    fn down(&self, conn: &mut ScyllaConnection) -> updown::Result {
        Ok(conn.execute(&self.down, ())?)
    }
}

fn name(number: usize) -> String {
    format!("m{number:04}_create_thing_{number:04}")
}

/// What the module of such a migration looks like; the hash is taken of it.
fn module(cql: &Cql) -> String {
    let up: String = cql.up.iter().map(|cql| format!("        conn.execute(\"{cql}\", ())?;\n")).collect();
    format!(
        "use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Up<ScyllaConnection> for Migration {{
    fn up(&self, conn: &mut ScyllaConnection) -> Result {{
{up}        Ok(())
    }}
}}

impl Down<ScyllaConnection> for Migration {{
    fn down(&self, conn: &mut ScyllaConnection) -> Result {{
        conn.execute(\"{}\", ())?;
        Ok(())
    }}
}}
",
        cql.down
    )
}

/// As updown has them.
pub fn migrations(what: &str, count: usize) -> Vec<Migration<ScyllaConnection>> {
    let migration = |number| {
        let cql = Cql { up: up(what, number), down: format!("DROP TABLE thing_{number:04}") };
        Migration::new(name(number), module(&cql), cql)
    };
    let applied = if what == "later" { Some(0) } else { None };
    applied.into_iter().chain(numbers(what, count)).map(migration).collect()
}

/// As the tools in Go have them: a file each, whose name ends as the tool wants it.
pub fn write_files(directory: &Path, what: &str, count: usize, ending: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    (1..=count).try_for_each(|number| {
        let file = directory.join(format!("{number:04}_create_thing_{number:04}{ending}"));
        std::fs::write(file, format!("{};\n", up(what, number).join(";\n")))
    })
}
