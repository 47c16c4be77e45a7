//! What a `CREATE INDEX` says, on SQLite and on PostgreSQL.

use super::canonical::one_line;
use super::words::{Kind, Language, Word, words};

/// The parts of a `CREATE INDEX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexText {
    /// `UNIQUE`.
    pub unique: bool,
    /// `USING …` (PostgreSQL).
    pub method: Option<String>,
    /// What it is over, in its order.
    pub keys: Vec<IndexKey>,
    /// What stands between the keys and the condition: `INCLUDE (…)`, `NULLS NOT DISTINCT`, `WITH (…)`
    /// (PostgreSQL).
    pub options: String,
    /// `WHERE …`.
    pub predicate: Option<String>,
}

/// What an index is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// As it stands there: with a collation, an operator class, a direction.
    pub text: String,
    /// Where it is a column, its name.
    pub column: Option<String>,
    /// What follows the column.
    pub details: String,
}

impl IndexText {
    /// Reads a `CREATE INDEX`.
    ///
    /// # Errors
    ///
    /// None where it is none.
    pub fn read(sql: &str, language: Language) -> Option<Self> {
        let words = words(sql, language);
        let on = words.iter().position(|word| word.is("ON"))?;
        let unique = words[..on].iter().any(|word| word.is("UNIQUE"));
        let open = on + words[on..].iter().position(|word| word.is_mark('('))?;
        let using = words[on..open].iter().position(|word| word.is("USING"));
        let method = using.and_then(|at| words.get(on + at + 1)).and_then(Word::name);
        let close = open + closing(&words[open..])?;
        let keys = split(&words[open + 1..close]).filter_map(|key| IndexKey::read(sql, key)).collect();
        let rest = &words[close + 1..];
        let filter = rest.iter().position(|word| word.is("WHERE"));
        let options = text(sql, &rest[..filter.unwrap_or(rest.len())]);
        let predicate = filter.map(|at| text(sql, &rest[at + 1..]));
        Some(Self { unique, method, keys, options, predicate })
    }

    /// In one line, of `Standard` words: `UNIQUE (slug) WHERE …`.
    pub fn one_line(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|key| one_line(&key.text)).collect();
        let method = self.method.as_deref().filter(|method| *method != "btree");
        let mut said: Vec<String> = Vec::new();
        said.extend(self.unique.then(|| "UNIQUE".to_owned()));
        said.extend(method.map(str::to_owned));
        said.push(format!("({})", keys.join(", ")));
        said.extend(Some(one_line(&self.options)).filter(|options| !options.is_empty()));
        said.extend(self.predicate.as_deref().map(|predicate| {
            format!("WHERE {}", one_line(super::canonical::without_parentheses(predicate)))
        }));
        said.join(" ")
    }
}

impl IndexKey {
    fn read(sql: &str, words: &[Word<'_>]) -> Option<Self> {
        let first = words.first()?;
        // A call has a parenthesis behind its name, and a literal is no column.
        let is_call = words.get(1).is_some_and(|next| next.is_mark('(') || next.kind == Kind::Operator);
        let is_column = matches!(first.kind, Kind::Word | Kind::Quoted) && !is_call;
        let column = first.name().filter(|_| is_column);
        let details = if is_column { text(sql, &words[1..]) } else { String::new() };
        Some(Self { text: text(sql, words), column, details })
    }
}

/// The text from the first of the words to the last.
pub fn text(sql: &str, words: &[Word<'_>]) -> String {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => sql[first.at..last.end()].to_owned(),
        _ => String::new(),
    }
}

/// The position of the parenthesis that closes the first of the words.
pub fn closing(words: &[Word<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        if word.is_mark('(') {
            depth += 1;
        } else if word.is_mark(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// What stands between the commas, outside of parentheses.
pub fn split<'a, 'w>(words: &'w [Word<'a>]) -> impl Iterator<Item = &'w [Word<'a>]> {
    let mut depth = 0_usize;
    words.split(move |word| {
        if word.is_mark('(') {
            depth += 1;
        } else if word.is_mark(')') {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && word.is_mark(',')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str, language: Language) -> IndexText {
        IndexText::read(sql, language).expect("an index")
    }

    #[test]
    fn an_index_of_sqlite() {
        let index = read(
            "CREATE UNIQUE INDEX [on it] ON \"user name\" ([a b] COLLATE nocase DESC, lower(c), \"d\")WHERE (a IS NOT NULL)",
            Language::Sqlite,
        );
        assert!(index.unique);
        let columns: Vec<_> = index.keys.iter().map(|key| key.column.as_deref()).collect();
        assert_eq!(columns, [Some("a b"), None, Some("d")]);
        assert_eq!(index.keys[0].details, "COLLATE nocase DESC");
        assert_eq!(index.predicate.as_deref(), Some("(a IS NOT NULL)"));
        assert_eq!(index.method, None);
    }

    #[test]
    fn an_index_of_postgresql() {
        let index = read(
            "CREATE INDEX i ON public.t USING gin (a gin_trgm_ops, ((b || 'x'::text)) DESC) INCLUDE (c) WITH (fastupdate=off) WHERE (a > 0)",
            Language::Standard,
        );
        assert_eq!(index.method.as_deref(), Some("gin"));
        assert_eq!(index.keys[0].column.as_deref(), Some("a"));
        assert_eq!(index.keys[0].details, "gin_trgm_ops");
        assert_eq!(index.keys[1].column, None);
        assert_eq!(
            index.one_line(),
            "gin (a gin_trgm_ops, ((b || 'x'::text)) DESC) INCLUDE (c) with(fastupdate = off) WHERE a > 0"
        );
        assert_eq!(
            read("CREATE UNIQUE INDEX i ON t USING btree (a)", Language::Standard).one_line(),
            "UNIQUE (a)"
        );
        assert_eq!(IndexText::read("SELECT 1", Language::Standard), None);
    }
}
