//! A copy of a database as it is at one instant, while others read and write it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::statement::classify;
use crate::error::StoreError;
use crate::ledger::quote;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Writes it. Unlike a plain `VACUUM`, this keeps each row's number.
/// <https://www.sqlite.org/lang_vacuum.html#vacuuminto>
pub fn write(conn: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let Some(path) = path.to_str() else {
        return Err(StoreError::Query(format!("{} is no path that SQLite can be told", path.display())));
    };
    conn.batch_execute(&format!("VACUUM INTO {}", quote(path))).map_err(classify)
}

/// Reads it through.
pub fn check(path: &Path) -> Result<(), StoreError> {
    let unreadable = |why: String| StoreError::Query(format!("the copy cannot be read: {why}"));
    let mut copy = SqliteConnection::establish(&path.display().to_string())
        .map_err(|error| unreadable(error.to_string()))?;
    let lines: Vec<Line> = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check")
        .load(&mut copy)
        .map_err(|error| unreadable(error.to_string()))?;
    match lines.as_slice() {
        [only] if only.line == "ok" => Ok(()),
        [first, ..] => Err(unreadable(first.line.clone())),
        [] => Err(unreadable("SQLite says nothing of it".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_was_there() {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from.db"), directory.path().join("it's.db"));
        let mut conn = SqliteConnection::establish(from.to_str().unwrap()).unwrap();
        conn.batch_execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('1'), ('2'), ('3'); \
             DELETE FROM x WHERE a < '3'",
        )
        .unwrap();
        write(&mut conn, &to).unwrap();
        conn.batch_execute("DELETE FROM x").unwrap();
        check(&to).unwrap();
        let mut copy = SqliteConnection::establish(to.to_str().unwrap()).unwrap();
        let row: Row = sql_query("SELECT rowid AS number FROM x").get_result(&mut copy).unwrap();
        assert_eq!(row.number, 3);
    }

    #[test]
    fn half_a_copy_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from.db"), directory.path().join("to.db"));
        let mut conn = SqliteConnection::establish(from.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE x (a TEXT); INSERT INTO x VALUES (hex(randomblob(50000)))").unwrap();
        write(&mut conn, &to).unwrap();
        let bytes = std::fs::read(&to).unwrap();
        std::fs::write(&to, &bytes[..bytes.len() / 2]).unwrap();
        assert!(check(&to).is_err());
    }
}
