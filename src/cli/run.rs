//! What was typed becomes a request of the library, and its report becomes text, JSON and an exit code.

use std::process::ExitCode;

use super::args::{self, Args, Command, Common, Output};
use super::ask::ask;
use super::{confirm, human, json, preview, schema, signals};
use crate::config::Config;
use crate::config::explained::explain;
use crate::declared::Before;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::plan::{Request, Selection};
use crate::project::Project;

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
        Command::Migrate(args::Migrate { next, range, locked: is_locked, first, rehearsal }) => {
            config = config.allow_out_of_order(range.allow_out_of_order);
            (locked, backs_up) = (is_locked, first.backup);
            (Request::Migrate { to: range.to, count: range.step.or(next) }, rehearsal.dry_run, "migrate")
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
