//! The commands that write files of the project: `init`, `new`, `renumber`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::args::{self, Common, Output};
use super::{Whose, human, json, standalone};
use crate::config::Config;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::project::Project;
use crate::scaffold;
use crate::scaffold::project_dir::{self, ProjectDir};

pub fn init(init: &args::Init, output: Output) -> Result<ExitCode, Error> {
    use scaffold::init::Init;
    use scaffold::templates::Databases;
    let databases = match init {
        args::Init { both: true, .. } => Databases::Both,
        args::Init { postgres: true, .. } => Databases::Postgres,
        _ => Databases::Sqlite,
    };
    let written = scaffold::init::init(&init.directory, &Init { databases, is_empty: init.empty })?;
    say_written(&written, output);
    if !output.quiet && !output.json {
        let next = if init.empty {
            "updown baseline initial_schema"
        } else if written.iter().any(|file| file.ends_with("Makefile")) {
            "make migrate"
        } else {
            "updown new create_users"
        };
        human::write_out(format!("\nnext: `{next}`\n").as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

fn say_written(files: &[PathBuf], output: Output) {
    if output.json {
        json::document(&json!({ "written": files }));
    } else if !output.quiet {
        for file in files {
            human::write_out(format!("  wrote {}\n", file.display()).as_bytes());
        }
    }
}

fn one_store(common: &Common) -> Option<&str> {
    common.store.first().map(String::as_str)
}

pub fn new(new: &args::New, common: &Common, manifest_dir: Option<&str>) -> Result<ExitCode, Error> {
    if manifest_dir.is_none()
        && let Whose::Directory(directory) = super::whose(common)?
    {
        let written = match new.repeatable {
            true => {
                let is_cql = directory.is_cql(common)?;
                vec![scaffold::new::repeatable_file(&directory.path, &new.name, is_cql)?]
            }
            false => standalone::new(&directory, new)?,
        };
        say_written(&written, common.output());
        return Ok(ExitCode::SUCCESS);
    }
    let project = project_dir::here(manifest_dir)?;
    let store = one_store(common).map(str::to_owned);
    let args::New { timestamp, raw, sql, repeatable, .. } = *new;
    let options = scaffold::new::New { store, timestamp, raw, sql, repeatable };
    let written = scaffold::new::new(&project, &new.name, &options)?;
    say_written(&written, common.output());
    Ok(ExitCode::SUCCESS)
}

pub fn renumber(
    renumber: &args::Renumber,
    common: &Common,
    manifest_dir: Option<&str>,
) -> Result<ExitCode, Error> {
    let project = project_dir::here(manifest_dir)?;
    let applied = applied_names(&project, common)?;
    let (old, new) = scaffold::renumber::renumber(&project, &renumber.name, one_store(common), &|name| {
        applied.iter().any(|applied| applied == name)
    })?;
    let output = common.output();
    if output.json {
        json::document(&json!({ "old": old, "new": new }));
    } else if !output.quiet {
        human::write_out(format!("{old} is {new} now\n").as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

/// What the configured database has applied. Read without the project's program: where two modules
/// have one number, it does not compile.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn applied_names(project: &ProjectDir, common: &Common) -> Result<Vec<String>, Error> {
    let directory: &'static str = Box::leak(project.dir.display().to_string().into_boxed_str());
    // Every store in its place, since the first one has another variable than the rest.
    let names = scaffold::store_dir::declared(&project.dir)?;
    let names: Vec<String> = names.into_iter().map(|store| store.name).collect();
    let wanted = one_store(common).or(names.first().map(String::as_str)).unwrap_or("main");
    let mut bare = Project::at(directory, "");
    for name in names.iter().map(String::as_str).chain(names.is_empty().then_some(wanted)) {
        bare = bare
            .store::<crate::AnyConnection, _>(name, crate::Registry::from_migrations(Vec::new()))
            .optional();
    }
    let config = Config::load_under(&bare, common.said())?.only_store(wanted);
    let status = Migrator::new(bare).with_config(config).status()?;
    Ok(status.stores.into_iter().flat_map(|store| store.migrations).map(|entry| entry.name).collect())
}

/// Without any store there is no ledger that could be read.
#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
fn applied_names(_: &ProjectDir, _: &Common) -> Result<Vec<String>, Error> {
    Ok(Vec::new())
}
