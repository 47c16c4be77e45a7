//! `schema.rs` brought up to date behind a run, as far as nothing that somebody has written is lost by it.

use std::collections::BTreeMap;
use std::path::Path;

use super::compare::{Differs, compare};
use super::printed::SourceText;
use super::source::{Source, shown};
use crate::config::Config;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::plan::Request;
use crate::reach::{self, Reached};
use crate::scaffold::files;

/// By the name of the store: whether its files had nothing that the database did not have.
#[derive(Debug, Default)]
pub struct Before(BTreeMap<String, bool>);

/// What became of the files of one store.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refreshed {
    pub store: String,
    /// Those that were written anew.
    pub written: Vec<String>,
    /// Why they were not, where they are not up to date.
    pub stale: Option<Stale>,
}

/// Files that do not say what the database has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stale {
    pub files: Vec<String>,
    /// What differs, in words: what would be done to the database for it to be what they declare.
    pub differs: Vec<String>,
    /// They declare what the database does not have yet.
    pub is_ahead: bool,
}

impl Migrator {
    /// Before a run: whether the files can be written anew behind it. None where there is nothing to do, or nothing
    /// can be known: what a run says of that is not for this to say first.
    pub(crate) fn before_refresh(&mut self, request: &Request) -> Option<Before> {
        let config = self.config().ok()?;
        // Without opening anything: most projects that are run elsewhere have no sources beside them.
        if !super::is_declared_anywhere(&self.project, &config) {
            return None;
        }
        let (config, mut stores, _) = self.open(request).ok()?;
        if reach::make_plan(&stores, request, &config).ok()?.actions.is_empty() {
            return None;
        }
        let mut before = Before::default();
        for store in &mut stores {
            let source =
                Source::of(&self.project, &config, &store.name, store.session.database(), None).ok()?;
            if !source.files().is_empty() {
                let is_behind =
                    matches!(differs(store, &config, &source), Ok(Some(found)) if !is_ahead(&found));
                before.0.insert(store.name.clone(), is_behind);
            }
        }
        Some(before)
    }

    /// Behind a run: writes the files anew that are not up to date. One that declares what the database does not
    /// have is left as it is, unless that was there before the run: then it is the run that took it away.
    /// Where the files are `locked`, none is written.
    pub(crate) fn refresh(&mut self, before: &Before, locked: bool) -> Result<Vec<Refreshed>, Error> {
        let config = self.config()?;
        let found = self.find()?;
        let mut refreshed = Vec::new();
        for mut store in found.reached {
            let source = Source::of(&self.project, &config, &store.name, store.session.database(), None)?;
            if source.files().is_empty() {
                continue;
            }
            let was_behind = before.0.get(&store.name).copied().unwrap_or(false);
            if let Some(told) = of_store(&mut store, &config, &source, was_behind, locked)? {
                refreshed.push(told);
            }
        }
        Ok(refreshed)
    }
}

/// None where there is nothing to say.
fn of_store(
    store: &mut Reached,
    config: &Config,
    source: &Source,
    was_behind: bool,
    locked: bool,
) -> Result<Option<Refreshed>, Error> {
    let mut told = Refreshed { store: store.name.clone(), written: Vec::new(), stale: None };
    let found = differs(store, config, source)?;
    let is_missing = found.is_none();
    // Nobody has asked for the file of a store on ScyllaDB until there is one.
    if is_missing && matches!(source, Source::Cql(_)) {
        return Ok(None);
    }
    let found = found.unwrap_or_default();
    if !is_missing && is_same(&found) {
        return Ok(None);
    }
    let files = || source.files().into_iter().map(|file| shown(file, &config.root)).collect();
    if locked || (is_ahead(&found) && !was_behind) {
        let differs = found.needed.iter().map(|needed| needed.operation.to_string());
        told.stale = Some(Stale {
            files: files(),
            differs: differs.chain(found.impossible.iter().cloned()).collect(),
            is_ahead: is_ahead(&found),
        });
        return Ok(Some(told));
    }
    for SourceText { file, text, .. } in source.texts(store, true)? {
        if let Some(file) = file {
            write(&file, &text)?;
            told.written.push(shown(&file, &config.root));
        }
    }
    Ok(Some(told))
}

/// What stands between the database and what its files say; none where there is no file.
fn differs(store: &mut Reached, config: &Config, source: &Source) -> Result<Option<Differs>, Error> {
    let Some(declaration) = source.read(&config.root, None)? else { return Ok(None) };
    let there = store.session.inspect().map_err(|error| Error::store(&store.name, error))?;
    compare(store.session.database(), &there, &declaration, &[]).map(Some)
}

fn is_same(found: &Differs) -> bool {
    found.needed.is_empty() && found.impossible.is_empty()
}

/// Whether something is declared that the database does not have: also where it has it otherwise.
fn is_ahead(found: &Differs) -> bool {
    !found.impossible.is_empty() || found.needed.iter().any(|needed| !needed.operation.takes_away())
}

/// Whole or not at all, and never through a symbolic link.
pub fn write(file: &Path, text: &str) -> Result<(), Error> {
    match files::exists(file)? {
        true => files::read(file).and_then(|_| files::replace(file, text)),
        false => files::create(file, text),
    }
}
