//! Options of a table, from what they are to something else.

use std::fmt;

use crate::ledger::quote;
use crate::schema::cql::parts::OptionTo;

/// The options of a table that change.
#[derive(Debug)]
pub struct OptionsBuilder(pub(in crate::schema::cql) Vec<OptionTo>);

impl OptionsBuilder {
    /// An option, with values as CQL has them: `t.option("gc_grace_seconds").from("864000").to("3600")`.
    pub fn option(&mut self, name: impl Into<String>) -> OptionChange<'_> {
        OptionChange { options: &mut self.0, name: name.into(), is_text: false }
    }

    /// What the table is for, in words.
    pub fn comment(&mut self) -> OptionChange<'_> {
        OptionChange { is_text: true, ..self.option("comment") }
    }

    /// How many seconds a row lasts that is written from now on.
    pub fn default_time_to_live(&mut self) -> OptionChange<'_> {
        self.option("default_time_to_live")
    }
}

/// An option that changes.
#[derive(Debug)]
#[must_use = "say `.from(…).to(…)`"]
pub struct OptionChange<'a> {
    options: &'a mut Vec<OptionTo>,
    name: String,
    is_text: bool,
}

impl<'a> OptionChange<'a> {
    /// What it is: the way back.
    pub fn from(self, value: impl fmt::Display) -> OptionFrom<'a> {
        let from = self.written(value);
        OptionFrom { change: self, from }
    }

    fn written(&self, value: impl fmt::Display) -> String {
        let value = value.to_string();
        if self.is_text { quote(&value) } else { value }
    }
}

/// An option that changes from what was said.
#[derive(Debug)]
#[must_use = "say `.to(…)`"]
pub struct OptionFrom<'a> {
    change: OptionChange<'a>,
    from: String,
}

impl OptionFrom<'_> {
    /// What it becomes.
    pub fn to(self, value: impl fmt::Display) {
        let to = self.change.written(value);
        self.change.options.push(OptionTo { name: self.change.name, from: self.from, to });
    }
}
