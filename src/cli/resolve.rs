//! `updown resolve`, and `updown force`.

use std::process::ExitCode;

use serde_json::json;

use super::args::{self, Common};
use super::printable::printable;
use super::{confirm, human, json};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::resolve::{Resolution, ResolvedTo};

/// How one migration stands.
pub fn one(migrator: &mut Migrator, typed: &args::Resolve, common: &Common) -> Result<ExitCode, Error> {
    let (config, output) = (migrator.config()?, common.output());
    let resolution = match typed {
        args::Resolve { applied: true, .. } => Resolution::Applied,
        args::Resolve { rolled_back: true, .. } => Resolution::RolledBack,
        args::Resolve { step: Some(args::Step::Done), .. } => Resolution::StepDone,
        args::Resolve { step: Some(args::Step::Again), .. } => Resolution::StepAgain,
        _ => Resolution::Rehash,
    };
    // Clap sees to it that there is one.
    let name = typed.name.as_deref().unwrap_or_default();
    let would = match resolution {
        Resolution::Applied => "enter {} into the ledger as applied, without running it",
        Resolution::RolledBack => "take {} out of the ledger, without running anything",
        Resolution::Rehash => "enter today's hash of {}",
        Resolution::StepDone => "enter the step of {} that was interrupted as done",
        Resolution::StepAgain => "have the step of {} that was interrupted run again",
    };
    confirm::said(common, &config, "resolve", &would.replace("{}", name))?;
    let name = migrator.resolve(name, resolution, &typed.reason)?;
    if output.json {
        json::document(&json!({ "resolved": name }));
    } else if !output.quiet {
        let said = format!("{name} is settled; `updown status` shows how it stands\n");
        human::write_out(said.as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

/// Up to where all are applied.
pub fn to(
    migrator: &mut Migrator,
    name: &str,
    reason: &str,
    what: &str,
    common: &Common,
) -> Result<ExitCode, Error> {
    let (config, output) = (migrator.config()?, common.output());
    let would = match name {
        "-1" => "take every migration out of the ledger, without running anything".to_owned(),
        name => {
            format!("enter all up to {name} as applied and take out all behind it, without running anything")
        }
    };
    confirm::said(common, &config, what, &would)?;
    let resolved = migrator.resolve_to(name, reason)?;
    if output.json {
        json::document(&resolved);
    } else if !output.quiet {
        human::write_out(said(&resolved).as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

fn said(resolved: &ResolvedTo) -> String {
    let mut text = String::new();
    let lines = [("entered", &resolved.entered), ("taken out", &resolved.removed)];
    for (word, names) in lines {
        for name in names {
            text.push_str(&format!("  {word:<9} {}\n", printable(name)));
        }
    }
    let place = match &resolved.at {
        Some(name) => format!("stands at {}", printable(name)),
        None => "stands before the first migration".to_owned(),
    };
    text.push_str(&format!("store {} {place}\n", resolved.store));
    text
}
