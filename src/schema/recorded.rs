//! What a typed migration implements, and what is recorded when it does.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use super::op::Op;
use crate::store::Database;
use crate::traits::Options;

/// A migration that is a list of typed changes, and so knows its own way back: instead of
/// [`Up`](crate::Up) and [`Down`](crate::Down).
///
/// `C` is what [`Schema`] is for, and says what is promised, as it does in [`Up`](crate::Up):
///
/// - `Change<AnyConnection>` (or `SqliteConnection`, `PgConnection`) runs in **one transaction** with the
///   row of the ledger. On CockroachDB each statement of it is a step instead.
/// - `Change<Steps<'_, PgConnection>>` runs **outside a transaction**, each statement a step of the journal.
///   Only there are indexes built concurrently and constraints validated apart.
/// - `Change<ScyllaConnection>`: each statement is a step there.
///
/// ```
/// use updown::prelude::*;
///
/// pub struct Migration;
///
/// impl Change<AnyConnection> for Migration {
///     fn change(&self, schema: &mut Schema<AnyConnection>) {
///         schema.create_table("videos", |t| {
///             t.big_integer("id").primary_key();
///             t.text("title").not_null();
///             t.timestamp("created_at").not_null().default_now();
///         });
///         schema.create_index("idx_videos_created_at", "videos", ["created_at"]);
///     }
/// }
/// ```
///
/// The body is called whenever the changes are needed: to run them, to show them, to reverse them. It
/// must record the same each time, and do nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Change<{C}>`",
    note = "the connection type in `impl Change<…>` has to be the one of the registry"
)]
pub trait Change<C> {
    /// Says what changes, in the order in which it is done.
    fn change(&self, schema: &mut Schema<C>);

    /// How both directions want to be run.
    fn options(&self) -> Options {
        Options::default()
    }
}

/// Takes down what a [`Change`] says. Which methods it has depends on what `C` can do.
pub struct Schema<C> {
    pub(crate) recorded: Vec<Recorded>,
    /// The databases that what is recorded now is for; none: all.
    pub(crate) only: Option<Vec<Database>>,
    connection: PhantomData<fn(C)>,
}

impl<C> Schema<C> {
    pub(crate) fn new() -> Self {
        Self { recorded: Vec::new(), only: None, connection: PhantomData }
    }

    /// Takes one down, and gives it to whoever has more to say about it.
    pub(crate) fn record(
        &mut self,
        operation: impl Into<Operation>,
        at: &'static Location<'static>,
    ) -> &mut Recorded {
        let at = At { file: at.file(), line: at.line() };
        self.recorded.push(Recorded { operation: operation.into(), at, only: self.only.clone() });
        let last = self.recorded.len() - 1;
        &mut self.recorded[last]
    }
}

impl<C> fmt::Debug for Schema<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.recorded).finish()
    }
}

/// One change, and where it is written.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub operation: Operation,
    pub at: At,
    /// The databases that it is for; none: all.
    pub only: Option<Vec<Database>>,
}

impl Recorded {
    pub fn is_for(&self, database: Database) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&database))
    }

    pub fn problem(&self, what: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem { at: self.at, what: what.into(), hint: hint.into() }
    }
}

/// Where a change is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub file: &'static str,
    pub line: u32,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a change cannot be made, known before anything runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub at: At,
    /// In a sentence.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

/// One change, in the words of its kind of database. `Display` says it in words.
#[derive(Clone, Debug)]
pub enum Operation {
    Sql(Op),
    #[cfg(feature = "scylla")]
    Cql(super::cql::Op),
}

impl Operation {
    /// Where it is one of SQL.
    pub fn sql(&self) -> Option<&Op> {
        match self {
            Self::Sql(op) => Some(op),
            #[cfg(feature = "scylla")]
            Self::Cql(_) => None,
        }
    }

    /// Whether it only takes something away.
    #[cfg(feature = "cli")]
    pub fn takes_away(&self) -> bool {
        match self {
            Self::Sql(op) => matches!(
                op,
                Op::DropTable { .. }
                    | Op::DropColumn { .. }
                    | Op::DropIndex { .. }
                    | Op::DropConstraint { .. }
                    | Op::DropEnum { .. }
                    | Op::DropView { .. }
                    | Op::DropExtension { .. }
            ),
            #[cfg(feature = "scylla")]
            Self::Cql(op) => op.takes_away(),
        }
    }

    /// What undoes it.
    pub fn reverse(&self) -> WayBack<Self> {
        fn by<O>(way_back: WayBack<O>) -> WayBack<Operation>
        where
            Operation: From<O>,
        {
            match way_back {
                WayBack::By(operations) => WayBack::By(operations.into_iter().map(Operation::from).collect()),
                WayBack::Irreversible(because) => WayBack::Irreversible(because),
                WayBack::Unsaid(hint) => WayBack::Unsaid(hint),
            }
        }
        match self {
            Self::Sql(op) => by(op.reverse()),
            #[cfg(feature = "scylla")]
            Self::Cql(op) => by(op.reverse()),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(op) => op.fmt(f),
            #[cfg(feature = "scylla")]
            Self::Cql(op) => op.fmt(f),
        }
    }
}

impl From<Op> for Operation {
    fn from(op: Op) -> Self {
        Self::Sql(op)
    }
}

#[cfg(feature = "scylla")]
impl From<super::cql::Op> for Operation {
    fn from(op: super::cql::Op) -> Self {
        Self::Cql(op)
    }
}

/// How a change is undone.
#[derive(Clone, Debug)]
pub enum WayBack<O> {
    /// By these, in this order.
    By(Vec<O>),
    /// Not at all, and the code says why.
    Irreversible(String),
    /// The code does not say; what it would have to.
    Unsaid(String),
}

/// What there was before, for the way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Was<T> {
    Known(T),
    Irreversible(String),
    #[default]
    Unsaid,
}

impl<T> Was<T> {
    /// The way back by what `undo` makes of it; else what is to be said.
    pub fn way_back<O>(&self, unsaid: &str, undo: impl FnOnce(&T) -> Vec<O>) -> WayBack<O> {
        match self {
            Self::Known(was) => WayBack::By(undo(was)),
            Self::Irreversible(because) => WayBack::Irreversible(because.clone()),
            Self::Unsaid => WayBack::Unsaid(unsaid.to_owned()),
        }
    }
}
