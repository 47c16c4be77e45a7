//! One way of a migration that is a file: its text, how it is divided, and what the marks in it say.

use std::borrow::Cow;

use crate::sql::check::check;
use crate::sql::place::place;
use crate::sql::statement::is_nothing;
use crate::sql::transaction::{Does, does};
use crate::sql::{Dialect, Kind, Piece, lex, split};
use crate::store::Database;
use crate::traits::Options;

/// One way of a migration: the text of a file, or the part of one that is about this way.
#[derive(Debug)]
pub struct SqlText {
    pub text: Cow<'static, str>,
    pub file: Cow<'static, str>,
    /// The line of the file with which the text begins, from 1.
    pub first_line: usize,
    /// Whether somebody said that it runs outside of a transaction.
    pub is_outside: bool,
}

/// What is sent, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Statement(Piece<'a>),
    /// What the file itself has between `BEGIN` and `COMMIT`.
    Transaction(Vec<Piece<'a>>),
}

impl<'a> Part<'a> {
    pub fn pieces(&self) -> &[Piece<'a>] {
        match self {
            Self::Statement(piece) => std::slice::from_ref(piece),
            Self::Transaction(pieces) => pieces,
        }
    }
}

/// What is wrong with a text, and where in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub offset: usize,
    pub message: String,
    pub hint: String,
}

impl SqlText {
    /// A text that is the whole of a file.
    pub fn whole(text: impl Into<Cow<'static, str>>, file: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        let is_outside = says_outside(&text);
        Self { text, file: file.into(), first_line: 1, is_outside }
    }

    /// Its statements as a database wants them, and those in one that the file itself puts into a transaction.
    pub fn parts(&self, dialect: Dialect) -> Result<Vec<Part<'_>>, Problem> {
        check(&self.text, dialect).map_err(|problem| Problem {
            offset: problem.offset,
            message: problem.message,
            hint: problem.hint,
        })?;
        if let Some(offset) = (dialect == Dialect::Cql).then(|| callback(&self.text)).flatten() {
            return Err(Problem {
                offset,
                message: "gocqlx would call a function of the program here".to_owned(),
                hint: "write what it does as CQL, or as a module in Rust behind this file; then take the line away"
                    .to_owned(),
            });
        }
        let mut parts = Vec::new();
        let mut open: Option<(usize, Vec<Piece<'_>>)> = None;
        for piece in split(&self.text, dialect) {
            if piece.statement.is_empty() {
                continue;
            }
            match (does(piece.statement, dialect), &mut open) {
                (Does::Begin, None) => open = Some((piece.offset, Vec::new())),
                (Does::Begin, Some(_)) => {
                    return Err(Problem::transaction(
                        piece.offset,
                        "a transaction begins inside of another one",
                    ));
                }
                (Does::Commit, Some(_)) => {
                    let pieces = open.take().map_or_else(Vec::new, |(_, pieces)| pieces);
                    if !pieces.is_empty() {
                        parts.push(Part::Transaction(pieces));
                    }
                }
                (Does::Commit, None) => {
                    return Err(Problem::transaction(
                        piece.offset,
                        "a transaction ends that the file did not begin",
                    ));
                }
                (Does::Other, _) => {
                    return Err(Problem::transaction(piece.offset, "the file undoes its own transaction"));
                }
                (Does::Neither, Some((_, pieces))) => pieces.push(piece),
                (Does::Neither, None) => parts.push(Part::Statement(piece)),
            }
        }
        match open {
            Some((offset, _)) => {
                Err(Problem::transaction(offset, "a transaction begins, and the file does not end it"))
            }
            None => Ok(parts),
        }
    }

    /// What is sent of it where all of it is in one transaction; nothing where it is not known to be right.
    pub fn in_one(&self, database: Database) -> Option<&str> {
        let parts = self.parts(database.dialect()).ok()?;
        let pieces = parts.iter().flat_map(Part::pieces);
        let (first, last) = (pieces.clone().next()?, pieces.last()?);
        self.text.get(first.offset..last.offset + last.statement.len())
    }

    /// Whether it is carried out statement by statement, outside of a transaction of the engine's: since somebody said
    /// so, since the database does not change its schema in one, since a statement cannot run in one, or since the
    /// file has more than one transaction of its own.
    pub fn is_in_steps(&self, database: Database) -> bool {
        if self.is_outside || database.changes_in_steps() {
            return true;
        }
        let Ok(parts) = self.parts(database.dialect()) else { return false };
        match parts.as_slice() {
            [Part::Transaction(pieces)] => !pieces.iter().all(|piece| may_be_in_one(database, piece)),
            parts => parts.iter().any(|part| match part {
                Part::Transaction(_) => true,
                Part::Statement(piece) => !may_be_in_one(database, piece),
            }),
        }
    }

