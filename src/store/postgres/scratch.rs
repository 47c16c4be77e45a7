//! Databases that are made for a test and gone after it.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel::{PgConnection, RunQueryDsl};

use super::connect::{classify, connect};
use crate::error::StoreError;
use crate::lease;

/// A database on a server. Gone when it is dropped, with whoever is still connected to it.
#[derive(Debug)]
pub struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    /// On the server of `url`, whose role may create databases.
    /// `purpose` is in its name.
    pub fn new(url: &str, purpose: &str) -> Result<Self, StoreError> {
        let scratch = Self { server: url.to_owned(), name: format!("updown_{purpose}_{}", lease::token()) };
        connect(url)?.batch_execute(&format!("CREATE DATABASE {}", scratch.name)).map_err(classify)?;
        Ok(scratch)
    }

    /// Its own URL: that of the server with another name of the database.
    pub fn url(&self) -> String {
        crate::store::url::with_database(&self.server, &self.name)
    }
}

fn is_cockroach(conn: &mut PgConnection) -> bool {
    diesel::select(sql::<Bool>("version() LIKE 'CockroachDB%'")).get_result(conn).unwrap_or(false)
}

/// With what to do where the role may not.
#[cfg(feature = "schema")]
pub fn not_made(error: StoreError) -> StoreError {
    StoreError::Scratch(error.to_string())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A database that stays behind on a server for tests is not worth a panic.
        if let Ok(mut conn) = connect(&self.server) {
            // CockroachDB does not mind who is connected, and has another word for what is in it.
            let how = if is_cockroach(&mut conn) { "CASCADE" } else { "WITH (FORCE)" };
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {} {how}", self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_differs() {
        let url = |server: &str| {
            let scratch = Scratch { server: server.to_owned(), name: "x".to_owned() };
            let url = scratch.url();
            std::mem::forget(scratch);
            url
        };
        assert_eq!(
            url("postgres://u:p@h:1/postgres?sslmode=require"),
            "postgres://u:p@h:1/x?sslmode=require"
        );
        assert_eq!(url("postgres://h"), "postgres://h/x");
        assert_eq!(url("postgres://u@%2Frun%2Fpg/postgres"), "postgres://u@%2Frun%2Fpg/x");
        assert_eq!(url("postgres:///postgres?host=/run"), "postgres:///x?host=/run");
    }
}
