//! The fingerprint of a migration's content: what tells an edited migration from a reformatted one.
//!
//! Two values stand in the ledger. `hash` is over the module's tokens: comments, doc attributes,
//! white space, line endings and commas before a closing bracket do not count; of a file of SQL or CQL it is over
//! its normal form (`sql/normal.rs`). `fingerprint` is over its bytes, and is there for speed alone: where the bytes
//! are the same, the tokens are, and a thousand modules need not be tokenised to learn that nothing changed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sha2::{Digest, Sha256};

use crate::sql::normal::{Family, normal};

/// Names the algorithm in the stored value, so that a better one can be told from an edit.
const TOKENS: &str = "sha256-rust-v1:";
/// For files of SQL and CQL: their words.
const SQL: &str = "sha256-sql-v1:";
const CQL: &str = "sha256-cql-v1:";
/// For any other text: its lines without trailing white space.
const TEXT: &str = "sha256-text-v1:";
const BYTES: &str = "sha256:";
/// Before the fingerprint of what is repeatable: so a row says what it is also where no list has it any more.
const REPEATABLE: &str = "repeatable:";

/// What a migration's source is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A module.
    Rust,
    /// A file of SQL, for whatever database.
    #[allow(dead_code, reason = "what reads files of SQL is not in every build")]
    Sql,
    /// A file of CQL.
    #[allow(dead_code, reason = "what reads files of CQL is not in every build")]
    Cql,
    /// Anything else: what a comment would be may be meant there.
    Text,
}

/// The hash of the content, with its algorithm in front.
pub fn hash(source: &str, language: Language) -> String {
    match language {
        Language::Sql => return hex(SQL, &Sha256::digest(normal(source, Family::Sql).as_bytes())),
        Language::Cql => return hex(CQL, &Sha256::digest(normal(source, Family::Cql).as_bytes())),
        Language::Rust | Language::Text => {}
    }
    let source = unix_lines(source);
    match source.parse::<TokenStream>() {
        Ok(tokens) if language == Language::Rust => {
            // One text for one digest: a module has hundreds of tokens.
            let mut text = String::with_capacity(source.len() * 2);
            feed(tokens, &mut text);
            hex(TOKENS, &Sha256::digest(text.as_bytes()))
        }
        _ => {
            let mut sha = Sha256::new();
            for line in source.trim().lines() {
                sha.update(line.trim_end());
                sha.update(b"\n");
            }
            hex(TEXT, &sha.finalize())
        }
    }
}

/// The fingerprint of the bytes; only the line endings do not count (git may change them).
pub fn of_bytes(source: &str) -> String {
    hex(BYTES, &Sha256::digest(unix_lines(source).as_bytes()))
}

/// The same as a row of the ledger has it.
pub fn of_migration(source: &str, is_repeatable: bool) -> String {
    let of_bytes = of_bytes(source);
    if is_repeatable { format!("{REPEATABLE}{of_bytes}") } else { of_bytes }
}

/// Whether a row is of a repeatable migration, as it was applied.
pub fn is_repeatable(fingerprint: &str) -> bool {
    fingerprint.starts_with(REPEATABLE)
}

fn unix_lines(source: &str) -> std::borrow::Cow<'_, str> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if source.contains('\r') { source.replace("\r\n", "\n").into() } else { source.into() }
}

/// The digits of a digest, with the name of what made it in front.
pub fn hex(algorithm: &str, digest: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut text = String::with_capacity(algorithm.len() + digest.len() * 2);
    text.push_str(algorithm);
    for byte in digest {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Every token with its kind and its end, so that `ab` and `a b` differ.
fn feed(tokens: TokenStream, text: &mut String) {
    use std::fmt::Write;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(length) = doc_attribute(&tokens[at..]) {
            at += length;
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(\0", ")\0"),
                    Delimiter::Brace => ("{\0", "}\0"),
                    Delimiter::Bracket => ("[\0", "]\0"),
                    Delimiter::None => ("\0", "\0"),
                };
                text.push_str(open);
                feed(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let trailing_comma = punct.as_char() == ',' && at + 1 == tokens.len();
                if !trailing_comma {
                    text.push(punct.as_char());
                    text.push('\0');
                }
            }
            // Writing to a `String` cannot fail.
            TokenTree::Ident(ident) => drop(write!(text, "{ident}\0")),
            TokenTree::Literal(literal) => drop(write!(text, "{literal}\0")),
        }
        at += 1;
    }
}

