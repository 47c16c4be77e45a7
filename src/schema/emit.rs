//! Changes as Rust: the source of a typed migration, and a whole schema as changes.

mod module;
mod sayable;
mod source;

pub mod rust;
pub mod text;

pub use module::{Module, module};
pub use sayable::sayable;

#[cfg(test)]
mod tests;
