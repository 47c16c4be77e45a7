//! What holds of every text: of fragments that are hard to read, put together at random, and of any characters.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::check::check;
use super::lexer::Reading;
use super::normal::{Family, normal, read};
use super::place::place;
use super::split::split;
use super::{Dialect, Kind, Lexeme, lex};

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Cql];

/// What is hard to read, whole and in parts.
#[rustfmt::skip]
const FRAGMENTS: &[&str] = &[
    ";", ";", ";", ";;", "'", "''", "'a;b'", "'it''s'", "\"", "\"\"", "\"a;b\"", "`", "`a;`", "[", "]", "[a;b]",
    "[a b]", "[A-b.1]", "[ 1 ]", "ARRAY[1,'a']", "(", ")", "(a;b)", "{", "}", "E'", "e'\\';'", "E'a'\n'b\\''",
    "E'\\", "\\", "\\c x\n", "\n\\.\n", "B'01'", "x'0A'", "U&'", "u&\"a\"", "N'a'", "$", "$$", "$$;'$$", "$a$",
    "$a$ ; $$ $a$", "$A$", "$1", "$1$", "?", "?1", ":a", "::", ":=", ":", "@a", "#", "--", "-- a;'\n", "--\r",
    "// b;\"\n", "//", "/*", "*/", "/**/", "/* ; ' */", "/* /* ; */ */", "/*/", "*", "/", "-", "+", "=-", "<=",
    "->>", "||", "@-", "~!", ".", ",", ".5", "1", "1e", "1e+5", "0xfF", "1.", "0b5c0b5c-0000-4000-8000-0123456789aF",
    "a", "B", "a$b", "é", "ß", "\u{feff}", "\u{a0}", "\u{1f600}", "\0", " ", " ", " ", "\t", "\n", "\r\n", "\r",
    "\u{b}", "CREATE", "or", "REPLACE", "TEMP", "TRIGGER", "FUNCTION", "procedure", "BEGIN", "begin atomic ",
    "ATOMIC", "CASE", "END", "AS", "AS $$", "UNLOGGED", "BATCH", "APPLY BATCH", "COMMIT", "TRANSACTION",
    "ROLLBACK TO", "COPY t FROM STDIN", "CREATE TRIGGER t BEGIN ", "CREATE FUNCTION f() BEGIN ATOMIC ",
];

fn cases() -> u32 {
    if std::env::var_os("UPDOWN_TEST_FULL").is_some() { 1_000_000 } else { 300 }
}

fn texts() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        20 => prop::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        9 => prop::collection::vec(fragment, 0..24).prop_map(|fragments| fragments.concat()),
        1 => prop::collection::vec(any::<char>(), 0..48).prop_map(|characters| characters.into_iter().collect()),
    ]
}

/// For each of as many texts as are asked for.
fn for_each(holds: impl Fn(&str) -> Result<(), TestCaseError>) {
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&texts(), |text| holds(&text));
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn what_is_read_joined_is_the_text() {
    for_each(|text| {
        for dialect in ALL {
            let lexemes: Vec<Lexeme<'_>> = lex(text, dialect).collect();
            prop_assert_eq!(lexemes.iter().map(|lexeme| lexeme.text).collect::<String>(), text);
            let mut at = 0;
            for (number, lexeme) in lexemes.iter().enumerate() {
                prop_assert_eq!(lexeme.at, at);
                prop_assert!(!lexeme.text.is_empty());
                prop_assert!(!lexeme.is_open || number + 1 == lexemes.len());
                at = lexeme.end();
            }
        }
        Ok(())
    });
}

#[test]
fn pieces_joined_are_the_text_and_are_divided_no_further() {
    for_each(|text| {
        for dialect in ALL {
            let pieces = split(text, dialect);
            prop_assert_eq!(pieces.iter().map(|piece| piece.whole).collect::<String>(), text);
            for piece in &pieces {
                let end = piece.offset + piece.statement.len();
                prop_assert_eq!(&text[piece.offset..end], piece.statement);
                let again = split(piece.whole, dialect);
                prop_assert_eq!(again.len(), 1, "{:?} {:?}", piece, dialect);
                prop_assert_eq!((again[0].whole, again[0].statement), (piece.whole, piece.statement));
                prop_assert_eq!(again[0].open, piece.open);
                let alone = split(piece.statement, dialect);
                prop_assert!(alone.len() <= 1, "{:?} {:?}", piece, dialect);
                prop_assert!(alone.iter().all(|one| one.whole == one.statement));
            }
        }
        Ok(())
    });
}

