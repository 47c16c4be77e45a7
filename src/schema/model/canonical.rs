//! One form for what means the same: letter case of keywords, white space, comments, needless quotes and
//! parentheses.

use super::words::{Kind, Language, Word, words};

/// Names in quotes that would be keywords without them, on SQLite.
const RESERVED: &str = "ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE \
DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT \
INTERSECT INTO IS ISNULL JOIN LIMIT NOT NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE \
THEN TO TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP";

/// What is written in capitals as well, though it may be a name.
const KEYWORDS: &str = "AFTER ASC BEFORE BEGIN BY CASCADE CONFLICT CROSS DEFERRED DESC EACH END EXCLUDE \
FAIL FOR GLOB IGNORE IMMEDIATE INCLUDE INITIALLY INNER INSTEAD LATERAL LEFT LIKE NO NULLS OF OFFSET OUTER \
RECURSIVE RESTRICT ROLLBACK ROW ABORT";

fn is_among(word: &str, list: &str) -> bool {
    list.split(' ').any(|other| other.eq_ignore_ascii_case(word))
}

/// The one form of an expression or a definition, in one line; of `Standard` words ([`tidy`] makes them).
pub fn one_line(text: &str) -> String {
    join(&words(text, Language::Standard), |word| match word.kind {
        Kind::Word if is_among(word.text, RESERVED) || is_among(word.text, KEYWORDS) => {
            word.text.to_ascii_uppercase()
        }
        Kind::Word | Kind::Number => word.text.to_lowercase(),
        Kind::Quoted => match plain(word.text) {
            Some(name) if is_among(name, RESERVED) => word.text.to_owned(),
            Some(name) if is_among(name, KEYWORDS) => name.to_ascii_uppercase(),
            Some(name) => name.to_owned(),
            None => escaped(word.text),
        },
        Kind::Text => escaped(word.text),
        Kind::Operator | Kind::Mark => word.text.to_owned(),
    })
}

/// The one form of a type, as PostgreSQL writes it.
pub fn type_name(text: &str) -> String {
    // `"char"` is another type than `char`.
    let lower = |word: &Word<'_>| match word.kind {
        Kind::Quoted => word.text.to_owned(),
        _ => word.text.to_lowercase(),
    };
    join(&words(text, Language::Standard), lower).replace(", ", ",")
}

/// The same SQL without comments, in one line, with names in double quotes where they had other ones.
pub fn tidy(text: &str) -> String {
    join(&words(text, Language::Sqlite), |word| match word.kind {
        Kind::Quoted if !word.text.starts_with('"') => {
            format!("\"{}\"", word.name().unwrap_or_default().replace('"', "\"\""))
        }
        _ => word.text.to_owned(),
    })
}

/// What a text says without the parentheses that it stands in as a whole.
pub fn without_parentheses(text: &str) -> &str {
    let found = words(text, Language::Standard);
    let mut inner = &found[..];
    while let [first, within @ .., last] = inner
        && first.is_mark('(')
        && last.is_mark(')')
        && !within.is_empty()
        && is_balanced(within)
    {
        inner = within;
    }
    match (inner.first(), inner.last()) {
        (Some(first), Some(last)) => &text[first.at..last.end()],
        _ => text.trim(),
    }
}

