//! Typed changes in CQL.

use std::fmt;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {}

impl fmt::Display for Op {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
