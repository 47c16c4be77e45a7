//! A folder for each migration: `2024-01-01-000000_name/{up,down}.sql`, and `metadata.toml`.

use std::collections::BTreeMap;

use super::{Pair, misnamed};
use crate::migration::number_of;
use crate::registry::BadList;
use crate::source::files::SqlFile;
use crate::source::format::SqlFormat;
use crate::source::text::SqlText;

/// Whether a file is one of such a folder.
pub fn is_one(file: &SqlFile) -> bool {
    !file.folder().is_empty() && file.name() == "up.sql" && number_of(file.folder()).is_some()
}

pub fn pairs(files: Vec<SqlFile>) -> Result<Vec<Pair>, BadList> {
    let mut folders: BTreeMap<String, BTreeMap<String, SqlFile>> = BTreeMap::new();
    for file in files {
        if file.folder().is_empty() {
            // Diesel looks into folders alone.
            continue;
        }
        folders.entry(file.folder().to_owned()).or_default().insert(file.name().to_owned(), file);
    }
    let mut found = Vec::new();
    for (folder, mut files) in folders {
        let Some(up) = files.remove("up.sql") else {
            return Err(match files.into_values().next() {
                Some(other) if other.name() == "down.sql" => BadList {
                    message: format!("{} is a way back without a way forward", other.shown),
                    hint: "put an `up.sql` beside it, or take the folder away".to_owned(),
                },
                Some(other) => misnamed(&other.shown, SqlFormat::Diesel),
                None => continue,
            });
        };
        let is_outside = match files.get("metadata.toml") {
            Some(metadata) => !runs_in_transaction(metadata)?,
            None => false,
        };
        let text = |file: SqlFile| {
            let mut text = SqlText::whole(file.text, file.shown);
            text.is_outside |= is_outside;
            text
        };
        let down = files.remove("down.sql").map(text);
        found.push(Pair { name: folder.into(), up: text(up), down, is_repeatable: false, is_one_way: false });
    }
    Ok(found)
}

/// What `metadata.toml` says; its only key.
fn runs_in_transaction(file: &SqlFile) -> Result<bool, BadList> {
    let wrong = |why: String| BadList {
        message: format!("{}: {why}", file.shown),
        hint: "write `run_in_transaction = false` or `run_in_transaction = true`".to_owned(),
    };
    let table: toml_edit::DocumentMut = file
        .text
        .parse()
        .map_err(|error: toml_edit::TomlError| wrong(error.to_string().trim().to_owned()))?;
    match table.get("run_in_transaction") {
        None => Ok(true),
        Some(said) => {
            said.as_bool().ok_or_else(|| wrong("run_in_transaction is neither true nor false".to_owned()))
        }
    }
}
