//! What a statement is, by its words: which object of the schema it changes, and whether it may be sent
//! again where nobody knows whether it was carried out.

use crate::sql::Dialect;
use crate::sql::tokens::{self, Token};

/// One object of the schema, as a statement names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: Kind,
    /// `None`: that of the connection.
    pub keyspace: Option<String>,
    pub name: String,
    /// `CREATE`, and not `ALTER` or `DROP`.
    pub is_new: bool,
    /// `IF EXISTS`, `IF NOT EXISTS`: nothing is an outcome, too.
    pub is_conditional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Keyspace,
    Table,
    View,
    Type,
    Function,
    Aggregate,
    Index,
    /// An index without a name, on the table that is named.
    IndexOn,
    /// Whatever else a server may have: all that is in the keyspace.
    Other,
}

/// Whether a statement changes the schema: those are answered before every node knows of it. Roles and
/// their like are rows, not schema.
pub fn changes_schema(cql: &str) -> bool {
    object(cql).is_some()
}

/// The object of the schema that a statement changes; `None` where it changes none.
pub fn object(cql: &str) -> Option<Object> {
    let tokens = tokens(cql);
    let mut rest = tokens.iter();
    let is_new = match rest.next()? {
        word if word.is("CREATE") => true,
        word if word.is_any(&["ALTER", "DROP"]) => false,
        _ => return None,
    };
    let mut rest =
        rest.skip_while(|token| token.is_any(&["OR", "REPLACE", "CUSTOM", "MATERIALIZED"])).peekable();
    let kind = match rest.next()? {
        word if word.is_any(&["KEYSPACE", "SCHEMA"]) => Kind::Keyspace,
        word if word.is_any(&["TABLE", "COLUMNFAMILY"]) => Kind::Table,
        word if word.is("VIEW") => Kind::View,
        word if word.is("TYPE") => Kind::Type,
        word if word.is("FUNCTION") => Kind::Function,
        word if word.is("AGGREGATE") => Kind::Aggregate,
        word if word.is("INDEX") => Kind::Index,
        word if word.is_any(&["ROLE", "USER", "SERVICE", "SERVICE_LEVEL", "IDENTITY"]) => return None,
        _ => Kind::Other,
    };
    let mut is_conditional = false;
    while rest.next_if(|token| token.is_any(&["IF", "NOT", "EXISTS"])).is_some() {
        is_conditional = true;
    }
    let mut object = Object { kind, keyspace: None, name: String::new(), is_new, is_conditional };
    if kind == Kind::Other {
        return Some(object);
    }
    if kind == Kind::Index && is_new {
        let own = rest.next_if(|token| !token.is("ON")).and_then(Token::name);
        rest.next_if(|token| token.is("ON"));
        let (keyspace, table) = qualified(&mut rest);
        object.keyspace = keyspace;
        (object.kind, object.name) = own.map_or((Kind::IndexOn, table), |own| (Kind::Index, own));
    } else {
        (object.keyspace, object.name) = qualified(&mut rest);
    }
    if object.name.is_empty() {
        object.kind = Kind::Other;
    }
    Some(object)
}

fn qualified<'a, 't: 'a>(rest: &mut impl Iterator<Item = &'a Token<'t>>) -> (Option<String>, String) {
    let first = rest.next().and_then(Token::name).unwrap_or_default();
    match rest.next() {
        Some(Token::Symbol('.')) => (Some(first), rest.next().and_then(Token::name).unwrap_or_default()),
        _ => (None, first),
    }
}

