//! Each command: from what was typed to the library, and back.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::args::{self, Args, Command, Common, Output};
use super::{check, confirm, generate, health, human, json, preview, schema, signals};
use crate::config::Config;
use crate::config::explained::explain;
use crate::declared::Before;
use crate::error::Error;
use crate::inspect::{Difference, State};
use crate::migrator::Migrator;
use crate::plan::{Request, Selection};
use crate::project::Project;
use crate::resolve::Resolution;
use crate::scaffold;
use crate::scaffold::project_dir::{self, ProjectDir};
use crate::standing::Unreachable;

/// What the commands that ask say with their exit code.
const PENDING_OR_DIFFERENT: u8 = 3;

pub fn asked(differs: bool) -> ExitCode {
    if differs { ExitCode::from(PENDING_OR_DIFFERENT) } else { ExitCode::SUCCESS }
}

/// The answer is not the whole one where a store could not be asked: whatever the others say, that comes first.
pub fn answered<'a>(
    mut stores: impl Iterator<Item = &'a Option<Unreachable>>,
    otherwise: ExitCode,
) -> Result<ExitCode, Error> {
    Ok(if stores.any(Option::is_some) { ExitCode::FAILURE } else { otherwise })
}

pub fn run(project: Project, args: Args) -> Result<ExitCode, Error> {
    let Args { common, command } = args;
    let output = common.output();
    if matches!(command, Command::Config) {
        return show_config(&project, &common);
    }
    let mut config = configured(&project, &common, &command)?;
    let mut migrator = Migrator::new(project);
    let (mut locked, mut backs_up) = (false, false);
    let (request, dry_run, what) = match command {
        Command::Migrate(args::Migrate { range, locked: is_locked, first, rehearsal }) => {
            config = config.allow_out_of_order(range.allow_out_of_order);
            (locked, backs_up) = (is_locked, first.backup);
            (Request::Migrate { to: range.to, count: range.step }, rehearsal.dry_run, "migrate")
        }
        Command::Rollback(rollback) => {
            let dry_run = rollback.rehearsal.dry_run;
            (locked, backs_up) = (rollback.locked, rollback.first.backup);
            (Request::Rollback(selection(rollback)), dry_run, "rollback")
        }
        Command::Redo(rollback) => {
            let dry_run = rollback.rehearsal.dry_run;
            (locked, backs_up) = (rollback.locked, rollback.first.backup);
            (Request::Redo(selection(rollback)), dry_run, "redo")
        }
        Command::Goto { name, first, rehearsal } => {
            backs_up = first.backup;
            (Request::Goto(name), rehearsal.dry_run, "goto")
        }
        Command::Fresh { all_services } => {
            config = config.fresh_for_all_services(all_services);
            (Request::Fresh, false, "fresh")
        }
        Command::Plan { rollback, sql, all_backends, range } => {
            config = config.allow_out_of_order(range.allow_out_of_order);
            let request = if rollback {
                Request::rollback()
            } else {
                Request::Migrate { to: range.to, count: range.step }
            };
            if sql {
                let preview = match all_backends {
                    true => migrator.with_config(config).preview_everywhere(),
                    false => migrator.with_config(config).preview(&request),
                }?;
                if output.json {
                    json::document(&preview);
                } else if !output.quiet {
                    preview::print(&preview);
                }
                return Ok(ExitCode::SUCCESS);
            }
            let plan = migrator.with_config(config).plan(&request)?;
            if output.json {
                json::document(&plan);
            } else if !output.quiet {
                human::plan(&plan);
            }
            return Ok(ExitCode::SUCCESS);
        }
        Command::Startup { .. } => return startup(migrator.with_config(config.clone()), &config, output),
        other => {
            migrator = migrator.with_config(config);
            // A warning would not be a part of a document.
            if !output.json {
                migrator = migrator.with_reporter(human::Lines::new(output));
            }
            return ask(migrator, other, &common);
        }
    };
    config.backs_up |= backs_up;
    migrator = migrator.with_config(config.clone());
    migrator = if output.json {
        migrator.with_reporter(json::JsonLines)
    } else {
        migrator.with_reporter(human::Lines::new(output))
    };
    if !config.environment.is_relaxed() && request != Request::Fresh {
        // Nothing to do needs no confirmation; what is refused is refused before it is asked for.
        let plan = migrator.plan(&request)?;
        if !plan.actions.is_empty() {
            confirm::change(&common, &config, &plan, what)?;
        }
    }
    signals::listen_during(&migrator, &config, output);
    // In development the files that declare the schema come along.
    let refreshes = !dry_run && !locked && config.refreshes_schema && config.environment.is_development();
    let before = if refreshes { migrator.before_refresh(&request) } else { None };
    let ended = if dry_run { migrator.dry_run(&request) } else { migrator.run(&request) };
    // The progress line goes before anything else is said.
    migrator = migrator.with_reporter(());
    let report = ended?;
    if output.json {
        json::finished(&report)
    } else {
        human::report(&report, output)
    }
    match (before, locked) {
        (_, true) => Ok(schema::refreshed(&migrator.refresh(&Before::default(), true)?, output)),
        (Some(before), false) => {
            // The run is done: what became of a file does not make it a failure.
            match migrator.refresh(&before, false) {
                Ok(refreshed) => drop(schema::refreshed(&refreshed, output)),
                Err(error) => schema::not_refreshed(&error, output),
            }
            Ok(ExitCode::SUCCESS)
        }
        (None, false) => Ok(ExitCode::SUCCESS),
    }
}

