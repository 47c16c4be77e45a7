use super::*;

/// The statements; what they were cut from must be the text.
fn statements(text: &str, dialect: Dialect) -> Vec<&str> {
    let pieces = split(text, dialect);
    assert_eq!(pieces.iter().map(|piece| piece.whole).collect::<String>(), text);
    for piece in &pieces {
        assert_eq!(&text[piece.offset..piece.offset + piece.statement.len()], piece.statement, "{text:?}");
        assert_eq!(piece.statement.trim(), piece.statement, "{text:?}");
    }
    pieces.iter().map(|piece| piece.statement).filter(|statement| !statement.is_empty()).collect()
}

#[track_caller]
fn one(dialect: Dialect, texts: &[&str]) {
    for text in texts {
        assert_eq!(statements(text, dialect), [*text], "{dialect:?}");
        let pieces = split(text, dialect);
        assert_eq!((pieces.len(), pieces[0].open), (1, None), "{text:?}");
        // With others around it.
        let among = format!("a; -- b;\n{text} /* ; */ ; c");
        assert_eq!(statements(&among, dialect), ["a", text, "c"], "{dialect:?}");
    }
}

#[test]
fn a_text_is_divided_at_its_semicolons() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Cql] {
        for (text, expected) in [
            ("", &[][..]),
            (" -- nothing; here\n /* nor; here */ ", &[]),
            (";; ;", &[]),
            ("a", &["a"]),
            ("a;b", &["a", "b"]),
            ("a; b ;; /* why */ c -- end;", &["a", "b", "c"]),
            ("\u{feff}a;\r\nb;\r\n", &["a", "b"]),
            ("/* a */ b /* c */ d -- e\n f /* g */; -- h", &["b /* c */ d -- e\n f"]),
            ("'a;''b'; \"c;\"\"d\"", &["'a;''b'", "\"c;\"\"d\""]),
            ("a 'open; b", &["a 'open; b"]),
            ("a /* open; b", &["a"]),
            ("a -- open; b", &["a"]),
            ("a;\0;b", &["a", "\0", "b"]),
            ("BEGIN; a; END; b;", &["BEGIN", "a", "END", "b"]),
            ("case; end; begin end;", &["case", "end", "begin end"]),
            ("CREATE; CREATE TEMP; a", &["CREATE", "CREATE TEMP", "a"]),
        ] {
            assert_eq!(statements(text, dialect), expected, "{text:?} {dialect:?}");
        }
    }
}

#[test]
fn an_empty_piece_says_where_it_is() {
    let pieces = split("a; /* b */ ;\n-- c\n", Dialect::Postgres);
    let found: Vec<_> = pieces.iter().map(|piece| (piece.whole, piece.statement, piece.offset)).collect();
    assert_eq!(found, [("a;", "a", 0), (" /* b */ ;", "", 11), ("\n-- c\n", "", 18)]);
    assert!(!pieces[0].is_empty() && pieces[1].is_empty() && pieces[2].is_empty());
}

#[test]
fn a_trigger_of_sqlite_is_one_statement() {
    one(
        Dialect::Sqlite,
        &[
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
            "create /* x; */ temp trigger t before update on a begin select 1; select 2; end",
            "CREATE TEMPORARY TRIGGER IF NOT EXISTS t AFTER INSERT ON a BEGIN SELECT 1 ; END",
            "CREATE TRIGGER t AFTER INSERT ON a WHEN new.begin > new.\"end\" BEGIN\n\
             UPDATE a SET x = CASE WHEN y THEN CASE z WHEN 1 THEN 2 END END; -- END;\n\
             INSERT INTO b VALUES ('; END;'); SELECT end FROM b; SELECT new.end; END",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT end; END",
            "CREATE TRIGGER begin AFTER INSERT ON a BEGIN SELECT 1; END",
            "CREATE TABLE trigger (begin, end)",
            "CREATE TABLE [a;b] (`c;d`)",
            "SELECT '\\'",
            "SELECT 1 /* /* ; */ + 2 -- */ ;\n + 3",
        ],
    );
}

