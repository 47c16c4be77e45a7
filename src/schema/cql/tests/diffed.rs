//! What stands between a keyspace and what is declared, without a server.

use super::cql;
use crate::schema::cql::Op;
use crate::schema::cql::declared::read;
use crate::schema::cql::diff::{Diff, Rename, diff};
use crate::schema::recorded::WayBack;

/// From one text to another, as if the first one were what a server has.
fn from_to(there: &str, declared: &str, renames: &[Rename]) -> Diff {
    let there = read("there.cql", there).unwrap_or_else(|error| panic!("{error}")).keyspace;
    let declared = read("schema.cql", declared).unwrap_or_else(|error| panic!("{error}"));
    diff(&there, &declared, renames)
}

/// Each change with what is said of it.
fn lines(diff: &Diff) -> Vec<String> {
    let of_change = diff.needed.iter().map(|needed| {
        let op = cql(&needed.operation);
        let back = match op.reverse() {
            WayBack::By(ops) => ops.iter().map(Op::statement).collect::<Vec<_>>().join("; "),
            WayBack::Irreversible(because) => format!("never: {because}"),
            WayBack::Unsaid(hint) => panic!("{op}: {hint}"),
        };
        let adds = if needed.is_addition { " (adds)" } else { "" };
        let loses = needed.loses.iter().map(|what| format!("\n    loses: {what}")).collect::<String>();
        let at = needed.declared_at.iter().map(|at| format!("\n    at {at}")).collect::<String>();
        format!("{}{adds}\n    back: {back}{loses}{at}", op.statement())
    });
    let problems = diff.problems.iter().map(|problem| {
        let at = problem.declared_at.as_deref().unwrap_or("nowhere");
        format!("{at}: {}\n    {}", problem.what, problem.hint)
    });
    let renames = diff.renames.iter().map(|rename| format!("perhaps {rename}"));
    of_change.chain(problems).chain(renames).collect()
}

fn said(there: &str, declared: &str, renames: &[Rename]) -> String {
    lines(&from_to(there, declared, renames)).join("\n")
}

const NOTES: &str = "CREATE TYPE place (city text);
    CREATE TABLE notes (id int, at int, title text, place frozen<place>, n int static, PRIMARY KEY (id, at))
        WITH comment = 'a' AND gc_grace_seconds = 5;
    CREATE INDEX notes_title ON notes (title);
    CREATE MATERIALIZED VIEW by_title AS SELECT * FROM notes
        WHERE title IS NOT NULL AND id IS NOT NULL AND at IS NOT NULL PRIMARY KEY (title, id, at);";

#[test]
fn nothing_differs_from_itself() {
    let diff = from_to(NOTES, NOTES, &[]);
    assert!(diff.is_empty(), "{diff:#?}");
    assert!(diff.renames.is_empty());
}

#[test]
fn all_of_it_is_made_and_dropped() {
    insta::assert_snapshot!("made", said("", NOTES, &[]));
    insta::assert_snapshot!("dropped", said(NOTES, "", &[]));
}

#[test]
fn what_is_beside_a_table_goes_before_it_loses_a_column() {
    let without = "CREATE TYPE place (city text, \"Zip\" int);
        CREATE TABLE notes (id int, at int, title text, more text, place frozen<place>, PRIMARY KEY (id, at))
            WITH comment = 'b' AND default_time_to_live = 60;
        CREATE INDEX notes_title ON notes (title) USING 'sai';
        CREATE MATERIALIZED VIEW by_title AS SELECT * FROM notes
            WHERE title IS NOT NULL AND id IS NOT NULL AND at IS NOT NULL PRIMARY KEY (title, id, at);";
    let there = NOTES.replace("gc_grace", "default_time_to_live = 0 AND gc_grace");
    insta::assert_snapshot!(said(&there, without, &[]));
}

#[test]
fn a_column_that_a_view_keeps_from_being_dropped_does_not_go_back() {
    let more = NOTES.replace("title text,", "title text, more text,");
    insta::assert_snapshot!(said(NOTES, &more, &[]));
}

#[test]
fn a_rename_is_asked_about() {
    let renamed = NOTES.replace("at int", "since int").replace("at)", "since)").replace("at IS", "since IS");
    insta::assert_snapshot!("a_rename_that_nobody_confirmed", said(NOTES, &renamed, &[]));
    let rename = Rename::Column { table: "notes".to_owned(), from: "at".to_owned(), to: "since".to_owned() };
    insta::assert_snapshot!("a_rename", said(NOTES, &renamed, &[rename]));
    let renamed = NOTES.replace("city", "town");
    insta::assert_snapshot!("a_field_with_another_name", said(NOTES, &renamed, &[]));
    let rename = Rename::Field { of: "place".to_owned(), from: "city".to_owned(), to: "town".to_owned() };
    insta::assert_snapshot!(said(NOTES, &renamed, &[rename]));
}

/// As where two people renamed different things at once.
#[test]
fn a_rename_that_cannot_be_is_left_out() {
    for (table, from, to) in [("notes", "title", "name"), ("notes", "id", "title"), ("other", "id", "key")] {
        let rename = Rename::Column { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() };
        let diff = from_to(NOTES, NOTES, &[rename]);
        assert!(diff.is_empty(), "{diff:#?}");
    }
}

#[test]
fn what_cql_cannot_change_is_a_problem() {
    let there = "CREATE TYPE place (city text, street text);
        CREATE TABLE a (id int PRIMARY KEY, title text, place place, n int);
        CREATE TABLE b (id int, at int, n int static, m int, PRIMARY KEY (id, at));";
    let declared = "CREATE TYPE place (city int);
        CREATE TABLE a (id bigint PRIMARY KEY, title blob);
        CREATE TABLE b (id int, at int, n int, m int static, PRIMARY KEY (id, at))
            WITH CLUSTERING ORDER BY (at DESC);";
    insta::assert_snapshot!(said(there, declared, &[]));
}

