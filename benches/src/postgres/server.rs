//! A server with the settings that it comes with: `POSTGRES_URL` where set, else a cluster of this
//! run's own, that ends with it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::cluster::{Cluster, Options};
use crate::Result;
use crate::compare::file_system;

/// Where a temporary directory is on a disk: what is in `/tmp` may be in memory.
const ON_DISK: &str = "/var/tmp";

pub struct Server {
    /// With `{}` in the place of the database's name.
    url: String,
    _cluster: Option<Cluster>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Server {
    /// `None` where none can be had.
    pub fn get() -> Result<Option<Self>> {
        if let Ok(url) = std::env::var("POSTGRES_URL") {
            let (server, _) = url.rsplit_once('/').ok_or("POSTGRES_URL ends with a database's name")?;
            return Ok(Some(Self { url: format!("{server}/{{}}"), _cluster: None }));
        }
        if Path::new(ON_DISK).is_dir() {
            tempfile::env::override_temp_dir(Path::new(ON_DISK)).map_err(|_| "it was set before")?;
        }
        // The tests do without what costs time; a server that is meant does not.
        let options = Options::default().setting("fsync", "on").setting("max_connections", "100");
        let Some(cluster) = Cluster::start(&options) else { return Ok(None) };
        Ok(Some(Self { url: cluster.url("{}"), _cluster: Some(cluster) }))
    }

    pub fn url(&self, name: &str) -> String {
        self.url.replace("{}", name)
    }

    /// What the numbers depend on.
    pub fn described(&self) -> Result<String> {
        let settings = self.lines(
            "SELECT name || ' ' || setting AS line FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'shared_buffers', 'server_version') ORDER BY name",
        )?;
        let place = match &self._cluster {
            Some(_) => format!("a server of its own on {}", file_system(&tempfile::env::temp_dir())),
            None => "the server of POSTGRES_URL".to_owned(),
        };
        Ok(format!("{place}, as it comes: {}", settings.join(", ")))
    }

    /// A new database: empty, or a copy of another one.
    pub fn create(&self, name: &str, template: Option<&str>) -> Result {
        let template = template.unwrap_or("template1");
        self.remove(name)?;
        self.execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        self.settle(name);
        Ok(())
    }

    /// Else the first one to connect makes files, and what was written before is brought to the disk
    /// while something else is measured.
    pub fn settle(&self, name: &str) {
        // Who may not ask for it does without.
        let _ = self.execute(name, "CHECKPOINT");
    }

    pub fn remove(&self, name: &str) -> Result {
        self.execute("postgres", &format!("DROP DATABASE IF EXISTS {name}"))
    }

    pub fn execute(&self, name: &str, sql: &str) -> Result {
        Ok(PgConnection::establish(&self.url(name))?.batch_execute(sql)?)
    }

    fn lines(&self, sql: &str) -> Result<Vec<String>> {
        let mut conn = PgConnection::establish(&self.url("postgres"))?;
        let lines: Vec<Line> = diesel::sql_query(sql).load(&mut conn)?;
        Ok(lines.into_iter().map(|row| row.line).collect())
    }
}
