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
pub struct Current;
impl Current {
    pub fn is_strict(&self) -> bool {
        false
    }
}
pub enum Dropped {
    PrimaryKey,
    Unique { name: String, columns: Vec<String> },
    Check { name: String, expression: String },
    ForeignKey { name: String, columns: Vec<String> },
    Named { name: String },
}
pub enum Edit {
    AddColumn { definition: String },
    DropColumn { name: String },
    SetType { column: String, sql_type: String },
    SetNotNull { column: String, not_null: bool },
    SetDefault { column: String, default: Option<String> },
    AddConstraint { definition: String },
    DropConstraint { what: Dropped },
}
pub fn rebuild(_: &str, _: &Current, _: &[Edit]) -> Result<Vec<String>, String> {
    Err(String::new())
}
pub fn renamed_index(sql: &str, _: &str) -> String {
    sql.to_owned()
}
#[cfg(feature = "sqlite")]
pub fn current(_: &mut diesel::SqliteConnection, _: &str) -> diesel::QueryResult<Option<Current>> {
    Ok(None)
}
#[cfg(feature = "sqlite")]
pub fn index(_: &mut diesel::SqliteConnection, _: &str) -> diesel::QueryResult<Option<String>> {
    Ok(None)
}
