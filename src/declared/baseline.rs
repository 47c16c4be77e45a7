//! `updown baseline NAME`: a whole database as one migration, which is recorded there as applied.

use std::path::PathBuf;

use chrono::Utc;
use serde::Serialize;

use super::generate::write;
use crate::error::{Error, Refusal, Rule};
use crate::fingerprint::{self, Language};
use crate::ledger::{Applied, Attempt, Direction, Outcome, Write, timestamp};
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
use crate::report::{Event, Reporter};
use crate::scaffold::{self, project_dir};
#[cfg(feature = "scylla")]
use crate::schema::cql;
use crate::schema::diff::Needed;
use crate::schema::op::Op;
use crate::schema::recorded::Was;
use crate::schema::{Inspected, Operation, emit};

/// A database that was taken over.
#[derive(Debug, Serialize)]
pub struct Baselined {
    pub store: String,
    /// The migration's name.
    pub migration: String,
    /// The files that were written, from the workspace's root.
    pub written: Vec<PathBuf>,
    /// What it makes, in words.
    pub changes: Vec<String>,
    /// What is there, and is in no migration: in words.
    pub left_out: Vec<String>,
}

impl Migrator {
    /// Writes one migration with all that is in a database, enters it in the list, and records it there as applied
    /// without running it. The module comes first: where the program is killed before the record, the same state is
    /// reached by `updown resolve NAME --applied`.
    ///
    /// # Errors
    /// [`Error::Refused`] where the store has migrations already, or nothing is in the database; as
    /// [`Migrator::run`].
    pub(crate) fn baseline(&mut self, name: &str, options: &scaffold::new::New) -> Result<Baselined, Error> {
        let config = self.config_of_one(options.store.as_deref())?;
        let project = project_dir::here(Some(self.project.manifest_dir))?;
        let mut stores = reach::open(&self.project, &config, &self.cancel, &self.reporter)?.each()?;
        reach::check_environment(&stores, &config)?;
        let claim = self.claim_store(&mut stores, 0, &config)?;
        let ended = self.baseline_store(&mut stores[0], name, options, &project, &claim.by);
        reach::release(&mut stores);
        ended
    }

    fn baseline_store(
        &mut self,
        store: &mut Reached,
        name: &str,
        options: &scaffold::new::New,
        project: &project_dir::ProjectDir,
        by: &str,
    ) -> Result<Baselined, Error> {
        refuse(store)?;
        let (mut needed, left_out) = all(store)?;
        if needed.is_empty() {
            return Err(refused(
                store,
                format!("nothing is in the database of store {}", store.name),
                "`updown new create_users` writes the first migration",
            ));
        }
        needed.push(no_way_back(store));
        let options = scaffold::new::New { store: Some(store.name.clone()), ..options.clone() };
        let written = write(project, name, &options, store, &needed)?;
        let writes = rows(store, &written, by, &self.project.version);
        store.session.record(&writes).map_err(|error| {
            let hint = format!(
                "`updown resolve {} --applied --reason baseline --store {}` records it",
                written.module, store.name
            );
            let message = format!("{} is written, but not recorded: {hint}", written.module);
            self.reporter.event(&Event::Warning { message: &message });
            Error::store(&store.name, error)
        })?;
        Ok(Baselined {
            store: store.name.clone(),
            migration: written.module,
            written: written.files,
            changes: needed.iter().map(|needed| needed.operation.to_string()).collect(),
            left_out,
        })
    }
}

/// To undo a baseline would be to drop every table with its rows.
fn no_way_back(store: &Reached) -> Needed {
    let because = "this is what the database began with: to undo it would drop every table with its rows";
    let because = Was::Irreversible(because.to_owned());
    let operation: Operation = match store.session.database() {
        #[cfg(feature = "scylla")]
        crate::store::Database::Scylla => {
            cql::Op::Raw { up: "SELECT key FROM system.local".to_owned(), down: because }.into()
        }
        _ => Op::Raw { up: vec!["SELECT 1".to_owned()], down: because }.into(),
    };
    Needed::new(operation, None).addition(true)
}

/// All that is there, as changes; and what no migration has, in words.
fn all(store: &mut Reached) -> Result<(Vec<Needed>, Vec<String>), Error> {
    let database = store.session.database();
    let there = store.session.inspect().map_err(|error| Error::store(&store.name, error))?;
    Ok(match there {
        Inspected::Sql(model) => {
            let beyond = store.session.beyond().map_err(|error| Error::store(&store.name, error))?;
            (emit::whole(database, &model, &beyond), beyond.left_out)
        }
        #[cfg(feature = "scylla")]
        Inspected::Cql(keyspace) => (cql::whole::whole(&keyspace), Vec::new()),
    })
}

/// What is written would stand behind migrations that make the same.
fn refuse(store: &Reached) -> Result<(), Error> {
    let applied = store.snapshot.applied.len();
    if applied > 0 {
        return Err(refused(
            store,
            format!("store {} has {applied} applied already: its database has a beginning", store.name),
            "`updown new NAME --diff` writes what is missing; `updown verify --schema` shows what was done by hand",
        ));
    }
    if let Some(first) = store.session.listed().first() {
        return Err(refused(
            store,
            format!("the list of store {} begins with {}, which is not applied", store.name, first.name),
            "take it out of the list, with its file: a baseline comes first (`updown init --empty` begins without one)",
        ));
    }
    Ok(())
}

fn refused(store: &Reached, message: String, hint: &str) -> Error {
    Error::Refused(Box::new(Refusal {
        rule: Rule::Baseline,
        store: store.name.clone(),
        names: Vec::new(),
        message,
        hint: hint.to_owned(),
    }))
}

/// As if it had been applied, and that it was not is in the history.
fn rows(store: &Reached, written: &scaffold::new::Written, by: &str, version: &str) -> Vec<Write> {
    let hash = fingerprint::hash(&written.text, Language::Rust);
    let at = timestamp(Utc::now());
    let batch_no = store.snapshot.last_batch + 1;
    let run_id = crate::lease::token();
    vec![
        Write::Apply(Applied {
            id: store.snapshot.last_id() + 1,
            name: written.module.clone(),
            hash: hash.clone(),
            fingerprint: fingerprint::of_bytes(&written.text),
            applied_at: at.clone(),
            batch_no,
            run_id: run_id.clone(),
            duration_ms: 0,
        }),
        Write::Attempt(Attempt {
            name: written.module.clone(),
            direction: Direction::Up,
            outcome: Outcome::Resolved,
            at,
            batch_no,
            run_id,
            duration_ms: 0,
            hash,
            by: by.to_owned(),
            app_version: version.to_owned(),
            detail: Some("baseline: what it makes was there".to_owned()),
            before: None,
        }),
    ]
}
