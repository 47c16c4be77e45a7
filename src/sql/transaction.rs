//! Statements that begin and end a transaction. Files of some tools have their own around all of it; the engine has
//! one already.

use std::ops::Range;

use super::split::Piece;
use super::{Dialect, Lexeme, lex};

/// What a file does with transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// Its first statement begins a transaction, and its last commits it.
    pub is_wrapped: bool,
    /// The pieces between these two; all of them where it is not wrapped.
    pub inside: Range<usize>,
    /// The first of these that begins or ends a transaction.
    pub control: Option<Control>,
}

/// A statement that begins or ends a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Which of the pieces it is.
    pub piece: usize,
    /// Where it begins in the text, in bytes.
    pub offset: usize,
}

/// What the pieces of a text do with transactions. CQL has none that an engine could have around them.
pub fn wrapped(pieces: &[Piece<'_>], dialect: Dialect) -> Wrapped {
    let is =
        |at: Option<usize>, wanted: Does| at.is_some_and(|at| does(pieces[at].statement, dialect) == wanted);
    let first = pieces.iter().position(|piece| !piece.is_empty());
    let last = pieces.iter().rposition(|piece| !piece.is_empty());
    let is_wrapped = is(first, Does::Begin) && is(last, Does::Commit);
    let inside = match (first, last) {
        (Some(first), Some(last)) if is_wrapped => first + 1..last,
        _ => 0..pieces.len(),
    };
    let control = inside
        .clone()
        .find(|at| does(pieces[*at].statement, dialect) != Does::Neither)
        .map(|piece| Control { piece, offset: pieces[piece].offset });
    Wrapped { is_wrapped, inside, control }
}

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
    use super::super::split::split;
    use super::*;

    /// What stands inside, and the control in the middle.
    fn read(text: &str, dialect: Dialect) -> (bool, Vec<&str>, Option<&str>) {
        let pieces = split(text, dialect);
        let found = wrapped(&pieces, dialect);
        let control = found.control.map(|control| {
            assert_eq!(control.offset, pieces[control.piece].offset);
            pieces[control.piece].statement
        });
        let inside = pieces[found.inside].iter().map(|piece| piece.statement).filter(|one| !one.is_empty());
        (found.is_wrapped, inside.collect(), control)
    }

    #[test]
    fn a_file_in_a_transaction_of_its_own_is_unwrapped() {
        for text in [
            "BEGIN; a; b; COMMIT;",
            "-- up\n begin transaction ;; a; b; ; commit -- done\n",
            "BEGIN WORK; a; b; COMMIT WORK; -- the end",
            "BEGIN IMMEDIATE TRANSACTION; a; b; END TRANSACTION;",
            "BEGIN ISOLATION LEVEL SERIALIZABLE; a; b; COMMIT AND NO CHAIN",
            "\u{feff}START TRANSACTION READ WRITE; a; b; END;",
            "; BEGIN EXCLUSIVE; a; b; END;;",
        ] {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                assert_eq!(read(text, dialect), (true, vec!["a", "b"], None), "{text:?}");
            }
        }
        assert_eq!(read("BEGIN; COMMIT;", Dialect::Postgres), (true, vec![], None));
    }

    #[test]
    fn one_that_is_not_wrapped_stays_as_it_is() {
        for text in ["", "-- nothing", "a", "a;", "a; SAVEPOINT s; b; ROLLBACK TO s; RELEASE s"] {
            let (is_wrapped, _, control) = read(text, Dialect::Postgres);
            assert_eq!((is_wrapped, control), (false, None), "{text:?}");
        }
        for (text, control) in [
            ("BEGIN; a;", "BEGIN"),
            ("a; COMMIT;", "COMMIT"),
            ("BEGIN", "BEGIN"),
            ("COMMIT", "COMMIT"),
            ("BEGIN; a; ROLLBACK;", "BEGIN"),
            ("BEGIN; a; COMMIT AND CHAIN;", "BEGIN"),
            ("BEGIN; a; COMMIT PREPARED 'x';", "BEGIN"),
            ("BEGIN; a; COMMIT; b;", "BEGIN"),
            ("START TRANSACTION", "START TRANSACTION"),
        ] {
            let (is_wrapped, inside, found) = read(text, Dialect::Postgres);
            assert_eq!((is_wrapped, found), (false, Some(control)), "{text:?}");
            assert_eq!(inside.len(), text.split_terminator(';').count(), "{text:?}");
        }
    }

    #[test]
    fn what_ends_a_transaction_in_the_middle_is_found() {
        for control in [
            "COMMIT",
            "END",
            "end transaction",
            "ROLLBACK",
            "ROLLBACK AND CHAIN",
            "ROLLBACK PREPARED 'x'",
            "ABORT",
            "BEGIN",
            "BEGIN DEFERRED",
            "START /* a */ TRANSACTION",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "COMMIT AND CHAIN",
        ] {
            let text = format!("BEGIN; a; {control}; b; ROLLBACK; COMMIT;");
            let (is_wrapped, _, found) = read(&text, Dialect::Postgres);
            assert_eq!((is_wrapped, found), (true, Some(control)));
        }
        for fine in [
            "ROLLBACK TO s",
            "ROLLBACK TRANSACTION TO SAVEPOINT s",
            "ROLLBACK WORK TO s",
            "SAVEPOINT s",
            "RELEASE s",
            "PREPARE p AS SELECT 1",
            "SET TRANSACTION READ ONLY",
            "START REPLICATION",
            "DO $$ BEGIN COMMIT; END $$",
            "\"COMMIT\"",
        ] {
            let text = format!("BEGIN; a; {fine}; b; COMMIT;");
            assert_eq!(read(&text, Dialect::Postgres), (true, vec!["a", fine, "b"], None));
        }
    }

    #[test]
    fn a_batch_is_no_transaction() {
        let batch = "BEGIN BATCH a; b; APPLY BATCH";
        assert_eq!(read(batch, Dialect::Cql), (false, vec![batch], None));
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END";
        assert_eq!(read(trigger, Dialect::Sqlite), (false, vec![trigger], None));
    }
}
