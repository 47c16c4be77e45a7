//! The file of an SQLite database: what a URL means, and how the file comes to be.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use diesel::{Connection, SqliteConnection};

use crate::error::StoreError;

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read: writes nothing, and creates nothing.
    Read,
    /// To write: what does not exist is created.
    Write,
    /// To carry migrations out and undo it all: what does not exist stays so.
    Rehearse,
}

/// Where an SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteFile {
    /// `None`: in memory.
    path: Option<PathBuf>,
    /// `?mode=ro` in the URL.
    read_only: bool,
}

impl SqliteFile {
    /// From what stands behind `sqlite:` — `///absolute`, `//relative`, `relative`, `:memory:`;
    /// with `?mode=ro`, `?mode=rw`, `?mode=rwc`.
    pub fn parse(rest: &str) -> Result<Self, StoreError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        let open = |why: String, hint: &str| StoreError::Url {
            target: format!("sqlite:{rest}"),
            why,
            hint: hint.to_owned(),
        };
        let mut read_only = false;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair {
                "mode=ro" => read_only = true,
                "mode=rw" | "mode=rwc" => {}
                other => {
                    return Err(open(
                        format!("unknown parameter `{other}`"),
                        "`mode=ro` and `mode=rw` are known",
                    ));
                }
            }
        }
        if path == ":memory:" {
            return Ok(Self { path: None, read_only });
        }
        let path = percent_decoded(path).filter(|path| !path.contains('\0')).ok_or_else(|| {
            open("its path is not valid".to_owned(), "write `sqlite:dev.db` or `sqlite:///var/lib/app.db`")
        })?;
        if path.is_empty() {
            return Err(open(
                "it names no file".to_owned(),
                "write `sqlite:dev.db` or `sqlite:///var/lib/app.db`",
            ));
        }
        Ok(Self { path: Some(PathBuf::from(path)), read_only })
    }

    pub const fn is_memory(&self) -> bool {
        self.path.is_none()
    }

    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub fn exists(&self) -> bool {
        self.path.as_ref().is_none_or(|path| path.exists())
    }

    /// Opens it. A missing file is created for writing; for reading and rehearsing an empty
    /// database in memory stands in for it.
    pub fn connect(&self, access: Access) -> Result<SqliteConnection, StoreError> {
        let Some(path) = &self.path else {
            return establish(":memory:", ":memory:");
        };
        let shown = path.display().to_string();
        let open = |why: String, hint: &str| StoreError::Open {
            target: shown.clone(),
            why,
            hint: Some(hint.to_owned()),
        };
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                return Err(open("it is a directory".to_owned(), "name a file in it, as in `sqlite:dev.db`"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match access {
                Access::Read | Access::Rehearse => return establish(":memory:", &shown),
                Access::Write if self.read_only => {
                    return Err(open("it does not exist".to_owned(), "with `mode=ro` it is not created"));
                }
                Access::Write => create(path).map_err(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => {
                        open("its directory does not exist".to_owned(), "create the directory first")
                    }
                    std::io::ErrorKind::AlreadyExists => open(
                        "it is a symbolic link to nothing, which is not followed".to_owned(),
                        "create the file that it points to, or remove the link",
                    ),
                    _ => open(error.to_string(), "check the rights of its directory"),
                })?,
            },
            Err(error) => {
                return Err(open(error.to_string(), "check the path and the rights of its directories"));
            }
        }
        let mode = if self.read_only { "ro" } else { "rw" };
        // `mode=rw`: SQLite itself must not create what is missing.
        establish(&format!("file:{}?mode={mode}", percent_encoded(path)), &shown)
    }
}

fn establish(url: &str, shown: &str) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(url).map_err(|error| StoreError::Open {
        target: shown.to_owned(),
        why: error.to_string(),
        hint: Some("check that the file and its directory can be read and written by this user".to_owned()),
    })
}

/// Creates the file for its owner alone. Never through a symbolic link. Another process may be
/// quicker: that is as good.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && path.exists() => Ok(()),
        Err(error) => Err(error),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit(rest.next()?)? * 16 + digit(rest.next()?)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn percent_encoded(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                text.push(char::from(byte))
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file() {
        let path = |rest: &str| SqliteFile::parse(rest).unwrap().path.unwrap();
        assert_eq!(path("///tmp/x.db"), PathBuf::from("/tmp/x.db"));
        assert_eq!(path("//x.db"), PathBuf::from("x.db"));
        assert_eq!(path("x.db?mode=ro"), PathBuf::from("x.db"));
        assert_eq!(path("a%20b.db"), PathBuf::from("a b.db"));
        assert!(SqliteFile::parse(":memory:").unwrap().is_memory());
        for bad in ["", "//", "x%2", "x%00", "x.db?mode=wo"] {
            assert!(SqliteFile::parse(bad).is_err(), "{bad}");
        }
    }
}
