//! A keyspace to try migrations out on.

use super::connection::ScyllaConnection;
use super::keyspace::SCRATCH;
use crate::lease;
use crate::store::open::Open;
use crate::store::url::with_database;

/// A keyspace on a cluster. The first run makes it; gone when it is dropped.
pub struct ScratchKeyspace {
    pub url: String,
    name: String,
}

impl ScratchKeyspace {
    /// On the cluster of `url`, with the replication that the URL says.
    pub fn on(url: &str) -> Self {
        let name = format!("{SCRATCH}{}", lease::token());
        Self { url: with_database(url, &name), name }
    }
}

impl Drop for ScratchKeyspace {
    fn drop(&mut self) {
        // A keyspace that stays behind is not worth a panic.
        if let Ok(conn) = <ScyllaConnection as Open>::connect(&self.url) {
            let _ = conn.execute(&format!("DROP KEYSPACE IF EXISTS \"{}\"", self.name), ());
        }
    }
}
