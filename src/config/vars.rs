//! Environment variables: those of the process, and below them the file `.env`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;

type Get = dyn Fn(&str) -> Option<String>;

/// Process environment over `.env`.
pub struct Vars {
    process: Box<Get>,
    file: BTreeMap<String, String>,
}

impl Vars {
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(".env");
        let mut vars = BTreeMap::new();
        match dotenvy::from_path_iter(&path) {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|error| {
                        let message = match error {
                            // The line itself may hold a password.
                            dotenvy::Error::LineParse(_, at) => {
                                format!("{} cannot be read at character {at}", path.display())
                            }
                            other => format!("{}: {other}", path.display()),
                        };
                        Error::usage(message, "write one `NAME=value` a line, values with spaces in quotes")
                    })?;
                    vars.insert(name, value);
                }
            }
            Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(dotenvy::Error::Io(source)) => {
                return Err(Error::Io { what: format!("cannot read {}", path.display()), source });
            }
            Err(error) => {
                return Err(Error::usage(format!("{}: {error}", path.display()), "check the file"));
            }
        }
        Ok(Self { process: Box::new(|name| std::env::var(name).ok()), file: vars })
    }

    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match parse(&text) {
            Ok(value) => Ok(Some(value)),
            Err(hint) => Err(Error::usage(format!("{name}={text} makes no sense"), hint)),
        }
    }

    /// The process's, else the file's. Said, and empty, is not set.
    pub fn get(&self, name: &str) -> Option<String> {
        self.in_process(name).or_else(|| self.in_file(name)).filter(|value| !value.is_empty())
    }

    /// Also where it is empty: that hides what the file says.
    pub fn in_process(&self, name: &str) -> Option<String> {
        (self.process)(name)
    }

    pub fn in_file(&self, name: &str) -> Option<String> {
        self.file.get(name).cloned()
    }
}

#[cfg(test)]
impl Vars {
    pub fn of_tests(process: &[(&str, &str)], file: &[(&str, &str)]) -> Self {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let process = map(process);
        Self { process: Box::new(move |name| process.get(name).cloned()), file: map(file) }
    }
}
