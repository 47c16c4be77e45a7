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
/// The strongest place that says where the store is, by a URL or a host, counts as a whole: who says it in the
/// environment does not get another database out of a file. Said in one place both ways, the URL counts.
pub fn of(vars: &Vars, store: &StoreEntry) -> Result<Address, (String, String)> {
    let StoreEntry { url_var, prefix, .. } = store;
    let Some(scheme) = store.scheme else {
        return Ok(Address { url: vars.get(url_var), doubt: None });
    };
    let parts = Parts::read(vars, url_var, prefix);
    let host_var = parts.variable("HOST");
    for layer in &vars.layers {
        let (said, has_host) = (layer.said(url_var), layer.get(&host_var).is_some());
        let is_said = said.is_some();
        match said.filter(|url| !url.is_empty()) {
            Some(url) if has_host => return Ok(Address { doubt: parts.doubt(&url, scheme), url: Some(url) }),
            // A host in a weaker place is not meant: this one has taken its place.
            Some(url) => return Ok(Address { url: Some(url), doubt: None }),
            None if has_host => return Ok(Address { url: parts.url(scheme)?, doubt: None }),
            None if is_said => return Ok(Address::default()),
            None => {}
        }
    }
    Ok(Address { url: parts.url(scheme)?, doubt: None })
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