/// Whether a statement that writes has the same effect when it is carried out twice: what sets values does,
/// what reckons with them, has a condition, or makes up values of its own does not.
pub fn is_repeatable(cql: &str) -> bool {
    let tokens = tokens(cql);
    let known =
        ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "SELECT", "USE", "GRANT", "REVOKE", "BEGIN", "ALTER"];
    if !tokens.first().is_some_and(|word| word.is_any(&known)) {
        return false;
    }
    // `DELETE items[0]`: what is behind it moves up.
    let is_of_a_list = |at: usize| {
        tokens[at].is("DELETE")
            && tokens[at..]
                .iter()
                .take_while(|token| !token.is("FROM"))
                .any(|token| *token == Token::Symbol('['))
    };
    !tokens.iter().enumerate().any(|(at, token)| match token {
        // `n = n + 1`, of a counter or a list.
        Token::Symbol('+' | '-') => true,
        Token::Word(_) if token.is_any(&["IF", "COUNTER"]) => true,
        Token::Word(_) => {
            is_of_a_list(at)
                || (tokens.get(at + 1) == Some(&Token::Symbol('('))
                    && (token.is_any(&["now", "uuid"])
                        || matches!(token, Token::Word(name) if name.to_ascii_lowercase().starts_with("current"))))
        }
        _ => false,
    })
}

/// Whether a statement says which keyspace is used: on the one connection that it happens to be sent on.
pub fn is_use(cql: &str) -> bool {
    tokens(cql).first().is_some_and(|word| word.is("USE"))
}

/// Whether a statement changes anything that is not in `keyspace`: another keyspace or what is in it, a role, or
/// which keyspace is used.
pub fn is_elsewhere(cql: &str, keyspace: &str) -> bool {
    if let Some(object) = object(cql) {
        return object.kind == Kind::Keyspace || object.keyspace.is_some_and(|other| other != keyspace);
    }
    let tokens = tokens(cql);
    // `CREATE` and its like of no object of the schema: of a role.
    let is_of_all = |word: &Token<'_>| word.is_any(&["USE", "GRANT", "REVOKE", "CREATE", "ALTER", "DROP"]);
    let is_named = |at: usize| {
        let mut named = tokens[at + 1..].iter().skip_while(|token| token.is("TABLE"));
        let (first, then) = (named.next().and_then(Token::name), named.next());
        then == Some(&Token::Symbol('.')) && first.is_some_and(|other| other != keyspace)
    };
    // In a batch there are several.
    tokens.first().is_some_and(is_of_all)
        || (0..tokens.len())
            .any(|at| tokens[at].is_any(&["INTO", "UPDATE", "FROM", "TRUNCATE"]) && is_named(at))
}

fn tokens(cql: &str) -> Vec<Token<'_>> {
    tokens::tokens(cql, Dialect::Cql)
}

#[cfg(test)]
mod tests {
    use super::{Kind, changes_schema, is_elsewhere, is_repeatable, is_use, object};

    #[test]
    fn what_it_changes() {
        for (cql, kind, keyspace, name) in [
            ("CREATE TABLE x (a int)", Kind::Table, None, "x"),
            (" \n alter table X add b int", Kind::Table, None, "x"),
            (
                "-- a\n// b\r\n/* c\nd */drop\ttable If Exists \"Ks\".\"A\"\"b\"",
                Kind::Table,
                Some("Ks"),
                "A\"b",
            ),
            ("DROP/**/TABLE x", Kind::Table, None, "x"),
            ("CREATE TYPE place (city text)", Kind::Type, None, "place"),
            ("CREATE MATERIALIZED VIEW IF NOT EXISTS ks.v AS SELECT", Kind::View, Some("ks"), "v"),
            ("CREATE INDEX ON ks.t (c)", Kind::IndexOn, Some("ks"), "t"),
            ("CREATE CUSTOM INDEX IF NOT EXISTS i ON t (c) USING 'sai'", Kind::Index, None, "i"),
            ("DROP INDEX ks.i", Kind::Index, Some("ks"), "i"),
            ("CREATE OR REPLACE FUNCTION f (a int) RETURNS", Kind::Function, None, "f"),
            ("ALTER KEYSPACE k WITH durable_writes = false", Kind::Keyspace, None, "k"),
            ("CREATE TRIGGER a ON t USING 'x'", Kind::Other, None, ""),
        ] {
            let found = object(cql).unwrap_or_else(|| panic!("{cql}"));
            assert_eq!(
                (found.kind, found.keyspace.as_deref(), found.name.as_str()),
                (kind, keyspace, name),
                "{cql}"
            );
        }
        assert!(
            object("CREATE TABLE IF NOT EXISTS x (a int)").is_some_and(|of| of.is_conditional && of.is_new)
        );
        assert!(object("DROP TABLE x").is_some_and(|of| !of.is_conditional && !of.is_new));
        for cql in [
            "",
            "INSERT",
            "-- CREATE",
            "/* CREATE",
            "SELECT 'CREATE'",
            "CREATED",
            "CREATE ROLE x",
            "TRUNCATE x",
        ] {
            assert!(!changes_schema(cql), "{cql}");
        }
    }

