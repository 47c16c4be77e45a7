//! What a `scylla:` URL says.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ::scylla::statement::Consistency;

use crate::error::StoreError;
use crate::store::url::shown;

/// A cluster and a keyspace in it:
/// `scylla://user:password@host1:9042,host2/keyspace?datacenter=dc1&consistency=local_quorum`.
///
/// | parameter | what it is |
/// | --- | --- |
/// | `datacenter` | the data centre whose nodes are asked first |
/// | `consistency` | `one`, `two`, `three`, `quorum` (without it), `all`, `local_quorum`, `each_quorum` or `local_one` |
/// | `serial_consistency` | `serial`: what decides in a conditional statement is always the whole cluster |
/// | `tls` | `true` or `false` |
/// | `tls_ca` | a file of certificates (PEM) to trust in place of the system's; brings `tls=true` |
/// | `agreement_timeout` | how long the nodes may take to agree on the schema: `60s` (without it), `500ms`, `2m` |
/// | `replication` | how a keyspace that is missing is made: `3`, or `dc1:3,dc2:2` |
///
/// In the user, the password, the keyspace and the values, `%40` stands for `@`, and so on.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScyllaUrl {
    /// The nodes that are asked first for all others, each with its port, which is 9042 where none is
    /// written: `db1:9042`, `[::1]:9042`.
    pub hosts: Vec<String>,
    /// Who connects; nobody in particular where the cluster does not ask.
    pub user: Option<String>,
    /// Its password; empty where there is none.
    pub password: String,
    /// The keyspace, as written: capitals count.
    pub keyspace: String,
    /// The data centre whose nodes are asked first.
    pub datacenter: Option<String>,
    /// How many replicas have to answer.
    pub consistency: Consistency,
    /// Whether connections are encrypted; `None` where the URL does not say, and they are not.
    pub tls: Option<bool>,
    /// Certificates to trust in place of the system's: a file in PEM.
    pub tls_ca: Option<PathBuf>,
    /// How long the nodes may take to agree on the schema; `None` where the URL does not say.
    pub agreement_timeout: Option<Duration>,
    /// How a keyspace is made that is missing; `None` where the URL does not say, and there is one copy.
    pub replication: Option<Replication>,
    /// For messages.
    shown: String,
}

/// How many nodes have a copy of what a keyspace holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replication {
    /// So many in every data centre.
    Everywhere(u32),
    /// So many in each of these data centres, and none in others.
    PerDatacenter(Vec<(String, u32)>),
}

impl Replication {
    /// As `CREATE KEYSPACE … WITH replication = ` has it.
    pub fn cql(&self) -> String {
        let copies = match self {
            Self::Everywhere(copies) => format!("'replication_factor': {copies}"),
            Self::PerDatacenter(all) => {
                let each =
                    all.iter().map(|(name, copies)| format!("'{}': {copies}", name.replace('\'', "''")));
                each.collect::<Vec<_>>().join(", ")
            }
        };
        format!("{{'class': 'NetworkTopologyStrategy', {copies}}}")
    }
}

impl ScyllaUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    ///
    /// [`StoreError::Url`] where it makes no sense, with what to write instead. Neither it nor its hint
    /// says the password, or what could be a part of it.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        parse::parse(url).map_err(|(why, hint)| {
            // What is no port may be a password whose host is missing.
            let target = match url.split_once("://") {
                Some((scheme, _)) if why == parse::NO_PORT && !url.contains('@') => format!("{scheme}://***"),
                _ => shown(url),
            };
            StoreError::Url { target, why, hint }
        })
    }

    /// Whether every host is a loopback address.
    pub fn is_local(&self) -> bool {
        self.hosts.iter().all(|host| {
            let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            let name = name.trim_matches(['[', ']']);
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        })
    }

    /// Refuses what would leave this machine in plain text, unless the URL says so in so many words.
    pub(super) fn check_encrypted(&self) -> Result<(), StoreError> {
        if self.tls.is_some() || self.is_local() {
            return Ok(());
        }
        Err(StoreError::Url {
            target: self.shown.clone(),
            why: "the password and the data would go over the network in plain text".to_owned(),
            hint: "write `tls=true` into the URL (`tls_ca=FILE` with certificates of your own); `tls=false` where it really has to \
                   be without encryption"
                .to_owned(),
        })
    }

    /// The URL without its password.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

impl fmt::Debug for ScyllaUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ScyllaUrl").field(&self.shown).finish()
    }
}
