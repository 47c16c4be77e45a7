//! Typed changes as they would be carried out, without carrying them out.

use serde::Serialize;

use super::NoCatalog;
use super::hazards;
use super::op::Op;
use super::recorded::{Recorded, WayBack};
use super::render::Catalog;
use super::there::There;
use super::typed::{Place, Typed};
use crate::ledger::Direction;
use crate::store::Database;

/// One change: where it is written, what it does in words, and its SQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangePreview {
    /// The file that it is written in.
    pub file: String,
    /// The line.
    pub line: u32,
    /// What it does.
    pub words: String,
    /// The statements, in order; none where it changes nothing in this database.
    pub statements: Vec<String>,
    /// Why there is no SQL to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// What one migration would do, one way, on one database, and what undoes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypedPreview {
    /// The kind of database.
    pub database: Database,
    /// Whether it runs in one transaction with the row of the ledger; else step by step.
    pub in_transaction: bool,
    /// What it does, in order.
    pub changes: Vec<ChangePreview>,
    /// What undoes it, in order.
    pub reverse: Vec<ChangePreview>,
    /// Why nothing undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<String>,
}

/// Where the changes are tried out, one migration after the other.
pub struct Rehearsal {
    database: Database,
    /// An empty copy of an SQLite database, in memory: the changes are made to it, so that each finds what the
    /// one before has left.
    #[cfg(feature = "sqlite")]
    copy: Option<diesel::SqliteConnection>,
}

impl Rehearsal {
    pub fn new(database: Database, there: &There) -> Self {
        #[cfg(feature = "sqlite")]
        {
            let copy = (database == Database::Sqlite).then(|| copy_of(there)).flatten();
            Self { database, copy }
        }
        #[cfg(not(feature = "sqlite"))]
        {
            let _ = there;
            Self { database }
        }
    }

    /// What a migration would do, one way, which is done to the copy.
    pub fn preview(&mut self, typed: &Typed, direction: Direction, in_steps: bool) -> TypedPreview {
        let (there, back) = match direction {
            Direction::Up => (Direction::Up, Direction::Down),
            Direction::Down => (Direction::Down, Direction::Up),
        };
        let changes = self.shown(typed, there);
        // What undoes it is undone in turn: the next one builds on it.
        self.on_copy("SAVEPOINT updown_preview");
        let reverse = self.shown(typed, back);
        self.on_copy("ROLLBACK TO updown_preview; RELEASE updown_preview");
        let irreversible = match typed.changes(self.database, Direction::Down) {
            WayBack::By(_) => None,
            WayBack::Irreversible(because) => Some(because),
            WayBack::Unsaid(hint) => Some(format!("the change does not say what undoes it; {hint}")),
        };
        TypedPreview { database: self.database, in_transaction: !in_steps, changes, reverse, irreversible }
    }

    fn shown(&mut self, typed: &Typed, direction: Direction) -> Vec<ChangePreview> {
        match typed.changes(self.database, direction) {
            WayBack::By(changes) => changes.iter().map(|change| self.change(change)).collect(),
            WayBack::Irreversible(_) | WayBack::Unsaid(_) => Vec::new(),
        }
    }

    fn change(&mut self, change: &Recorded) -> ChangePreview {
        let found = change.statements(self.database, &mut *self.catalog());
        let (statements, unknown) = match found {
            Ok(statements) => (statements, None),
            Err(error) => (Vec::new(), Some(why(&error))),
        };
        if !matches!(change.operation.sql(), Some(Op::Raw { .. })) {
            for statement in &statements {
                self.on_copy(statement);
            }
        }
        ChangePreview {
            file: change.at.file.to_owned(),
            line: change.at.line,
            words: change.operation.to_string(),
            statements,
            unknown,
        }
    }

    fn catalog(&mut self) -> Box<dyn Catalog + '_> {
        #[cfg(feature = "sqlite")]
        if let Some(copy) = &mut self.copy {
            return Box::new(copy);
        }
        Box::new(NoCatalog)
    }

    /// Where it fails, what comes next says that it does not know the table.
    fn on_copy(&mut self, statement: &str) {
        #[cfg(feature = "sqlite")]
        if let Some(copy) = &mut self.copy {
            let _ = diesel::connection::SimpleConnection::batch_execute(copy, statement);
        }
        #[cfg(not(feature = "sqlite"))]
        let _ = statement;
    }
}

fn why(error: &anyhow::Error) -> String {
    let hint = error.downcast_ref().and_then(|place: &Place| place.hint.clone());
    match hint {
        Some(hint) => format!("{}; {hint}", error.root_cause()),
        None => error.root_cause().to_string(),
    }
}

#[cfg(feature = "sqlite")]
fn copy_of(there: &There) -> Option<diesel::SqliteConnection> {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;
    let mut copy = diesel::SqliteConnection::establish(":memory:").ok()?;
    for statement in &there.sql {
        // What a virtual table makes for itself is there already.
        let _ = copy.batch_execute(statement);
    }
    Some(copy)
}

/// What to warn of before a migration is applied.
pub fn warnings(typed: &Typed, database: Database) -> Vec<String> {
    match typed.changes(database, Direction::Up) {
        WayBack::By(changes) => hazards::warnings(&changes, database),
        WayBack::Irreversible(_) | WayBack::Unsaid(_) => Vec::new(),
    }
}
