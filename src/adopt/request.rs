//! What is asked for.

use crate::ledger::Tool;

/// What is taken over, and how: what [`Migrator::adopt`](crate::Migrator::adopt) is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopt {
    pub(super) from: Option<From>,
    pub(super) table: Option<String>,
    pub(super) dirty: Option<Dirty>,
    pub(super) dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    Tool(Tool),
    /// What is there is of something else.
    Nothing,
}

/// How a migration stands whose run ended in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dirty {
    /// It is applied: what was missing was done by hand.
    Applied,
    /// It is not applied: nothing of it is left.
    NotApplied,
}

impl Adopt {
    /// The only ledger of another tool that is there.
    pub fn new() -> Self {
        Self::default()
    }

    /// The ledger of this one, where there are several.
    #[must_use]
    pub fn from(mut self, tool: Tool) -> Self {
        self.from = Some(From::Tool(tool));
        self
    }

    /// The table of that ledger, where the tool was given another name for it than it has by itself; perhaps with its
    /// schema (`"other.migrations"`). Whose it is, is told by its columns.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = Some(name.into());
        self
    }

    /// None of them: they are of something else that is in the same database, and an empty ledger begins beside
    /// them.
    #[must_use]
    pub fn from_nothing(mut self) -> Self {
        self.from = Some(From::Nothing);
        self
    }

    /// How those stand whose runs ended in the middle. Without it, such a ledger is refused.
    #[must_use]
    pub fn dirty(mut self, dirty: Dirty) -> Self {
        self.dirty = Some(dirty);
        self
    }

    /// Nothing is written.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }
}
