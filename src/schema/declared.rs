//! The declared schema: what `schema.rs` says the database should look like, and what is declared beside it.
