//! The migrations: which stores there are, in the order in which they run.
//!
//! The application calls [`project`] too, to migrate when it starts.

#[path = "main/mod.rs"]
pub mod main;

/// The stores. The URL of the first one is `DATABASE_URL`.
pub fn project() -> updown::Project {
    updown::project! { main: main::MAIN }
}
