//! What undoes a change that does not know it by itself.

use std::fmt;

use super::builder::{IndexBuilder, KeyspaceBuilder, TableBuilder, TypeBuilder, ViewBuilder};
use super::columns::{ColumnDefinition, OldColumn};
use super::parts::{Column, CqlIndex, CqlKeyspace, CqlTable, CqlView, UserType};
use super::{Op, Was};
use crate::schema::recorded::Recorded;

/// A change that is recorded, and waits for what it is undone by: what there was before, or why there is no
/// way back. Without a word it is refused before anything runs.
#[must_use = "say what it was by `.was(…)`, or `.irreversible(\"because\")`"]
pub struct Undo<'a, T> {
    pub(super) recorded: &'a mut Recorded,
    /// The name of what is dropped.
    pub(super) name: String,
    /// The change, with what there was.
    pub(super) change: Box<dyn Fn(Was<T>) -> Op>,
}

impl<T> fmt::Debug for Undo<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Undo").field(&self.recorded.operation).finish()
    }
}

impl<T> Undo<'_, T> {
    /// There is no way back, and why.
    pub fn irreversible(self, because: impl Into<String>) {
        self.say(Was::Irreversible(because.into()));
    }

    fn say(self, was: Was<T>) {
        self.recorded.operation = (self.change)(was).into();
    }
}

impl Undo<'_, CqlKeyspace> {
    /// What it was: the way back makes it again, empty.
    pub fn was(self, was: impl FnOnce(KeyspaceBuilder) -> KeyspaceBuilder) {
        let was = was(KeyspaceBuilder::new(self.name.clone())).0;
        self.say(Was::Known(was));
    }
}

impl Undo<'_, CqlTable> {
    /// What it was: the way back makes it again, empty.
    pub fn was(self, was: impl FnOnce(&mut TableBuilder)) {
        let mut table = TableBuilder::new(self.name.clone());
        was(&mut table);
        self.say(Was::Known(table.0));
    }
}

impl Undo<'_, Column> {
    /// What it was: the way back adds it again, with nothing in it.
    pub fn was(self, was: impl FnOnce(OldColumn) -> ColumnDefinition) {
        let was = was(OldColumn(self.name.clone())).0;
        self.say(Was::Known(was));
    }
}

impl Undo<'_, UserType> {
    /// What it was.
    pub fn was(self, was: impl FnOnce(&mut TypeBuilder)) {
        let mut kind = TypeBuilder::new(self.name.clone());
        was(&mut kind);
        self.say(Was::Known(kind.0));
    }
}

impl<'a> Undo<'a, CqlIndex> {
    /// What it was: the way back builds it again. More of it can be said behind this, as for a new one.
    pub fn was(self, table: impl Into<String>, column: impl Into<String>) -> IndexBuilder<'a> {
        let index = IndexBuilder::index(self.name, table.into(), column.into());
        let change = self.change;
        IndexBuilder {
            recorded: self.recorded,
            index,
            change: Box::new(move |index| change(Was::Known(index))),
        }
        .said()
    }
}

impl Undo<'_, CqlView> {
    /// What it was: the way back makes it again, and fills it.
    pub fn was(self, was: impl FnOnce(ViewBuilder) -> ViewBuilder) {
        let was = was(ViewBuilder::new(self.name.clone())).0;
        self.say(Was::Known(was));
    }
}

impl Undo<'_, Vec<String>> {
    /// The statement that undoes it.
    pub fn reverse(self, statement: impl Into<String>) {
        self.say(Was::Known(vec![statement.into()]));
    }

    /// Nothing has to be undone: going up again does no harm.
    pub fn nothing_to_reverse(self) {
        self.say(Was::Known(Vec::new()));
    }
}
