//! The `updown` command where a workspace has a program of its own.

use std::process::{Command, ExitCode};

use super::args::{Common, Output};
use super::printable::printable;
use super::signals;
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
    signals::leave_to_the_child();
    match process.status() {
        Ok(status) => ExitCode::from(exit_code(status)),
        Err(source) => {
            super::finish(Err(Error::Io { what: "cannot start cargo".to_owned(), source }), Output::default())
        }
    }
}

fn exit_code(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
