//! What CockroachDB says in other words than PostgreSQL, in PostgreSQL's; and what it does not have.

use super::frame::Failure;
use super::statement::{Statement, What};
use crate::support::proxy::wire::{Kind, pieces};

/// What PostgreSQL would carry out here and CockroachDB would not, by how a word of it begins, and why.
const MISSING: [(&str, &str); 7] = [
    ("PG_ADVISORY", "advisory locks do nothing, or are not there"),
    ("PG_TRY_ADVISORY", "advisory locks do nothing, or are not there"),
    ("PG_STAT_GET_ACTIVITY", "sessions are in crdb_internal"),
    ("PG_BLOCKING_PIDS", "locks are in crdb_internal"),
    ("PG_LOCKS", "it is there, and always empty"),
    ("PG_CANCEL_BACKEND", "there is CANCEL QUERY, and CANCEL SESSION"),
    ("PG_TERMINATE_BACKEND", "there is CANCEL QUERY, and CANCEL SESSION"),
];

/// What stands in brackets in a `FROM`, or alone, and what has it here.
const SHOWN: [(&str, &str); 9] = [
    ("SHOW JOBS", "crdb_simulated.show_jobs"),
    ("SHOW CLUSTER STATEMENTS", "crdb_simulated.cluster_queries"),
    ("SHOW CLUSTER QUERIES", "crdb_simulated.cluster_queries"),
    ("SHOW STATEMENTS", "crdb_simulated.cluster_queries"),
    ("SHOW QUERIES", "crdb_simulated.cluster_queries"),
    ("SHOW CLUSTER SESSIONS", "crdb_simulated.cluster_sessions"),
    ("SHOW SESSIONS", "crdb_simulated.cluster_sessions"),
    ("SHOW AUTOCOMMIT_BEFORE_DDL", "crdb_simulated.show_autocommit_before_ddl"),
    ("SHOW SESSION_ID", "crdb_simulated.show_session_id"),
];

const SETTING: &str = "autocommit_before_ddl";
/// PostgreSQL keeps what it does not know where the name has a dot, with all that belongs to a setting.
pub const KEPT_AS: &str = "crdb.autocommit_before_ddl";

fn unimplemented(what: &str) -> Failure {
    Failure::new("0A000", &format!("unimplemented: {what}"))
}

/// The same for PostgreSQL; or what CockroachDB says to it.
pub fn translate(statement: &Statement) -> Result<String, Failure> {
    for (begin, why) in MISSING {
        if let Some(word) = statement.words.iter().find(|word| word.starts_with(begin)) {
            return Err(unimplemented(&format!("{} ({why})", word.to_lowercase())));
        }
    }
    let words = statement.words.join(" ");
    if statement.begins(&["LOCK"]) {
        return Err(Failure::new("42601", "at or near \"lock\": syntax error"));
    }
    if statement.what == What::Ddl && words.contains("DEFERRABLE") {
        return Err(unimplemented("deferrable constraints"));
    }
    if let What::Autocommit { on, local } = statement.what {
        let (scope, value) = (if local { "LOCAL" } else { "SESSION" }, if on { "on" } else { "off" });
        return Ok(format!("SET {scope} {KEPT_AS} = '{value}'"));
    }
    if statement.begins(&["CANCEL"]) {
        return cancelled(statement);
    }
    if let Some(translated) = unique_constraint(statement).or_else(|| dropped_value(statement)) {
        return Ok(translated);
    }
    if let Some((_, shown)) = SHOWN.iter().find(|(show, _)| *show == words) {
        return Ok(format!("SELECT * FROM {shown} AS shown"));
    }
    in_pieces(statement)
}

/// `DROP INDEX table@index CASCADE`: a unique constraint is an index, and goes with it.
fn unique_constraint(statement: &Statement) -> Option<String> {
    let (table, index) =
        statement.text.strip_prefix("DROP INDEX ")?.strip_suffix(" CASCADE")?.split_once('@')?;
    Some(format!("ALTER TABLE {table} DROP CONSTRAINT {index}"))
}

/// `ALTER TYPE type DROP VALUE 'value'`.
fn dropped_value(statement: &Statement) -> Option<String> {
    let (of, value) = statement.text.strip_prefix("ALTER TYPE ")?.split_once(" DROP VALUE ")?;
    Some(format!("SELECT crdb_simulated.drop_value('{of}', {value})"))
}

/// `CANCEL QUERY 'id'`, and `CANCEL QUERIES (SELECT …)`.
fn cancelled(statement: &Statement) -> Result<String, Failure> {
    let one = statement.begins(&["CANCEL", "QUERY"]);
    if !one && !statement.begins(&["CANCEL", "QUERIES"]) {
        return Err(Failure::new("0A000", "the simulation cancels queries alone"));
    }
    let ids = in_pieces(statement)?;
    let at = ids.find(if one { '\'' } else { '(' }).unwrap_or(ids.len());
    let ids = &ids[at..];
    Ok(if one {
        format!("SELECT crdb_simulated.cancel({ids})")
    } else {
        format!("SELECT crdb_simulated.cancel(known.id) FROM {ids} AS known (id)")
    })
}

