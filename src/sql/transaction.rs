//! Statements that begin and end a transaction. Files of some tools have their own around all of it; the engine has
//! one already.

use super::{Dialect, Lexeme, lex};

/// What a statement does with the transaction that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Begin,
    Commit,
    /// Anything else: it takes it back, or goes on in a new one.
    Other,
    Neither,
}

pub fn does(statement: &str, dialect: Dialect) -> Does {
    if dialect == Dialect::Cql {
        return Does::Neither;
    }
    let words: Vec<Lexeme<'_>> = lex(statement, dialect).filter(|word| !word.is_trivia()).take(8).collect();
    let is = |at: usize, any: &[&str]| words.get(at).is_some_and(|word| word.is_any(any));
    let has = |any: &[&str]| words.iter().any(|word| word.is_any(any));
    if is(0, &["BEGIN"]) || (is(0, &["START"]) && is(1, &["TRANSACTION"])) {
        Does::Begin
    } else if is(0, &["COMMIT", "END"]) {
        let is_plain = !has(&["PREPARED"]) && (!has(&["CHAIN"]) || has(&["NO"]));
        if is_plain { Does::Commit } else { Does::Other }
    } else if is(0, &["ROLLBACK"]) {
        if has(&["TO"]) { Does::Neither } else { Does::Other }
    } else if is(0, &["ABORT"]) || (is(0, &["PREPARE"]) && is(1, &["TRANSACTION"])) {
        Does::Other
    } else {
        Does::Neither
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(statements: &[&str], expected: Does) {
        for statement in statements {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                assert_eq!(does(statement, dialect), expected, "{statement:?}");
            }
        }
    }

    #[test]
    fn a_beginning() {
        all(
            &[
                "BEGIN",
                "-- up\n begin transaction",
                "BEGIN WORK",
                "BEGIN IMMEDIATE TRANSACTION",
                "BEGIN DEFERRED",
                "BEGIN EXCLUSIVE",
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
                "START TRANSACTION READ WRITE",
                "START /* a */ TRANSACTION",
            ],
            Does::Begin,
        );
    }

    #[test]
    fn an_end() {
        let plain =
            ["COMMIT", "COMMIT WORK", "END", "end transaction", "COMMIT AND NO CHAIN", "COMMIT -- done"];
        all(&plain, Does::Commit);
    }

    #[test]
    fn one_that_takes_it_back_or_goes_on_in_another() {
        let others = [
            "ROLLBACK",
            "ROLLBACK AND CHAIN",
            "ROLLBACK PREPARED 'x'",
            "ABORT",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "COMMIT AND CHAIN",
        ];
        all(&others, Does::Other);
    }

    #[test]
    fn what_leaves_it_alone() {
        let fine = [
            "",
            "SAVEPOINT s",
            "RELEASE s",
            "ROLLBACK TO s",
            "ROLLBACK TRANSACTION TO SAVEPOINT s",
            "ROLLBACK WORK TO s",
            "PREPARE p AS SELECT 1",
            "SET TRANSACTION READ ONLY",
            "START REPLICATION",
            "DO $$ BEGIN COMMIT; END $$",
            "\"COMMIT\"",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
        ];
        all(&fine, Does::Neither);
        assert_eq!(does("BEGIN BATCH a; b; APPLY BATCH", Dialect::Cql), Does::Neither);
    }
}
