//! What stands between a database and its declared schema, as changes. Pure: no database, no file.

pub mod from_model;

use super::recorded::Operation;

/// One change that brings a database nearer to what is declared.
#[derive(Clone, Debug)]
pub struct Needed {
    /// The change, with what its reverse needs.
    pub operation: Operation,
    /// Whether it only adds something: what sync may do.
    pub is_addition: bool,
    /// What is lost by it, in a sentence, where something is: `the column videos.slug is dropped with its values`.
    pub loses: Option<String>,
    /// Why it fails on a table with rows, in a sentence, where it does:
    /// `videos.slug gets no value in the rows that there are`.
    pub fails_with_rows: Option<String>,
    /// Where what is declared stands: `schema.rs:12`.
    pub declared_at: Option<String>,
}
