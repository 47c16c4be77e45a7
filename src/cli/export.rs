//! `updown export`.

use std::path::Path;
use std::process::ExitCode;

use super::args::Common;
use super::printable::printable;
use super::{confirm, human, json, signals};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::source::SqlFormat;

pub fn export(
    migrator: &mut Migrator,
    directory: &Path,
    with_ledger: bool,
    common: &Common,
) -> Result<ExitCode, Error> {
    let format: SqlFormat =
        common.format.as_deref().and_then(|format| format.parse().ok()).ok_or_else(|| {
            Error::usage("the format to export is not said", "`--format diesel` or `--format golang-migrate`")
        })?;
    let store = common.store.first().map(String::as_str);
    if with_ledger {
        let config = migrator.config()?;
        confirm::said(
            common,
            &config,
            "export",
            "write the other tool's ledger into the database, beside its own",
        )?;
    }
    signals::listen(&migrator.cancel());
    let mut exported = migrator.export(store, format, directory)?;
    if with_ledger {
        exported.table = Some(migrator.export_ledger(store, format)?);
    }
    let output = common.output();
    if output.json {
        json::document(&exported);
    } else if !output.quiet {
        let mut said = format!("wrote {} files into {}\n", exported.files.len(), directory.display());
        for note in &exported.notes {
            said.push_str(&format!("  note: {}\n", printable(note)));
        }
        said.push_str(&format!("\nnext: `{}`\n", next(format, directory, exported.table.as_deref())));
        human::write_out(said.as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

/// What shows that the other tool knows where it is.
fn next(format: SqlFormat, directory: &Path, table: Option<&str>) -> String {
    match format {
        SqlFormat::Diesel => format!("diesel migration list --migration-dir {}", directory.display()),
        _ => {
            let table = table.map(|table| format!("?x-migrations-table={table}")).unwrap_or_default();
            format!("migrate -path {} -database \"$DATABASE_URL{table}\" version", directory.display())
        }
    }
}
