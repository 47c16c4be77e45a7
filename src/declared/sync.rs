//! `updown schema sync` (`AUTO_MIGRATE`): in development and test, what the database lacks of its declared schema
//! is added. Nothing is dropped, narrowed or rewritten.

use std::collections::BTreeSet;

use serde::Serialize;

use super::compare::{self, NeededChange, Rename, compare};
use super::source::Source;
use crate::config::Config;
use crate::error::Error;
use crate::migrator::{Migrator, Relaxed};
use crate::plan::Request;
use crate::reach::{self, Reached};
use crate::report::Report;
use crate::schema::diff::Needed;
use crate::schema::op::{Constraint, Op};
use crate::schema::{Operation, Typed};

/// What a sync did.
#[derive(Debug, Default, Serialize)]
pub struct Synced {
    /// The migrations that were pending.
    pub report: Report,
    pub stores: Vec<SyncedStore>,
}

/// One store.
#[derive(Debug, Default, Serialize)]
pub struct SyncedStore {
    pub store: String,
    /// Whether anything declares its schema.
    pub is_declared: bool,
    /// What was added.
    pub added: Vec<NeededChange>,
    /// What differs still, and why.
    pub left: Vec<Left>,
}

/// What sync leaves to a migration.
#[derive(Debug, Serialize)]
pub struct Left {
    pub words: String,
    pub because: String,
}

impl Migrator {
    /// Applies what is pending, and then adds what is declared and not there: tables, columns, indexes, constraints.
    ///
    /// # Errors
    /// [`Error::Refused`] outside of development and test; as [`Migrator::run`].
    pub(crate) fn schema_sync(&mut self) -> Result<Synced, Error> {
        let config = self.config()?;
        let what = Relaxed {
            does: |database| format!("`schema sync` changes {database} without a migration"),
            instead: "`updown new NAME --diff` writes the migration, `updown migrate` applies it",
        };
        let (meant, _) = reach::meant(&self.project, &config)?;
        what.check(&config, meant.iter().map(|store| (store.name, store.url.as_str())))?;
        let mut synced = Synced { report: self.run(&Request::migrate())?, ..Synced::default() };
        synced.stores = self.sync_stores(&config)?;
        Ok(synced)
    }

    /// Adds what is declared and not there, where nothing is pending.
    pub(crate) fn sync_stores(&mut self, config: &Config) -> Result<Vec<SyncedStore>, Error> {
        let (_, mut stores, _) = self.open(&Request::migrate())?;
        let each = (0..stores.len()).map(|index| {
            let claimed = self.claim_store(&mut stores, index, config);
            let ended = claimed.and_then(|_| self.sync_store(&mut stores[index], config));
            reach::release(&mut stores);
            ended
        });
        each.collect()
    }

    fn sync_store(&mut self, store: &mut Reached, config: &Config) -> Result<SyncedStore, Error> {
        let mut synced = SyncedStore { store: store.name.clone(), ..SyncedStore::default() };
        let database = store.session.database();
        let source = Source::of(&self.project, config, &store.name, database, None)?;
        let Some(declaration) = source.read(&config.root, self.project.beside(&store.name))? else {
            return Ok(synced);
        };
        synced.is_declared = true;
        let name = store.name.clone();
        let failed = |error| Error::store(&name, error);
        let model = store.session.inspect().map_err(failed)?;
        let differs = compare(database, &model, &declaration, &[])?;
        let has_rows = |store: &mut Reached, needed: &Needed| match table(&needed.operation) {
            Some(table) => store.session.has_rows(table).map_err(|error| Error::store(&name, error)),
            None => Ok(true),
        };
        let (mut additions, mut missing) = (Vec::new(), Missing::default());
        for needed in differs.needed {
            let renamed = differs.renames.iter().find(|rename| is_of(rename, &needed.operation));
            let because = match &needed {
                _ if renamed.is_some() => renamed.map(|rename| format!("it may be {rename}")),
                Needed { is_addition: false, loses: Some(loses), .. } => Some(loses.clone()),
                Needed { is_addition: false, .. } => Some("it changes what is there".to_owned()),
                Needed { fails_with_rows: Some(why), .. } if has_rows(store, &needed)? => Some(why.clone()),
                needed => missing.wants(&needed.operation),
            };
            match because {
                Some(because) => {
                    missing.is_left(&needed.operation);
                    synced.left.push(Left { words: needed.operation.to_string(), because });
                }
                None => additions.push(needed),
            }
        }
        for impossible in differs.impossible {
            synced.left.push(Left { words: impossible, because: "no change can mend it".to_owned() });
        }
        if additions.is_empty() {
            return Ok(synced);
        }
        let there = store.session.there().map_err(failed)?;
        let shown = compare::shown(&additions, database, &there);
        let all = additions.iter().map(|needed| needed.operation.clone()).collect();
        store.session.make(&Typed::of(all), &mut self.reporter).map_err(failed)?;
        synced.added = shown;
        Ok(synced)
    }
}

/// What was left, and others may need: tables, and columns with their tables.
#[derive(Default)]
struct Missing {
    tables: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
}

impl Missing {
    fn is_left(&mut self, operation: &Operation) {
        match operation.sql() {
            Some(Op::CreateTable(table)) => drop(self.tables.insert(table.name.clone())),
            Some(Op::AddColumn { table, column }) => {
                self.columns.insert((table.clone(), column.name.clone()));
            }
            _ => {}
        }
    }

    /// What a change needs and is not there, in a sentence.
    fn wants(&self, operation: &Operation) -> Option<String> {
        let (table, columns, to) = match operation.sql()? {
            Op::CreateIndex(index) => {
                let keys = index.columns.iter().filter(|column| !column.is_expression);
                let keys = keys.map(|column| &column.what).chain(&index.including);
                (&index.table, keys.collect::<Vec<_>>(), None)
            }
            Op::AddConstraint { table, constraint, .. } => {
                let to = match constraint {
                    Constraint::ForeignKey(key) => Some(&key.to_table),
                    _ => None,
                };
                (table, constraint.columns().iter().collect(), to)
            }
            _ => return None,
        };
        let is_missing = |table: &&String| self.tables.contains(*table);
        if let Some(table) = [Some(table), to].into_iter().flatten().find(is_missing) {
            return Some(format!("it needs the table {table}"));
        }
        let column =
            columns.into_iter().find(|column| self.columns.contains(&(table.clone(), (*column).clone())))?;
        Some(format!("it needs the column {table}.{column}"))
    }
}

/// Whether what would be added may be there under another name.
fn is_of(rename: &Rename, operation: &Operation) -> bool {
    let (from, to) = rename.names();
    match operation.sql() {
        Some(Op::AddColumn { table, column }) => {
            column.name == to && from.strip_prefix(table.as_str()).is_some_and(|rest| rest.starts_with('.'))
        }
        Some(Op::CreateTable(table)) => table.name == to && !from.contains('.'),
        _ => false,
    }
}

/// The table whose rows would be in the way.
fn table(operation: &Operation) -> Option<&str> {
    operation.sql().and_then(|op| op.table())
}
