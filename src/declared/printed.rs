//! `updown schema print`, and what a run writes anew.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::refresh::write;
use super::source::{Source, shown};
use crate::error::Error;
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
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
        let source = Source::of(&self.project, &config, &store.name, store.session.database(), toml)?;
        if let (true, Some(key)) = (writes, source.goes_nowhere()) {
            return Err(Error::usage(
                format!("nothing says which file the schema of store {} goes into", store.name),
                format!(
                    "name it in diesel.toml: `[print_schema]` with `file = \"src/schema.rs\"` (now: {key})"
                ),
            ));
        }
        let texts = source.texts(store, writes)?;
        if writes {
            for (file, text) in texts.iter().filter_map(|text| Some((text.file.as_ref()?, &text.text))) {
                write(file, text)?;
            }
        }
        let printed = |SourceText { key, file, text, warnings }| {
            let file = file.map(|file: PathBuf| shown(&file, &config.root));
            PrintedFile { key, file, text, warnings }
        };
        Ok(texts.into_iter().map(printed).collect())
    }
}

/// What a database has, as one of its files would say it.
pub struct SourceText {
    /// The key of its `[print_schema]`.
    pub key: String,
    /// None where nothing says which.
    pub file: Option<PathBuf>,
    pub text: String,
    pub warnings: Vec<String>,
}

impl Source {
    /// The key of what no file is named for.
    fn goes_nowhere(&self) -> Option<&str> {
        match self {
            Self::Rust(configs) => {
                configs.iter().find(|config| config.file.is_none()).map(|config| config.key.as_str())
            }
            Self::Cql(_) => None,
        }
    }

    /// What the database of a store has, as its files say it. Where that `is_written`, it is without the ledger's
    /// tables, and without what goes into no file.
    pub fn texts(&self, store: &mut Reached, is_written: bool) -> Result<Vec<SourceText>, Error> {
        match self {
            Self::Rust(configs) => {
                let mut texts = Vec::new();
                for config in configs.iter().filter(|config| !is_written || config.file.is_some()) {
                    let printed = store.session.print(config, is_written);
                    let printed = printed.map_err(|error| error.of_store(&store.name))?;
                    let (key, file) = (config.key.clone(), config.file.clone());
                    texts.push(SourceText { key, file, text: printed.text, warnings: printed.warnings });
                }
                Ok(texts)
            }
            #[cfg(feature = "scylla")]
            Self::Cql(file) => {
                let there = store.session.inspect().map_err(|error| Error::store(&store.name, error))?;
                let Inspected::Cql(keyspace) = there else { return Ok(Vec::new()) };
                let text = crate::schema::cql::print::print(&keyspace);
                let (key, file) = ("default".to_owned(), Some(file.clone()));
                Ok(vec![SourceText { key, file, text, warnings: Vec::new() }])
            }
            #[cfg(not(feature = "scylla"))]
            Self::Cql(_) => Ok(Vec::new()),
        }
    }
}
