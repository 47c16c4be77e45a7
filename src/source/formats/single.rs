//! One file for each migration, without a way back.

use super::stems::{at_top, is_numbered};
use super::{Pair, misnamed};
use crate::migration::number_of;
use crate::registry::BadList;
use crate::source::files::SqlFile;
use crate::source::format::SqlFormat;
use crate::source::text::SqlText;

/// The name of `V1__name.sql`.
pub fn version(file: &SqlFile) -> Option<&str> {
    let stem = at_top(file)?;
    (stem.starts_with('V') && stem.contains("__") && number_of(stem).is_some()).then_some(stem)
}

pub fn pairs(files: Vec<SqlFile>, format: SqlFormat) -> Result<Vec<Pair>, BadList> {
    let mut found = Vec::new();
    for file in files {
        let Some(stem) = at_top(&file) else { continue };
        let fits = match format {
            SqlFormat::Versioned => version(&file).is_some(),
            SqlFormat::Cql => file.path.ends_with(".cql"),
            _ => is_numbered(&file),
        };
        if !fits {
            return Err(misnamed(&file.shown, format));
        }
        let name = stem.to_owned().into();
        let up = SqlText::whole(file.text, file.shown);
        found.push(Pair { name, up, down: None, is_repeatable: false, is_one_way: true });
    }
    Ok(found)
}

/// `R__name.sql`.
pub fn repeatable(file: SqlFile) -> Pair {
    let name = at_top(&file).unwrap_or(&file.path).to_owned().into();
    Pair {
        name,
        up: SqlText::whole(file.text, file.shown),
        down: None,
        is_repeatable: true,
        is_one_way: true,
    }
}
