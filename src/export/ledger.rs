//! The other tool's ledger, beside ours.

use super::files::version;
use crate::error::Error;
use crate::ledger::{Applied, quote};
use crate::migration::number_of;
use crate::migrator::Migrator;
use crate::reach;
use crate::source::SqlFormat;
use crate::store::Database;

/// Where golang-migrate finds what is applied: its usual name is that of our own ledger.
pub const GOLANG_MIGRATE: &str = "schema_migrations_golang_migrate";
/// Where Diesel does.
const DIESEL: &str = "__diesel_schema_migrations";

impl Migrator {
    /// Writes what is applied into the ledger of another tool, in the database of a store; ours stays. One that is
    /// there is written anew. Returns the table.
    ///
    /// # Errors
    /// [`Error::Usage`] where the other tool cannot say what is applied: golang-migrate has one version, so that
    /// nothing before it may be pending.
    pub fn export_ledger(&mut self, store: Option<&str>, format: SqlFormat) -> Result<String, Error> {
        let config = self.config_of_one(store)?;
        self.replace_config(config.clone());
        let mut stores = self.find()?.each()?;
        reach::check_environment(&stores, &config)?;
        self.claim_store(&mut stores, 0, &config)?;
        let reached = &mut stores[0];
        let listed: Vec<String> =
            reached.session.listed().iter().map(|listed| listed.name.to_string()).collect();
        let database = reached.session.database();
        let written = match format {
            SqlFormat::Diesel => Ok((DIESEL, diesel(&reached.snapshot.applied, &listed, database))),
            _ => golang_migrate(&reached.snapshot.applied, &listed).map(|sql| (GOLANG_MIGRATE, sql)),
        };
        let written = written.and_then(|(table, statements)| {
            let sent = reached.session.send(&statements);
            sent.map_err(|error| Error::store(&reached.name, error)).map(|()| table.to_owned())
        });
        reach::release(&mut stores);
        written
    }
}

fn number(position: usize, name: &str) -> u64 {
    number_of(name).unwrap_or(position as u64 + 1)
}

fn diesel(applied: &[Applied], listed: &[String], database: Database) -> Vec<String> {
    let highest = listed.iter().enumerate().map(|(at, name)| number(at, name)).max().unwrap_or_default();
    let mut statements = vec![
        format!(
            "CREATE TABLE IF NOT EXISTS {DIESEL} (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
        ),
        format!("DELETE FROM {DIESEL}"),
    ];
    for (at, name) in listed.iter().enumerate() {
        let Some(row) = applied.iter().find(|row| row.name == *name) else { continue };
        // SQLite's times are text, and Diesel reads them with a blank.
        let run_on = match database {
            Database::Sqlite => row.applied_at.replace('T', " ").trim_end_matches('Z').to_owned(),
            _ => row.applied_at.trim_end_matches('Z').to_owned(),
        };
        let version = version(number(at, name), highest);
        statements.push(format!(
            "INSERT INTO {DIESEL} (version, run_on) VALUES ({}, {})",
            quote(&version),
            quote(&run_on)
        ));
    }
    statements
}

fn golang_migrate(applied: &[Applied], listed: &[String]) -> Result<Vec<String>, Error> {
    let is_applied = |name: &String| applied.iter().any(|row| row.name == *name);
    let last = listed.iter().rposition(is_applied);
    if let Some(pending) = last.and_then(|last| listed[..last].iter().find(|name| !is_applied(name))) {
        return Err(Error::usage(
            format!("{pending} is pending, and stands before an applied one: golang-migrate cannot say that"),
            "`updown migrate --allow-out-of-order` first",
        ));
    }
    let mut statements = vec![
        format!(
            "CREATE TABLE IF NOT EXISTS {GOLANG_MIGRATE} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
        ),
        format!("DELETE FROM {GOLANG_MIGRATE}"),
    ];
    statements.extend(last.map(|last| {
        let version = number(last, &listed[last]);
        format!("INSERT INTO {GOLANG_MIGRATE} (version, dirty) VALUES ({version}, false)")
    }));
    Ok(statements)
}
