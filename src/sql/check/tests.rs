use super::super::place::place;
use super::*;

/// Where, and what.
#[track_caller]
fn refused(dialect: Dialect, cases: &[(&str, &str, &str, &str)]) {
    for (text, at, message, hint) in cases {
        let problem = check(text, dialect).expect_err(text);
        assert_eq!(place(text, problem.offset).to_string(), *at, "{text:?} {problem:?}");
        assert!(problem.message.contains(message), "{text:?} {problem:?}");
        assert!(problem.hint.contains(hint), "{text:?} {problem:?}");
        for said in [&problem.message, &problem.hint] {
            assert!(!said.ends_with('.') && !said.starts_with(char::is_uppercase), "{said}");
        }
    }
}

#[track_caller]
fn fine(dialect: Dialect, texts: &[&str]) {
    for text in texts {
        assert_eq!(check(text, dialect), Ok(()), "{text:?}");
    }
}

#[test]
fn a_command_of_psql_is_refused() {
    refused(
        Dialect::Postgres,
        &[
            ("\\c other\nSELECT 1;", "1:1", "`\\c` is a command of psql", "store's URL names"),
            ("SELECT 1;\n  \\connect other user\n", "2:3", "`\\connect`", "leave it away"),
            ("\u{feff}\\i a.sql", "1:1", "`\\i`", "statements of that file"),
            ("SELECT 1;\r\n\\ir a.sql", "2:1", "`\\ir`", "statements of that file"),
            ("\\copy t FROM 'a.csv'", "1:1", "`\\copy`", "INSERT"),
            ("\\set a 1\n", "1:1", "`\\set`", "value"),
            ("SELECT 1 \\gset\n", "1:10", "`\\gset`", "value"),
            ("SELECT 1\n\\g", "2:1", "`\\g`", "`;`"),
            ("\\if :a\n\\endif", "1:1", "`\\if`", "DO $$"),
            ("\\dt+", "1:1", "`\\dt+`", "only psql"),
            ("\\restrict abc", "1:1", "`\\restrict`", "only psql"),
            ("\\! rm x", "1:1", "`\\!`", "no command of a shell"),
            ("\\", "1:1", "`\\` is", "leave it away"),
            ("1\n\\.\n", "2:1", "`\\.`", "INSERT"),
        ],
    );
    fine(
        Dialect::Postgres,
        &[
            "SELECT '\n\\c'",
            "SELECT E'\\\n\\c'",
            "SELECT $$\n\\c\n$$",
            "SELECT \"\n\\c\"",
            "/*\n\\c\n*/ -- \\c",
        ],
    );
    assert!(check("\\c", Dialect::Sqlite).is_err(), "a backslash is nothing in SQLite either");
}

#[test]
fn rows_that_psql_would_send_are_refused() {
    refused(
        Dialect::Postgres,
        &[
            ("SELECT 1;\nCOPY t FROM STDIN;\n1\tit's\n\\.\n", "2:1", "`COPY FROM STDIN`", "INSERT"),
            (
                "copy /* a */ s.t (a, b) from -- b\n stdin with (format csv);",
                "1:1",
                "COPY FROM STDIN",
                "INSERT",
            ),
            ("COPY (SELECT 1) TO STDOUT", "1:1", "`COPY TO STDOUT`", "leave it away"),
        ],
    );
    fine(
        Dialect::Postgres,
        &[
            "COPY t FROM '/data/a.csv'",
            "COPY (SELECT 1 FROM stdin) TO '/data/a.csv'",
            "SELECT a FROM stdin",
            "SELECT 'COPY t FROM STDIN'",
            "COPY t FROM PROGRAM 'FROM STDIN'",
        ],
    );
}

#[test]
fn what_has_no_end_is_refused_where_it_began() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Cql] {
        refused(
            dialect,
            &[
                ("a;\n b 'it''s;\n", "2:4", "the text that begins here has no end", "`'`"),
                ("a \"b", "1:3", "name in quotes", "`\"`"),
                ("a\n/* b", "2:1", "comment", "`*/`"),
            ],
        );
    }
    refused(
        Dialect::Postgres,
        &[
            ("é $a$ ; $$", "1:3", "body", "`$a$`"),
            ("$$", "1:1", "body", "`$$`"),
            ("/* /* */", "1:1", "comment", "each `/*`"),
            ("SELECT E'\\'", "1:8", "text", "`'`"),
            ("a; CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", "1:4", "BEGIN ATOMIC body", "`END;`"),
        ],
    );
    refused(
        Dialect::Sqlite,
        &[
            ("[a", "1:1", "name in quotes", "`]`"),
            ("`a", "1:1", "name in quotes", "`` ` ``"),
            ("a;\nCREATE TRIGGER t BEGIN SELECT 1;", "2:1", "trigger", "`END;`"),
        ],
    );
    refused(
        Dialect::Cql,
        &[
            ("BEGIN BATCH a; b;", "1:1", "batch", "`APPLY BATCH;`"),
            ("BEGIN TRANSACTION a; b;", "1:1", "transaction", "`COMMIT TRANSACTION;`"),
            ("a AS $$ b;", "1:6", "body", "`$$`"),
        ],
    );
    fine(Dialect::Postgres, &["", ";;", "-- a", "SELECT $1, 'a'", "BEGIN; SELECT 1; END", "SELECT (1"]);
    fine(Dialect::Sqlite, &["CREATE TRIGGER t BEGIN SELECT 1; END", "/* /* */ SELECT 1", "BEGIN;"]);
}

#[test]
fn what_only_a_shell_knows_is_refused() {
    refused(
        Dialect::Cql,
        &[
            ("SOURCE 'a.cql'", "1:1", "`SOURCE` is a command of cqlsh", "statements of that file"),
            ("a;\nconsistency QUORUM;", "2:1", "`CONSISTENCY`", "URL"),
            ("-- a\nDESCRIBE TABLES;", "2:1", "`DESCRIBE`", "leave it away"),
            ("COPY t FROM 'a.csv';", "1:1", "`COPY`", "INSERT"),
            ("TRACING ON", "1:1", "`TRACING`", "only cqlsh"),
        ],
    );
    fine(Dialect::Cql, &["USE k;", "LIST ROLES", "SELECT source FROM t", "TRUNCATE t", "'SOURCE'"]);
    refused(
        Dialect::Sqlite,
        &[
            (".read a.sql", "1:1", "`.read` is a command of the shell sqlite3", "statements of that file"),
            ("SELECT 1;\n.mode csv\nSELECT 2;", "2:1", "`.mode`", "only sqlite3"),
        ],
    );
    fine(Dialect::Sqlite, &["SELECT t.a, .5"]);
}

#[test]
fn a_nul_is_refused_wherever_it_is() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Cql] {
        for (text, at) in [("\0", "1:1"), ("a 'b\0c'", "1:5"), ("-- é\n/*\0*/", "2:3"), ("a\0'", "1:2")] {
            refused(dialect, &[(text, at, "NUL", "UTF-8")]);
        }
    }
}

#[test]
fn the_first_problem_is_said() {
    refused(
        Dialect::Postgres,
        &[
            ("\\c a\nCOPY t FROM STDIN;\n'", "1:1", "`\\c`", ""),
            ("COPY t FROM STDIN;\n\\.\n'", "1:1", "COPY", ""),
            ("COPY t FROM STDIN;\n'\0", "1:1", "COPY", ""),
            ("'\0", "1:1", "text", ""),
        ],
    );
}
