//! The words of SQL, each with its place in the text. Nothing here knows a grammar.

/// Whose words: brackets are quotes in one, and comments stand in each other in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// SQLite's: `[a b]` and `` `a b` `` are names.
    Sqlite,
    /// The standard's, as PostgreSQL has it: `[` is an operator, and `$$…$$` a text.
    Standard,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, or a name without quotes.
    Word,
    /// A name in quotes.
    Quoted,
    /// A text or a blob, with its quotes.
    Text,
    /// A number.
    Number,
    /// `>=`, `||`, ….
    Operator,
    /// One of `( ) , . ; [ ]`.
    Mark,
}

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// What it is.
    pub kind: Kind,
    /// With its quotes.
    pub text: &'a str,
    /// Where it begins.
    pub at: usize,
}

impl Word<'_> {
    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// Whether it is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is one of these keywords.
    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether it is this mark.
    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark && self.text.starts_with(mark)
    }

    /// What it names: without quotes. SQLite takes a text for a name, too.
    pub fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::Quoted | Kind::Text => {
                let mut inside = self.text.chars();
                let quote = inside.next()?;
                let inside = inside.as_str();
                let close = if quote == '[' { ']' } else { quote };
                let inside = inside.strip_suffix(close).unwrap_or(inside);
                let doubled: String = [close, close].iter().collect();
                Some(match quote {
                    '[' => inside.to_owned(),
                    _ => inside.replace(&doubled, &close.to_string()),
                })
            }
            _ => None,
        }
    }

    /// Whether it names this, in whatever letter case: SQLite knows no other names.
    pub fn names(&self, name: &str) -> bool {
        self.name().is_some_and(|found| found.eq_ignore_ascii_case(name))
    }
}

/// The words of a text; comments are none.
pub fn words(text: &str, language: Language) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let end = blank(rest, first, language).unwrap_or(0);
        if end > 0 {
            at += end;
            continue;
        }
        let (kind, size) = word(rest, first, language);
        found.push(Word { kind, text: &rest[..size], at });
        at += size;
    }
    found
}

/// Where white space or a comment ends.
fn blank(rest: &str, first: char, language: Language) -> Option<usize> {
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if rest.starts_with("--") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let mut at = rest.strip_prefix("/*").map(|_| 2)?;
    let mut depth = 1;
    while depth > 0 {
        let Some(found) = rest[at..].find(['*', '/']) else { return Some(rest.len()) };
        at += found;
        at += if rest[at..].starts_with("*/") {
            depth -= 1;
            2
        } else if rest[at..].starts_with("/*") && language == Language::Standard {
            depth += 1;
            2
        } else {
            1
        };
    }
    Some(at)
}

fn word(rest: &str, first: char, language: Language) -> (Kind, usize) {
    let is_sqlite = language == Language::Sqlite;
    let second = rest[first.len_utf8()..].chars().next();
    match first {
        '\'' => (Kind::Text, quoted(rest, '\'', false)),
        '"' => (Kind::Quoted, quoted(rest, '"', false)),
        '`' if is_sqlite => (Kind::Quoted, quoted(rest, '`', false)),
        '[' if is_sqlite => (Kind::Quoted, rest.find(']').map_or(rest.len(), |end| end + 1)),
        'x' | 'X' | 'b' | 'B' if second == Some('\'') => (Kind::Text, 1 + quoted(&rest[1..], '\'', false)),
        'e' | 'E' if second == Some('\'') && !is_sqlite => (Kind::Text, 1 + quoted(&rest[1..], '\'', true)),
        '$' if !is_sqlite && dollars(rest).is_some() => (Kind::Text, dollars(rest).unwrap_or(rest.len())),
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => (Kind::Number, number(rest)),
        '(' | ')' | ',' | '.' | ';' | '[' | ']' => (Kind::Mark, 1),
        _ if first.is_ascii_digit() => (Kind::Number, number(rest)),
        _ if is_letter(first) => (Kind::Word, rest.find(|c| !is_letter(c) && c != '$').unwrap_or(rest.len())),
        _ => (Kind::Operator, operator(rest, first)),
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && !c.is_whitespace())
}

