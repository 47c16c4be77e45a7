//! Completions and manual pages, made from the command line's own definition.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use super::args::Args;
use crate::error::Error;

pub fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "updown", &mut text);
    super::human::write_out(&text);
    Ok(ExitCode::SUCCESS)
}

pub fn man(directory: Option<&Path>) -> Result<ExitCode, Error> {
    let failed = |source| Error::Io { what: "cannot write the manual pages".to_owned(), source };
    match directory {
        Some(directory) => clap_mangen::generate_to(Args::command(), directory).map_err(failed)?,
        None => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut text).map_err(failed)?;
            super::human::write_out(&text);
        }
    }
    Ok(ExitCode::SUCCESS)
}
