//! Where a store is: its URL, or the parts of one (`DB_HOST`, `DB_PORT`, …).

mod parts;

use super::vars::Vars;
use crate::project::StoreEntry;
use crate::store::url::shown;
use parts::Parts;

/// What the variables of a store say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub url: Option<String>,
    /// What stops nothing but should be known.
    pub doubt: Option<String>,
}

/// What a store's variables say. The error is what makes no sense, and what to do.
///
/// The process goes over `.env` as a whole: who says there where the store is, by a URL or a host, does not get
/// another database out of the file. Said in one place both ways, the URL counts.
pub fn of(vars: &Vars, store: &StoreEntry) -> Result<Address, (String, String)> {
    let StoreEntry { url_var, prefix, .. } = store;
    let Some(scheme) = store.scheme else {
        return Ok(Address { url: vars.get(url_var), doubt: None });
    };
    let is_said = |value: &String| !value.is_empty();
    let host_var = format!("{prefix}_HOST");
    let url_in_process = vars.in_process(url_var);
    let host_in_process = vars.in_process(&host_var).filter(is_said);
    let parts = Parts::read(vars, url_var, prefix);
    if url_in_process.is_some() || host_in_process.is_some() {
        return match url_in_process.filter(is_said) {
            // A host in the file is not meant: the process has taken its place.
            Some(url) if host_in_process.is_none() => Ok(Address { url: Some(url), doubt: None }),
            Some(url) => Ok(Address { doubt: parts.doubt(&url, scheme), url: Some(url) }),
            None if host_in_process.is_some() => Ok(Address { url: parts.url(scheme)?, doubt: None }),
            None => Ok(Address::default()),
        };
    }
    match vars.in_file(url_var).filter(is_said) {
        Some(url) => Ok(Address { doubt: parts.doubt(&url, scheme), url: Some(url) }),
        None => Ok(Address { url: parts.url(scheme)?, doubt: None }),
    }
}

impl Parts {
    /// What is to be said where `url` counts, and these parts are there as well.
    fn doubt(&self, url: &str, scheme: &str) -> Option<String> {
        let own = self.url(scheme).ok().flatten()?;
        (place(url) != place(&own)).then(|| {
            format!(
                "{} says {}, and {} and the other parts say {}: the URL is used",
                self.url_var,
                shown(url),
                self.variable("HOST"),
                shown(&own)
            )
        })
    }
}

/// Which database a URL means: its hosts and its name. Who connects to it, and how, may well differ.
fn place(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('?').next().unwrap_or_default();
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    let hosts = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let port = if matches!(scheme, "scylla" | "cassandra") { ":9042" } else { ":5432" };
    let hosts = hosts.split(',').map(|host| host.strip_suffix(port).unwrap_or(host));
    Some((hosts.collect::<Vec<_>>().join(","), name.to_owned()))
}

#[cfg(test)]
mod tests;
