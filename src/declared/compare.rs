//! `updown schema diff`: what differs between the declared schema and the database.

use serde::Serialize;

use super::source::{self, Declaration, Source, invalid};
use crate::config::Config;
use crate::error::Error;
use crate::ledger::Direction;
use crate::migrator::Migrator;
use crate::reach::Reached;
use crate::report::Skipped;
#[cfg(feature = "scylla")]
use crate::schema::cql;
use crate::schema::diff::{self, Needed, PossibleRename};
use crate::schema::{Inspected, Rehearsal, There, Typed};
use crate::standing::Unreachable;
use crate::store::Database;

/// What differs in each store.
#[derive(Debug, Default, Serialize)]
pub struct SchemaDiff {
    pub stores: Vec<StoreSchema>,
    /// The stores that were not reached, and why.
    pub skipped: Vec<Skipped>,
}

impl SchemaDiff {
    pub fn is_different(&self) -> bool {
        self.stores.iter().any(|store| !store.changes.is_empty() || !store.impossible.is_empty())
    }
}

/// One store.
#[derive(Debug, Default, Serialize)]
pub struct StoreSchema {
    pub store: String,
    /// The files that declare its schema; none where nothing does.
    pub files: Vec<String>,
    /// What brings the database to what is declared, in order.
    pub changes: Vec<NeededChange>,
    /// What differs, and no change can mend.
    pub impossible: Vec<String>,
    /// What is left alone, and why.
    pub notes: Vec<String>,
    /// So many migrations are not applied yet.
    pub pending: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}

/// One change that brings a database nearer to what is wanted.
#[derive(Clone, Debug, Serialize)]
pub struct NeededChange {
    pub words: String,
    /// Its SQL, or its CQL.
    pub statements: Vec<String>,
    pub is_addition: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loses: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails_with_rows: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<String>,
}

/// One that there may be, to be asked about.
#[derive(Clone, Debug)]
pub enum Rename {
    Sql(PossibleRename),
    #[cfg(feature = "scylla")]
    Cql(cql::diff::Rename),
}

impl Rename {
    /// What it is called, with the table of a column before it, and what it would be called: `videos.title`,
    /// `heading`.
    pub fn names(&self) -> (String, String) {
        match self {
            Self::Sql(PossibleRename { table: Some(table), from, to }) => {
                (format!("{table}.{from}"), to.clone())
            }
            Self::Sql(PossibleRename { table: None, from, to }) => (from.clone(), to.clone()),
            #[cfg(feature = "scylla")]
            Self::Cql(
                cql::diff::Rename::Column { table: of, from, to } | cql::diff::Rename::Field { of, from, to },
            ) => (format!("{of}.{from}"), to.clone()),
        }
    }
}

impl std::fmt::Display for Rename {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = self.names();
        write!(f, "{from}, called {to} now")
    }
}

/// What stands between a database and what is declared.
#[derive(Debug, Default)]
pub struct Differs {
    pub needed: Vec<Needed>,
    pub renames: Vec<Rename>,
    pub impossible: Vec<String>,
    pub notes: Vec<String>,
}

