//! What SQLite's ALTER TABLE cannot do.

mod constraint;
mod cursor;
mod table_text;

pub use constraint::{Constraint, Reference, Rule, quoted_list};
pub use cursor::Cursor;
pub use table_text::{ColumnText, Content, TableText};

/// What the names of tables begin with that are there only while one is rebuilt.
pub const TEMPORARY: &str = "updown_new_";

/// A name in SQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