fn configured(project: &Project, common: &Common, command: &Command) -> Result<Config, Error> {
    let mut said = common.said();
    match command {
        // There is nothing else that would take time.
        Command::Wait => {
            if let Some(timeout) = said.remove("UPDOWN_TIMEOUT") {
                said.insert("UPDOWN_WAIT_FOR_DATABASE".to_owned(), timeout);
            }
        }
        Command::Startup { refuse_newer: true } => {
            said.insert("UPDOWN_REFUSE_NEWER_DATABASE".to_owned(), "true".to_owned());
        }
        _ => {}
    }
    let config = Config::load_under(project, said)?;
    Ok(common.store.iter().fold(config, |config, store| config.only_store(store)))
}

/// A container's log is read as it comes: the decision first, then each migration.
fn startup(migrator: Migrator, config: &Config, output: Output) -> Result<ExitCode, Error> {
    let mut migrator = match output.json {
        true => migrator.with_reporter(json::JsonLines),
        false => migrator.with_reporter(human::Lines::new(output)),
    };
    signals::listen_during(&migrator, config, output);
    let started = migrator.startup();
    drop(migrator);
    let started = started?;
    if output.json {
        json::finished(&started);
    } else if !started.report.stores.is_empty() || !started.report.skipped.is_empty() {
        human::report(&started.report, output);
    }
    Ok(ExitCode::SUCCESS)
}

fn show_config(project: &Project, common: &Common) -> Result<ExitCode, Error> {
    let values = explain(project, common.said())?;
    if common.json {
        json::document(&values);
    } else if !common.quiet {
        human::config(&values);
    }
    Ok(ExitCode::SUCCESS)
}

fn selection(rollback: args::Rollback) -> Selection {
    match rollback {
        args::Rollback { newest: Some(count), .. } | args::Rollback { step: Some(count), .. } => {
            Selection::Count(count)
        }
        args::Rollback { batch: Some(batch), .. } => Selection::Batch(batch),
        args::Rollback { to: Some(name), .. } => Selection::To(name),
        args::Rollback { name: Some(name), .. } => Selection::Name(name),
        args::Rollback { all: true, .. } => Selection::All,
        _ => Selection::LastBatch,
    }
}

