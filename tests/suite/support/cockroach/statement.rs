//! What a statement is, by its words.

use crate::support::proxy::wire::{Kind, pieces};

/// What matters of a statement here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Begin,
    Commit,
    Rollback,
    RollbackTo(String),
    Savepoint(String),
    Release(String),
    /// The setting, which lasts as long as the transaction where it is local.
    Autocommit {
        on: bool,
        local: bool,
    },
    /// Nothing is read or written by it.
    Session,
    /// The same, and all settings are what they were in the beginning.
    ResetAll,
    Ddl,
    Other,
}

#[derive(Clone, Debug)]
pub struct Statement {
    pub text: String,
    /// Without what its literals say: the journal keeps the statements of others.
    bare: String,
    /// In capitals; what is in quotes is not among them.
    pub words: Vec<String>,
    pub what: What,
}

/// The statements of a text, without those that are empty.
pub fn split(sql: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut text = String::new();
    for (kind, piece) in pieces(sql) {
        if kind == Kind::Sign && piece == ";" {
            statements.push(std::mem::take(&mut text));
        } else {
            text += piece;
        }
    }
    statements.push(text);
    statements.iter().filter_map(|text| Statement::of(text.trim())).collect()
}

impl Statement {
    /// `None` where there is nothing but comments.
    pub fn of(text: &str) -> Option<Self> {
        let mut words = Vec::new();
        let (mut bare, mut is_empty) = (String::new(), true);
        for (kind, piece) in pieces(text) {
            let is_literal = kind == Kind::Quoted && !piece.starts_with('"');
            bare += if is_literal { "''" } else { piece };
            is_empty &= kind == Kind::Space;
            if kind == Kind::Word {
                words.push(piece.to_uppercase());
            }
        }
        (!is_empty).then(|| Self { text: text.to_owned(), bare, what: what(text, &words), words })
    }

    /// Whether a test means it by a part of its text.
    pub fn has(&self, part: &str) -> bool {
        self.bare.contains(part) || self.text.starts_with(part)
    }

    pub fn begins(&self, with: &[&str]) -> bool {
        begins(&self.words, with)
    }
}

fn begins(words: &[String], with: &[&str]) -> bool {
    words.len() >= with.len() && words.iter().zip(with).all(|(word, wanted)| word == wanted)
}

fn what(text: &str, words: &[String]) -> What {
    let is = |with: &[&str]| begins(words, with);
    let has = |word: &str| words.iter().any(|known| known == word);
    match words.first().map_or("", String::as_str) {
        "BEGIN" | "START" => What::Begin,
        "COMMIT" | "END" => What::Commit,
        "ROLLBACK" | "ABORT" if has("TO") => What::RollbackTo(last_name(text)),
        "ROLLBACK" | "ABORT" => What::Rollback,
        "SAVEPOINT" => What::Savepoint(last_name(text)),
        "RELEASE" => What::Release(last_name(text)),
        "SET" if has("AUTOCOMMIT_BEFORE_DDL") => {
            What::Autocommit { on: !says_off(text), local: is(&["SET", "LOCAL"]) }
        }
        "RESET" if has("ALL") || has("AUTOCOMMIT_BEFORE_DDL") => What::ResetAll,
        "SET" | "RESET" | "SHOW" => What::Session,
        // All of them by `tree.CanModifySchema`.
        "CREATE" | "ALTER" | "DROP" | "TRUNCATE" | "COMMENT" | "GRANT" | "REVOKE" | "RENAME" | "ANALYZE"
        | "REFRESH" | "REASSIGN" | "DISCARD" => What::Ddl,
        _ => What::Other,
    }
}

/// The name that it ends with, as the server knows it.
fn last_name(text: &str) -> String {
    let last = pieces(text).filter(|(kind, _)| matches!(kind, Kind::Word | Kind::Quoted)).last();
    match last {
        Some((Kind::Quoted, name)) => name.trim_matches('"').replace("\"\"", "\""),
        Some((_, name)) => name.to_lowercase(),
        None => String::new(),
    }
}

/// Whether a `SET` ends with a value that means no.
fn says_off(text: &str) -> bool {
    let last = last_name(text);
    ["off", "false", "f", "no", "n", "0"].contains(&last.trim_matches('\'').to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_where_its_statements_end() {
        let texts = |sql| split(sql).into_iter().map(|statement| statement.text).collect::<Vec<_>>();
        assert_eq!(texts("COMMIT; BEGIN;; -- nothing; at all\n ;"), ["COMMIT", "BEGIN"]);
        assert_eq!(
            texts("INSERT INTO t VALUES (';'); DO $x$ a; b $x$ /* ; */; SELECT \";\""),
            ["INSERT INTO t VALUES (';')", "DO $x$ a; b $x$ /* ; */", "SELECT \";\""],
        );
        assert!(texts(" ; -- nothing").is_empty());
    }

    #[test]
    fn what_it_is_is_known_by_its_words() {
        let off = |local| What::Autocommit { on: false, local };
        for (sql, expected) in [
            ("begin read only", What::Begin),
            ("START TRANSACTION", What::Begin),
            ("/* why */ End", What::Commit),
            ("ROLLBACK", What::Rollback),
            ("ROLLBACK TRANSACTION TO SAVEPOINT Updown", What::RollbackTo("updown".to_owned())),
            ("SAVEPOINT \"a\"\"B\"", What::Savepoint("a\"B".to_owned())),
            ("RELEASE updown", What::Release("updown".to_owned())),
            ("SET SESSION autocommit_before_ddl = 'off'", off(false)),
            ("set local autocommit_before_ddl to false", off(true)),
            ("SET autocommit_before_ddl = on", What::Autocommit { on: true, local: false }),
            ("SHOW autocommit_before_ddl", What::Session),
            ("RESET ALL", What::ResetAll),
            ("-- why\nCREATE INDEX i ON t (a)", What::Ddl),
            ("grant select on t to app", What::Ddl),
            ("DISCARD ALL", What::Ddl),
            ("INSERT INTO created VALUES ('CREATE')", What::Other),
            ("\"CREATE\"", What::Other),
        ] {
            assert_eq!(Statement::of(sql).unwrap().what, expected, "{sql}");
        }
    }
}
