//! What differs, kind by kind; and carried out, between random schemas.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod executed;
mod kinds;
#[cfg(feature = "postgres")]
mod on_postgres;
#[cfg(feature = "sqlite")]
mod on_sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod random;
#[cfg(feature = "sqlite")]
mod there;

use super::*;
use crate::schema::Beside;

/// What is declared by a text, and beside it.
fn declared(text: &str, beside: impl FnOnce(&mut Beside)) -> Declared {
    let mut declared = Declared::parse([("schema.rs", text)]).unwrap_or_else(|problems| {
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{text}\n{}", said.join("\n"))
    });
    beside(&mut declared.beside);
    declared
}
