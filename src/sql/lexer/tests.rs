use super::*;

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Cql];

/// What it reads, without white space.
fn read(text: &str, dialect: Dialect) -> Vec<(Kind, &str)> {
    let lexemes: Vec<_> = lex(text, dialect).collect();
    let mut at = 0;
    for lexeme in &lexemes {
        assert_eq!((lexeme.at, lexeme.text), (at, &text[at..lexeme.end()]), "{text:?}");
        assert_ne!(lexeme.text, "", "{text:?}");
        at = lexeme.end();
    }
    assert_eq!(at, text.len(), "{text:?}");
    let shown = lexemes.iter().filter(|lexeme| lexeme.kind != Kind::Space);
    shown.map(|lexeme| (lexeme.kind, lexeme.text)).collect()
}

fn one(text: &str, dialect: Dialect) -> Option<Kind> {
    match read(text, dialect)[..] {
        [(kind, _)] => Some(kind),
        _ => None,
    }
}

#[test]
fn what_is_in_quotes_is_one_word() {
    use Dialect::{Cql, Postgres, Sqlite};
    for (text, kind, dialects) in [
        ("'it''s; -- /* $$'", Kind::Text, &ALL[..]),
        ("''", Kind::Text, &ALL),
        ("'\\'", Kind::Text, &ALL),
        ("'two\r\nlines é'", Kind::Text, &ALL),
        ("\"a \"\" b;\"", Kind::Name, &ALL),
        ("x'0a'", Kind::Text, &[Sqlite, Postgres]),
        ("X'0a'", Kind::Text, &[Sqlite, Postgres]),
        ("e'\\'; ''; \\\\'", Kind::Text, &[Postgres]),
        ("E'\\é\\'é'", Kind::Text, &[Postgres]),
        ("E'a' \n 'b\\'c'", Kind::Text, &[Postgres]),
        ("E'a' -- why; '\n -- and\n 'b\\'c'\r'\\''", Kind::Text, &[Postgres]),
        ("B'01'", Kind::Text, &[Postgres]),
        ("u&'\\0041;'", Kind::Text, &[Postgres]),
        ("U&\"a;\"", Kind::Name, &[Postgres]),
        ("`a``;`", Kind::Name, &[Sqlite]),
        ("[a;'\"[]", Kind::Name, &[Sqlite]),
        ("$$ ; ' $a$ $ $$", Kind::Body, &[Postgres, Cql]),
        ("$a_1$ ; $$ $a$ $a_1$", Kind::Body, &[Postgres, Cql]),
        ("$é$;$é$", Kind::Body, &[Postgres, Cql]),
        ("0B5c0b5c-0000-4000-8000-0123456789aF", Kind::Number, &[Cql]),
        ("ab5c0b5c-0000-4000-8000-0123456789af", Kind::Number, &[Cql]),
        ("$12", Kind::Parameter, &[Sqlite, Postgres]),
        ("?", Kind::Parameter, &[Sqlite, Cql]),
        ("?12", Kind::Parameter, &[Sqlite, Cql]),
        (":name", Kind::Parameter, &[Sqlite]),
        ("@a$b", Kind::Parameter, &[Sqlite]),
        ("$name", Kind::Parameter, &[Sqlite]),
    ] {
        for dialect in ALL {
            let expected = dialects.contains(&dialect).then_some(kind);
            assert_eq!(one(text, dialect).filter(|found| *found == kind), expected, "{text:?} {dialect:?}");
        }
    }
}

