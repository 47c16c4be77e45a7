//! `updown new NAME --diff`: the migration that brings a database from what the migrations make of it to what is
//! declared.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::compare::{self, Differs, NeededChange, Rename, compare};
use super::source::{Source, shown};
use crate::error::Error;
use crate::ledger::Direction;
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
use crate::scaffold::templates::{self, Against};
use crate::scaffold::{self, project_dir};
use crate::schema::diff::Needed;
use crate::schema::emit::Module;

/// Who answers what the schema alone does not say.
pub struct Answers<'a> {
    /// Whether a column or a table has another name now, and is not another one.
    pub is_rename: &'a mut dyn FnMut(&Rename) -> Result<bool, Error>,
    /// Fails where what these lose must not be lost.
    pub may_lose: &'a mut dyn FnMut(&[NeededChange]) -> Result<(), Error>,
}

/// A migration that was written.
#[derive(Debug, Default, Serialize)]
pub struct Generated {
    pub store: String,
    /// The files that were written, from the workspace's root; none where nothing differs.
    pub written: Vec<PathBuf>,
    pub changes: Vec<NeededChange>,
    /// What differs still, and no migration can mend.
    pub impossible: Vec<String>,
    pub notes: Vec<String>,
}

impl Migrator {
    /// Replays every migration of one store on a scratch database, compares that with what is declared, and writes
    /// the migration that is missing.
    pub(crate) fn generate(
        &mut self,
        name: &str,
        options: &scaffold::new::New,
        answers: &mut Answers<'_>,
    ) -> Result<Generated, Error> {
        let config = self.config()?;
        let project = project_dir::here(Some(self.project.manifest_dir))?;
        let mut scratch = self.on_one_scratch(options.store.as_deref())?;
        self.claim_scratch(&mut scratch, 0)?;
        let store = &mut scratch.stores[0];
        let database = store.session.database();
        let source = Source::of(&self.project, &config, &store.name, database, None)?;
        let Some(declaration) = source.read(&config.root, self.project.beside(&store.name))? else {
            return Err(undeclared(&source, &config.root, &store.name));
        };
        for index in 0..store.session.listed().len() {
            self.try_out(store, index, Direction::Up)?;
        }
        let replayed = store.session.inspect().map_err(|error| Error::store(&store.name, error))?;
        let differs = asked(answers, |renames| compare(database, &replayed, &declaration, renames))?;
        let mut generated = Generated {
            store: store.name.clone(),
            impossible: differs.impossible,
            notes: differs.notes,
            ..Generated::default()
        };
        if differs.needed.is_empty() {
            return Ok(generated);
        }
        let there = store.session.there().map_err(|error| Error::store(&store.name, error))?;
        let changes = compare::shown(&differs.needed, database, &there);
        if changes.iter().any(|change| change.loses.is_some()) {
            (answers.may_lose)(&changes)?;
        }
        let options = scaffold::new::New { store: Some(store.name.clone()), ..options.clone() };
        let written = write(&project, name, &options, store, &differs.needed)?;
        (generated.written, generated.changes) = (written.files, changes);
        reach::release(&mut scratch.stores);
        Ok(generated)
    }
}

/// Compares until every possible rename is answered: those of tables may give others, of columns.
fn asked(
    answers: &mut Answers<'_>,
    compare: impl Fn(&[Rename]) -> Result<Differs, Error>,
) -> Result<Differs, Error> {
    let (mut renames, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    loop {
        let differs = compare(&renames)?;
        let Some(next) = differs.renames.iter().find(|rename| !seen.contains(&rename.to_string())) else {
            return Ok(differs);
        };
        seen.insert(next.to_string());
        if (answers.is_rename)(next)? {
            renames.push(next.clone());
        }
    }
}

/// Writes the module of a store, with its entry in the list.
pub fn write(
    project: &project_dir::ProjectDir,
    name: &str,
    options: &scaffold::new::New,
    store: &Reached,
    needed: &[Needed],
) -> Result<scaffold::new::Written, Error> {
    let text = |what: &str, against: Against<'_>| {
        let about = templates::about(what);
        match store.session.database() {
            #[cfg(feature = "scylla")]
            crate::store::Database::Scylla => Ok(crate::schema::cql::emit::module(&about, needed)),
            _ => {
                let Against { connection, in_steps } = against;
                Ok(crate::schema::emit::module(&Module {
                    about: &about,
                    connection,
                    in_steps,
                    changes: needed,
                }))
            }
        }
    };
    scaffold::new::write(project, name, options, text)
}

fn undeclared(source: &Source, root: &Path, store: &str) -> Error {
    let files: Vec<String> = source.files().into_iter().map(|file| shown(file, root)).collect();
    let message = match files.as_slice() {
        [] => format!("nothing declares the schema of store {store}"),
        files => format!("there is no {}", files.join(", ")),
    };
    Error::usage(
        message,
        "name a `file` in `[print_schema]` of diesel.toml; `updown schema print --write` writes it",
    )
}
