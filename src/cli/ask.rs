//! The commands that ask, and those that settle.

use std::process::ExitCode;

use serde_json::json;

use super::args::{self, Command, Common, Output};
use super::{check, confirm, generate, health, human, json, resolve, schema, signals};
use crate::error::Error;
use crate::inspect::{Difference, State};
use crate::migrator::Migrator;
use crate::scaffold;
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

/// The commands that ask, and those that settle.
pub fn ask(mut migrator: Migrator, command: Command, common: &Common) -> Result<ExitCode, Error> {
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
                let applied = store.migrations.iter().filter(|entry| {
                    matches!(entry.state, State::Applied | State::Changed | State::RunsAgain)
                });
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
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        Command::Squash(squash) => super::squash::run(&mut migrator, squash, common),
        #[cfg(not(any(feature = "sqlite", feature = "postgres")))]
        Command::Squash(_) => Err(Error::usage(
            "only migrations of SQL are squashed",
            "build with the feature sqlite or postgres",
        )),
        Command::Verify { schema: true, .. } => {
            signals::listen(&migrator.cancel());
            let drift = migrator.drift()?;
            Ok(schema::drift(&drift, output))
        }
        Command::Export { directory, no_ledger } => {
            super::export::export(&mut migrator, &directory, !no_ledger, common)
        }
        Command::Verify { offline: true, .. } => {
            let flaws = migrator.verify_offline()?;
            if output.json {
                json::document(&flaws);
            } else if !output.quiet {
                super::offline::print(&flaws);
            }
            Ok(asked(!flaws.is_empty()))
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
        Command::Adopt(adopt) => super::adopt::run(&mut migrator, &adopt, common),
        Command::Resolve(args::Resolve { to: Some(to), reason, .. }) => {
            resolve::to(&mut migrator, &to, &reason, "resolve", common)
        }
        Command::Resolve(resolve) => resolve::one(&mut migrator, &resolve, common),
        Command::Force(args::Force { name, reason }) => {
            let reason = reason.unwrap_or_else(|| format!("updown force {name}"));
            resolve::to(&mut migrator, &name, &reason, "force", common)
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