#[test]
fn an_option_that_is_not_declared_is_left_alone() {
    let table = |with: &str| format!("CREATE TABLE t (id int PRIMARY KEY){with}");
    let changed = |there: &str, declared: &str| {
        let diff = from_to(&table(there), &table(declared), &[]);
        lines(&diff).join("\n")
    };
    let usual = " WITH comment = '' AND compaction = {'class': 'SizeTieredCompactionStrategy', 'max_threshold': '32', \
                 'min_threshold': '4'}";
    for (there, declared) in [
        (" WITH comment = 'x'", ""),
        (
            usual,
            " WITH compaction = {'class': 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy'}",
        ),
        (
            " WITH compaction = {'class': 'LeveledCompactionStrategy', 'max_threshold': '32', 'min_threshold': '4'}",
            " WITH compaction = {'class': 'LeveledCompactionStrategy', 'enabled': true}",
        ),
        (" WITH speculative_retry = '90p'", " WITH speculative_retry = '90.0PERCENTILE'"),
        (" WITH crc_check_chance = 0.5", " WITH crc_check_chance = 0.50"),
        (
            " WITH caching = {'keys': 'NONE', 'rows_per_partition': 'NONE'}",
            " WITH caching = {'keys': 'NONE'}",
        ),
        // What this database does not show.
        ("", " WITH tombstone_gc = {'mode': 'repair'}"),
    ] {
        assert_eq!(changed(there, declared), "", "{there}, {declared}");
    }
    insta::assert_snapshot!(changed(
        " WITH comment = 'x' AND gc_grace_seconds = 5",
        " WITH comment = 'X' AND gc_grace_seconds = 864000"
    ));
    insta::assert_snapshot!(changed(
        " WITH compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '200'}",
        " WITH compaction = {'class': 'LeveledCompactionStrategy'}",
    ));
}

#[test]
fn an_index_that_differs_is_built_anew() {
    let table = "CREATE TABLE t (id int PRIMARY KEY, v text, m map<text, int>); CREATE TABLE u (id int PRIMARY KEY, v text);";
    let differ = |one: &str, other: &str| {
        let diff = from_to(&format!("{table} {one}"), &format!("{table} {other}"), &[]);
        assert!(diff.needed.iter().all(|needed| !needed.is_addition && needed.loses.is_none()));
        diff.needed.len()
    };
    for (one, other) in [
        ("CREATE INDEX i ON t (v)", "CREATE INDEX i ON u (v)"),
        ("CREATE INDEX i ON t (m)", "CREATE INDEX i ON t (keys(m))"),
        ("CREATE INDEX i ON t (v)", "CREATE CUSTOM INDEX i ON t (v) USING 'sai'"),
        (
            "CREATE CUSTOM INDEX i ON t (v) USING 'sai'",
            "CREATE CUSTOM INDEX i ON t (v) USING 'sai' WITH OPTIONS = {'case_sensitive': 'false'}",
        ),
    ] {
        assert_eq!(differ(one, other), 2, "{one}, {other}");
    }
    for (one, other) in [
        ("CREATE INDEX i ON t (m)", "CREATE INDEX i ON t (values(m))"),
        (
            "CREATE CUSTOM INDEX i ON t (v) USING 'StorageAttachedIndex'",
            "CREATE INDEX i ON t (\"v\") USING 'org.apache.cassandra.index.sai.StorageAttachedIndex'",
        ),
    ] {
        assert_eq!(differ(one, other), 0, "{one}, {other}");
    }
}

#[test]
fn a_view_that_differs_is_made_anew() {
    let table = "CREATE TABLE t (a int, b int, v text, w text, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b DESC);";
    let view = |select: &str, more: &str, end: &str| {
        format!(
            "{table} CREATE MATERIALIZED VIEW x AS SELECT {select} FROM t
             WHERE v IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL{more} PRIMARY KEY (v, a, b){end}"
        )
    };
    let usual = view("v, a, b", "", "");
    for other in [
        view("v, a, b, w", "", ""),
        view("*", "", ""),
        view("v, a, b", " AND b > 5", ""),
        view("v, a, b", "", " WITH CLUSTERING ORDER BY (a ASC, b ASC)"),
    ] {
        let statements: Vec<String> = from_to(&usual, &other, &[])
            .needed
            .iter()
            .map(|needed| cql(&needed.operation).statement())
            .collect();
        assert_eq!(statements.len(), 2, "{statements:#?}");
        assert_eq!(statements[0], "DROP MATERIALIZED VIEW x");
    }
    let diff = from_to(&usual, &view("v, a, b", "", " WITH CLUSTERING ORDER BY (a ASC, b DESC)"), &[]);
    assert!(diff.is_empty(), "that is the table's: {diff:#?}");
    let commented = view("v, a, b", "", " WITH comment = 'x'");
    let other = commented.replace("'x'", "'it''s'");
    insta::assert_snapshot!(said(&commented, &other, &[]));
}

/// Sync may add the one, and has to leave the other.
#[test]
fn what_waits_for_a_rename_is_no_addition() {
    let there = "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))";
    let declared = "CREATE TABLE t (a int, c int, v int, PRIMARY KEY (a, c));
        CREATE INDEX i ON t (c); CREATE INDEX j ON t (v)";
    let diff = from_to(there, declared, &[]);
    let additions: Vec<String> = diff
        .needed
        .iter()
        .filter(|needed| needed.is_addition)
        .map(|needed| cql(&needed.operation).statement())
        .collect();
    assert_eq!(additions, ["ALTER TABLE t ADD v int", "CREATE INDEX j ON t (v)"]);
}
