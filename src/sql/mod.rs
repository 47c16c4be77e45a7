//! The words and statements of SQL and CQL, as far as a file of them has to be read: where a statement ends, what
//! it begins with, what of it counts. Nothing here knows a grammar or a database.

mod block;
pub mod check;
#[cfg(test)]
mod executed;
mod lexer;
pub mod normal;
pub mod place;
#[cfg(test)]
mod random;
pub mod split;
pub mod statement;
#[cfg(any(feature = "postgres", feature = "scylla"))]
pub mod tokens;
pub mod transaction;

pub use lexer::{Dialect, Kind, Lexeme, lex};
pub use split::{Piece, split};