    #[test]
    fn what_uses_a_keyspace() {
        assert!(["USE x", " -- a\n use \"X\""].into_iter().all(is_use));
        assert!(!["", "CREATE TABLE use_it (a int PRIMARY KEY)", "\"USE\" x"].into_iter().any(is_use));
    }

    #[test]
    fn what_is_elsewhere() {
        for (cql, is_it) in [
            ("CREATE TABLE t (a int PRIMARY KEY)", false),
            ("CREATE TABLE \"here\".t (a int PRIMARY KEY)", false),
            ("DROP TABLE \"There\".t", true),
            ("CREATE INDEX i ON there.t (a)", true),
            ("DROP INDEX there.i", true),
            ("ALTER TYPE there.place ADD a int", true),
            ("CREATE KEYSPACE here WITH replication = {}", true),
            ("INSERT INTO t (a) VALUES (1)", false),
            ("INSERT INTO there.t (a) VALUES (1)", true),
            ("UPDATE t SET place.city = 'x' WHERE a = 1", false),
            ("UPDATE there.t SET a = 1 WHERE b = 1", true),
            ("UPDATE there.t USING TTL 1 SET a = 1 WHERE b = 1", true),
            ("DELETE a FROM here.t WHERE b = 1", false),
            ("DELETE a FROM there.t WHERE b = 1", true),
            ("TRUNCATE TABLE there.t", true),
            ("TRUNCATE there.t", true),
            ("TRUNCATE t", false),
            ("BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM there.t WHERE a = 1; APPLY BATCH", true),
            ("INSERT INTO t (a) VALUES ('INSERT INTO there.t')", false),
            ("USE there", true),
            ("CREATE ROLE a", true),
            ("GRANT SELECT ON KEYSPACE here TO a", true),
        ] {
            assert_eq!(is_elsewhere(cql, "here"), is_it, "{cql}");
        }
    }

    #[test]
    fn what_may_be_sent_again() {
        for (cql, repeatable) in [
            ("INSERT INTO t (a) VALUES (1)", true),
            ("INSERT INTO t (a) VALUES (-1e-5)", true),
            ("INSERT INTO t (a) VALUES ('a-1+now()')", true),
            ("INSERT INTO t (a) VALUES (5eb8ad4c-7d0f-11ee-b962-0242ac120002)", true),
            ("INSERT INTO t (a) VALUES (1) IF NOT EXISTS", false),
            ("INSERT INTO t (a) VALUES (uuid())", false),
            ("INSERT INTO t (a, b) VALUES (1, toTimestamp(now()))", false),
            ("INSERT INTO t (a, b) VALUES (1, currentTimestamp())", false),
            ("UPDATE t SET a = 1 WHERE b = 2", true),
            ("UPDATE t SET n = n + 1 WHERE b = 2", false),
            ("UPDATE t SET n = n -1 WHERE b = 2", false),
            ("DELETE FROM t WHERE a = 1", true),
            ("DELETE items[0] FROM t WHERE a = 1", false),
            ("TRUNCATE t", true),
            ("BEGIN BATCH INSERT INTO t (a) VALUES (1); APPLY BATCH", true),
            ("BEGIN BATCH INSERT INTO t (a) VALUES (uuid()); APPLY BATCH", false),
            ("BEGIN COUNTER BATCH UPDATE t SET n = 1; APPLY BATCH", false),
            ("ALTER ROLE a WITH PASSWORD = 'x'", true),
            ("CREATE ROLE a", false),
        ] {
            assert_eq!(is_repeatable(cql), repeatable, "{cql}");
        }
    }
}
