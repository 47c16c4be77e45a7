//! Files that are hard to read, on the databases that they are for: as their pieces, and as their normal forms. That
//! of CQL stands beside the other tests on a Cassandra.

#![cfg(any(feature = "sqlite", feature = "postgres"))]

#[cfg(feature = "postgres")]
mod on_postgres;
#[cfg(feature = "sqlite")]
mod on_sqlite;

use super::Dialect;
use super::check::check;
use super::normal::{Family, normal};
use super::split::split;

/// The statements of a file that can be sent.
fn statements(text: &str, dialect: Dialect) -> Vec<&str> {
    assert_eq!(check(text, dialect), Ok(()));
    let pieces = split(text, dialect);
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(|piece| piece.statement).collect()
}
