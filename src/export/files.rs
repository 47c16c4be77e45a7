//! The files as the other tool names them.

use std::path::{Path, PathBuf};

use super::{Both, Way};
use crate::error::Error;
use crate::migration::number_of;
use crate::source::SqlFormat;

/// Refuses a directory that has something in it: what is there would be taken for migrations, too.
pub fn check_empty(directory: &Path) -> Result<(), Error> {
    let cannot = |source| Error::Io { what: format!("cannot read {}", directory.display()), source };
    match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot(error)),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Error::usage(
                format!("{} has files in it", directory.display()),
                "name a directory that is empty, or not there",
            )),
        },
    }
}

/// Writes them. Returns their paths.
pub fn write(directory: &Path, format: SqlFormat, migrations: &[Both]) -> Result<Vec<PathBuf>, Error> {
    let mut written = Vec::new();
    for (both, name) in migrations.iter().zip(names(migrations)) {
        let mut put = |path: PathBuf, text: &str| {
            let path = directory.join(path);
            let cannot = |source| Error::Io { what: format!("cannot write {}", path.display()), source };
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(cannot)?;
            }
            std::fs::write(&path, text).map_err(cannot)?;
            written.push(path);
            Ok::<(), Error>(())
        };
        if format == SqlFormat::Diesel {
            let folder = PathBuf::from(&name);
            put(folder.join("up.sql"), &both.up.text)?;
            if let Some(down) = &both.down {
                put(folder.join("down.sql"), &down.text)?;
            }
            if both.up.is_outside || both.down.as_ref().is_some_and(|down| down.is_outside) {
                put(folder.join("metadata.toml"), "run_in_transaction = false\n")?;
            }
        } else {
            put(format!("{name}.up.sql").into(), &whole(&both.up))?;
            if let Some(down) = &both.down {
                put(format!("{name}.down.sql").into(), &whole(down))?;
            }
        }
    }
    Ok(written)
}

/// golang-migrate sends a file at once; what is in one transaction with its ledger here says so there.
fn whole(way: &Way) -> String {
    match way.is_outside {
        true => way.text.clone(),
        false => format!("BEGIN;\n\n{}\nCOMMIT;\n", way.text),
    }
}

/// Each with its number, in as many digits as the longest has: some tools compare them as text. Where one has none,
/// they are counted.
fn names(migrations: &[Both]) -> Vec<String> {
    let numbers: Option<Vec<u64>> = migrations.iter().map(|both| number_of(&both.name)).collect();
    let numbers = numbers.unwrap_or_else(|| (1..=migrations.len() as u64).collect());
    let width = numbers.last().map_or(0, |last| last.to_string().len()).max(4);
    let name = |(both, number): (&Both, u64)| format!("{number:0width$}_{}", what(&both.name));
    migrations.iter().zip(numbers).map(name).collect()
}

/// The version that the other tool gives a migration, as Diesel writes it.
pub fn version(number: u64, highest: u64) -> String {
    let width = highest.to_string().len().max(4);
    format!("{number:0width$}")
}

/// What stands behind the number.
fn what(name: &str) -> &str {
    let behind = name.trim_start_matches(['m', 'V']);
    if !behind.starts_with(|c: char| c.is_ascii_digit()) {
        return name;
    }
    behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(name: &str) -> Both {
        let up = Way { text: String::new(), is_outside: false };
        Both { name: name.to_owned(), up, down: None }
    }

    #[test]
    fn names_are_in_order_as_text() {
        assert_eq!(names(&[both("m0001_a"), both("m10000_b")]), ["00001_a", "10000_b"]);
        assert_eq!(
            names(&[both("2024-01-01-000000_a"), both("m20240102000000_b_2")]),
            ["20240101000000_a", "20240102000000_b_2"]
        );
        assert_eq!(
            names(&[both("V1__x"), both("20240101_101500_y")]),
            ["00000000000001_x", "20240101101500_y"]
        );
        assert_eq!(names(&[both("users"), both("posts")]), ["0001_users", "0002_posts"]);
    }
}