/// `#[doc …]`, `#![doc …]`, as which doc comments arrive: how many tokens it takes.
fn doc_attribute(tokens: &[TokenTree]) -> Option<usize> {
    let punct = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
    if !punct(0, '#') {
        return None;
    }
    let at = if punct(1, '!') { 2 } else { 1 };
    let Some(TokenTree::Group(group)) = tokens.get(at) else {
        return None;
    };
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    match group.stream().into_iter().next() {
        Some(TokenTree::Ident(ident)) if ident == "doc" => Some(at + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, of_bytes};

    fn hash(source: &str) -> String {
        super::hash(source, Language::Rust)
    }

    const MODULE: &str = "use updown::prelude::*;\npub struct Migration;\nfn f() { g(1, \"a  b\"); }\n";

    #[test]
    fn what_formatting_changes_does_not_count() {
        for same in [
            "use updown::prelude::*;\r\npub struct Migration;\r\nfn f() { g(1, \"a  b\"); }\r\n",
            "//! Says what it does.\nuse updown::prelude::*;\n/// Doc.\npub struct Migration;\nfn f() { g(1, \"a  b\"); }",
            "use updown::prelude::*;\npub struct Migration; // a comment\nfn f() {\n    g(\n        1,\n        \"a  b\",\n    );\n}\n",
            "#[doc = \"x\"]\nuse updown::prelude::*;\npub struct Migration;\nfn f() { /* why */ g(1, \"a  b\"); }",
        ] {
            assert_eq!(hash(same), hash(MODULE), "{same}");
        }
        assert_eq!(of_bytes(&MODULE.replace('\n', "\r\n")), of_bytes(MODULE));
    }

    #[test]
    fn what_the_compiler_reads_counts() {
        for other in [
            "use updown::prelude::*;\npub struct Migration;\nfn f() { g(1, \"a b\"); }\n",
            "use updown::prelude::*;\npub struct Migration;\nfn f() { g(2, \"a  b\"); }\n",
            "use updown::prelude::*;\npub struct Migration;\nfn f() { h(1, \"a  b\"); }\n",
            "use updown::prelude::*;\npub struct Migration;\nfn f() { g[1, \"a  b\"]; }\n",
            "use updown::prelude::*;\n#[allow(dead_code)]\npub struct Migration;\nfn f() { g(1, \"a  b\"); }\n",
            "use updown::prelude::*;\npub struct Migration;\nfn f() { g(1, \"// a  b\"); }\n",
        ] {
            assert_ne!(hash(other), hash(MODULE), "{other}");
        }
        assert_ne!(hash("a b"), hash("ab"));
    }

    #[test]
    fn the_algorithm_is_part_of_the_value() {
        assert!(hash(MODULE).starts_with("sha256-rust-v1:"));
        assert!(hash("it's SQL '").starts_with("sha256-text-v1:"));
        assert!(of_bytes(MODULE).starts_with("sha256:"));
        let text = |source| super::hash(source, Language::Text);
        assert!(text("SELECT 1").starts_with("sha256-text-v1:"));
        assert_ne!(text("SELECT 1 // 2"), text("SELECT 1"), "no comment in SQL");
        assert_eq!(text("SELECT 1  \r\n"), text("SELECT 1"));
        let repeatable = super::of_migration(MODULE, true);
        assert!(repeatable.starts_with("repeatable:sha256:") && super::is_repeatable(&repeatable));
        assert!(!super::is_repeatable(&super::of_migration(MODULE, false)));
        // A value that stands in databases must never change.
        assert_eq!(
            hash("fn a() {}"),
            "sha256-rust-v1:847df00c0cfbda56450acdec68f82c1f010fe9f7493e228601f81f06f6708c38",
        );
    }

    #[test]
    fn a_file_of_sql_has_a_value_that_never_changes() {
        let sql = |source: &str| super::hash(source, Language::Sql);
        let cql = |source: &str| super::hash(source, Language::Cql);
        // Each is the SHA-256 of the normal form, as another program makes it.
        for (source, expected) in [
            ("", "sha256-sql-v1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                "create table t (id INT); insert into t values ('A  b')",
                "sha256-sql-v1:5ad45c242154adb6b966c521601e4dc18844c598dc772186948a01b78239bd1f",
            ),
            (
                "\u{feff}-- Why.\r\nCREATE TABLE T(\r\n  \"Id\"INT, [Order  Details] TEXT, x int[]/* /* */ */\r\n);;\r\nINSERT INTO t VALUES ('A  b', E'\\'\r\n', a>=-1, 1.5E3, $1, x::INT, ARRAY [1, 'B'], `C`);\r\nCREATE FUNCTION f() AS $$ BEGIN\r\n  a;; -- b\r\nEND $$;",
                "sha256-sql-v1:d38971195b3a79b60418640664e961f1c9ba5ba2ba6fffb14475c65e1acec904",
            ),
        ] {
            assert_eq!(sql(source), expected, "{source}");
            assert_eq!(sql(&source.replace("\r\n", "\n")), expected, "{source}");
        }
        for (source, expected) in [
            ("", "sha256-cql-v1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                "// Why.\r\nBEGIN BATCH INSERT INTO t (a) VALUES (0B5C0b5c-0000-4000-8000-0123456789aF); UPDATE t SET m['K']= ? ;; APPLY BATCH;",
                "sha256-cql-v1:354a64ab33e196a2351e83929cf75e7247e72a0dade9d5c0785e2de9cc1c7d14",
            ),
        ] {
            assert_eq!(cql(source), expected, "{source}");
        }
        assert_eq!(sql("-- a\nSELECT 1;"), sql("select 1"));
        assert_ne!(sql("SELECT 'a'"), sql("SELECT 'A'"));
    }
}
