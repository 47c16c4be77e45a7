//! What a statement is on CockroachDB: whether it runs in a transaction, which object it changes, and what
//! is known when it was interrupted.

use crate::sql::tokens::{Statement, Token, statements};

/// What a change of the schema is about: its shape shows whether it took effect. Nothing else is looked at: what
/// others change meanwhile must not be taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: Kind,
    /// Without their schemas; several where the statement says several.
    pub names: Vec<String>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A table, view, sequence or index.
    Relation,
    Type,
    Schema,
    /// Of all databases of the server.
    Role,
    /// Of the server.
    Database,
    /// A function or procedure.
    Function,
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
        return named(Kind::Relation, qualified(&mut table).into_iter().collect());
    }
    if kind.is("DEFAULT") && first.is("ALTER") {
        // Privileges, given or taken.
        return Trace::Repeatable;
    }
    let of = if kind.is_any(&["TABLE", "VIEW", "SEQUENCE", "INDEX"]) {
        Kind::Relation
    } else if kind.is("TYPE") {
        Kind::Type
    } else if kind.is("SCHEMA") {
        Kind::Schema
    } else if kind.is("DATABASE") {
        Kind::Database
    } else if kind.is_any(&["ROLE", "USER"]) {
        Kind::Role
    } else if kind.is_any(&["FUNCTION", "PROCEDURE"]) {
        Kind::Function
    } else {
        // A trigger, a schedule, a changefeed: not in the catalog of every version.
        return Trace::None;
    };
    let mut names = Vec::new();
    loop {
        // Of `table@index` the table: it has its indexes.
        let Some(name) = qualified(&mut rest) else { return Trace::None };
        names.push(name);
        if first.is("DROP") && rest.next_if(|token| **token == Token::Symbol('@')).is_some() {
            rest.next();
        }
        if first.is("DROP") && of == Kind::Function {
            // The types of its arguments.
            rest.by_ref().take_while(|token| **token != Token::Symbol(')')).for_each(drop);
        }
        // `DROP TABLE a, b`.
        if !first.is("DROP") || rest.next_if(|token| **token == Token::Symbol(',')).is_none() {
            return named(of, names);
        }
    }
}

fn named(kind: Kind, names: Vec<String>) -> Trace {
    match names.is_empty() {
        true => Trace::None,
        false => Trace::In(Object { kind, names }),
    }
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
        let several = |kind, names: &[&str]| {
            Trace::In(Object { kind, names: names.iter().map(|name| (*name).to_owned()).collect() })
        };
        let relation = |name: &str| several(Kind::Relation, &[name]);
        for (sql, trace_of) in [
            ("CREATE TABLE IF NOT EXISTS a.b.\"T\" (x INT8)", relation("T")),
            ("ALTER TABLE IF EXISTS ONLY t ADD COLUMN x INT8", relation("t")),
            ("ALTER TABLE T RENAME TO u", relation("t")),
            ("DROP TABLE a", relation("a")),
            ("DROP TABLE a, s.b CASCADE", several(Kind::Relation, &["a", "b"])),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t (x)", relation("t")),
            ("CREATE INVERTED INDEX ON t (x)", relation("t")),
            ("DROP INDEX s.t@i CASCADE", relation("t")),
            ("DROP INDEX IF EXISTS i", relation("i")),
            ("DROP INDEX t@i, u@j", several(Kind::Relation, &["t", "u"])),
            ("ALTER INDEX i RENAME TO j", relation("i")),
            ("ALTER INDEX t@i RENAME TO j", relation("t")),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", relation("v")),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", relation("v")),
            ("ALTER TYPE s.mood ADD VALUE 'x'", several(Kind::Type, &["mood"])),
            ("CREATE SCHEMA IF NOT EXISTS s", several(Kind::Schema, &["s"])),
            ("CREATE DATABASE d", several(Kind::Database, &["d"])),
            (
                "CREATE OR REPLACE FUNCTION s.f(a INT8) RETURNS INT8 LANGUAGE SQL AS 'SELECT 1'",
                several(Kind::Function, &["f"]),
            ),
            ("DROP FUNCTION f(INT8), g()", several(Kind::Function, &["f", "g"])),
            ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO u", Trace::Repeatable),
            ("CREATE ROLE r", several(Kind::Role, &["r"])),
            ("DROP USER a, b", several(Kind::Role, &["a", "b"])),
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
