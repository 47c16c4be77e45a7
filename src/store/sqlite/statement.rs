//! What the text of a statement, and of an answer, means: SQLite gives neither kinds nor codes.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::StoreError;

/// Whether a statement may run in a transaction.
pub fn is_transactional(statement: &str) -> bool {
    !["VACUUM", "PRAGMA", "ATTACH", "DETACH"].contains(&first_word(statement).as_str())
}

/// The first word of a statement in upper case, behind its comments.
pub fn first_word(statement: &str) -> String {
    let mut rest = statement.trim_start();
    loop {
        rest = if let Some(line) = rest.strip_prefix("--") {
            line.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(block) = rest.strip_prefix("/*") {
            block.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        }
        .trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    rest[..end].to_ascii_uppercase()
}

/// What SQLite's message means to the engine. Diesel gives no result codes.
pub fn classify(error: DieselError) -> StoreError {
    let message = match &error {
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => return StoreError::ReadOnly,
        other => other.to_string(),
    };
    if message.contains("database is locked")
        || message.contains("database table is locked")
        || message.contains("locking protocol")
    {
        StoreError::Busy
    } else if message.contains("readonly database") {
        StoreError::ReadOnly
    } else if message.contains("disk is full") {
        StoreError::Full
    } else if message.contains("not a database") {
        StoreError::Open {
            target: "the file".to_owned(),
            why: "it is not an SQLite database".to_owned(),
            hint: Some("check the path in `DATABASE_URL`; nothing was written to it".to_owned()),
        }
    } else {
        StoreError::Query(message)
    }
}

#[cfg(test)]
mod tests {
    use super::first_word;

    #[test]
    fn the_first_word_stands_behind_comments() {
        assert_eq!(first_word(" -- VACUUM\n /* x */ vacuum;"), "VACUUM");
        assert_eq!(first_word("CREATE TABLE x"), "CREATE");
        assert_eq!(first_word("-- only"), "");
    }
}
