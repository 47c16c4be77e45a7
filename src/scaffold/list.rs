//! The file of a store's list, edited as text: the `mod` lines and the entries of `registry!`.
//!
//! Only what a change is about moves; comments, layout and line endings are the author's. A list
//! with two migrations of one number, which does not compile, is read like any other.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::files;
use super::tokens::{Token, end_of_line, tokens};
use crate::error::Error;

mod edit;
mod parse;

/// A list's file, as it is read.
#[derive(Clone, Debug)]
pub(crate) struct List {
    path: PathBuf,
    text: String,
    /// The type that the migrations are written against, as it stands there.
    pub(crate) connection: String,
    /// What stands before the list: the path of a directory of SQL, as it is written there.
    pub(crate) directory: Option<String>,
    /// In the order in which they run.
    pub(crate) entries: Vec<Named>,
    /// In the order in which they stand there.
    pub(crate) modules: Vec<Named>,
    /// Where the item begins that holds `registry!`.
    item: usize,
    /// Behind the opening bracket of the list.
    open: usize,
    /// Before its closing bracket.
    close: usize,
}

/// An entry or a `mod` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    /// Only the name.
    at: Range<usize>,
    /// An entry with what it was formerly; a `mod` line with its attributes and its `;`.
    whole: Range<usize>,
    /// Whether it is marked as repeatable, so that nothing but its like stands behind it.
    is_repeatable: bool,
}

impl List {
    /// Reads a list. `None` where the file has no `registry!`.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        parse::list(path, files::read(path)?)
    }

    /// The names in the list and in the `mod` lines.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().chain(&self.modules).map(|named| named.name.as_str())
    }

    pub(crate) fn write(&self) -> Result<(), Error> {
        files::replace(&self.path, &self.text)
    }

    pub(crate) fn entry(&self, name: &str) -> Result<&Named, Error> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let hint = match nearest(name, self.entries.iter().map(|entry| entry.name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`updown status` lists the migrations".to_owned(),
            };
            Error::usage(format!("there is no migration {name:?} in {}", self.path.display()), hint)
        })
    }
}

/// The name that was probably meant.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Accepts the content that `module` has now in databases which have applied it under `hash`:
/// writes `formerly "<hash>"` behind its entry.
pub(crate) fn accept(list_file: &Path, module: &str, hash: &str) -> Result<(), Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '+' | '/' | '=');
    if hash.is_empty() || !hash.chars().all(fits) {
        return Err(Error::usage(format!("{hash:?} is not a hash"), "`updown verify` shows the hashes"));
    }
    let Some(mut list) = List::read(list_file)? else {
        return Err(Error::usage(
            format!("there is no `registry!` in {}", list_file.display()),
            "write the hash behind the entry yourself: `m0002_b formerly \"…\"`",
        ));
    };
    if list.accept(module, hash)? {
        list.write()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