#[test]
fn a_problem_stands_in_the_text() {
    for_each(|text| {
        for dialect in ALL {
            let problem = check(text, dialect).err();
            prop_assert!(problem.as_ref().is_none_or(|problem| text.is_char_boundary(problem.offset)));
            let has_open = lex(text, dialect).any(|lexeme| lexeme.is_open);
            prop_assert!(problem.is_some() || !(has_open || text.contains('\0')));
        }
        for offset in 0..=text.len() + 1 {
            let found = place(text, offset);
            prop_assert!(found.line >= 1 && found.column >= 1);
        }
        Ok(())
    });
}

#[test]
fn the_normal_form_does_not_change_with_the_formatting() {
    for_each(|text| {
        for family in [Family::Sql, Family::Cql] {
            let form = normal(text, family);
            prop_assert_eq!(&normal(&form, family), &form, "once more");
            let unix = text.replace("\r\n", "\n");
            prop_assert_eq!(&normal(&unix, family), &form, "line endings");
            prop_assert_eq!(&normal(&format!("\u{feff} ;{unix}"), family), &form, "a beginning");
            let other = reformatted(text, family);
            // Where `*` and `/` meet what is new, the end that PostgreSQL misses may be there.
            if family == Family::Sql && misses_end(text) != misses_end(&other) {
                continue;
            }
            prop_assert_eq!(&normal(&other, family), &form, "{:?}", other);
        }
        Ok(())
    });
}

#[test]
fn the_normal_form_loses_nothing_that_counts() {
    let solid = |text: &str| {
        let counts = |c: &char| !c.is_whitespace() && !";\u{feff}\u{b}".contains(*c);
        text.to_ascii_lowercase().chars().filter(counts).collect::<String>()
    };
    for_each(|text| {
        for family in [Family::Sql, Family::Cql] {
            let read: String = read(text, family)
                .iter()
                .filter(|lexeme| !lexeme.is_trivia())
                .map(|lexeme| lexeme.text)
                .collect();
            prop_assert_eq!(solid(&normal(text, family)), solid(&read));
        }
        Ok(())
    });
}

/// With other white space, other comments and more of both, and in capital letters: wherever that must not count.
fn reformatted(text: &str, family: Family) -> String {
    let lexemes = read(text, family);
    // Where PostgreSQL misses the end of a comment, more of them are more that it misses.
    let is_nested = family == Family::Cql || !misses_end(text);
    let gaps = match family {
        Family::Sql if is_nested => [" ", "\r\n", " /* ' ; /* */ $$ */ ", " -- \"a; /*\n", "\t\u{feff}"],
        Family::Sql => [" ", "\r\n", " /* ' ; */ ", " -- \"a;\n", "\t\u{feff}"],
        Family::Cql => [" ", "\r\n", " /* ' ; /* $$ */ ", " // \"a;\n", " -- '\n"],
    };
    let mut other = String::new();
    let mut is_in_brackets = false;
    for (number, lexeme) in lexemes.iter().enumerate() {
        let before = number.checked_sub(1).map(|before| lexemes[before]);
        let word_before = lexemes[..number].iter().rfind(|lexeme| !lexeme.is_trivia());
        let gap = gaps[(lexeme.at + text.len()) % gaps.len()];
        is_in_brackets |= lexeme.is_symbol('[');
        let is_kept = is_in_brackets || lexeme.is_open || word_before.is_some_and(goes_on);
        is_in_brackets &= !lexeme.is_symbol(']');
        match lexeme.kind {
            _ if is_kept => other.push_str(lexeme.text),
            Kind::Space => other.push_str(gap),
            Kind::Comment if is_nested => other.push_str(gap),
            Kind::Comment if lexeme.text.starts_with("--") => other.extend([lexeme.text, "\n"]),
            Kind::Comment => other.push_str(lexeme.text),
            _ => {
                if !before.is_some_and(|before| is_operator(&before) && is_operator(lexeme)) {
                    other.push_str(gap);
                }
                let is_folded = matches!(lexeme.kind, Kind::Word | Kind::Number);
                other.push_str(&if is_folded {
                    lexeme.text.to_ascii_uppercase()
                } else {
                    lexeme.text.to_owned()
                });
            }
        }
    }
    other
}

/// Whether a text ends in a comment where comments stand in each other.
fn misses_end(text: &str) -> bool {
    let nested = Reading { backticks: true, ..Dialect::Postgres.into() };
    lex(text, nested).last().is_some_and(|last| last.is_open && last.kind == Kind::Comment)
}

/// A text that would go on behind the end of a line.
fn goes_on(before: &Lexeme<'_>) -> bool {
    before.kind == Kind::Text && before.text.starts_with(['e', 'E'])
}

fn is_operator(lexeme: &Lexeme<'_>) -> bool {
    lexeme.kind == Kind::Symbol && !lexeme.text.contains(['(', ')', ',', ';', '.', '{', '}'])
}
