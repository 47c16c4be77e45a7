//! The same thousand changes for both: one table and one index each.

use std::path::Path;
use std::sync::Arc;

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion};
use diesel::sqlite::{Sqlite, SqliteConnection};

/// The statements of one migration.
#[derive(Clone)]
struct Statements {
    up: String,
    down: String,
}

fn statements(number: usize) -> Statements {
    Statements {
        up: format!(
            "CREATE TABLE thing_{number:04} (
                id INTEGER PRIMARY KEY,
                owner_id BIGINT NOT NULL,
                title TEXT NOT NULL,
                body TEXT,
                created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
            );
            CREATE INDEX thing_{number:04}_owner ON thing_{number:04} (owner_id, created_at);"
        ),
        // The index goes with its table; an explicit drop is what people write.
        down: format!("DROP INDEX thing_{number:04}_owner; DROP TABLE thing_{number:04};"),
    }
}

fn name(number: usize) -> String {
    format!("m{number:04}_create_thing_{number:04}")
}

/// What the module of such a migration looks like; the hash is taken of it.
pub fn module(number: usize) -> String {
    let Statements { up, down } = statements(number);
    format!(
        "//! Things number {number}: what an owner has, newest first.

use updown::prelude::*;

pub struct Migration;

impl Up<SqliteConnection> for Migration {{
    fn up(&self, conn: &mut SqliteConnection) -> Result {{
        conn.batch_execute(
            \"{up}\",
        )?;
        Ok(())
    }}
}}

impl Down<SqliteConnection> for Migration {{
    fn down(&self, conn: &mut SqliteConnection) -> Result {{
        conn.batch_execute(\"{down}\")?;
        Ok(())
    }}
}}
"
    )
}

impl updown::Up<SqliteConnection> for Statements {
    fn up(&self, conn: &mut SqliteConnection) -> updown::Result {
        conn.batch_execute(&self.up)?;
        Ok(())
    }
}

impl updown::Down<SqliteConnection> for Statements {
    fn down(&self, conn: &mut SqliteConnection) -> updown::Result {
        conn.batch_execute(&self.down)?;
        Ok(())
    }
}

/// As updown has them.
pub fn registry(count: usize) -> updown::Registry<SqliteConnection> {
    // `registry!` has names and sources in the program itself: nothing to allocate, nothing to copy.
    let in_program = |text: String| -> &'static str { text.leak() };
    let migration = |number| {
        updown::Migration::new(in_program(name(number)), in_program(module(number)), statements(number))
    };
    updown::Registry::from_migrations((1..=count).map(migration).collect())
}

/// As `diesel_migrations` has them, in memory: reading files is not what is compared.
pub struct Source(Arc<[(String, Statements)]>);

pub fn source(count: usize) -> Source {
    Source((1..=count).map(|number| (format!("{number:04}"), statements(number))).collect())
}

impl MigrationSource<Sqlite> for Source {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        let boxed = |at| -> Box<dyn Migration<Sqlite>> { Box::new(One { all: self.0.clone(), at }) };
        Ok((0..self.0.len()).map(boxed).collect())
    }
}

/// Points into the list: a copy of the statements is not charged to it either.
struct One {
    all: Arc<[(String, Statements)]>,
    at: usize,
}

impl Migration<Sqlite> for One {
    fn run(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        Ok(conn.batch_execute(&self.all[self.at].1.up)?)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        Ok(conn.batch_execute(&self.all[self.at].1.down)?)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &InTransaction
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl std::fmt::Display for One {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.all[self.at].0)
    }
}

impl MigrationName for One {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.all[self.at].0)
    }
}

/// As `diesel_migrations` has them in a directory: `up.sql` and `down.sql` of each.
pub fn write_files(directory: &Path, count: usize) -> std::io::Result<()> {
    if directory.exists() {
        return Ok(());
    }
    for number in 1..=count {
        let folder = directory.join(format!("{number:04}_create_thing_{number:04}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("up.sql"), statements(number).up)?;
        std::fs::write(folder.join("down.sql"), statements(number).down)?;
    }
    Ok(())
}

struct InTransaction;

impl MigrationMetadata for InTransaction {}
