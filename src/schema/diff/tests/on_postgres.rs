//! On a PostgreSQL of the tests' own.

#[allow(dead_code, clippy::duplicate_mod)]
#[path = "../../../../tests/suite/support/postgres/cluster.rs"]
mod cluster;

use diesel::PgConnection;
use diesel::connection::{Connection, SimpleConnection};

use super::executed::{Target, example, pairs};
use super::*;
use crate::schema::op::Op;
use crate::schema::render::statements;

impl Target for PgConnection {
    fn database(&self) -> Database {
        Database::Postgres
    }

    fn model(&mut self) -> Model {
        crate::schema::inspect_postgres(self, false).expect("a schema")
    }

    fn carry(&mut self, op: &Op) -> Result<(), String> {
        let sql =
            statements(op, Database::Postgres, &mut crate::schema::NoCatalog).map_err(|unfit| unfit.what)?;
        sql.iter().try_for_each(|sql| self.batch_execute(sql).map_err(|error| format!("{error}\n{sql}")))
    }
}

#[test]
fn from_any_schema_to_any_other() {
    let Some(cluster) = cluster::Cluster::start(&cluster::Options::default()) else { return };
    example(&mut PgConnection::establish(&cluster.url("template1")).expect("the server answers"));
    pairs(60, || {
        let mut conn = PgConnection::establish(&cluster.url("postgres")).expect("the server answers");
        // A database for each would be what takes the time.
        conn.batch_execute(
            "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        )
        .expect("an empty schema");
        Some(Box::new(conn))
    });
}
