//! `updown schema print`.

use std::path::Path;

use serde::Serialize;

use super::refresh::write;
use super::source::{Source, shown};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::reach;
#[cfg(feature = "scylla")]
use crate::schema::Inspected;

/// One file, and what belongs into it.
#[derive(Debug, Serialize)]
pub struct PrintedFile {
    /// The key of its `[print_schema]`.
    pub key: String,
    /// Where it goes, from the root.
    pub file: Option<String>,
    pub text: String,
    pub warnings: Vec<String>,
}

impl Migrator {
    /// The schema of the one store that is meant, for each `[print_schema]` of its `diesel.toml` in the order of the
    /// keys; into the files, where they are to be written.
    pub(crate) fn print_schema(
        &mut self,
        toml: Option<&Path>,
        writes: bool,
    ) -> Result<Vec<PrintedFile>, Error> {
        let config = self.config()?;
        let found = reach::open_whosever(&self.project, &config, &self.cancel, &self.reporter)?;
        let mut stores = found.each()?;
        let [store] = stores.as_mut_slice() else {
            let names: Vec<&str> = stores.iter().map(|store| store.name.as_str()).collect();
            let hint =
                format!("name one of {}: `--store {}`", names.join(", "), names.first().unwrap_or(&"main"));
            return Err(Error::usage("the schema of one store is printed at a time", hint));
        };
        let database = store.session.database();
        let mut files = Vec::new();
        match Source::of(&self.project, &config, &store.name, database, toml)? {
            Source::Rust(configs) => {
                for print in configs {
                    let printed = store.session.print(&print, writes);
                    let printed = printed.map_err(|error| error.of_store(&store.name))?;
                    files.push((print.key, print.file, printed.text, printed.warnings));
                }
            }
            #[cfg(feature = "scylla")]
            Source::Cql(file) => {
                let there = store.session.inspect().map_err(|error| Error::store(&store.name, error))?;
                if let Inspected::Cql(keyspace) = there {
                    let text = crate::schema::cql::print::print(&keyspace);
                    files.push(("default".to_owned(), Some(file), text, Vec::new()));
                }
            }
            #[cfg(not(feature = "scylla"))]
            Source::Cql(_) => {}
        }
        if writes {
            for (key, file, text, _) in &files {
                let Some(file) = file else {
                    return Err(Error::usage(
                        format!("nothing says which file the schema of store {} goes into", store.name),
                        format!(
                            "name it in diesel.toml: `[print_schema]` with `file = \"src/schema.rs\"` (now: {key})"
                        ),
                    ));
                };
                write(file, text)?;
            }
        }
        let printed =
            |(key, file, text, warnings): (String, Option<std::path::PathBuf>, String, Vec<String>)| {
                let file = file.map(|file| shown(&file, &config.root));
                PrintedFile { key, file, text, warnings }
            };
        Ok(files.into_iter().map(printed).collect())
    }
}
