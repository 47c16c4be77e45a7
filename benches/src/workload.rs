//! The same thousand changes for both: one table each, and on SQLite one index.

use std::path::Path;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion};

/// The database that the statements are written for.
#[derive(Clone, Copy)]
pub enum On {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// The statements of one migration.
#[derive(Clone)]
struct Statements {
    up: String,
    down: String,
}

fn statements(on: On, number: usize) -> Statements {
    match on {
        On::Sqlite => Statements {
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
        },
        // Small: what is measured is what a migration costs, not what a table does.
        #[cfg(feature = "postgres")]
        On::Postgres => Statements {
            up: format!("CREATE TABLE thing_{number:04} (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL)"),
            down: format!("DROP TABLE thing_{number:04}"),
        },
    }
}

fn name(number: usize) -> String {
    format!("m{number:04}_create_thing_{number:04}")
}

/// What the module of such a migration looks like; the hash is taken of it.
pub fn module(on: On, number: usize) -> String {
    let Statements { up, down } = statements(on, number);
    let connection = match on {
        On::Sqlite => "SqliteConnection",
        #[cfg(feature = "postgres")]
        On::Postgres => "PgConnection",
    };
    format!(
        "//! Things number {number}: what an owner has, newest first.

use updown::prelude::*;

pub struct Migration;

impl Up<{connection}> for Migration {{
    fn up(&self, conn: &mut {connection}) -> Result {{
        conn.batch_execute(
            \"{up}\",
        )?;
        Ok(())
    }}
}}

impl Down<{connection}> for Migration {{
    fn down(&self, conn: &mut {connection}) -> Result {{
        conn.batch_execute(\"{down}\")?;
        Ok(())
    }}
}}
"
    )
}

impl<C: SimpleConnection> updown::Up<C> for Statements {
    fn up(&self, conn: &mut C) -> updown::Result {
        Ok(conn.batch_execute(&self.up)?)
    }
}

impl<C: SimpleConnection> updown::Down<C> for Statements {
    fn down(&self, conn: &mut C) -> updown::Result {
        Ok(conn.batch_execute(&self.down)?)
    }
}

/// As updown has them.
pub fn registry<C: SimpleConnection>(on: On, count: usize) -> updown::Registry<C> {
    // `registry!` has names and sources in the program itself: nothing to allocate, nothing to copy.
    let in_program = |text: String| -> &'static str { text.leak() };
    let migration = |number| {
        let (name, module) = (in_program(name(number)), in_program(module(on, number)));
        updown::Migration::new(name, module, statements(on, number))
    };
    updown::Registry::from_migrations((1..=count).map(migration).collect())
}

/// As `diesel_migrations` has them, in memory: reading files is not what is compared.
pub struct Source(Arc<[(String, Statements)]>);

pub fn source(on: On, count: usize) -> Source {
    Source((1..=count).map(|number| (format!("{number:04}"), statements(on, number))).collect())
}

impl<DB: Backend> MigrationSource<DB> for Source {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let boxed = |at| -> Box<dyn Migration<DB>> { Box::new(One { all: self.0.clone(), at }) };
        Ok((0..self.0.len()).map(boxed).collect())
    }
}

/// Points into the list: a copy of the statements is not charged to it either.
struct One {
    all: Arc<[(String, Statements)]>,
    at: usize,
}

impl<DB: Backend> Migration<DB> for One {
    fn run(&self, conn: &mut dyn BoxableConnection<DB>) -> diesel::migration::Result<()> {
        Ok(conn.batch_execute(&self.all[self.at].1.up)?)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<DB>) -> diesel::migration::Result<()> {
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
        std::fs::write(folder.join("up.sql"), statements(On::Sqlite, number).up)?;
        std::fs::write(folder.join("down.sql"), statements(On::Sqlite, number).down)?;
    }
    Ok(())
}

struct InTransaction;

impl MigrationMetadata for InTransaction {}
