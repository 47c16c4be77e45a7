//! The words of a statement. What a statement is, is told by them; nothing here knows a grammar.

/// What a comment is, and a literal, is not the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    #[cfg(feature = "postgres")]
    Sql,
    #[cfg(feature = "scylla")]
    Cql,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Word(&'a str),
    /// In double quotes, and with them.
    Name(&'a str),
    /// A text, with its quotes, or a number.
    Literal(&'a str),
    Symbol(char),
}

impl Token<'_> {
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }

    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// A word or a name, with its quotes.
    #[cfg(feature = "postgres")]
    pub fn as_it_stands(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Name(text) => Some(text),
            _ => None,
        }
    }

    /// As the schema has it.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.to_lowercase()),
            Self::Name(name) => {
                let inside = &name[1..];
                Some(inside.strip_suffix('"').unwrap_or(inside).replace("\"\"", "\""))
            }
            _ => None,
        }
    }
}

pub fn tokens(text: &str, language: Language) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, end) = next(rest, language, tokens.last());
        tokens.extend(token);
        rest = &rest[end..];
    }
    tokens
}

/// One of the statements of a text.
#[cfg(feature = "postgres")]
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token<'a>>,
}

/// The statements of a text, divided at each `;` outside of texts, names and comments.
#[cfg(feature = "postgres")]
pub fn statements(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut tokens = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while at < text.len() {
        let (token, size) = next(&text[at..], Language::Sql, tokens.last());
        if token == Some(Token::Symbol(';')) {
            found.push(Statement { text: text[begin..at].trim(), tokens: std::mem::take(&mut tokens) });
        } else if let Some(token) = token {
            if tokens.is_empty() {
                begin = at;
            }
            tokens.push(token);
        }
        at += size;
    }
    found.push(Statement { text: text[begin..].trim(), tokens });
    found.retain(|statement| !statement.tokens.is_empty());
    found
}

/// What a text begins with, and where that ends; no token for what is nothing.
fn next<'a>(rest: &'a str, language: Language, before: Option<&Token<'a>>) -> (Option<Token<'a>>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if let Some(end) = comment(rest, language) {
        (None, end)
    } else if first.is_whitespace() {
        (None, first.len_utf8())
    } else if let Some(end) = literal(rest, language) {
        (Some(Token::Literal(&rest[..end])), end)
    } else if first == '"' {
        let end = quoted(rest, '"', false);
        (Some(Token::Name(&rest[..end])), end)
    } else if first.is_alphabetic() || first == '_' {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        (Some(Token::Word(&rest[..end])), end)
    } else {
        // The sign of a number is a part of it.
        let is_sign = matches!(first, '+' | '-')
            && rest[1..].starts_with(|c: char| c.is_ascii_digit())
            && matches!(before, Some(Token::Symbol('=' | '(' | ',' | '[' | ':' | '{' | '<' | '>')));
        (Some(Token::Symbol(first)).filter(|_| !is_sign), first.len_utf8())
    }
}

fn comment(rest: &str, language: Language) -> Option<usize> {
    let is_line = rest.starts_with("--") || (!is_sql(language) && rest.starts_with("//"));
    if is_line {
        return Some(rest.find(['\n', '\r']).unwrap_or(rest.len()));
    }
    let mut at = rest.strip_prefix("/*").map(|_| 2)?;
    let mut depth = 1;
    while depth > 0 {
        let Some(found) = rest[at..].find(['*', '/']) else { return Some(rest.len()) };
        at += found;
        let size = if rest[at..].starts_with("*/") {
            depth -= 1;
            2
        } else if rest[at..].starts_with("/*") && is_sql(language) {
            // Only there they may stand in each other.
            depth += 1;
            2
        } else {
            1
        };
        at += size;
    }
    Some(at)
}

/// A text, a number, or a UUID.
fn literal(rest: &str, language: Language) -> Option<usize> {
    if rest.starts_with('\'') {
        return Some(quoted(rest, '\'', false));
    }
    if is_sql(language) && rest.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("e'")) {
        return Some(1 + quoted(&rest[1..], '\'', true));
    }
    if let Some(end) = dollars(rest) {
        return Some(end);
    }
    if !is_sql(language) && is_uuid(rest) {
        return Some(36);
    }
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
    match rest[..end].ends_with(['e', 'E']) && rest[end..].starts_with(['+', '-']) && !rest.starts_with("0x")
    {
        true => {
            let digits = &rest[end + 1..];
            Some(end + 1 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()))
        }
        false => Some(end),
    }
}

/// `$$ … $$`, or `$tag$ … $tag$`. A parameter (`$1`) is none.
fn dollars(rest: &str) -> Option<usize> {
    let tag_end = rest.strip_prefix('$')?.find('$')? + 2;
    let tag = &rest[..tag_end];
    let name = &tag[1..tag_end - 1];
    if name.starts_with(|c: char| c.is_ascii_digit())
        || name.contains(|c: char| !c.is_alphanumeric() && c != '_')
    {
        return None;
    }
    Some(rest[tag_end..].find(tag).map_or(rest.len(), |end| tag_end + end + tag_end))
}

fn is_uuid(rest: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    rest.len() >= 36
        && rest
            .bytes()
            .take(36)
            .enumerate()
            .all(|(at, byte)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// Where something in quotes ends; a quote that is doubled is a part of it.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut at = 1;
    while let Some(found) = rest[at..].find(|c| c == quote || (escapes && c == '\\')) {
        at += found + 1;
        let behind = rest[at..].chars().next();
        if rest.as_bytes()[at - 1] == b'\\' {
            at += behind.map_or(0, char::len_utf8);
        } else if behind == Some(quote) {
            at += 1;
        } else {
            return at;
        }
    }
    rest.len()
}

fn is_sql(language: Language) -> bool {
    match language {
        #[cfg(feature = "postgres")]
        Language::Sql => true,
        #[cfg(feature = "scylla")]
        Language::Cql => false,
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        statements(sql).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn statements_are_told_apart() {
        assert_eq!(texts("a; b ;; /* why */ c"), ["a", "b", "c"]);
        assert_eq!(texts(" ; -- nothing; here\n /* nor; /* here; */ ; */"), Vec::<&str>::new());
        for one in [
            "SELECT ';', \"a;b\", 'it''s;'",
            "SELECT E'\\';', $$;$$, $a$ ; $$ ; $a$, $1",
            "SELECT 1 -- ; \n + 2",
            "SELECT 'open;",
            "SELECT $open$ ; ",
        ] {
            assert_eq!(texts(one), [one.trim()]);
        }
        assert_eq!(texts("SELECT e'a\\\\'; SELECT $1; SELECT 2").len(), 3);
    }

    #[test]
    fn names_are_as_the_schema_has_them() {
        let names = |sql| tokens(sql, Language::Sql).iter().filter_map(Token::name).collect::<Vec<_>>();
        assert_eq!(names("Abc.\"D\"\"e\" = 'f'"), ["abc", "D\"e"]);
        assert_eq!(names("\"open"), ["open"]);
    }
}
