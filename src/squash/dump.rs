//! A schema as `pg_dump` writes it, without what is the dump's own.

use super::built::ended;
use super::rows::Rows;
use crate::backup::Dump;
use crate::ledger::{HISTORY, JOURNAL, LEASE, LEDGER};
use crate::sql::statement::first_words;
use crate::sql::{Dialect, split};

/// None where there is no `pg_dump` that can read the server.
pub fn schema(url: &str) -> Option<String> {
    dump(url, &["--schema-only"])
}

/// What builds it, with its rows before its triggers and constraints.
pub fn whole(url: &str, rows: &Rows) -> Option<String> {
    let before = dump(url, &["--section=pre-data"])?;
    let after = dump(url, &["--section=post-data"])?;
    let written = rows.statements.iter().filter(|_| rows.are_written).map(|statement| ended(statement));
    // What a function in SQL is about may come behind it.
    let first = ended("SET LOCAL check_function_bodies = off");
    Some([first, before, written.collect(), after].concat())
}

fn dump(url: &str, how: &[&str]) -> Option<String> {
    let own = [LEDGER, HISTORY, JOURNAL, LEASE].map(|table| format!("--exclude-table={table}"));
    let sequence = format!("--exclude-table={HISTORY}_id_seq");
    let arguments = how.iter().map(|argument| (*argument).to_owned());
    let arguments: Vec<String> = arguments.chain(own).chain([sequence, "--no-owner".to_owned()]).collect();
    let text = Dump::new(url, true).ok()?.text(&arguments)?;
    Some(without_session(&text))
}

/// Without the settings of a session, and without `\restrict`, whose word differs from dump to dump.
fn without_session(text: &str) -> String {
    let is_own = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    let text: String = text.split_inclusive('\n').filter(|line| !is_own(line)).collect();
    let is_kept = |statement: &&str| {
        !(statement.is_empty()
            || first_words(statement, Dialect::Postgres, 1)
                .iter()
                .any(|word| word.eq_ignore_ascii_case("SET"))
            || statement.starts_with("SELECT pg_catalog.set_config("))
    };
    let pieces = split(&text, Dialect::Postgres);
    pieces.iter().map(|piece| piece.statement).filter(is_kept).map(ended).collect()
}

#[cfg(test)]
mod tests {
    use super::without_session;

    #[test]
    fn what_stands_in_a_function_is_no_setting_of_the_session() {
        let body =
            "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n-- said\nSET x = 1;\nEND\n$$";
        let text = format!(
            "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET lock_timeout = 0;\n\
             SELECT pg_catalog.set_config('search_path', '', false);\n\n{body};\n\n\\unrestrict abc\n"
        );
        assert_eq!(without_session(&text), format!("{body};\n\n"));
    }
}
