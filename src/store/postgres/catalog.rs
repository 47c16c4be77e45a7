//! What PostgreSQL's catalog says about a statement that cannot run in a transaction.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::classify;
use crate::error::StoreError;
use crate::ledger::{HISTORY, LEASE, Place, quote};
use crate::store::Settled;

/// The words of a statement in upper case, without comments; names keep their case and quotes.
fn words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = statement.trim_start();
    while !rest.is_empty() {
        if let Some(line) = rest.strip_prefix("--") {
            rest = line.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(block) = rest.strip_prefix("/*") {
            rest = block.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            let quoted = rest.starts_with('"');
            let end = if quoted {
                rest[1..].find('"').map_or(rest.len(), |at| at + 2)
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

/// Whether PostgreSQL lets it run in a transaction block.
pub fn is_transactional(statement: &str) -> bool {
    let words = words(statement);
    let first = |keyword| is(words.first(), keyword);
    let second = |keyword| is(words.get(1), keyword);
    !(first("VACUUM")
        || (words.iter().take(4).any(|word| word.eq_ignore_ascii_case("CONCURRENTLY")))
        || (first("REINDEX") && words.iter().any(|word| word.eq_ignore_ascii_case("CONCURRENTLY")))
        || ((first("CREATE") || first("DROP")) && (second("DATABASE") || second("TABLESPACE")))
        || (first("ALTER") && second("SYSTEM"))
        || (first("ALTER") && second("TYPE") && words.iter().any(|word| word.eq_ignore_ascii_case("VALUE"))))
}

/// An index that is built or dropped concurrently.
struct Concurrent {
    creates: bool,
    /// With its schema where the statement has one, quoted as it stands there.
    name: String,
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
    // An index without a name gets one from the server: nothing to look for.
    if name.eq_ignore_ascii_case("ON") {
        return None;
    }
    if rest.peek().is_some_and(|word| *word == ".") {
        rest.next();
        name = format!("{name}.{}", rest.next()?);
    }
    Some(Concurrent { creates, name })
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
        let repeatable =
            is(words.first(), "VACUUM") || is(words.first(), "REINDEX") || is(words.get(1), "SYSTEM");
        // `ADD VALUE IF NOT EXISTS` may be repeated, a bare one says that the value exists.
        let guarded = words.iter().any(|word| word.eq_ignore_ascii_case("EXISTS"));
        return Ok(if repeatable || guarded { Settled::NotDone } else { Settled::Unknown });
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

/// Drops everything in the ledger's schema but the lease and the history, which is only ever appended
/// to; what an extension brought stays.
pub fn erase(place: &Place) -> String {
    let schema = quote(&place.schema);
    let own = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')";
    format!(
        "DO $updown$
DECLARE what text;
BEGIN
  FOR what IN SELECT format('%s IF EXISTS %I.%I', CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, o.relname)
    FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
    WHERE n.nspname = {schema} AND o.relkind IN ('r', 'p', 'v', 'm', 'f') AND o.relname NOT IN ('{LEASE}', '{HISTORY}') AND {own}
  LOOP EXECUTE 'DROP ' || what || ' CASCADE'; END LOOP;
EXCEPTION WHEN undefined_table OR wrong_object_type THEN RAISE;
END $updown$;
DO $updown$
DECLARE what text;
BEGIN
  FOR what IN SELECT format('SEQUENCE IF EXISTS %I.%I', n.nspname, o.relname) FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE n.nspname = {schema} AND o.relkind = 'S' AND o.relname NOT LIKE '{HISTORY}%' AND {own}
    UNION ALL SELECT format('%s IF EXISTS %s', CASE o.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, o.oid::regprocedure) FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE n.nspname = {schema} AND {own}
    UNION ALL SELECT format('TYPE IF EXISTS %I.%I', n.nspname, o.typname) FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace LEFT JOIN pg_class c ON c.oid = o.typrelid WHERE n.nspname = {schema} AND (o.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND {own}
  LOOP EXECUTE 'DROP ' || what || ' CASCADE'; END LOOP;
END $updown$;"
    )
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
            ("ALTER TYPE mood ADD VALUE 'happy'", false),
            ("CREATE DATABASE x", false),
            ("CREATE INDEX i ON t (a)", true),
            ("UPDATE t SET a = 'CONCURRENTLY'", true),
            ("REFRESH MATERIALIZED VIEW v", true),
            ("", true),
        ] {
            assert_eq!(is_transactional(statement), transactional, "{statement}");
        }
    }

    #[test]
    fn the_name_of_an_index() {
        for (statement, name) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", Some("i")),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My i\" ON t (a)", Some("\"My i\"")),
            ("DROP INDEX CONCURRENTLY IF EXISTS s.\"I\"", Some("s.\"I\"")),
            ("CREATE INDEX CONCURRENTLY ON t (a)", None),
            ("CREATE INDEX i ON t (a)", None),
        ] {
            assert_eq!(concurrent_index(statement).map(|index| index.name).as_deref(), name, "{statement}");
        }
    }
}
