//! Every place that the migrations of a list may come from, and every mark, of both kinds of connection.

mod m0020_module;
mod stepwise;
mod view;

use include_dir::{Dir, include_dir};
use updown::prelude::*;
use updown::{Config, Migrator, Project, Registry, Request, SqlDirectory, SqlFormat};

static EMBEDDED: Dir<'_> = include_dir!("$EVERY_SOURCE/directory");

updown::registry! {
    /// Compiled in.
    pub static MAIN: SqliteConnection = SqlDirectory::embedded(&EMBEDDED), then [
        m0020_module formerly "sha256-rust-v1:00",
        sql "0030_sql" formerly "sha256-sql-v1:00",
        cql "0040_cql",
        view => repeatable,
        stepwise => repeatable formerly "sha256-rust-v1:00",
        sql "file" => repeatable,
        cql "rows" => repeatable,
    ]
}

updown::registry! {
    pub static FILES: SqliteConnection = SqlDirectory::of_files([
        ("0001_a.up.sql", include_str!("directory/0001_a.up.sql")),
        ("0001_a.down.sql", include_str!("directory/0001_a.down.sql")),
    ]).format(SqlFormat::Pairs), then []
}

updown::registry! {
    static READ: SqliteConnection = SqlDirectory::at(std::env::var("DIRECTORY").unwrap()), then [m0020_module]
}

fn listed(registry: &'static Registry<SqliteConnection>) -> Vec<String> {
    let directory = std::env::temp_dir().join("updown-of-nobody");
    let config = Config::empty().url("main", &format!("sqlite://{}/x.db", directory.display()));
    let plan = Migrator::new(Project::of(registry)).with_config(config).plan(&Request::Fresh).unwrap();
    plan.actions.into_iter().map(|action| action.name).collect()
}

fn main() {
    for registry in [&MAIN, &FILES, &READ] {
        println!("{}", listed(registry).join(" "));
    }
}
