//! What each format makes of the files of a directory.

pub mod diesel;
pub mod goose;
pub mod pairs;
pub mod single;
pub mod stems;

use std::borrow::Cow;
use std::collections::HashMap;

use super::files::SqlFile;
use super::format::SqlFormat;
use super::text::SqlText;
use crate::migration::number_of;
use crate::registry::BadList;
use crate::sql::Dialect;

/// One migration of a directory.
#[derive(Debug)]
pub struct Pair {
    /// As the ledger has it.
    pub name: Cow<'static, str>,
    pub up: SqlText,
    pub down: Option<SqlText>,
    pub is_repeatable: bool,
    /// Whether the format knows no ways back.
    pub is_one_way: bool,
}

impl Pair {
    pub fn is_cql(&self) -> bool {
        self.up.file.ends_with(".cql")
    }

    fn dialect(&self) -> Dialect {
        if self.is_cql() { Dialect::Cql } else { Dialect::Postgres }
    }
}

/// The migrations of a directory, in the order in which they run.
pub fn pairs(format: SqlFormat, files: Vec<SqlFile>) -> Result<Vec<Pair>, BadList> {
    let found = unchecked_pairs(format, files)?;
    found.iter().try_for_each(check_empty)?;
    Ok(found)
}

/// The same, with those that nobody has written yet.
pub fn unchecked_pairs(format: SqlFormat, files: Vec<SqlFile>) -> Result<Vec<Pair>, BadList> {
    let (repeatable, files): (Vec<SqlFile>, Vec<SqlFile>) = files.into_iter().partition(stems::is_repeatable);
    let mut found = match format {
        SqlFormat::Diesel => diesel::pairs(files)?,
        SqlFormat::Pairs => pairs::by(files, format, stems::pair)?,
        SqlFormat::Rollback => pairs::by(files, format, stems::dated)?,
        SqlFormat::Goose => goose::pairs(files)?,
        SqlFormat::Sqlx | SqlFormat::Versioned | SqlFormat::Cql => single::pairs(files, format)?,
    };
    if format == SqlFormat::Cql {
        found.sort_by(|one, other| one.name.cmp(&other.name));
    } else {
        check_numbers(&found, format)?;
        found.sort_by_key(Pair::number);
    }
    found.extend(repeatable.into_iter().map(single::repeatable));
    Ok(found)
}

fn check_numbers(pairs: &[Pair], format: SqlFormat) -> Result<(), BadList> {
    let mut by_number = HashMap::new();
    for pair in pairs {
        let Some(number) = number_of(&pair.name) else { return Err(misnamed(&pair.up.file, format)) };
        if let Some(other) = by_number.insert(number, pair) {
            return Err(BadList {
                message: format!("{} and {} have the same number, {number}", other.up.file, pair.up.file),
                hint: "give the one that is not applied yet the next number".to_owned(),
            });
        }
    }
    Ok(())
}

fn check_empty(pair: &Pair) -> Result<(), BadList> {
    for text in [Some(&pair.up), pair.down.as_ref()].into_iter().flatten() {
        if text.is_empty(pair.dialect()) && !text.says_empty() && text.irreversible().is_none() {
            return Err(BadList {
                message: format!("{} is empty: there is no statement in it", text.file),
                hint: "write it; or, where nothing is to be done, say so in it: `-- updown: empty`, \
                       or `-- updown: irreversible: why` where there is no way back"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// A file that does not fit.
pub fn misnamed(file: &str, format: SqlFormat) -> BadList {
    BadList {
        message: format!("{file} is not named as {format} names its files"),
        hint: format!("name it like {}, move it elsewhere, or say `--format`", format.example()),
    }
}
