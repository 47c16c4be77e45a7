//! What PostgreSQL's catalog says about a statement that cannot run in a transaction.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::classify;
use crate::error::StoreError;
use crate::ledger::quote;
use crate::store::Settled;

/// The words of a statement, without comments; names and literals keep their quotes.
fn words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = statement.trim_start();
    while !rest.is_empty() {
        if let Some(line) = rest.strip_prefix("--") {
            rest = line.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(block) = rest.strip_prefix("/*") {
            rest = block.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'');
            let end = if let Some(quote) = quote {
                rest[1..].find(quote).map_or(rest.len(), |at| at + 2)
            } else {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len())
            };
            let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    words
}

fn is(word: Option<&String>, keyword: &str) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case(keyword))
}

/// Whether PostgreSQL lets it run in a transaction block. `ALTER TYPE … ADD VALUE` may since version 12.
pub fn is_transactional(statement: &str) -> bool {
    let words: Vec<String> = words(statement).iter().map(|word| word.to_uppercase()).collect();
    let at = |index: usize| words.get(index).map_or("", String::as_str);
    let has = |keyword: &str| words.iter().any(|word| word == keyword);
    match (at(0), at(1)) {
        ("VACUUM", _) | ("ALTER", "SYSTEM") => false,
        ("CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION") => false,
        ("CREATE" | "DROP", _) => concurrent_index(statement).is_none(),
        ("REINDEX", _) => !(has("CONCURRENTLY") || has("DATABASE") || has("SYSTEM") || has("SCHEMA")),
        ("CLUSTER", next) => !(next.is_empty() || next == ";"),
        ("ALTER", "DATABASE") => !has("TABLESPACE"),
        ("ALTER", "TABLE") => !(has("DETACH") && has("CONCURRENTLY")),
        _ => true,
    }
}

/// Whether it sets something for the session. A step is a transaction of its own, at whose end all is
/// reset.
pub fn is_setting(statement: &str) -> bool {
    let words = words(statement);
    is(words.first(), "SET")
        && !["LOCAL", "CONSTRAINTS", "TRANSACTION"].iter().any(|word| is(words.get(1), word))
}

/// Whether it waits for locks without keeping others out meanwhile: a build beside the writers.
pub fn is_concurrent(statement: &str) -> bool {
    words(statement).iter().any(|word| word.eq_ignore_ascii_case("CONCURRENTLY"))
}

/// An index that is built or dropped concurrently.
struct Concurrent {
    creates: bool,
    /// With its schema where the statement has one, quoted as it stands there. The server chooses one
    /// where it is left out.
    name: Option<String>,
}

fn concurrent_index(statement: &str) -> Option<Concurrent> {
    let words = words(statement);
    let creates = is(words.first(), "CREATE");
    if !creates && !is(words.first(), "DROP") {
        return None;
    }
    let at = words.iter().position(|word| word.eq_ignore_ascii_case("INDEX"))?;
    let mut rest = words[at + 1..].iter().peekable();
    if !rest.next().is_some_and(|word| word.eq_ignore_ascii_case("CONCURRENTLY")) {
        return None;
    }
    while rest
        .peek()
        .is_some_and(|word| ["IF", "NOT", "EXISTS"].iter().any(|known| word.eq_ignore_ascii_case(known)))
    {
        rest.next();
    }
    let mut name = rest.next()?.clone();
    if name.eq_ignore_ascii_case("ON") {
        return Some(Concurrent { creates, name: None });
    }
    if rest.peek().is_some_and(|word| *word == ".") {
        rest.next();
        name = format!("{name}.{}", rest.next()?);
    }
    Some(Concurrent { creates, name: Some(name) })
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Bool)]
    valid: bool,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Before a statement that cannot run in a transaction runs (again): whether its effect is there.
/// What an interrupted index build left behind is removed, so that `IF NOT EXISTS` does not bless it.
pub fn settle(conn: &mut PgConnection, statement: &str) -> Result<Settled, StoreError> {
    let Some(Concurrent { creates, name }) = concurrent_index(statement) else {
        let words = words(statement);
        let repeatable = ["VACUUM", "REINDEX", "CLUSTER"].iter().any(|verb| is(words.first(), verb))
            || is(words.get(1), "SYSTEM")
            || words.iter().any(|word| word.eq_ignore_ascii_case("EXISTS"));
        return Ok(if repeatable { Settled::NotDone } else { Settled::Unknown });
    };
    let Some(name) = name else {
        return Err(StoreError::Query(
            "an index that is built concurrently needs a name: without one, what an interrupted build leaves cannot be found \
             again; write CREATE INDEX CONCURRENTLY its_name ON …"
                .to_owned(),
        ));
    };
    let found: Vec<Index> = sql_query(format!(
        "SELECT indisvalid AS valid, indexrelid::regclass::text AS name FROM pg_index WHERE indexrelid = to_regclass({})",
        quote(&name)
    ))
    .load(conn)
    .map_err(classify)?;
    Ok(match (creates, found.first()) {
        (true, Some(index)) if index.valid => Settled::Done,
        (true, Some(index)) => {
            conn.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index.name))
                .map_err(classify)?;
            Settled::NotDone
        }
        (true, None) | (false, Some(_)) => Settled::NotDone,
        (false, None) => Settled::Done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_run_in_a_transaction() {
        for (statement, transactional) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", false),
            ("create unique index concurrently if not exists i on t (a)", false),
            ("DROP INDEX CONCURRENTLY i", false),
            ("-- why\nVACUUM t", false),
            ("REINDEX (VERBOSE) TABLE CONCURRENTLY t", false),
            ("CREATE INDEX CONCURRENTLY ON t (a)", false),
            ("CREATE DATABASE x", false),
            ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", false),
            ("CLUSTER", false),
            ("REINDEX DATABASE x", false),
            ("CLUSTER t USING i", true),
            ("ALTER TYPE mood ADD VALUE 'happy'", true),
            ("ALTER TYPE mood RENAME VALUE 'a' TO 'b'", true),
            ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", true),
            ("INSERT INTO t VALUES ('CREATE INDEX CONCURRENTLY i')", true),
            ("CREATE INDEX i ON t (a)", true),
            ("UPDATE t SET a = 'CONCURRENTLY'", true),
            ("REFRESH MATERIALIZED VIEW v", true),
            ("", true),
        ] {
            assert_eq!(is_transactional(statement), transactional, "{statement}");
        }
    }

    #[test]
    fn what_sets_something_for_the_session() {
        for (statement, sets) in [
            ("SET search_path = other", true),
            ("set SESSION statement_timeout = 0", true),
            ("SET LOCAL lock_timeout = 0", false),
            ("SET CONSTRAINTS ALL DEFERRED", false),
            ("UPDATE t SET a = 1", false),
        ] {
            assert_eq!(is_setting(statement), sets, "{statement}");
        }
    }

    #[test]
    fn the_name_of_an_index() {
        for (statement, name) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", Some("i")),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My i\" ON t (a)", Some("\"My i\"")),
            ("DROP INDEX CONCURRENTLY IF EXISTS s.\"I\"", Some("s.\"I\"")),
            ("CREATE INDEX CONCURRENTLY ON t (a)", None),
            ("CREATE INDEX i ON t (concurrently)", None),
        ] {
            assert_eq!(
                concurrent_index(statement).and_then(|index| index.name).as_deref(),
                name,
                "{statement}"
            );
        }
    }
}