#[test]
fn words_and_numbers_end_where_they_do() {
    for (text, expected) in [
        ("ab a1 _x é ñandú", "ab|a1|_x|é|ñandú"),
        ("1 1.5 1e10 1.5E-3 0xFF 1_000 1e+ 0x1e+1", "1|1.5|1e10|1.5E-3|0xFF|1_000|1e|+|0x1e|+|1"),
        ("a.b(c,1);", "a|.|b|(|c|,|1|)|;"),
        ("a>=b||c::d", "a|>|=|b|||||c|:|:|d"),
        ("a\u{a0}b \u{feff}c", "a\u{a0}b|c"),
        ("nothing\0here", "nothing|\0|here"),
    ] {
        for dialect in [Dialect::Postgres, Dialect::Cql] {
            let found: Vec<&str> = read(text, dialect).iter().map(|(_, text)| *text).collect();
            assert_eq!(found.join("|"), expected, "{dialect:?}");
        }
    }
    assert_eq!(one("a$b$$", Dialect::Postgres), Some(Kind::Word));
    assert_eq!(one("a$$", Dialect::Sqlite), Some(Kind::Word));
    assert_eq!(read("a$$b$$", Dialect::Cql), [(Kind::Word, "a"), (Kind::Body, "$$b$$")]);
    assert_eq!(read("ESCAPE'\\'", Dialect::Postgres), [(Kind::Word, "ESCAPE"), (Kind::Text, "'\\'")]);
    assert_eq!(read("$1$ $2$", Dialect::Postgres).len(), 4);
    assert_eq!(read("a[b]", Dialect::Postgres).len(), 4);
    assert_eq!(read("{'a':b}", Dialect::Cql).len(), 5);
}

#[test]
fn a_text_goes_on_in_the_next_line_alone() {
    for text in ["E'a' 'b\\'", "E'a' /* \n */ 'b\\'", "E'a' -- b 'c\\'\n", "E'a'\n\n;'b\\'", "E'a'\n"] {
        assert_eq!(read(text, Dialect::Postgres)[0], (Kind::Text, "E'a'"), "{text:?}");
    }
}

#[test]
fn comments_end_where_the_database_ends_them() {
    use Dialect::{Cql, Postgres, Sqlite};
    for (text, behind) in [
        ("-- a; 'b\nx", [Some("x"); 3]),
        ("--\r\nx", [Some("x"); 3]),
        ("-- a\rx", [None, Some("x"), Some("x")]),
        ("// a\nx", [Some("/"), Some("/"), Some("x")]),
        ("/* a; ' */x", [Some("x"); 3]),
        ("/**/x", [Some("x"); 3]),
        ("/*/x*/y", [Some("y"); 3]),
        ("/* /* */ x", [Some("x"), None, Some("x")]),
        ("/* /* */ */x", [Some("*"), Some("x"), Some("*")]),
        ("/* /*/ */ */x", [Some("*"), Some("x"), Some("*")]),
        ("/* é ** / */x", [Some("x"); 3]),
        ("-- to the end", [None; 3]),
    ] {
        let first = |dialect| {
            let found = read(text, dialect);
            found.iter().find(|(kind, _)| *kind != Kind::Comment).map(|(_, text)| *text)
        };
        assert_eq!([Sqlite, Postgres, Cql].map(first), behind, "{text:?}");
    }
}

#[test]
fn what_does_not_end_is_marked_and_goes_to_the_end() {
    let open = |text, dialect| lex(text, dialect).last().is_some_and(|last| last.is_open);
    for text in ["a 'b;", "'b''", "\"b;", "/* a;", "/*", "/*/", "/* *"] {
        for dialect in ALL {
            assert!(open(text, dialect), "{text:?} {dialect:?}");
        }
    }
    for text in ["$$ ;", "$a$ $$ $A$", "E'\\'", "E'a'\n'", "/* /* */", "U&'", "b'", "E'\\"] {
        assert!(open(text, Dialect::Postgres), "{text:?}");
    }
    for text in ["`a``", "[a", "["] {
        assert!(open(text, Dialect::Sqlite), "{text:?}");
    }
    for text in ["", "-- a", "$", "$a", "a $1", "'b'", "'", "a$$"] {
        assert_eq!(open(text, Dialect::Postgres), text == "'", "{text:?}");
    }
}

#[test]
fn a_byte_order_mark_and_white_space_are_no_words() {
    for dialect in ALL {
        assert_eq!(read("\u{feff}\t\r\n \u{b}\u{c}", dialect), []);
        assert_eq!(read("\u{feff}SELECT", dialect), [(Kind::Word, "SELECT")]);
    }
}