fn in_pieces(statement: &Statement) -> Result<String, Failure> {
    let is_index = statement.words.iter().take(4).any(|word| word == "INDEX") && statement.what == What::Ddl;
    let is_setting = ["RESET", "ALTER"].iter().any(|word| statement.begins(&[word]));
    let is_database = statement.begins(&["DROP", "DATABASE"]);
    let pieces: Vec<(Kind, &str)> = pieces(&statement.text).collect();
    let mut translated = String::new();
    let mut at = 0;
    while let Some(&(kind, piece)) = pieces.get(at) {
        let behind = &pieces[at + 1..];
        let word = if kind == Kind::Word { piece.to_uppercase() } else { String::new() };
        let is_part = translated.ends_with('.') || is_sign(behind.first(), ".");
        at += 1;
        match word.as_str() {
            "VERSION" if is_sign(behind.first(), "(") && is_sign(behind.get(1), ")") => {
                // A function of its own, so that the column's name stays.
                translated += "crdb_simulated.version";
            }
            "AUTOCOMMIT_BEFORE_DDL" if is_setting => translated += KEPT_AS,
            "CRDB_INTERNAL" => translated += "crdb_simulated",
            // What these mean by default.
            "INT" | "INTEGER" if !is_part => translated += "INT8",
            "SERIAL" if !is_part => translated += "BIGSERIAL",
            // Allowed, and means nothing.
            "CONCURRENTLY" if is_index || statement.begins(&["REFRESH"]) => {}
            // Who is connected does not matter.
            "CASCADE" | "RESTRICT" if is_database => {}
            // `table@index`.
            _ if is_index && kind == Kind::Word && is_sign(behind.first(), "@") => at += 1,
            _ if kind == Kind::Quoted && piece == format!("'{SETTING}'") => {
                translated += &format!("'{KEPT_AS}'");
            }
            _ if kind == Kind::Sign && piece == "[" && is_show(behind) => {
                let end = behind.iter().position(|&(kind, piece)| kind == Kind::Sign && piece == "]");
                let inside = &behind[..end.unwrap_or(behind.len())];
                translated += &shown(inside)?;
                at += inside.len() + 1;
            }
            _ => translated += piece,
        }
    }
    if is_database {
        translated += " WITH (FORCE)";
    }
    Ok(translated)
}

fn is_sign(piece: Option<&(Kind, &str)>, sign: &str) -> bool {
    piece.is_some_and(|&(kind, piece)| kind == Kind::Sign && piece == sign)
}

fn is_show(pieces: &[(Kind, &str)]) -> bool {
    let first = pieces.iter().find(|(kind, _)| *kind != Kind::Space);
    first.is_some_and(|(_, piece)| piece.eq_ignore_ascii_case("show"))
}

fn shown(inside: &[(Kind, &str)]) -> Result<String, Failure> {
    let words: Vec<String> = inside
        .iter()
        .filter(|(kind, _)| *kind != Kind::Space)
        .map(|(_, piece)| piece.to_uppercase())
        .collect();
    let words = words.join(" ");
    if let Some(id) = words.strip_prefix("SHOW JOB ").and_then(|id| id.parse::<i64>().ok()) {
        return Ok(format!("crdb_simulated.show_job({id})"));
    }
    let found = SHOWN.iter().find(|(show, _)| *show == words).map(|(_, shown)| (*shown).to_owned());
    found.ok_or_else(|| Failure::new("0A000", &format!("the simulation has no [{words}]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(sql: &str) -> Result<String, Failure> {
        translate(&Statement::of(sql).unwrap())
    }

    #[test]
    fn what_is_said_in_other_words() {
        for (sql, expected) in [
            ("SELECT version(), 'version()'", "SELECT crdb_simulated.version(), 'version()'"),
            ("SET LOCAL autocommit_before_ddl = off", "SET LOCAL crdb.autocommit_before_ddl = 'off'"),
            ("SET autocommit_before_ddl TO true", "SET SESSION crdb.autocommit_before_ddl = 'on'"),
            (
                "SHOW autocommit_before_ddl",
                "SELECT * FROM crdb_simulated.show_autocommit_before_ddl AS shown",
            ),
            (
                "SELECT a[1] FROM [ show jobs ] AS j WHERE j.status = '[SHOW JOBS]'",
                "SELECT a[1] FROM crdb_simulated.show_jobs AS j WHERE j.status = '[SHOW JOBS]'",
            ),
            ("SHOW JOBS", "SELECT * FROM crdb_simulated.show_jobs AS shown"),
            (
                "CREATE TABLE t (a INT, \"int\" INTEGER[], b SERIAL, c INT4)",
                "CREATE TABLE t (a INT8, \"int\" INT8[], b BIGSERIAL, c INT4)",
            ),
            ("SELECT t.int FROM t", "SELECT t.int FROM t"),
            ("DROP INDEX s.t@i", "DROP INDEX s.i"),
            ("DROP INDEX \"t\"@\"i\" CASCADE", "ALTER TABLE \"t\" DROP CONSTRAINT \"i\""),
            ("ALTER TYPE \"e\" DROP VALUE 'a'", "SELECT crdb_simulated.drop_value('\"e\"', 'a')"),
            ("SELECT * FROM crdb_internal.jobs", "SELECT * FROM crdb_simulated.jobs"),
        ] {
            assert_eq!(translated(sql).as_deref(), Ok(expected), "{sql}");
        }
        let index = translated("CREATE INDEX CONCURRENTLY i ON t (a)").unwrap();
        assert!(!index.contains("CONCURRENTLY"), "{index}");
    }

    #[test]
    fn what_is_not_there() {
        for sql in [
            "SELECT pg_advisory_xact_lock(1)",
            "SELECT pg_try_advisory_lock(1)",
            "SELECT * FROM pg_catalog.pg_locks",
            "LOCK TABLE t",
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u DEFERRABLE",
            "SELECT * FROM [SHOW RANGES FROM TABLE t]",
        ] {
            assert!(translated(sql).is_err(), "{sql}");
        }
        assert!(translated("SELECT 'pg_locks'").is_ok());
        assert!(translated("BEGIN NOT DEFERRABLE").is_ok());
    }
}
