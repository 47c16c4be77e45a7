//! On an SQLite in memory.

use diesel::connection::{Connection, SimpleConnection};

use super::executed::{Target, pairs};
use super::*;
use crate::schema::op::Op;
use crate::schema::render::statements;

impl Target for diesel::SqliteConnection {
    fn database(&self) -> Database {
        Database::Sqlite
    }

    fn model(&mut self) -> Model {
        crate::schema::inspect_sqlite(self).expect("a schema")
    }

    fn carry(&mut self, op: &Op) -> Result<(), String> {
        let sql = statements(op, Database::Sqlite, self).map_err(|unfit| unfit.what)?;
        sql.iter().try_for_each(|sql| self.batch_execute(sql).map_err(|error| format!("{error}\n{sql}")))
    }
}

fn open() -> Option<Box<dyn Target>> {
    let mut conn = diesel::SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute("PRAGMA foreign_keys = OFF").expect("a setting");
    Some(Box::new(conn))
}

#[test]
fn from_any_schema_to_any_other() {
    pairs(300, open);
}
