//! Changes as Rust: the source of a typed migration, and a whole schema as changes.
