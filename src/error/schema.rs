//! What is wrong with a typed change, or with what declares the schema.

/// A typed change that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidChange {
    /// The store.
    pub store: String,
    /// The migration.
    pub migration: String,
    /// All that is wrong with it; at least one.
    pub problems: Vec<ChangeProblem>,
}

/// What is wrong with a declared schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSchema {
    /// All of it; at least one.
    pub problems: Vec<SchemaProblem>,
}

/// One thing that is wrong with a declared schema.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct SchemaProblem {
    /// Where it is declared: `schema.rs:12:5`.
    pub place: String,
    /// The line, with a caret below; empty where it is not known.
    pub excerpt: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// One thing that is wrong with a typed change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ChangeProblem {
    /// The file that the change is written in.
    pub file: String,
    /// The line.
    pub line: u32,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}
