//! The keyspace of the URL: whether it is there, and how it is made.

use std::sync::atomic::Ordering;
use std::time::Instant;

use ::scylla::errors::DbError;

use super::agreement::LAST_PAUSE;
use super::connection::ScyllaConnection;
use super::error::{Effect, ScyllaError};
use super::partition::patiently;
use super::url::Replication;

/// What the name of a keyspace begins with that migrations are tried out in; 32 digits follow.
pub const SCRATCH: &str = "updown_check_";

/// Whether a keyspace was made to try migrations out. What they do there must not reach anything else that is on
/// the cluster.
pub fn is_scratch(keyspace: &str) -> bool {
    keyspace.strip_prefix(SCRATCH).is_some_and(|token| token.len() == 32)
}

impl ScyllaConnection {
    /// Whether the keyspace of the URL is there.
    ///
    /// # Errors
    ///
    /// Where that cannot be read.
    pub fn has_keyspace(&self) -> Result<bool, ScyllaError> {
        let cql = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
        let found: Vec<(String,)> = patiently(|| self.query(cql, (&self.shared.url.keyspace,)))?;
        Ok(!found.is_empty())
    }

    /// Makes the keyspace of the URL where it is missing, with the replication that the URL says (without
    /// one, a single copy in every data centre), and uses it.
    ///
    /// `options` is what follows the replication: empty, or for instance
    /// `AND tablets = {'enabled': false}`.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute) has.
    pub fn create_keyspace(&self, options: &str) -> Result<(), ScyllaError> {
        let url = &self.shared.url;
        let replication =
            url.replication.as_ref().map_or_else(|| Replication::Everywhere(1).cql(), Replication::cql);
        let cql = format!(
            "CREATE KEYSPACE IF NOT EXISTS \"{}\" WITH replication = {replication} {options}",
            url.keyspace
        );
        self.execute(cql.trim_end(), ())?;
        self.enter_keyspace()
    }

    /// Uses a keyspace that is there, as soon as every node knows of it.
    pub(super) fn enter_keyspace(&self) -> Result<(), ScyllaError> {
        if self.shared.is_in_keyspace.load(Ordering::SeqCst) {
            return Ok(());
        }
        let began = Instant::now();
        loop {
            match self.use_keyspace() {
                // From a node that came just now, or has not heard of it.
                Err(error)
                    if (error.effect() == Effect::Unknown
                        || error.database_error() == Some(&DbError::Invalid))
                        && began.elapsed() < self.agreement_limit =>
                {
                    self.await_agreement()?;
                    std::thread::sleep(LAST_PAUSE);
                }
                done => return done,
            }
        }
    }

    /// Uses the keyspace of the URL, on every connection to every node.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub fn use_keyspace(&self) -> Result<(), ScyllaError> {
        let keyspace = &self.shared.url.keyspace;
        let used = self.shared.runtime.block_on(self.shared.session.use_keyspace(keyspace, true));
        used.map_err(|error| ScyllaError::execution(&format!("USE \"{keyspace}\""), error))?;
        self.shared.is_in_keyspace.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// What has to stand behind the replication of a keyspace with a ledger: before ScyllaDB 2025.4 a
    /// table in tablets has no lightweight transactions, and tablets are what a keyspace gets there.
    /// <https://github.com/scylladb/scylladb/issues/18066>
    pub(super) fn without_tablets(&self) -> Result<&'static str, ScyllaError> {
        let cql = "SELECT supported_features FROM system.local";
        match self.query::<(Option<String>,)>(cql, ()) {
            Ok(rows) => Ok(option(&rows.into_iter().filter_map(|row| row.0).collect::<Vec<_>>().join(","))),
            // Cassandra does not know the column, and has no tablets.
            Err(error) if error.database_error() == Some(&DbError::Invalid) => Ok(""),
            Err(error) => Err(error),
        }
    }
}

/// By what the server says that it supports.
fn option(features: &str) -> &'static str {
    let has = |wanted: &str| features.split(',').any(|feature| feature.trim() == wanted);
    match has("TABLETS") && !has("LWT_WITH_TABLETS") {
        true => "AND tablets = {'enabled': false}",
        false => "",
    }
}

#[test]
fn tablets_are_turned_off_where_they_lack_what_the_ledger_needs() {
    assert_eq!(option("A,TABLETS,B"), "AND tablets = {'enabled': false}");
    for features in ["", "A,B", "TABLETS,LWT_WITH_TABLETS", "TABLETS_X"] {
        assert_eq!(option(features), "", "{features}");
    }
}
