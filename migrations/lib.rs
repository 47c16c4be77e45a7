//! The project: which stores there are, in the order in which they run.

#[cfg(feature = "cockroach")]
pub mod cockroachdb;
#[cfg(feature = "sqlite")]
#[path = "main/mod.rs"]
pub mod main;
#[cfg(feature = "scylla")]
pub mod scylladb;

/// What `make migrate` and an application's start-up run.
pub fn project() -> updown::Project {
    updown::project! {
        #[cfg(feature = "sqlite")]
        main: main::MAIN,
        #[cfg(feature = "cockroach")]
        cockroachdb: cockroachdb::COCKROACHDB => optional,
        #[cfg(feature = "scylla")]
        scylladb: scylladb::SCYLLADB => optional,
    }
}
