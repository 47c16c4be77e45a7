//! Two files for each migration.

use std::collections::HashMap;

use super::stems::{Stem, at_top};
use super::{Pair, misnamed};
use crate::registry::BadList;
use crate::source::files::SqlFile;
use crate::source::format::SqlFormat;
use crate::source::text::SqlText;

/// The migrations of files whose names say which one they belong to.
pub fn by(
    files: Vec<SqlFile>,
    format: SqlFormat,
    stem: fn(&SqlFile) -> Option<Stem<'_>>,
) -> Result<Vec<Pair>, BadList> {
    let mut found: Vec<Pair> = Vec::new();
    let (mut by_name, mut downs) = (HashMap::new(), Vec::new());
    for file in files {
        let Some((name, is_down)) = stem(&file).map(|(name, is_down)| (name.to_owned(), is_down)) else {
            // In a folder of its own it is somebody else's.
            if at_top(&file).is_none() {
                continue;
            }
            return Err(misnamed(&file.shown, format));
        };
        let text = SqlText::whole(file.text, file.shown);
        match is_down {
            true => downs.push((name, text)),
            false => {
                by_name.entry(name.clone()).or_insert(found.len());
                found.push(Pair {
                    name: name.into(),
                    up: text,
                    down: None,
                    is_repeatable: false,
                    is_one_way: false,
                });
            }
        }
    }
    for (name, text) in downs {
        let Some(pair) = by_name.get(&name).and_then(|at| found.get_mut(*at)) else {
            return Err(BadList {
                message: format!("{} is a way back without a way forward", text.file),
                hint: format!("give it one, named like {}, or take it away", format.example()),
            });
        };
        if let Some(other) = pair.down.replace(text) {
            return Err(BadList {
                message: format!("{name} has two ways back, one of them {}", other.file),
                hint: "take one of them away".to_owned(),
            });
        }
    }
    Ok(found)
}
