//! On an SQLite in memory.

use diesel::connection::{Connection, SimpleConnection};

use super::executed::{Target, example, pairs};
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

#[test]
fn the_example_agrees() {
    example(&mut *open().expect("a database"));
}

/// A foreign key that is dropped for a while, a table that becomes another one, and names in other letters: with
/// rows in them.
#[test]
fn rows_stay() {
    let mut conn = diesel::SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute(
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE Users (id INTEGER PRIMARY KEY, uid bigint NOT NULL);
         CREATE TABLE videos (id bigint PRIMARY KEY NOT NULL, user_id int REFERENCES users (id), views integer);
         INSERT INTO users VALUES (1, 10), (2, 20); INSERT INTO videos VALUES (1, 1, 5), (2, 2, 6)",
    )
    .expect("two tables");
    let wanted = declared(
        "diesel::table! { users (uid) { id -> Integer, uid -> BigInt, } }
         diesel::table! { videos (id) { id -> BigInt, user_id -> Integer, views -> BigInt, } }",
        |schema| {
            schema.table("users", |t| {
                t.unique(["id"]);
            });
            schema.table("VIDEOS", |t| {
                t.index(["VIEWS"]).unique();
                t.foreign_key(["user_id"], "users", ["id"]);
            });
        },
    );
    let model = Target::model(&mut conn);
    let found = diff(Database::Sqlite, &model, &wanted, &|_| true).expect("a difference");
    for needed in &found.needed {
        conn.carry(needed.operation.sql().expect("SQL")).expect("a change");
    }
    let again = diff(Database::Sqlite, &Target::model(&mut conn), &wanted, &|_| true).expect("none");
    assert!(again.needed.is_empty(), "{:?}", again.needed);
    use diesel::prelude::*;
    let sum: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT sum(views * 100 + uid) FROM videos JOIN users ON users.id = user_id)",
    ))
    .get_result(&mut conn)
    .expect("a number");
    assert_eq!(sum, 1130);
}