#[test]
fn a_transaction_of_sqlite_is_several() {
    for text in [
        "BEGIN; SELECT 1; END;",
        "BEGIN IMMEDIATE; CREATE TABLE t (a); COMMIT;",
        "BEGIN EXCLUSIVE TRANSACTION; SELECT CASE WHEN 1 THEN 2 END; END TRANSACTION;",
        "CREATE TRIGGER t; SELECT 1; END;",
        "CREATE TEMP TABLE trigger (a); BEGIN; END",
    ] {
        assert_eq!(statements(text, Dialect::Sqlite).len(), 3, "{text:?}");
    }
    let text = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; BEGIN; END; c";
    assert_eq!(statements(text, Dialect::Sqlite).len(), 4);
    // Two statements in parentheses are two: SQLite says what is wrong with them.
    assert_eq!(statements("SELECT (1; SELECT 2)", Dialect::Sqlite).len(), 2);
}

#[test]
fn a_function_of_postgres_is_one_statement() {
    one(
        Dialect::Postgres,
        &[
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
            "CREATE OR REPLACE PROCEDURE p() begin /* ; */ atomic INSERT INTO a VALUES (1); end",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n\
             SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT (CASE WHEN a THEN b END);\n\
             SELECT x.end, y AS end, x.case, z AS case FROM x; END",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC BEGIN ATOMIC SELECT 1; END; SELECT 2; END",
            "CREATE FUNCTION begin(a int DEFAULT 1) RETURNS int RETURN 1",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN $$;$$; END; $body$",
            "CREATE FUNCTION f() RETURNS int AS 'BEGIN; SELECT 1; END;' LANGUAGE sql",
            "CREATE FUNCTION f() RETURNS int AS E'BEGIN\\'; SELECT 1; END;' LANGUAGE sql",
            "CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUES (1); SELECT 2; )",
            "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1",
            "CREATE TABLE t (a int CHECK (a > 0), b text DEFAULT ')')",
            "DO $$ BEGIN PERFORM 1; END $$",
            "SELECT a[1], b[2:3], ARRAY['[;']",
            "SELECT 1 /* /* ; */ ; */ + 2",
            "SELECT E'a'\n'\\';', $1",
            "SELECT U&'\\;', x.a$b",
        ],
    );
    let text = "CREATE TABLE function (a int); BEGIN; SELECT CASE WHEN a THEN 1 END; END";
    assert_eq!(statements(text, Dialect::Postgres).len(), 4);
    let text = "CREATE OR; CREATE FUNCTION f() RETURN 1; SELECT ')' ; SELECT 1) ; a";
    assert_eq!(statements(text, Dialect::Postgres).len(), 5);
}

#[test]
fn a_batch_of_cql_is_one_statement() {
    one(
        Dialect::Cql,
        &[
            "BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 2; APPLY BATCH",
            "begin unlogged batch using timestamp 1 insert into t (a) values ('apply batch;'); apply // ;\n batch",
            "BEGIN COUNTER BATCH UPDATE t SET a = a + 1 WHERE b = 2 APPLY BATCH",
            "BEGIN LOGGED BATCH APPLY BATCH",
            "BEGIN TRANSACTION LET a = (SELECT 1); IF a THEN UPDATE t SET b = 1; END IF COMMIT TRANSACTION",
            "CREATE FUNCTION f (a int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$ return a; $$",
            "CREATE FUNCTION f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return a; // it''s;'",
            "INSERT INTO t (a) VALUES ('http://x;') // ;\n USING TTL 1",
        ],
    );
    assert_eq!(statements("a // b; c\n; d", Dialect::Cql), ["a", "d"]);
    assert_eq!(statements("BEGIN; a; APPLY BATCH;", Dialect::Cql).len(), 3);
    assert_eq!(statements("/* /* */ a; b", Dialect::Cql), ["a", "b"]);
}

#[test]
fn what_does_not_end_is_known() {
    for (text, dialect, open) in [
        ("a; CREATE TRIGGER t BEGIN SELECT 1; SELECT 2;", Dialect::Sqlite, Block::Trigger),
        ("a; CREATE TRIGGER t BEGIN SELECT CASE 1 WHEN 2 THEN 3 END;", Dialect::Sqlite, Block::Trigger),
        (
            "a; CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2; END;",
            Dialect::Postgres,
            Block::Body,
        ),
        ("a; BEGIN BATCH b; c; APPLY;", Dialect::Cql, Block::Batch),
        ("a; BEGIN TRANSACTION b; c; APPLY BATCH;", Dialect::Cql, Block::Transaction),
    ] {
        let pieces = split(text, dialect);
        assert_eq!((pieces.len(), pieces[0].open, pieces[1].open), (2, None, Some(open)), "{text:?}");
        assert_eq!(pieces[1].offset, 3);
    }
}
