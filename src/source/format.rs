//! The formats of directories, and how they are told apart: by the names of the files, and by what only one tool
//! writes into them.

use std::fmt;
use std::str::FromStr;

use super::files::SqlFile;
use super::formats::{diesel, goose, single, stems};
use crate::registry::BadList;

/// How a directory of SQL names its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlFormat {
    /// `2024-01-01-000000_name/up.sql` and `down.sql`, with an optional `metadata.toml`.
    Diesel,
    /// `000002_name.up.sql` and `000002_name.down.sql`, also with `_up.sql` and `_down.sql`; of golang-migrate, of
    /// sqlx's reversible migrations, and of many who wrote their own. With `.cql`, of golang-migrate's Cassandra.
    Pairs,
    /// `20241227_101500_name.sql` and `20241227_101500_name_rollback.sql`.
    Rollback,
    /// `00001_name.sql` with `-- +goose Up` and `-- +goose Down`.
    Goose,
    /// `20240101000000_name.sql`, without a way back; of sqlx.
    Sqlx,
    /// `V1__name.sql`, and `R__name.sql` for what is repeatable; of refinery and Flyway.
    Versioned,
    /// `name.cql`, in the order of the names, without a way back; of gocqlx.
    Cql,
}

impl SqlFormat {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Diesel, Self::Pairs, Self::Rollback, Self::Goose, Self::Sqlx, Self::Versioned, Self::Cql];

    /// What `--format` calls it, first, and the other names that it takes.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Diesel => &["diesel"],
            Self::Pairs => &["golang-migrate", "pairs", "migrate", "link"],
            Self::Rollback => &["rollback", "script"],
            Self::Goose => &["goose"],
            Self::Sqlx => &["sqlx"],
            Self::Versioned => &["refinery", "flyway", "versioned"],
            Self::Cql => &["gocqlx", "cql"],
        }
    }

    /// What its files are called, for those who are asked to name them so.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Diesel => "2024-01-01-000000_name/up.sql",
            Self::Pairs => "000001_name.up.sql",
            Self::Rollback => "20240101_000000_name.sql",
            Self::Goose => "00001_name.sql with `-- +goose Up`",
            Self::Sqlx => "20240101000000_name.sql",
            Self::Versioned => "V1__name.sql",
            Self::Cql => "name.cql",
        }
    }

    fn fits(self, files: &[SqlFile]) -> bool {
        let mut files = files.iter().filter(|file| !stems::is_repeatable(file));
        match self {
            Self::Diesel => files.any(diesel::is_one),
            Self::Pairs => files.any(|file| stems::pair(file).is_some()),
            Self::Rollback => files.any(|file| stems::rollback(file).is_some()),
            Self::Goose => files.any(goose::is_one),
            Self::Sqlx => {
                let is_other = |file: &SqlFile| stems::pair(file).is_some() || goose::is_one(file);
                files.any(|file| stems::is_numbered(file) && !stems::is_dated(file) && !is_other(file))
            }
            Self::Versioned => files.any(|file| single::version(file).is_some()),
            Self::Cql => files.any(|file| file.path.ends_with(".cql") && stems::pair(file).is_none()),
        }
    }
}

impl fmt::Display for SqlFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names()[0])
    }
}

impl FromStr for SqlFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|format| format.names().contains(&text));
        found.copied().ok_or_else(|| {
            let all: Vec<String> = Self::ALL.iter().map(ToString::to_string).collect();
            format!("one of {}", all.join(", "))
        })
    }
}

/// The format of a directory that is named `shown`.
pub fn recognised(files: &[SqlFile], shown: &str) -> Result<SqlFormat, BadList> {
    let fitting: Vec<SqlFormat> =
        SqlFormat::ALL.iter().copied().filter(|format| format.fits(files)).collect();
    match fitting.as_slice() {
        [only] => Ok(*only),
        // Nothing in it has a number.
        [] if !files.is_empty() && files.iter().all(stems::is_repeatable) => Ok(SqlFormat::Versioned),
        [] => Err(BadList {
            message: if files.is_empty() {
                format!("{shown} has no migrations")
            } else {
                format!("{shown} has no format that is known: {} fits none", files[0].path)
            },
            hint: format!("say which it is with `--format`: {}", said(SqlFormat::ALL)),
        }),
        several => Err(BadList {
            message: format!("{shown} could be of {}", said(several)),
            hint: format!("say which is meant: `--format {}`", several[0]),
        }),
    }
}

fn said(formats: &[SqlFormat]) -> String {
    let each: Vec<String> = formats.iter().map(|format| format!("{format} ({})", format.example())).collect();
    each.join(" or ")
}
