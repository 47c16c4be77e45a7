use super::*;

fn sql(text: &str) -> String {
    normal(text, Family::Sql)
}

fn cql(text: &str) -> String {
    normal(text, Family::Cql)
}

#[test]
fn what_formatting_changes_does_not_count() {
    let text =
        "CREATE TABLE t (id INT NOT NULL, price NUMERIC(10, 2) DEFAULT -1.5); CREATE INDEX i ON t (id);";
    let normal = "create table t ( id int not null , price numeric ( 10 , 2 ) default - 1.5 ) ; create index i on t ( id )";
    assert_eq!(sql(text), normal);
    for same in [
        "create table T(Id int not null,price numeric(10,2) default - 1.5);create index I on T(Id)",
        "\u{feff}-- Prices.\r\nCREATE TABLE t (\r\n    id INT NOT NULL, -- the key\r\n    price NUMERIC (10, 2) DEFAULT -1.5\r\n);;\r\n\r\n;CREATE INDEX i ON t (id) ;;\r\n-- done",
        "/* a /* b */ ; */ ; CREATE TABLE t/**/(id INT NOT NULL,\tprice NUMERIC(10,2)DEFAULT-1.5);\x0b\x0cCREATE INDEX i ON t(id);",
    ] {
        assert_eq!(sql(same), normal, "{same}");
    }
}

#[test]
fn what_a_database_would_read_counts() {
    for (one, other) in [
        ("a b", "ab"),
        ("a", "b"),
        ("a; b", "a b"),
        ("a;", "a,"),
        ("'a  b'", "'a b'"),
        ("'A'", "'a'"),
        ("'a;;b'", "'a;b'"),
        ("'-- a'", "'-- b'"),
        ("\"A\"", "\"a\""),
        ("\"a\"", "a"),
        ("`a  b`", "`a b`"),
        ("[a  b]", "[a b]"),
        ("[A]", "[a]"),
        ("[Order Details]", "Order Details"),
        ("[a-b]", "[a - b]"),
        ("$$ a  b $$", "$$ a b $$"),
        ("$$ a -- b\n $$", "$$ a\n $$"),
        ("$a$b$a$", "$b$b$b$"),
        ("e'\\' /*a*/ '", "e'\\' /*b*/ '"),
        ("E'a'\n'B'", "E'a'\n'b'"),
        ("e'a'", "e 'a'"),
        ("x'0a'", "x '0a'"),
        ("a >= b", "a > = b"),
        ("a::b", "a: :b"),
        ("a := b", "a : = b"),
        ("a @- b", "a @ - b"),
        ("1 .5", "1.5"),
        ("1 e5", "1e5"),
        ("1e+5", "1e + 5"),
        ("É", "é"),
        ("a\u{a0}b", "a b"),
        ("$1", "$ 1"),
        ("'a\rb'", "'a\nb'"),
        ("a\0b", "a b"),
    ] {
        assert_ne!(sql(one), sql(other), "{one:?} {other:?}");
    }
}

#[test]
fn what_is_written_otherwise_is_the_same() {
    for (one, other) in [
        ("'a\r\nb'", "'a\nb'"),
        ("'a\r\r\nb\r'", "'a\nb\r'"),
        ("$$\r\n;\r\n$$", "$$\n;\n$$"),
        ("[a\r\nb]", "[a\nb]"),
        ("a=-1", "a = -1"),
        ("a>=-1", "a >= - 1"),
        ("a*-1", "a * -1"),
        ("a->>'b'", "a ->> 'b'"),
        ("count(*)*2", "count ( * ) * 2"),
        ("x::int[]", "x :: INT [ ]"),
        ("ARRAY[1,2,'a]b']", "array [ 1, /* ] */ 2, 'a]b' ]"),
        ("a[1]", "a [ 1 ]"),
        ("a[1:2]", "a[1 : 2]"),
        ("1E5+0XFF", "1e5 + 0xff"),
        ("a.b", "a . B"),
        (";;a;;", "a"),
        ("a;;b", "a;\n;;\nb"),
        ("", "-- nothing\n;;"),
        ("a /* dir/*.sql */; b", "A; B"),
        ("a -- b\rc", "a c"),
    ] {
        assert_eq!(sql(one), sql(other), "{one:?} {other:?}");
    }
}

/// SQLite and PostgreSQL do not read these alike: neither may get what it has not seen.
#[test]
fn what_one_database_reads_and_another_does_not_counts() {
    for (one, other) in [
        // An end is missing for PostgreSQL; SQLite goes on.
        ("/* dir/* */ SELECT 'a'", "/* dir/* */ SELECT 'b'"),
        ("/* dir/* */ SELECT 'a  b'; /* dir/* */", "/* dir/* */ SELECT 'a b'; /* dir/* */"),
        // A body of PostgreSQL; SQLite reads the words.
        ("SELECT $$ a;;b $$", "SELECT $$ a;b $$"),
        // A carriage return ends a comment for PostgreSQL.
        ("-- a\rDROP TABLE t", "-- a\rDROP TABLE u"),
    ] {
        assert_ne!(sql(one), sql(other), "{one:?} {other:?}");
    }
}

#[test]
fn cql_has_a_form_of_its_own() {
    let text = "BEGIN BATCH INSERT INTO t (a, b) VALUES (0B5c0b5c-0000-4000-8000-0123456789aF, {'X': 1}); APPLY BATCH;";
    let normal = "begin batch insert into t ( a , b ) values ( 0b5c0b5c-0000-4000-8000-0123456789af , { 'X' : 1 } ) ; apply batch";
    assert_eq!(cql(text), normal);
    assert_eq!(cql(&text.replace("; ", "; // why\n -- and\n /* /* so */")), normal);
    assert_eq!(cql("a// b\n"), "a");
    assert_eq!(sql("a// b\n"), "a // b");
    assert_eq!(cql("{'a':b,?}"), cql("{ 'a' : b, ? }"));
    assert_ne!(cql("$$ a  b $$"), cql("$$ a b $$"));
    assert_ne!(cql("0B5c0b5c-0000-4000-8000-0123456789aF"), cql("0B5c0b5c -0000-4000-8000-0123456789aF"));
}

#[test]
fn the_normal_form_is_its_own() {
    for text in [
        "a [b /* c */ d--e\n] E'f'\r\n'g' $$h$$ /* /* */ i",
        "[a\u{feff}--x\n]-[ ]:=:::?::-+-@- --",
        "'a\r",
        "$a$ b $a",
    ] {
        let once = sql(text);
        assert_eq!(sql(&once), once, "{text:?}");
    }
}
