//! Text in CQL: what `schema.cql` has, and what the database says of types and conditions.

mod condition;
mod cursor;
mod kind;
mod lexer;
mod target;
mod value;

pub use condition::{conditions, read_conditions};
pub use cursor::{Cursor, Wrong};
pub use kind::{NATIVE, canonical, canonical_text, read_kind};
pub use target::read_target;
pub use value::{Value, class, read_value};
