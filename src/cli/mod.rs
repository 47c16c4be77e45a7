//! The command line: what was typed becomes a request, and what comes back becomes text, JSON and
//! an exit code. The same one serves `updown` and a project's own program.

mod adopt;
pub mod args;
mod ask;
mod check;
mod confirm;
mod emit;
mod error;
mod export;
mod forward;
mod generate;
mod health;
mod human;
mod json;
mod offline;
mod preview;
mod printable;
mod resolve;
mod run;
mod schema;
mod services;
mod signals;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod squash;
mod standalone;
mod standing;
mod write;

use std::process::ExitCode;

use clap::Parser;

use crate::project::Project;
use args::Args;
use standalone::Standalone;

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
    let args = parsed();
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
    let args = parsed();
    let output = args.common.output();
    if let Some(ended) = scaffolding(&args, None) {
        return finish(ended, output);
    }
    match whose(&args.common) {
        Ok(Whose::Program(project)) => forward::forward(&project, &args.common),
        Ok(Whose::Directory(directory)) => {
            let project = directory.project(&args.common);
            finish(project.and_then(|project| run::run(project, args)), output)
        }
        Err(error) => finish(Err(error), output),
    }
}

/// Who carries a command out.
enum Whose {
    /// The program of a workspace.
    Program(crate::scaffold::project_dir::ProjectDir),
    /// This one, for a directory of SQL.
    Directory(Standalone),
}

/// What is said goes over what is found, and a workspace's own program over a directory.
fn whose(common: &args::Common) -> Result<Whose, crate::Error> {
    if let Some(directory) = Standalone::said(common)? {
        return Ok(Whose::Directory(directory));
    }
    if let Some(project) = crate::scaffold::project_dir::find(std::path::Path::new("."))? {
        return Ok(Whose::Program(project));
    }
    Standalone::usual(common)?.map(Whose::Directory).ok_or_else(|| {
        crate::Error::usage(
            "there is neither a migrations crate nor a directory of SQL migrations here",
            "`updown init` makes a crate; `--dir DIR` or MIGRATIONS_DIR says where files of SQL are; or change into the \
             directory of a workspace that has one",
        )
    })
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

/// What was typed. `--format` is that of the files which are read, or of those which are written.
fn parsed() -> Args {
    let mut args = Args::parse();
    args.common.exports = matches!(args.command, args::Command::Export { .. });
    args
}