fn is_balanced(words: &[Word<'_>]) -> bool {
    let mut depth = 0_usize;
    for word in words {
        if word.is_mark('(') {
            depth += 1;
        } else if word.is_mark(')') {
            let Some(less) = depth.checked_sub(1) else { return false };
            depth = less;
        }
    }
    depth == 0
}

/// A name that is the same without its quotes.
fn plain(quoted: &str) -> Option<&str> {
    let name = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    is_plain.then_some(name)
}

fn escaped(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}

fn join(words: &[Word<'_>], render: impl Fn(&Word<'_>) -> String) -> String {
    let mut joined = String::new();
    // A sign behind this belongs to what follows.
    let mut signs = true;
    let mut before: Option<(&Word<'_>, bool)> = None;
    for word in words {
        let is_sign = signs && word.kind == Kind::Operator && matches!(word.text, "-" | "+");
        if let Some((before, was_sign)) = before
            && !was_sign
            && is_spaced(before, word)
        {
            joined.push(' ');
        }
        joined.push_str(&render(word));
        signs = word.kind == Kind::Operator
            || word.is_mark('(')
            || word.is_mark(',')
            || (word.kind == Kind::Word && is_among(word.text, RESERVED));
        before = Some((word, is_sign));
    }
    joined
}

fn is_spaced(before: &Word<'_>, word: &Word<'_>) -> bool {
    let opens = |word: &Word<'_>| word.is_mark('(') || word.is_mark('.') || word.is_mark('[');
    if opens(before) || before.text == "::" || word.text == "::" {
        return false;
    }
    if word.is_mark('(') {
        // A function, or the size of a type; `IN (…)` is neither.
        let is_call = matches!(before.kind, Kind::Word | Kind::Quoted)
            && !(before.kind == Kind::Word
                && (is_among(before.text, RESERVED) || is_among(before.text, KEYWORDS)));
        return !is_call;
    }
    if word.is_mark('[') {
        return !matches!(before.kind, Kind::Word | Kind::Quoted)
            && !before.is_mark(']')
            && !before.is_mark(')');
    }
    !(word.is_mark(')') || word.is_mark(',') || word.is_mark('.') || word.is_mark(';') || word.is_mark(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_written_the_same() {
        for (one, other) in [
            ("a>0 and b IS not null", "A > 0 AND \"b\" is NOT NULL"),
            ("lower ( a )||'X'", "LOWER(a) || 'X'"),
            ("x in(1,2)", "x IN ( 1 , 2 )"),
            ("a /* why */ = -1 -- so", "a=-1"),
            ("\"desc\" > 1", "desc > 1"),
            ("'a'::character varying", "'a' :: character varying"),
            ("t . a", "t.a"),
        ] {
            assert_eq!(one_line(one), one_line(other));
        }
        assert_eq!(one_line("Lower(a)||'X'  in( - 1,b [ 1 ])"), "lower(a) || 'X' IN (-1, b[1])");
        assert_eq!(one_line("select 'a\nb'"), "SELECT 'a\\nb'");
    }

    #[test]
    fn what_means_something_else_is_not() {
        for (one, other) in [
            ("a = 'x'", "a = 'X'"),
            ("\"Slug\"", "slug"),
            ("\"order\"", "order"),
            ("a - -1", "a - 1"),
            ("'a\nb'", "'a b'"),
            ("\"a b\"", "a b"),
            ("(a or b) and c", "a or (b and c)"),
        ] {
            assert_ne!(one_line(one), one_line(other));
        }
    }

    #[test]
    fn types_are_as_postgresql_writes_them() {
        for (written, is) in [
            ("VARCHAR ( 10 )", "varchar(10)"),
            ("numeric(10, 2)", "numeric(10,2)"),
            ("timestamp with time zone", "timestamp with time zone"),
            ("\"My type\"[]", "\"My type\"[]"),
            ("UNSIGNED  BIG\nINT", "unsigned big int"),
            ("decimal(10,-2)", "decimal(10,-2)"),
            ("", ""),
        ] {
            assert_eq!(type_name(written), is);
        }
    }

    #[test]
    fn needless_parentheses_go() {
        for (written, is) in [
            ("((a > 0))", "a > 0"),
            ("(a) and (b)", "(a) and (b)"),
            ("a", "a"),
            (" ( ')' ) ", "')'"),
            ("()", "()"),
            ("((a)", "((a)"),
        ] {
            assert_eq!(without_parentheses(written), is);
        }
    }

    #[test]
    fn sql_stays_the_same_when_it_is_tidied() {
        assert_eq!(tidy("[a b] > `c` -- why\n and\"D\"<>'it''s'  "), "\"a b\" > \"c\" and \"D\" <> 'it''s'");
    }
}
