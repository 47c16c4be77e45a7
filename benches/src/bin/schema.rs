//! What a project's own program is, without a migration: for `updown schema …` on a database that is there.

use updown::prelude::*;
use updown::{Project, Registry};

fn main() -> std::process::ExitCode {
    updown::cli(Project::of(Registry::<PgConnection>::from_migrations(Vec::new())))
}
