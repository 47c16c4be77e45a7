//! What is asked before a database that is not a developer's own is changed.

use std::io::IsTerminal;

use super::args::Common;
use super::human;
use super::printable::printable;
use crate::config::Config;
use crate::error::{Error, Refusal, Rule};
use crate::plan::Plan;

/// Shows the plan and asks for the environment's name, outside development and test.
pub fn change(common: &Common, config: &Config, plan: &Plan, what: &str) -> Result<(), Error> {
    named(common, config, what, "updown plan", || human::plan_to(&mut anstream::stderr(), plan))
}

/// The same of what is no plan: says what it would do.
pub fn said(common: &Common, config: &Config, what: &str, would: &str) -> Result<(), Error> {
    shown_by(common, config, what, "updown status", would)
}

/// The same of what another command shows beforehand.
pub fn shown_by(
    common: &Common,
    config: &Config,
    what: &str,
    shown_by: &str,
    would: &str,
) -> Result<(), Error> {
    named(common, config, what, shown_by, || anstream::eprintln!("  `{what}` would {}", printable(would)))
}

/// `shown_by` is the command that says what would come of it, or what there is.
fn named(
    common: &Common,
    config: &Config,
    what: &str,
    shown_by: &str,
    show: impl FnOnce(),
) -> Result<(), Error> {
    if config.environment.is_relaxed() || common.yes {
        return Ok(());
    }
    let environment = config.environment.name();
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() || common.json {
        return Err(refused(
            format!("`{what}` would change {environment}, and nobody is there to confirm it"),
            &format!("look at `{shown_by}`, then say `--yes`"),
        ));
    }
    show();
    let typed: String = dialoguer::Input::new()
        .with_prompt(format!("type {environment} to confirm"))
        .allow_empty(true)
        .interact_text()
        .unwrap_or_default();
    if typed.trim() == environment {
        Ok(())
    } else {
        Err(refused(
            "not confirmed: nothing was done".to_owned(),
            "type the environment's name, or say `--yes`",
        ))
    }
}

/// Asks whether to go on, in every environment.
pub fn go_on(common: &Common, question: &str) -> Result<(), Error> {
    if common.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || common.json {
        return Err(refused(format!("{question}: nobody is there to confirm it"), "say `--yes`"));
    }
    match dialoguer::Confirm::new().with_prompt(question).default(false).interact() {
        Ok(true) => Ok(()),
        _ => Err(refused("not confirmed: nothing was done".to_owned(), "answer y, or say `--yes`")),
    }
}

pub fn refused(message: String, hint: &str) -> Error {
    Error::Refused(Box::new(Refusal {
        rule: Rule::Unconfirmed,
        store: String::new(),
        names: Vec::new(),
        message,
        hint: hint.to_owned(),
    }))
}
