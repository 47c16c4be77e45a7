//! What PostgreSQL's catalog says about a statement that cannot run in a transaction.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::classify;
use crate::error::StoreError;
use crate::ledger::quote;
use crate::sql::Dialect;
use crate::sql::tokens::{Token, tokens};
use crate::store::Settled;

fn words(statement: &str) -> Vec<Token<'_>> {
    tokens(statement, Dialect::Postgres)
}

/// Whether PostgreSQL lets it run in a transaction block. `ALTER TYPE … ADD VALUE` may since version 12.
pub fn is_transactional(statement: &str) -> bool {
    let words = words(statement);
    let is = |index: usize, any: &[&str]| words.get(index).is_some_and(|word: &Token<'_>| word.is_any(any));
    let has = |any: &[&str]| words.iter().any(|word| word.is_any(any));
    if is(0, &["CREATE", "DROP"]) {
        return !is(1, &["DATABASE", "TABLESPACE", "SUBSCRIPTION"]) && concurrent_index(statement).is_none();
    }
    if is(0, &["ALTER"]) {
        return !(is(1, &["SYSTEM"])
            || (is(1, &["DATABASE"]) && has(&["TABLESPACE"]))
            || (is(1, &["TABLE"]) && has(&["DETACH"]) && has(&["CONCURRENTLY"])));
    }
    if is(0, &["REINDEX"]) {
        return !has(&["CONCURRENTLY", "DATABASE", "SYSTEM", "SCHEMA"]);
    }
    // Without a name it is all tables.
    let is_cluster_of_all = is(0, &["CLUSTER"]) && matches!(words.get(1), None | Some(Token::Symbol(';')));
    !is(0, &["VACUUM"]) && !is_cluster_of_all
}

/// Whether it sets something for the session. A step is a transaction of its own, at whose end all is
/// reset.
pub fn is_setting(statement: &str) -> bool {
    let words = words(statement);
    words.first().is_some_and(|word| word.is("SET"))
        && !words.get(1).is_some_and(|word| word.is_any(&["LOCAL", "CONSTRAINTS", "TRANSACTION"]))
}

/// Whether it waits for locks without keeping others out meanwhile: a build beside the writers.
pub fn is_concurrent(statement: &str) -> bool {
    words(statement).iter().any(|word| word.is("CONCURRENTLY"))
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
    let creates = words.first()?.is("CREATE");
    if !creates && !words.first()?.is("DROP") {
        return None;
    }
    let at = words.iter().position(|word| word.is("INDEX"))?;
    let mut rest = words[at + 1..].iter().peekable();
    if !rest.next()?.is("CONCURRENTLY") {
        return None;
    }
    while rest.next_if(|word| word.is_any(&["IF", "NOT", "EXISTS"])).is_some() {}
    if rest.next_if(|word| word.is("ON")).is_some() {
        return Some(Concurrent { creates, name: None });
    }
    let mut name = rest.next()?.as_it_stands()?.to_owned();
    if rest.next_if(|word| **word == Token::Symbol('.')).is_some() {
        name = format!("{name}.{}", rest.next()?.as_it_stands()?);
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
        let repeatable = words.first().is_some_and(|word| word.is_any(&["VACUUM", "REINDEX", "CLUSTER"]))
            || words.get(1).is_some_and(|word| word.is("SYSTEM"))
            || words.iter().any(|word| word.is("EXISTS"));
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
