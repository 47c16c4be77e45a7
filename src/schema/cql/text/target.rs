//! What of a table is in an index.

use super::cursor::Cursor;
use crate::schema::cql::parts::Target;

/// As the database writes it: `values(tags)`. None for what is no single column.
pub fn read_target(written: &str) -> Option<(Target, String)> {
    let mut cursor = Cursor::new(written).ok()?;
    let first = cursor.name("a column").ok()?;
    if cursor.is_end() {
        return Some((Target::Simple, first));
    }
    let target = match first.as_str() {
        "keys" => Target::Keys,
        "values" => Target::Values,
        "entries" => Target::Entries,
        "full" => Target::Full,
        _ => return None,
    };
    cursor.symbol('(').ok()?;
    let column = cursor.name("a column").ok()?;
    cursor.symbol(')').ok()?;
    cursor.is_end().then_some((target, column))
}
