//! The schema of a database: what it is, how two differ, and how one is changed.

// Typed changes and `updown check` use what is here.
#![allow(dead_code, unused_imports)]

mod inspect;
mod model;
#[cfg(feature = "sqlite")]
mod rebuild;
