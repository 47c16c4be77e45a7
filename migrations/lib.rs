//! The project: which stores there are, in the order in which they run.

#[path = "main/mod.rs"]
pub mod main;
#[cfg(feature = "scylla")]
pub mod scylladb;

/// What `make migrate` and an application's start-up run.
pub fn project() -> updown::Project {
    updown::project! {
        main: main::MAIN,
        #[cfg(feature = "scylla")]
        scylladb: scylladb::SCYLLADB => optional,
    }
}
