//! One binary for all tests that need more than a function: a contract for every command, and what
//! happens to bad input, to killed processes, and to many at once.

mod support;

mod adopt;
#[cfg(feature = "postgres")]
mod axum_example;
mod backup;
mod bad_input;
#[cfg(feature = "postgres")]
mod behind_pgbouncer;
mod check;
#[cfg(feature = "postgres")]
mod cockroach_example;
#[cfg(feature = "postgres")]
mod cockroach_failures;
#[cfg(feature = "postgres")]
mod cockroach_killed;
#[cfg(feature = "postgres")]
mod cockroach_simulation;
mod commands;
mod compile_fail;
mod config;
mod confirmed;
#[cfg(target_os = "linux")]
mod container;
#[cfg(feature = "scylla")]
mod cql_changes;
mod crash;
mod declared;
#[cfg(feature = "scylla")]
mod declared_cql;
mod deploy;
mod diesel_source;
mod directories;
mod docs;
mod dry_run;
mod events;
mod export;
#[cfg(feature = "postgres")]
mod files_on_postgres;
mod forced;
mod generated;
mod health;
mod library;
mod make;
mod many_at_once;
mod mixed;
#[cfg(feature = "postgres")]
mod on_cockroach;
#[cfg(feature = "postgres")]
mod on_postgres;
#[cfg(feature = "scylla")]
mod on_scylla;
#[cfg(feature = "postgres")]
mod postgres_connection;
#[cfg(feature = "postgres")]
mod postgres_ledger;
#[cfg(feature = "postgres")]
mod postgres_locks;
#[cfg(feature = "postgres")]
mod postgres_many;
#[cfg(feature = "postgres")]
mod postgres_restart;
#[cfg(feature = "postgres")]
mod postgres_steps;
mod print_schema;
mod random_changes;
#[cfg(feature = "postgres")]
mod real_cockroach;
mod real_size;
mod repeatable;
#[cfg(feature = "postgres")]
mod round_trips;
mod scaffold;
#[cfg(feature = "scylla")]
mod scylla_bodies;
#[cfg(feature = "scylla")]
mod scylla_connection;
#[cfg(feature = "scylla")]
mod scylla_example;
#[cfg(feature = "scylla")]
mod scylla_failures;
#[cfg(feature = "scylla")]
mod scylla_killed;
#[cfg(feature = "scylla")]
mod scylla_many;
#[cfg(feature = "scylla")]
mod scylla_nodes;
#[cfg(feature = "scylla")]
mod scylla_security;
mod security;
mod services;
mod squash;
mod startup;
mod steps;
mod stores;
mod stores_in_parts;
#[cfg(all(feature = "postgres", feature = "scylla"))]
mod stores_killed;
mod timeouts;
mod typed_changes;
