//! The `updown` command where a workspace has a program of its own.

use std::process::{Command, ExitCode};

use super::args::{Common, Output};
use super::printable::printable;
use crate::error::Error;
use crate::scaffold::{features, project_dir::ProjectDir};

/// Runs the project's own program with the same arguments, and with the cargo features that the configured stores
/// need. Only the package that is marked as one is ever run, and what is run is said.
pub fn forward(project: &ProjectDir, common: &Common) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut process = Command::new(cargo);
    process.args(["run", "--quiet", "--manifest-path"]).arg(&project.manifest);
    process.args(["--package", &project.package, "--bin", &project.program]);
    let mut said = format!("cargo run --quiet --package {} --bin {}", project.package, project.program);
    for feature in features::needed(project, common.said()) {
        process.args(["--features", &feature]);
        said.push_str(&format!(" --features {feature}"));
    }
    anstream::eprintln!("running `{}`", printable(&said));
    process.arg("--").args(std::env::args_os().skip(1));
    let error = match run(process) {
        Ok(code) => return code,
        Err(source) => Error::Io { what: "cannot start cargo".to_owned(), source },
    };
    super::finish(Err(error), Output::default())
}

/// In the place of this process: a signal to it is one to the program, also where nobody else is there to pass
/// it on, as in a container.
#[cfg(unix)]
fn run(mut process: Command) -> std::io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut process))
}

#[cfg(not(unix))]
fn run(mut process: Command) -> std::io::Result<ExitCode> {
    super::signals::leave_to_the_child();
    let code = process.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
