//! A directory of SQL, in whatever format: the file of the new migration, and those that it replaces.

use std::path::{Path, PathBuf};

use super::{because, squashed_name};
use crate::error::Error;
use crate::listed::Listed;
use crate::scaffold::files;
use crate::source::{Pair, SqlDirectory, SqlFormat};

/// So long may a line of names be.
const WIDEST: usize = 100;

/// What is written into it, and what goes.
pub struct Directory {
    /// The new migration's name.
    pub name: String,
    format: SqlFormat,
    /// The file of the way forward.
    file: PathBuf,
    pub removed: Vec<PathBuf>,
}

impl Directory {
    pub fn of(directory: &SqlDirectory, replaced: &[Listed]) -> Result<Self, Error> {
        let (format, pairs) = directory.pairs()?;
        let is_replaced = |pair: &Pair| replaced.iter().any(|listed| listed.name == pair.name);
        let pairs: Vec<Pair> = pairs.into_iter().filter(is_replaced).collect();
        let Some(last) = pairs.last() else {
            return Err(Error::usage(
                "none of it stands in the directory",
                "`updown status` lists what does",
            ));
        };
        if format == SqlFormat::Cql {
            return Err(Error::usage(
                "files of CQL are not squashed",
                "write the migration by hand, with `// updown: replaces: …` in it",
            ));
        }
        let name = squashed_name(&last.name);
        let file = beside(Path::new(last.up.file.as_ref()), format, &last.name, &name);
        let taken = pairs.iter().any(|pair| pair.name == name);
        if taken || files::exists(&file)? {
            return Err(Error::usage(
                format!("{} is there already", file.display()),
                "name a later migration, or give that one another name",
            ));
        }
        let mut removed: Vec<PathBuf> = Vec::new();
        for pair in &pairs {
            let of_pair = [Some(&pair.up), pair.down.as_ref()];
            removed.extend(of_pair.into_iter().flatten().map(|text| PathBuf::from(text.file.as_ref())));
            if format == SqlFormat::Diesel {
                let metadata = Path::new(pair.up.file.as_ref()).with_file_name("metadata.toml");
                removed.extend(files::exists(&metadata)?.then_some(metadata));
            }
            let down = Path::new(pair.up.file.as_ref()).with_file_name("down.sql");
            removed.extend((format == SqlFormat::Diesel && files::exists(&down)?).then_some(down));
        }
        // Both ways may stand in one file.
        removed.sort();
        removed.dedup();
        Ok(Self { name, format, file, removed })
    }

    /// The text of the file, of what builds the schema.
    pub fn text(&self, whole: &str, replaces: &[String]) -> String {
        let (first, last) =
            (replaces.first().map_or("", String::as_str), replaces.last().map_or("", String::as_str));
        let mut text = String::new();
        if self.format == SqlFormat::Goose {
            text.push_str("-- +goose Up\n");
        }
        text.push_str(&format!("-- In the place of {} migrations, {first} to {last}.\n", replaces.len()));
        for names in lines(replaces) {
            text.push_str(&format!("-- updown: replaces: {names}\n"));
        }
        text.push_str(&format!("-- updown: irreversible: {}\n\n", because(replaces.len())));
        if self.format == SqlFormat::Goose {
            // What has `;` in it is not told apart there.
            return format!("{text}-- +goose StatementBegin\n{}\n-- +goose StatementEnd\n", whole.trim_end());
        }
        format!("{text}{}\n", whole.trim_end())
    }

    /// The new file stands there before the others go.
    pub fn write(&self, text: &str, count: usize) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        let mut written = vec![self.file.clone()];
        if self.format == SqlFormat::Diesel {
            let folder = self.file.parent().unwrap_or(Path::new("."));
            std::fs::create_dir(folder).map_err(|source| Error::Io {
                what: format!("cannot make the directory {}", folder.display()),
                source,
            })?;
            // That tool itself wants one.
            let down = self.file.with_file_name("down.sql");
            files::create(&down, &format!("-- updown: irreversible: {}\n", because(count)))?;
            written.push(down);
        }
        files::create(&self.file, text)?;
        for file in &self.removed {
            files::remove(file)?;
            if let (SqlFormat::Diesel, Some(folder)) = (self.format, file.parent()) {
                // What else stands in it is not ours; then it stays.
                let _ = std::fs::remove_dir(folder);
            }
        }
        Ok((written, self.removed.clone()))
    }
}

/// The file of a migration that is named as another one, of which the file is known.
fn beside(last: &Path, format: SqlFormat, last_name: &str, name: &str) -> PathBuf {
    if format == SqlFormat::Diesel {
        let root = last.parent().and_then(Path::parent).unwrap_or(Path::new("."));
        return root.join(name).join("up.sql");
    }
    let file = last.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let end = file.strip_prefix(last_name).unwrap_or(".sql");
    last.with_file_name(format!("{name}{end}"))
}

/// Names, so many on a line as fit.
fn lines(names: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + name.len() <= WIDEST => {
                line.push(' ');
                line.push_str(name);
            }
            _ => lines.push(name.clone()),
        }
    }
    lines
}
