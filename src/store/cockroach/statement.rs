//! What a statement is on CockroachDB: whether it runs in a transaction, which object it changes, and what
//! is known when it was interrupted.

use crate::store::tokens::{Statement, Token, statements};

/// What a change of the schema is about: its shape shows whether it took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// A table, view, sequence, or index of a table, by the name without its schema.
    Relation(String),
    /// A type.
    Type(String),
    /// All that the database has: where the statement does not say, or says several.
    Everything,
}

/// What is known of a statement that was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The catalog shows whether it took effect.
    In(Object),
    /// It may be sent again without harm.
    Repeatable,
    /// Nothing.
    None,
}

/// The first words of what changes the schema, or for another reason commits on its own.
/// <https://www.cockroachlabs.com/docs/stable/online-schema-changes>
const OUTSIDE: [&str; 13] = [
    "CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "GRANT", "REVOKE", "REASSIGN", "REFRESH", "IMPORT",
    "EXPORT", "BACKUP", "RESTORE",
];

/// Whether it changes the schema, or otherwise cannot be undone with a transaction.
pub fn is_outside(statement: &Statement<'_>) -> bool {
    let is = |at: usize, words: &[&str]| statement.tokens.get(at).is_some_and(|token| token.is_any(words));
    is(0, &OUTSIDE)
        || is(0, &["ANALYZE"])
        || (is(0, &["SET", "RESET"]) && is(1, &["CLUSTER"]))
        || (is(0, &["PAUSE", "RESUME", "CANCEL"]) && !is(1, &["QUERY", "QUERIES"]))
}

/// Whether all that a text has may run in one transaction.
pub fn is_transactional(text: &str) -> bool {
    !statements(text).iter().any(is_outside)
}

/// What is known of a text, all of which is sent at once, when it was interrupted.
pub fn trace(text: &str) -> Trace {
    match statements(text).as_slice() {
        [one] => trace_of(&one.tokens),
        _ => Trace::None,
    }
}

fn trace_of(tokens: &[Token<'_>]) -> Trace {
    let Some(first) = tokens.first() else { return Trace::Repeatable };
    let repeatable =
        ["TRUNCATE", "COMMENT", "GRANT", "REVOKE", "REASSIGN", "REFRESH", "ANALYZE", "SET", "RESET"];
    if first.is_any(&repeatable) {
        return Trace::Repeatable;
    }
    if !first.is_any(&["CREATE", "ALTER", "DROP"]) {
        return Trace::None;
    }
    let adjectives = [
        "OR",
        "REPLACE",
        "TEMP",
        "TEMPORARY",
        "LOCAL",
        "GLOBAL",
        "UNLOGGED",
        "UNIQUE",
        "INVERTED",
        "VECTOR",
        "MATERIALIZED",
    ];
    let mut rest = tokens[1..].iter().skip_while(|token| token.is_any(&adjectives)).peekable();
    let Some(kind) = rest.next() else { return Trace::None };
    while rest.next_if(|token| token.is_any(&["CONCURRENTLY", "IF", "NOT", "EXISTS", "ONLY"])).is_some() {}
    if kind.is("INDEX") && first.is("CREATE") {
        // The index may have a name or not; what is behind `ON` is its table.
        let mut table = rest.skip_while(|token| !token.is("ON")).skip(1).peekable();
        table.next_if(|token| token.is("ONLY"));
        return Trace::In(qualified(&mut table).map_or(Object::Everything, Object::Relation));
    }
    if kind.is("INDEX") {
        // `table@index`.
        let table = qualified(&mut rest).filter(|_| rest.peek() == Some(&&Token::Symbol('@')));
        return Trace::In(table.map_or(Object::Everything, Object::Relation));
    }
    let object = if kind.is_any(&["TABLE", "VIEW", "SEQUENCE"]) {
        qualified(&mut rest).map(Object::Relation)
    } else if kind.is("TYPE") {
        qualified(&mut rest).map(Object::Type)
    } else if kind.is_any(&["SCHEMA", "DATABASE", "ROLE", "USER", "FUNCTION", "PROCEDURE", "DEFAULT"]) {
        return Trace::In(Object::Everything);
    } else {
        // A trigger, a schedule, a changefeed: not in the catalog of every version.
        return Trace::None;
    };
    // `DROP TABLE a, b`.
    let is_list = first.is("DROP") && rest.peek() == Some(&&Token::Symbol(','));
    Trace::In(object.filter(|_| !is_list).unwrap_or(Object::Everything))
}

/// The last part of a name, which may have those of its database and schema before it.
fn qualified<'a, 't: 'a>(
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'a Token<'t>>>,
) -> Option<String> {
    let mut name = rest.next()?.name()?;
    while rest.next_if(|token| **token == Token::Symbol('.')).is_some() {
        name = rest.next()?.name()?;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commits_on_its_own() {
        for outside in [
            "CREATE TABLE t (a INT8)",
            " -- why\n alter table t add column b INT8",
            "TRUNCATE t",
            "GRANT SELECT ON t TO u",
            "UPDATE t SET a = 1; DROP INDEX t@i",
            "SET CLUSTER SETTING x = 1",
            "COMMENT ON TABLE t IS 'x'",
        ] {
            assert!(!is_transactional(outside), "{outside}");
        }
        for inside in [
            "",
            "UPDATE t SET a = 'CREATE'",
            "INSERT INTO t SELECT 1; DELETE FROM t",
            "SET LOCAL statement_timeout = 0",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "SELECT 1 -- ; DROP TABLE t",
        ] {
            assert!(is_transactional(inside), "{inside}");
        }
    }

    #[test]
    fn where_it_leaves_a_trace() {
        let relation = |name: &str| Trace::In(Object::Relation(name.to_owned()));
        for (sql, trace_of) in [
            ("CREATE TABLE IF NOT EXISTS a.b.\"T\" (x INT8)", relation("T")),
            ("ALTER TABLE IF EXISTS ONLY t ADD COLUMN x INT8", relation("t")),
            ("ALTER TABLE T RENAME TO u", relation("t")),
            ("DROP TABLE a", relation("a")),
            ("DROP TABLE a, b", Trace::In(Object::Everything)),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t (x)", relation("t")),
            ("CREATE INVERTED INDEX ON t (x)", relation("t")),
            ("DROP INDEX s.t@i CASCADE", relation("t")),
            ("DROP INDEX IF EXISTS i", Trace::In(Object::Everything)),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", relation("v")),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", relation("v")),
            ("ALTER TYPE s.mood ADD VALUE 'x'", Trace::In(Object::Type("mood".to_owned()))),
            ("CREATE SCHEMA s", Trace::In(Object::Everything)),
            ("CREATE ROLE r", Trace::In(Object::Everything)),
            ("GRANT SELECT ON t TO u", Trace::Repeatable),
            ("TRUNCATE t", Trace::Repeatable),
            ("CREATE CHANGEFEED FOR t INTO 'x'", Trace::None),
            ("BACKUP INTO 'x'", Trace::None),
            ("CREATE TABLE a (x INT8); CREATE TABLE b (x INT8)", Trace::None),
        ] {
            assert_eq!(trace(sql), trace_of, "{sql}");
        }
    }
}
