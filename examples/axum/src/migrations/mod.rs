//! The migrations: which stores there are, in the order in which they run.

pub mod main;

/// The stores. The URL of the first one is `DATABASE_URL`.
pub fn project() -> updown::Project {
    updown::project! { main: main::MAIN }
}
