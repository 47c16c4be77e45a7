//! The files of a new migration, as the others of its directory are named.

use chrono::{DateTime, Utc};

use super::format::SqlFormat;
use super::formats::Pair;
use crate::migration::number_of;

/// Files to write, each with its text, by their paths in the directory.
pub type NewFiles = Vec<(String, String)>;

/// What a new migration that is called `what` consists of. It is numbered as the last one is; `by_time` in any case.
pub fn files(format: SqlFormat, pairs: &[Pair], what: &str, by_time: bool, now: DateTime<Utc>) -> NewFiles {
    let last = pairs.iter().rfind(|pair| !pair.is_repeatable);
    let up = format!("-- {}\n", what.replace('_', " "));
    let down = format!("-- undoes: {}\n", what.replace('_', " "));
    let next = |width: usize| match last {
        Some(last) => following(last, by_time, now),
        None if by_time => now.format("%Y%m%d%H%M%S").to_string(),
        None => format!("{:0width$}", 1),
    };
    match format {
        SqlFormat::Diesel => {
            let folder = format!("{}_{what}", now.format("%Y-%m-%d-%H%M%S"));
            vec![(format!("{folder}/up.sql"), up), (format!("{folder}/down.sql"), down)]
        }
        SqlFormat::Pairs => {
            let (before, extension) = last.map_or((".", "sql"), |last| style(&last.up.file));
            let name = format!("{}_{what}", next(6));
            let file = |way: &str| format!("{name}{before}{way}.{extension}");
            vec![(file("up"), up), (file("down"), down)]
        }
        SqlFormat::Rollback => {
            let name = format!("{}_{what}", now.format("%Y%m%d_%H%M%S"));
            vec![(format!("{name}.sql"), up), (format!("{name}_rollback.sql"), down)]
        }
        SqlFormat::Goose => {
            let text = format!("-- +goose Up\n{up}\n-- +goose Down\n{down}");
            vec![(format!("{}_{what}.sql", next(5)), text)]
        }
        SqlFormat::Sqlx => vec![(format!("{}_{what}.sql", now.format("%Y%m%d%H%M%S")), up)],
        SqlFormat::Versioned => vec![(format!("V{}__{what}.sql", next(1)), up)],
        SqlFormat::Cql => {
            let number = match last.filter(|last| number_of(&last.name).is_some()) {
                Some(last) => following(last, by_time, now),
                None => now.format("%Y%m%d%H%M%S").to_string(),
            };
            vec![(format!("{number}_{what}.cql"), up)]
        }
    }
}

/// The number behind that of `last`, with as many digits: the time, where that is one.
fn following(last: &Pair, by_time: bool, now: DateTime<Utc>) -> String {
    let digits: String = last.name.trim_start_matches('V').chars().take_while(char::is_ascii_digit).collect();
    let number = number_of(&last.name).unwrap_or_default();
    match digits.len() {
        _ if by_time => now.format("%Y%m%d%H%M%S").to_string(),
        14.. => now.format("%Y%m%d%H%M%S").to_string(),
        // Seconds since 1970.
        10 => now.timestamp().to_string(),
        width => format!("{:0width$}", number + 1),
    }
}

/// What stands before the way in the name of a file, and its extension.
fn style(file: &str) -> (&'static str, &'static str) {
    let extension = if file.ends_with(".cql") { "cql" } else { "sql" };
    (if file.contains("_up.") { "_" } else { "." }, extension)
}

#[cfg(test)]
mod tests {
    use super::super::files::SqlFile;
    use super::super::formats::pairs;
    use super::*;

    fn named(format: SqlFormat, existing: &[&str], by_time: bool) -> Vec<String> {
        let files_there = existing.iter().map(|file| SqlFile::new((*file).to_owned(), "SELECT 1")).collect();
        let pairs = pairs(format, files_there).unwrap_or_else(|bad| panic!("{}", bad.message));
        let now = DateTime::from_timestamp(1_735_294_500, 0).unwrap();
        files(format, &pairs, "add_x", by_time, now).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_new_one_is_named_as_the_others_are() {
        for (format, existing, expected) in [
            (SqlFormat::Pairs, &[][..], &["000001_add_x.up.sql", "000001_add_x.down.sql"][..]),
            (SqlFormat::Pairs, &["009_a_up.sql"], &["010_add_x_up.sql", "010_add_x_down.sql"]),
            (SqlFormat::Pairs, &["1_a.up.cql", "9_b.up.cql"], &["10_add_x.up.cql", "10_add_x.down.cql"]),
            (
                SqlFormat::Pairs,
                &["1700000000_a.up.sql"],
                &["1735294500_add_x.up.sql", "1735294500_add_x.down.sql"],
            ),
            (
                SqlFormat::Pairs,
                &["20240101000000_a.up.sql"],
                &["20241227101500_add_x.up.sql", "20241227101500_add_x.down.sql"],
            ),
            (SqlFormat::Diesel, &[], &["2024-12-27-101500_add_x/up.sql", "2024-12-27-101500_add_x/down.sql"]),
            (SqlFormat::Rollback, &[], &["20241227_101500_add_x.sql", "20241227_101500_add_x_rollback.sql"]),
            (SqlFormat::Goose, &[], &["00001_add_x.sql"]),
            (SqlFormat::Sqlx, &[], &["20241227101500_add_x.sql"]),
            (SqlFormat::Versioned, &["V9__a.sql", "R__v.sql"], &["V10__add_x.sql"]),
            (SqlFormat::Cql, &["a.cql"], &["20241227101500_add_x.cql"]),
            (SqlFormat::Cql, &["001_a.cql"], &["002_add_x.cql"]),
        ] {
            assert_eq!(named(format, existing, false), expected, "{existing:?}");
        }
        assert_eq!(named(SqlFormat::Pairs, &["009_a_up.sql"], true)[0], "20241227101500_add_x_up.sql");
    }
}
