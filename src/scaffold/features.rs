//! Which cargo features of the migrations crate the configured stores need, so that nobody has to type them.

use std::collections::{BTreeMap, BTreeSet};

use super::project_dir::ProjectDir;
use super::store_dir;
use crate::config::Config;
use crate::error::Error;
use crate::project::Project;

/// A crate's features: what each turns on.
pub type Features = BTreeMap<String, Vec<String>>;

/// What has to be turned on beside the default features, with what was typed for the configuration. Where something cannot be made out, it is left to the
/// program to say so.
pub fn needed(project: &ProjectDir, said: BTreeMap<String, String>) -> Vec<String> {
    // Nothing to choose from.
    if project.features.is_empty() {
        return Vec::new();
    }
    urls(project, said).map(|urls| choose(&project.features, &urls)).unwrap_or_default()
}

/// The URL of each store that has one, with the feature that it stands under.
fn urls(
    project: &ProjectDir,
    said: BTreeMap<String, String>,
) -> Result<Vec<(Option<String>, String)>, Error> {
    let stores = store_dir::declared(&project.dir)?;
    let directory: &'static str = Box::leak(project.dir.display().to_string().into_boxed_str());
    let mut bare = Project::at(directory, "");
    for store in &stores {
        bare = bare.placeholder(&store.name, "");
        let connection = store_dir::StoreDir::open(project, Some(&store.name)).map(|dir| dir.list.connection);
        if let (Ok(connection), Some(entry)) = (connection, bare.stores.last_mut()) {
            entry.scheme = match connection.rsplit(':').next() {
                Some("ScyllaConnection") => Some("scylla"),
                Some("SqliteConnection") => None,
                _ => Some("postgres"),
            };
        }
    }
    let config = Config::load_under(&bare, said)?;
    let found =
        stores.into_iter().filter_map(|store| Some((store.feature, config.urls.get(&store.name)?.clone())));
    Ok(found.collect())
}

/// The feature of updown's that a URL needs.
fn of_updown(url: &str) -> Option<&'static str> {
    let scheme = url.split_once(':')?.0.to_ascii_lowercase();
    Some(match scheme.as_str() {
        "sqlite" | "sqlite3" => "updown/sqlite",
        "postgres" | "postgresql" | "cockroach" | "cockroachdb" => "updown/postgres",
        "scylla" | "cassandra" if url.contains("tls=true") || url.contains("tls_ca=") => "updown/scylla-tls",
        "scylla" | "cassandra" => "updown/scylla",
        _ => return None,
    })
}

fn choose(features: &Features, urls: &[(Option<String>, String)]) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for (feature, url) in urls {
        let is_on = |chosen: &[String], wanted: &str| {
            let mut names = chosen.iter().map(String::as_str).chain(["default"]);
            names.any(|name| all(features, name).contains(wanted))
        };
        // The store itself, and then what its URL needs: by the feature of that name, or the smallest.
        if let Some(feature) = feature.as_ref().filter(|name| features.contains_key(*name))
            && !is_on(&chosen, feature)
        {
            chosen.push(feature.clone());
        }
        let Some(wanted) = of_updown(url) else { continue };
        if !is_on(&chosen, wanted) {
            let brings = features.keys().filter(|name| all(features, name).contains(wanted));
            let has_its_name = |name: &str| wanted.strip_prefix("updown/") == Some(name);
            chosen
                .extend(brings.min_by_key(|name| (!has_its_name(name), all(features, name).len())).cloned());
        }
    }
    chosen
}

/// A feature with all that it turns on.
fn all<'a>(features: &'a Features, name: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut left) = (BTreeSet::new(), vec![name]);
    while let Some(name) = left.pop() {
        if found.insert(name) {
            left.extend(features.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_urls_need_is_turned_on_and_nothing_else() {
        let features: Features = [
            ("default", &["sqlite"][..]),
            ("sqlite", &["dep:diesel", "updown/sqlite"]),
            ("postgres", &["sqlite", "updown/postgres"]),
            ("both", &["postgres", "scylla"]),
            ("cockroach", &["dep:diesel", "updown/postgres"]),
            ("scylla", &["updown/scylla"]),
            ("scylla-tls", &["scylla", "updown/scylla-tls"]),
        ]
        .into_iter()
        .map(|(name, on)| (name.to_owned(), on.iter().map(|on| (*on).to_owned()).collect()))
        .collect();
        for (urls, wanted) in [
            (&[][..], &[][..]),
            (&[("sqlite", "sqlite:x.db")], &[]),
            (&[("sqlite", "postgres://db/x")], &["postgres"]),
            (
                &[("sqlite", "postgresql://db/x"), ("cockroach", "cockroach://db/x")],
                &["postgres", "cockroach"],
            ),
            (&[("sqlite", "sqlite:x.db"), ("cockroach", "postgres://db/x")], &["cockroach"]),
            (&[("scylla", "scylla://db/x")], &["scylla"]),
            (&[("scylla", "cassandra://db/x?tls_ca=/x")], &["scylla", "scylla-tls"]),
            (&[("", "scylla://db/x")], &["scylla"]),
            (&[("gone", "mysql://db/x")], &[]),
        ] {
            let urls: Vec<_> =
                urls.iter().map(|(feature, url)| (Some((*feature).to_owned()), (*url).to_owned())).collect();
            assert_eq!(choose(&features, &urls), wanted, "{urls:?}");
        }
    }
}