/// The commands that ask, and those that settle.
fn ask(mut migrator: Migrator, command: Command, common: &Common) -> Result<ExitCode, Error> {
    let output = common.output();
    match command {
        Command::Status { check, all_services: true } => {
            let services = migrator.services()?;
            if output.json {
                json::document(&services);
            } else if !output.quiet {
                super::services::print(&services);
            }
            let pending = services.services.iter().any(|service| service.pending > Some(0));
            Ok(if services.unreachable.is_empty() { asked(check && pending) } else { ExitCode::FAILURE })
        }
        Command::Status { check, all_services: false } => {
            let status = migrator.status()?;
            if output.json {
                json::document(&status);
            } else if !output.quiet {
                human::status(&status);
            }
            let otherwise = asked(check && status.pending() > 0);
            answered(status.stores.iter().map(|store| &store.unreachable), otherwise)
        }
        Command::Health => health::run(&mut migrator, output),
        Command::Version => {
            let status = migrator.status()?;
            let newest = |store: &crate::inspect::StoreStatus| {
                let applied = store
                    .migrations
                    .iter()
                    .filter(|entry| matches!(entry.state, State::Applied | State::Changed));
                applied.max_by(|a, b| a.applied_at.cmp(&b.applied_at)).map(|entry| entry.name.clone())
            };
            if output.json {
                let reached = status.stores.iter().filter(|store| store.unreachable.is_none());
                let versions = reached.map(|store| (store.name.as_str(), newest(store)));
                json::document(&versions.collect::<std::collections::BTreeMap<_, _>>());
            } else {
                for store in &status.stores {
                    if !human::unreachable(&store.name, store.unreachable.as_ref()) {
                        let newest = newest(store).unwrap_or_else(|| "nothing is applied".to_owned());
                        human::write_out(format!("{}: {newest}\n", store.name).as_bytes());
                    }
                }
            }
            answered(status.stores.iter().map(|store| &store.unreachable), ExitCode::SUCCESS)
        }
        Command::Wait => {
            signals::listen(&migrator.cancel());
            let ready = migrator.wait()?;
            if output.json {
                json::document(&ready);
            } else if !output.quiet {
                for ready in ready {
                    human::write_out(format!("store {} is ready\n", ready.store).as_bytes());
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::History { limit } => {
            let history = migrator.history(limit)?;
            if output.json {
                json::document(&history);
            } else if !output.quiet {
                human::history(&history);
            }
            answered(history.iter().map(|store| &store.unreachable), ExitCode::SUCCESS)
        }
        Command::Check => {
            signals::listen(&migrator.cancel());
            let checked = migrator.check()?;
            drop(migrator);
            if output.json {
                json::document(&checked);
            } else if !output.quiet {
                check::print(&checked);
            }
            Ok(asked(checked.found() > 0))
        }
        Command::Schema { command } => super::schema::run(&mut migrator, command, output),
        Command::Baseline(baseline) => {
            let config = migrator.config()?;
            let would = "write a migration with the whole of the database, and record it there as applied";
            confirm::said(common, &config, "baseline", would)?;
            generate::baseline(&mut migrator, &baseline, common)
        }
        Command::New(new) => generate::new(&mut migrator, &new, common),
        Command::Verify { schema: true, .. } => {
            signals::listen(&migrator.cancel());
            let drift = migrator.drift()?;
            Ok(schema::drift(&drift, output))
        }
        Command::Verify { accept, .. } => {
            let verification = migrator.verify()?;
            let is_whole = verification.unreachable.is_empty();
            if accept {
                for (store, why) in &verification.unreachable {
                    anstream::eprintln!("store {store} was left out: {}", why.because);
                }
                let accepted = accept_all(&mut migrator, &verification.differences, output)?;
                return Ok(if is_whole { accepted } else { ExitCode::FAILURE });
            }
            if output.json {
                json::document(&verification);
            } else if !output.quiet {
                human::differences(&verification);
            }
            let otherwise = asked(!verification.differences.is_empty());
            Ok(if is_whole { otherwise } else { ExitCode::FAILURE })
        }
        Command::Resolve(resolve) => {
            let resolution = match resolve {
                args::Resolve { applied: true, .. } => Resolution::Applied,
                args::Resolve { rolled_back: true, .. } => Resolution::RolledBack,
                args::Resolve { step: Some(args::Step::Done), .. } => Resolution::StepDone,
                args::Resolve { step: Some(args::Step::Again), .. } => Resolution::StepAgain,
                _ => Resolution::Rehash,
            };
            let config = migrator.config()?;
            let would = match resolution {
                Resolution::Applied => "enter {} into the ledger as applied, without running it",
                Resolution::RolledBack => "take {} out of the ledger, without running anything",
                Resolution::Rehash => "enter today's hash of {}",
                Resolution::StepDone => "enter the step of {} that was interrupted as done",
                Resolution::StepAgain => "have the step of {} that was interrupted run again",
            };
            confirm::said(common, &config, "resolve", &would.replace("{}", &resolve.name))?;
            let name = migrator.resolve(&resolve.name, resolution, &resolve.reason)?;
            if output.json {
                json::document(&json!({ "resolved": name }));
            } else if !output.quiet {
                let said = format!("{name} is settled; `updown status` shows how it stands\n");
                human::write_out(said.as_bytes());
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Lock { release } => {
            let mut locks = migrator.lock()?;
            if release && locks.iter().any(|store| store.holder.is_some()) {
                let config = migrator.config()?;
                if config.environment.is_relaxed() {
                    confirm::go_on(
                        common,
                        "take the lock away from its holder, which stops at its next migration or step?",
                    )?;
                } else {
                    let holders: Vec<String> = locks
                        .iter()
                        .filter_map(|store| {
                            Some(format!("{} in store {}", store.holder.as_ref()?.by, store.store))
                        })
                        .collect();
                    let would = format!(
                        "take the lock away from {}, which stops at its next migration or step",
                        holders.join(" and ")
                    );
                    confirm::said(common, &config, "lock --release", &would)?;
                }
                migrator.release_lock()?;
                locks.iter_mut().for_each(|store| store.holder = None);
            }
            if output.json {
                json::document(&locks);
            } else if !output.quiet {
                human::lock(&locks);
            }
            answered(locks.iter().map(|store| &store.unreachable), ExitCode::SUCCESS)
        }
        other => Err(Error::usage(
            format!("{other:?} is not a command of a project's program"),
            "`updown --help` lists them",
        )),
    }
}

/// Writes `formerly` into the list for every change.
fn accept_all(
    migrator: &mut Migrator,
    differences: &[Difference],
    output: Output,
) -> Result<ExitCode, Error> {
    let root = migrator.config()?.root;
    let mut accepted = Vec::new();
    for difference in differences {
        let (Some(file), Some(_)) = (&difference.file, &difference.hash) else {
            return Err(Error::usage(
                format!("{} is not in the list any more, and cannot be accepted", difference.name),
                format!(
                    "`updown resolve {} --rolled-back --reason \"…\"` takes it out of the ledger",
                    difference.name
                ),
            ));
        };
        let list = root.join(file).with_file_name("mod.rs");
        scaffold::list::accept(&list, &difference.name, &difference.applied_hash)?;
        accepted.push((&difference.name, list));
    }
    if output.json {
        let lines: Vec<_> =
            accepted.iter().map(|(name, list)| json!({ "name": name, "list": list })).collect();
        json::document(&lines);
    } else if !output.quiet {
        for (name, list) in accepted {
            human::write_out(format!("accepted {name} in {}\n", list.display()).as_bytes());
        }
    }
    Ok(ExitCode::SUCCESS)
}

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
    let project = project_dir::here(manifest_dir)?;
    let store = one_store(common).map(str::to_owned);
    let options = scaffold::new::New { store, timestamp: new.timestamp, raw: new.raw };
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
