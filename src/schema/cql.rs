//! Typed changes in CQL.

use std::fmt;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {}

impl Op {
    pub fn statement(&self) -> String {
        match *self {}
    }
    pub fn reverse(&self) -> super::recorded::WayBack<Self> {
        match *self {}
    }
}
pub fn problems(_: &[super::recorded::Recorded]) -> Vec<super::recorded::Problem> {
    Vec::new()
}

impl fmt::Display for Op {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
