//! Leaving again: the migrations of a store as files of SQL, in the format of another tool, and that tool's ledger
//! beside ours.

mod files;
mod ledger;
mod values;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Error;
use crate::ledger::Direction;
use crate::listed::Listed;
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
use crate::source::{SqlFormat, SqlText};
use crate::sql::transaction::{Does, does};
use crate::store::Database;

/// What an export has written.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Exported {
    /// The store.
    pub store: String,
    /// The files, in the order of the migrations.
    pub files: Vec<PathBuf>,
    /// The table that the other tool finds what is applied in; none where nothing was written into the database.
    pub table: Option<String>,
    /// What was left out, and why, each in a sentence.
    pub notes: Vec<String>,
}

/// One way of one migration, as another tool would send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    text: String,
    /// Whether it must not run in a transaction.
    is_outside: bool,
}

/// Both ways.
pub(crate) struct Both {
    name: String,
    up: Way,
    down: Option<Way>,
}

impl Migrator {
    /// Writes the migrations of one store, by default the first one, into a directory, as `format` has them: Diesel's
    /// or golang-migrate's. What is a file already is copied; of modules it is recorded what they send, on a scratch
    /// database.
    ///
    /// # Errors
    /// [`Error::Usage`] for another format, a directory that has files in it, a migration whose values cannot be
    /// written as SQL, and ScyllaDB. [`Error::Failed`] where a migration fails on the scratch database.
    pub fn export(
        &mut self,
        store: Option<&str>,
        format: SqlFormat,
        directory: &Path,
    ) -> Result<Exported, Error> {
        if !matches!(format, SqlFormat::Diesel | SqlFormat::Pairs) {
            return Err(Error::usage(
                format!("nothing is exported as {format}"),
                format!("`--format {}` or `--format {}`", SqlFormat::Diesel, SqlFormat::Pairs),
            ));
        }
        files::check_empty(directory)?;
        let mut scratch = self.on_one_scratch(store)?;
        self.claim_scratch(&mut scratch, 0)?;
        let recorded = self.record_all(&mut scratch.stores[0]);
        let name = scratch.stores[0].name.clone();
        reach::release(&mut scratch.stores);
        let (migrations, notes) = recorded?;
        let files = files::write(directory, format, &migrations)?;
        Ok(Exported { store: name, files, table: None, notes })
    }

    /// Each of them up, then each down, from the last one on.
    fn record_all(&mut self, store: &mut Reached) -> Result<(Vec<Both>, Vec<String>), Error> {
        let database = store.session.database();
        if database == Database::Scylla {
            return Err(Error::usage(
                "what is in CQL is not exported",
                "files of CQL run as they are with golang-migrate and gocqlx",
            ));
        }
        let listed = store.session.listed().to_vec();
        let (repeatable, versioned): (Vec<usize>, Vec<usize>) =
            (0..listed.len()).partition(|index| listed[*index].is_repeatable);
        let mut notes: Vec<String> = repeatable
            .iter()
            .map(|index| format!("{} is repeatable, which the other tool does not know", listed[*index].name))
            .collect();
        let mut found = Vec::new();
        for &index in &versioned {
            let up = self.record(store, index, Direction::Up)?;
            found.push(Both { name: listed[index].name.to_string(), up, down: None });
        }
        for (&index, both) in versioned.iter().zip(&mut found).rev() {
            match &listed[index].irreversible {
                Some(because) => {
                    notes.push(format!("{} has no way back: {because}", both.name));
                    // What stands before it cannot be undone on the scratch database either, but for files.
                    for (&index, both) in versioned.iter().zip(&mut found).rev() {
                        let is_undone = both.down.is_some() || listed[index].irreversible.is_some();
                        both.down = match listed[index].sql(Direction::Down) {
                            Some(text) if !is_undone => Some(of_file(&listed[index], text, Direction::Down)),
                            _ => both.down.take(),
                        };
                        if both.down.is_none() && listed[index].irreversible.is_none() {
                            notes.push(format!(
                                "the way back of {} is not known: what stands behind it is irreversible",
                                both.name
                            ));
                        }
                    }
                    return Ok((found, notes));
                }
                None => both.down = Some(self.record(store, index, Direction::Down)?),
            }
        }
        Ok((found, notes))
    }

    /// Carries one out, and returns what was sent.
    fn record(&mut self, store: &mut Reached, index: usize, direction: Direction) -> Result<Way, Error> {
        let carried = self.try_out_keeping(store, index, direction)?;
        let listed = &store.session.listed()[index];
        if let Some(text) = listed.sql(direction) {
            return Ok(of_file(listed, text, direction));
        }
        let mut text = String::new();
        let dialect = store.session.database().dialect();
        for statement in &carried.statements {
            // The engine's own: each tool has a transaction around a file, or says that it has none.
            if does(statement, dialect) != Does::Neither {
                continue;
            }
            let written = values::written(statement, store.session.database()).map_err(|value| {
                Error::usage(
                    format!("{} sends a value that cannot be written as SQL: {value}", listed.name),
                    "write that statement with its values in the text, on a branch of your own, and export again",
                )
            })?;
            text.push_str(written.trim().trim_end_matches(';'));
            text.push_str(";\n");
        }
        Ok(Way { text, is_outside: listed.in_steps(direction) })
    }
}

/// A file as it is, but for a transaction of its own, which the other tool has around it.
fn of_file(listed: &Listed, text: &SqlText, direction: Direction) -> Way {
    let is_outside = listed.in_steps(direction);
    let own = text.without_own_transaction().filter(|_| !is_outside);
    Way { text: own.unwrap_or_else(|| text.text.to_string()), is_outside }
}
