//! `updown schema …`.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::json;

use super::args::{Output, SchemaCommand};
use super::json;
use super::printable::printable;
use crate::error::Error;
use crate::migrator::Migrator;

pub fn run(migrator: &mut Migrator, command: SchemaCommand, output: Output) -> Result<ExitCode, Error> {
    match command {
        SchemaCommand::Print { config_file } => {
            let files = migrator.print_schema(config_file.as_deref(), false)?;
            for warning in files.iter().flat_map(|file| &file.printed.warnings) {
                anstream::eprintln!("warning: {}", printable(warning));
            }
            if output.json {
                let file = |file: &crate::schema_file::SchemaFile| {
                    let crate::schema_file::SchemaFile { config, printed } = file;
                    json!({ "key": config.key, "file": config.file, "text": printed.text, "warnings": printed.warnings })
                };
                json::document(&files.iter().map(file).collect::<Vec<_>>());
            } else {
                files.iter().for_each(|file| write(&file.printed.text));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// As it is, but to a terminal without what that would obey.
fn write(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let shown = if stdout.is_terminal() { printable(text) } else { text.to_owned() };
    let _ = stdout.write_all(shown.as_bytes()).and_then(|()| stdout.flush());
}