fn number(rest: &str) -> usize {
    let is_hex = rest.starts_with("0x") || rest.starts_with("0X");
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
    if is_hex || !rest[..end].ends_with(['e', 'E']) || !rest[end..].starts_with(['+', '-']) {
        return end;
    }
    let digits = &rest[end + 1..];
    end + 1 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())
}

/// A sign behind another operator is one of its own: `=-1`.
fn operator(rest: &str, first: char) -> usize {
    let is_part = |c: char| "+-*/<>=~!@#%^&|?:`".contains(c);
    let mut end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    for comment in ["--", "/*"] {
        end = rest[..end].find(comment).unwrap_or(end);
    }
    let end = rest[..end].trim_end_matches(['+', '-']).len();
    end.max(first.len_utf8())
}

/// `$$ … $$`, or `$tag$ … $tag$`.
fn dollars(rest: &str) -> Option<usize> {
    let tag_end = rest.strip_prefix('$')?.find('$')? + 2;
    let tag = &rest[..tag_end];
    let name = &tag[1..tag_end - 1];
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.contains(|c| !is_letter(c)) {
        return None;
    }
    Some(rest[tag_end..].find(tag).map_or(rest.len(), |end| tag_end + end + tag_end))
}

/// Where something in quotes ends; a quote that is doubled is a part of it.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut at = 1;
    while let Some(found) = rest[at..].find(|c| c == quote || (escapes && c == '\\')) {
        at += found + 1;
        let behind = rest[at..].chars().next();
        if rest.as_bytes()[at - 1] == b'\\' && escapes {
            at += behind.map_or(0, char::len_utf8);
        } else if behind == Some(quote) {
            at += 1;
        } else {
            return at;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str, language: Language) -> Vec<&str> {
        words(sql, language).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_keep_their_text() {
        let sql = "a>=-1 and \"b\"\"c\" -- no\n <> 'it''s' /* no */ || t.\"d\" .5 1.5e-3 x'00'";
        let found = words(sql, Language::Sqlite);
        let expected = [
            "a",
            ">=",
            "-",
            "1",
            "and",
            "\"b\"\"c\"",
            "<>",
            "'it''s'",
            "||",
            "t",
            ".",
            "\"d\"",
            ".5",
            "1.5e-3",
            "x'00'",
        ];
        assert_eq!(texts(sql, Language::Sqlite), expected);
        assert!(found.iter().all(|word| &sql[word.at..word.end()] == word.text));
    }

    #[test]
    fn quotes_differ() {
        assert_eq!(texts("[a b] `c``d`", Language::Sqlite), ["[a b]", "`c``d`"]);
        assert_eq!(texts("a[1]::text[]", Language::Standard), ["a", "[", "1", "]", "::", "text", "[", "]"]);
        assert_eq!(texts("$x$ ; $$ $x$ e'\\'' $1", Language::Standard), ["$x$ ; $$ $x$", "e'\\''", "$", "1"]);
        assert_eq!(texts("/* /* */ a", Language::Sqlite), ["a"]);
        assert_eq!(texts("/* /* */ a", Language::Standard), Vec::<&str>::new());
    }

    #[test]
    fn what_is_open_ends_with_the_text() {
        for open in ["'a", "\"a", "[a", "`a", "$$ a", "e'a\\", "a", "1e", "'a''"] {
            for language in [Language::Sqlite, Language::Standard] {
                let found = words(open, language);
                assert_eq!(found.last().map(Word::end), Some(open.len()), "{open}");
            }
        }
    }

    #[test]
    fn names_have_no_quotes() {
        let names: Vec<_> =
            words("a \"b\"\"c\" [d e] `f``g` 'h''i' 1", Language::Sqlite).iter().map(Word::name).collect();
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names, [some("a"), some("b\"c"), some("d e"), some("f`g"), some("h'i"), None]);
    }
}