    /// What its statements ask of the engine: SQLite ignores `PRAGMA foreign_keys` inside of a transaction.
    pub fn options(&self, database: Database) -> Options {
        let turns_off = |piece: &Piece<'_>| foreign_keys_pragma(piece.statement) == Some(false);
        let is_off = database == Database::Sqlite
            && self.text.contains("foreign_keys")
            && split(&self.text, Dialect::Sqlite).iter().any(turns_off);
        if is_off { Options::new().foreign_keys_off() } else { Options::new() }
    }

    /// Its text without the transaction that it puts itself into; `None` where it has none.
    pub fn without_own_transaction(&self) -> Option<String> {
        let dialect = if self.file.ends_with(".cql") { Dialect::Cql } else { Dialect::Postgres };
        let parts = self.parts(dialect).ok()?;
        if !parts.iter().any(|part| matches!(part, Part::Transaction(_))) {
            return None;
        }
        let pieces = parts.iter().flat_map(Part::pieces);
        Some(pieces.map(|piece| format!("{};\n", piece.statement)).collect())
    }

    /// Why there is no way back, where the text says so: `-- updown: irreversible: …`.
    pub fn irreversible(&self) -> Option<&str> {
        marks(&self.text).find_map(|mark| {
            let reason = mark.strip_prefix("irreversible")?;
            Some(reason.trim_start_matches([':', ' ']))
        })
    }

    /// The names of those that it took the place of, where the text says so: `-- updown: replaces: 0001_a 0002_b`, in as
    /// many lines as it takes.
    pub fn replaces(&self) -> Vec<Cow<'static, str>> {
        let names = marks(&self.text).filter_map(|mark| mark.strip_prefix("replaces"));
        let names = names.flat_map(|names| names.trim_start_matches(':').split_whitespace());
        names.map(|name| Cow::Owned(name.to_owned())).collect()
    }

    /// Whether there is nothing to carry out in it.
    pub fn is_empty(&self, dialect: Dialect) -> bool {
        is_nothing(&self.text, dialect)
    }

    /// Whether it says that it is empty on purpose: `-- updown: empty`.
    pub fn says_empty(&self) -> bool {
        marks(&self.text).any(|mark| mark == "empty")
    }

    /// Line and column in the file, from 1.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let place = place(&self.text, offset);
        (place.line + self.first_line - 1, place.column)
    }
}

impl Problem {
    fn transaction(offset: usize, message: &str) -> Self {
        Self {
            offset,
            message: message.to_owned(),
            hint: "leave BEGIN, COMMIT and ROLLBACK away: each migration runs in one transaction as it is"
                .to_owned(),
        }
    }
}

/// What a text says to updown, in comments that begin with `updown:`; and `no-transaction`, as some tools say it in
/// the first line.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    // Nearly no text has any.
    let text = if text.contains("updown:") { text } else { "" };
    text.lines().filter_map(|line| {
        let comment = line.trim().strip_prefix("--").or_else(|| line.trim().strip_prefix("//"))?;
        Some(comment.trim().strip_prefix("updown:")?.trim())
    })
}

/// Where a line is `-- CALL name;`: a comment for every other than gocqlx, which calls what the program has by that name.
fn callback(text: &str) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let here = at;
        at += line.len();
        let is_call = line.trim().strip_prefix("-- CALL ").is_some_and(|name| name.ends_with(';'));
        is_call.then_some(here)
    })
}

fn says_outside(text: &str) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    first.trim_start().starts_with("-- no-transaction") || marks(text).any(|mark| mark == "no-transaction")
}

fn may_be_in_one(database: Database, piece: &Piece<'_>) -> bool {
    foreign_keys_pragma(piece.statement).is_some() || database.is_transactional(piece.statement)
}

/// Whether a statement turns SQLite's foreign keys on or off; it does nothing in a transaction.
pub fn foreign_keys_pragma(statement: &str) -> Option<bool> {
    let mut words = lex(statement, Dialect::Sqlite).filter(|word| !word.is_trivia());
    let mut next_is = |word: &str| words.next().is_some_and(|found| found.is(word));
    if !(next_is("PRAGMA") && next_is("foreign_keys")) {
        return None;
    }
    let value = words.find(|word| word.kind != Kind::Symbol)?;
    Some(
        !["0", "OFF", "NO", "FALSE"]
            .iter()
            .any(|off| value.text.trim_matches(['\'', '"']).eq_ignore_ascii_case(off)),
    )
}
