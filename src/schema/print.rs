//! A database's schema as the text of `schema.rs`, as `diesel print-schema` writes it.