/// Compares. `renames` are those that are known to be some.
pub fn compare(
    database: Database,
    there: &Inspected,
    declaration: &Declaration,
    renames: &[Rename],
) -> Result<Differs, Error> {
    match (there, declaration) {
        (Inspected::Sql(model), Declaration::Rust { declared, configs }) => {
            let of_sql = |rename: &Rename| match rename {
                Rename::Sql(rename) => Some(rename.clone()),
                #[cfg(feature = "scylla")]
                Rename::Cql(_) => None,
            };
            let renames: Vec<PossibleRename> = renames.iter().filter_map(of_sql).collect();
            let is_meant = |name: &_| source::is_meant(configs, name);
            let found = diff::with_renames(database, model, declared, &is_meant, &renames)
                .map_err(|problems| invalid(problems.iter().map(source::problem)))?;
            Ok(Differs {
                needed: found.needed,
                renames: found.renames.into_iter().map(Rename::Sql).collect(),
                impossible: Vec::new(),
                notes: found.notes,
            })
        }
        #[cfg(feature = "scylla")]
        (Inspected::Cql(keyspace), Declaration::Cql(declared)) => {
            let of_cql = |rename: &Rename| match rename {
                Rename::Cql(rename) => Some(rename.clone()),
                Rename::Sql(_) => None,
            };
            let renames: Vec<_> = renames.iter().filter_map(of_cql).collect();
            let found = cql::diff::diff(keyspace, declared, &renames);
            let impossible = |problem: &cql::diff::Impossible| {
                let at = problem.declared_at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
                format!("{at}{}; {}", problem.what, problem.hint)
            };
            Ok(Differs {
                impossible: found.problems.iter().map(impossible).collect(),
                needed: found.needed,
                renames: found.renames.into_iter().map(Rename::Cql).collect(),
                notes: Vec::new(),
            })
        }
        #[cfg(feature = "scylla")]
        _ => Err(Error::usage(
            "what is declared is for another kind of database",
            "`schema.rs` is for SQL databases, `schema.cql` for ScyllaDB and Cassandra",
        )),
    }
}

/// Each change in words and as SQL, as it would be made one after the other.
pub fn shown(needed: &[Needed], database: Database, there: &There) -> Vec<NeededChange> {
    let typed = Typed::of(needed.iter().map(|needed| needed.operation.clone()).collect());
    let in_steps = database.changes_in_steps();
    let preview = Rehearsal::new(database, there).preview(&typed, Direction::Up, in_steps);
    let change = |(needed, change): (&Needed, crate::schema::ChangePreview)| NeededChange {
        words: change.words,
        statements: change.statements,
        is_addition: needed.is_addition,
        loses: needed.loses.clone(),
        fails_with_rows: needed.fails_with_rows.clone(),
        declared_at: needed.declared_at.clone(),
    };
    needed.iter().zip(preview.changes).map(change).collect()
}

impl Migrator {
    /// What differs between the declared schema of each store and its database. Touches nothing.
    ///
    /// # Errors
    /// [`Error::InvalidSchema`] where what is declared makes no sense; as [`Migrator::status`].
    pub(crate) fn schema_diff(&mut self) -> Result<SchemaDiff, Error> {
        let config = self.config()?;
        let mut found = self.find()?;
        let skipped = std::mem::take(&mut found.skipped);
        let project = &self.project;
        let stores = found.map(
            |store| {
                let source = Source::of(project, &config, &store.name, store.session.database(), None)?;
                let beside = project.beside(&store.name);
                let declaration = source.read(&config.root, beside)?;
                of_store(store, &config, &source, declaration.as_ref())
            },
            |store, unreachable| StoreSchema {
                store,
                unreachable: Some(unreachable),
                ..StoreSchema::default()
            },
        )?;
        Ok(SchemaDiff { stores, skipped })
    }
}

fn of_store(
    store: &mut Reached,
    config: &Config,
    source: &Source,
    declaration: Option<&Declaration>,
) -> Result<StoreSchema, Error> {
    let mut told = StoreSchema { store: store.name.clone(), ..StoreSchema::default() };
    let is_applied = |name: &str| store.snapshot.applied.iter().any(|row| row.name == name);
    told.pending = store.session.listed().iter().filter(|listed| !is_applied(&listed.name)).count();
    let Some(declaration) = declaration else { return Ok(told) };
    told.files = source.files().into_iter().map(|file| source::shown(file, &config.root)).collect();
    let failed = |error| Error::store(&store.name, error);
    let database = store.session.database();
    let there = store.session.inspect().map_err(failed)?;
    let differs = compare(database, &there, declaration, &[])?;
    if !differs.needed.is_empty() {
        let there = store.session.there().map_err(failed)?;
        told.changes = shown(&differs.needed, database, &there);
    }
    (told.impossible, told.notes) = (differs.impossible, differs.notes);
    Ok(told)
}
