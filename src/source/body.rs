//! The two ways in which the text of a file is carried out.

use std::fmt;
use std::sync::Arc;

use super::text::{Part, Problem, SqlText, foreign_keys_pragma};
use crate::migration::{DownBody, UpBody};
use crate::sql::Piece;
use crate::steps::Steps;
use crate::store::{Database, StoreConnection};
use crate::traits::{Down, Options, Result, Up};

impl SqlText {
    /// As the way forward on a database.
    pub fn up<C: StoreConnection>(self: &Arc<Self>, database: Database, in_steps: bool) -> UpBody<C> {
        let body = Arc::new(Body { text: self.clone(), database });
        match C::HAS_STEPS && (in_steps || self.is_in_steps(database)) {
            true => UpBody::Steps(body),
            false => UpBody::Transaction(body),
        }
    }

    /// As the way back.
    pub fn down<C: StoreConnection>(self: &Arc<Self>, database: Database, in_steps: bool) -> DownBody<C> {
        let body = Arc::new(Body { text: self.clone(), database });
        match C::HAS_STEPS && (in_steps || self.is_in_steps(database)) {
            true => DownBody::Steps(body),
            false => DownBody::Transaction(body),
        }
    }
}

struct Body {
    text: Arc<SqlText>,
    database: Database,
}

impl<C: StoreConnection> Up<C> for Body {
    fn up(&self, conn: &mut C) -> Result {
        self.in_transaction(conn)
    }
    fn options(&self) -> Options {
        self.text.options(self.database)
    }
}

impl<C: StoreConnection> Down<C> for Body {
    fn down(&self, conn: &mut C) -> Result {
        self.in_transaction(conn)
    }
    fn options(&self) -> Options {
        self.text.options(self.database)
    }
}

impl<C: StoreConnection> Up<Steps<'_, C>> for Body {
    fn up(&self, steps: &mut Steps<'_, C>) -> Result {
        self.in_steps(steps)
    }
}

impl<C: StoreConnection> Down<Steps<'_, C>> for Body {
    fn down(&self, steps: &mut Steps<'_, C>) -> Result {
        self.in_steps(steps)
    }
}

impl Body {
    /// The pieces of a file that wraps itself into a transaction are sent without that: the engine has its own.
    fn in_transaction<C: StoreConnection>(&self, conn: &mut C) -> Result {
        let parts = self.parts()?;
        let mut pieces: Vec<Piece<'_>> = parts.iter().flat_map(Part::pieces).copied().collect();
        if self.database == Database::Sqlite {
            // The engine has done that around the transaction, where it counts.
            pieces.retain(|piece| foreign_keys_pragma(piece.statement).is_none());
        }
        self.send(conn, &pieces)
    }

    fn in_steps<C: StoreConnection>(&self, steps: &mut Steps<'_, C>) -> Result {
        for part in self.parts()? {
            match part {
                Part::Statement(piece) => {
                    steps.run(piece.statement).map_err(|error| self.failed(error, &piece))?;
                }
                Part::Transaction(pieces) => {
                    let label: Vec<&str> = pieces.iter().map(|piece| piece.statement).collect();
                    steps.transaction(&label.join("; "), |conn| self.send(conn, &pieces))?;
                }
            }
        }
        Ok(())
    }

    fn parts(&self) -> Result<Vec<Part<'_>>> {
        self.text.parts(self.database.dialect()).map_err(|problem| {
            let place =
                SqlPlace { at: self.text.clone(), offset: problem.offset, statement: None, hint: None };
            let Problem { message, hint, .. } = problem;
            anyhow::Error::msg(message).context(SqlPlace { hint: Some(hint), ..place })
        })
    }

    fn send<C: StoreConnection>(&self, conn: &mut C, pieces: &[Piece<'_>]) -> Result {
        conn.send_all(&self.text.text, pieces).map_err(|(index, error)| match index {
            Some(index) => self.failed(error, &pieces[index]),
            None => error,
        })
    }

    fn failed(&self, error: anyhow::Error, piece: &Piece<'_>) -> anyhow::Error {
        error.context(SqlPlace {
            at: self.text.clone(),
            offset: piece.offset,
            statement: Some(piece.statement.to_owned()),
            hint: None,
        })
    }
}

/// Where in a file a statement stands that failed.
#[derive(Debug)]
pub struct SqlPlace {
    at: Arc<SqlText>,
    offset: usize,
    pub statement: Option<String>,
    pub hint: Option<String>,
}

impl SqlPlace {
    pub fn file(&self) -> &str {
        &self.at.file
    }

    /// Line and column in the file, of a character of the statement.
    pub fn of(&self, position: Option<usize>) -> (usize, usize) {
        let statement = self.statement.as_deref().unwrap_or_default();
        let within = position.and_then(|at| statement.char_indices().nth(at)).map_or(0, |(at, _)| at);
        self.at.place(self.offset + within)
    }
}

impl fmt::Display for SqlPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.at.place(self.offset);
        write!(f, "{}:{line}:{column}", self.at.file)
    }
}
