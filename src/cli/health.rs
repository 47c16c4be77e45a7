//! `updown health`: whether everything is applied.

use std::process::ExitCode;

use super::args::Output;
use super::ask::{answered, asked};
use super::human::{self, GREEN, YELLOW};
use super::json;
use super::printable::printable;
use crate::error::Error;
use crate::health::Health;
use crate::migrator::Migrator;

pub fn run(migrator: &mut Migrator, output: Output) -> Result<ExitCode, Error> {
    let health = migrator.health()?;
    if output.json {
        json::document(&health);
    } else if !output.quiet {
        print(&health);
    }
    // Why it is pending is worth a second look: what has failed does not come by waiting.
    let has_failed = !health.is_ready() && migrator.status()?.has_failed();
    let otherwise = if has_failed { ExitCode::FAILURE } else { asked(!health.is_ready()) };
    answered(health.stores.iter().map(|store| &store.unreachable), otherwise)
}

fn print(health: &Health) {
    for store in &health.stores {
        if human::unreachable(&store.name, store.unreachable.as_ref()) {
            continue;
        }
        let line = match store.reason() {
            Some(reason) => format!("{YELLOW}not ready{YELLOW:#}: {}\n", printable(&reason)),
            None => format!("store {}: {GREEN}ready{GREEN:#}\n", store.name),
        };
        human::write_out(line.as_bytes());
    }
    human::say_skipped(&health.skipped);
}
