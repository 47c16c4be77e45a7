//! Which stores are meant, and where they are: by the configuration alone, before anything is opened.

use crate::config::Config;
use crate::error::Error;
use crate::project::{OpenFn, Project, StoreEntry, StoreKind};
use crate::report::Skipped;

/// A store that is to be opened.
pub struct Meant<'a> {
    pub name: &'a str,
    pub url: String,
    pub open: &'a OpenFn,
}

/// Every store that is configured, and those that are not and need not be. The error is what makes no sense.
pub fn meant<'a>(project: &'a Project, config: &Config) -> Result<(Vec<Meant<'a>>, Vec<Skipped>), Error> {
    if let Some(name) =
        config.only.iter().find(|name| project.stores.iter().all(|store| store.name != **name))
    {
        let names: Vec<&str> = project.stores.iter().map(|store| store.name.as_str()).collect();
        return Err(Error::usage(
            format!("there is no store {name}"),
            format!("there is: {}", names.join(", ")),
        ));
    }
    let (mut meant, mut skipped) = (Vec::new(), Vec::new());
    for (index, store) in project.stores.iter().enumerate() {
        if !config.only.is_empty() && !config.only.contains(&store.name) {
            continue;
        }
        if let Some((why, hint)) = config.unclear.get(&store.name) {
            return Err(Error::usage(format!("store {}: {why}", store.name), hint));
        }
        let url = config.url_of(&store.name, store.default_url.filter(|_| index == 0));
        match (url, &store.kind) {
            (Some(url), StoreKind::Registry { open, .. }) => {
                meant.push(Meant { name: &store.name, url, open })
            }
            (Some(_), StoreKind::Placeholder(feature)) => return Err(without(store, feature)),
            (None, _) => skipped.push(without_url(project, config, store)?),
        }
    }
    if meant.is_empty() {
        let reasons: Vec<&str> = skipped.iter().map(|store| store.because.as_str()).collect();
        return Err(Error::usage(
            format!("no store has a database: {}", reasons.join(", ")),
            "write `DATABASE_URL=sqlite:///path/to/file.db` into the environment or into .env",
        ));
    }
    Ok((meant, skipped))
}

/// A store that is not configured: why it is left out, where it may be.
fn without_url(project: &Project, config: &Config, store: &StoreEntry) -> Result<Skipped, Error> {
    let because = format!("{} is not set", store.url_var);
    let is_wanted = config.only.contains(&store.name);
    let is_required = !(store.optional || config.environment.is_relaxed());
    match &store.kind {
        _ if !is_wanted && !is_required => Ok(Skipped { name: store.name.clone(), because }),
        StoreKind::Placeholder(feature) if is_wanted => Err(without(store, feature)),
        // A program for other stores: those have to be said.
        StoreKind::Placeholder(feature) => {
            let built =
                project.stores.iter().filter(|store| matches!(store.kind, StoreKind::Registry { .. }));
            let built: Vec<String> = built.map(|store| format!("--store {}", store.name)).collect();
            Err(Error::usage(
                format!("store {} is not in this program, which was built without {feature}", store.name),
                format!("say which stores are meant: `{}`", built.join(" ")),
            ))
        }
        StoreKind::Registry { .. } => Err(Error::usage(
            format!("store {} has no database: {because}", store.name),
            format!("write `{}={}` into the environment or into .env", store.url_var, store.example_url),
        )),
    }
}

fn without(store: &StoreEntry, feature: &str) -> Error {
    Error::usage(
        format!("store {} is not in this program, which was built without {feature}", store.name),
        "build the migrations crate with that feature",
    )
}
