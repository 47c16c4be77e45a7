//! The command line: what was typed becomes a request, and what comes back becomes text, JSON and
//! an exit code. The same one serves `updown` and a project's own program.

pub mod args;
mod ask;
mod check;
mod confirm;
mod emit;
mod error;
mod forward;
mod generate;
mod health;
mod human;
mod json;
mod preview;
mod printable;
mod run;
mod schema;
mod services;
mod signals;
mod standing;
mod write;

use std::process::ExitCode;

use clap::Parser;

use crate::project::Project;
use args::Args;

/// The program of a project: parses the command line, runs it on `project` and says how it ended.
///
/// ```no_run
/// # updown::registry! { pub static MAIN: updown::prelude::SqliteConnection = [] }
/// # mod migrations { pub fn project() -> updown::Project { updown::project! { main: super::MAIN } } }
/// fn main() -> std::process::ExitCode {
///     updown::cli(migrations::project())
/// }
/// ```
///
/// The exit code is 0 when done, 1 failed, 2 usage, 3 pending or different (for the commands that
/// ask), 4 locked, 5 refused by a safety rule, 130 and 143 when ended by a signal.
pub fn cli(project: Project) -> ExitCode {
    signals::as_first_process();
    let args = Args::parse();
    let output = args.common.output();
    let ended = match scaffolding(&args, Some(project.manifest_dir)) {
        Some(ended) => ended,
        None => run::run(project, args),
    };
    finish(ended, output)
}

/// The `updown` command: what needs no project's program is done at once, everything else is
/// forwarded to it.
pub fn command() -> ExitCode {
    signals::as_first_process();
    let args = Args::parse();
    let output = args.common.output();
    if let Some(ended) = scaffolding(&args, None) {
        return finish(ended, output);
    }
    match crate::scaffold::project_dir::find(std::path::Path::new(".")) {
        Ok(Some(project)) => forward::forward(&project, &args.common),
        Ok(None) => finish(
            Err(crate::Error::usage(
                "there is no migrations crate here",
                "`updown init` makes one; or change into the directory of a workspace that has one",
            )),
            output,
        ),
        Err(error) => finish(Err(error), output),
    }
}

/// The commands that work on files and need no compiled project.
fn scaffolding(args: &Args, manifest_dir: Option<&str>) -> Option<Result<ExitCode, crate::Error>> {
    use args::Command;
    match &args.command {
        Command::Init(init) => Some(write::init(init, args.common.output())),
        Command::New(new) if !new.diff => Some(write::new(new, &args.common, manifest_dir)),
        Command::Renumber(renumber) => Some(write::renumber(renumber, &args.common, manifest_dir)),
        Command::Completions { shell } => Some(emit::completions(*shell)),
        Command::Man { directory } => Some(emit::man(directory.as_deref())),
        _ => None,
    }
}

fn finish(ended: Result<ExitCode, crate::Error>, output: args::Output) -> ExitCode {
    match ended {
        Ok(code) => code,
        Err(error) => {
            if output.json {
                json::error(&error);
            } else {
                error::print(&error);
            }
            ExitCode::from(error.exit_code())
        }
    }
}
