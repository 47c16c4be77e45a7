//! Changes as Rust: the source of a typed migration, and a whole schema as changes.

pub mod module;
mod sayable;
mod source;
mod whole;

pub mod rust;
pub mod text;

pub use module::{Module, module};
#[cfg(feature = "sqlite")]
pub use sayable::sayable;
pub use whole::whole;

#[cfg(test)]
mod tests;
