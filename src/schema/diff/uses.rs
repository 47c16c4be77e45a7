//! Whether SQL speaks of a column, and the same SQL with another name in it.

use super::lookup::Names;
use crate::schema::model::words::{Kind, Language, words};
use crate::schema::render::quoted;

/// Whether an expression speaks of a column: as far as its words say.
pub fn uses(expression: &str, column: &str, names: Names) -> bool {
    words(expression, Language::Standard).iter().any(|word| {
        let is_name = matches!(word.kind, Kind::Word | Kind::Quoted);
        is_name
            && word.name().is_some_and(|name| {
                // Without quotes, letter case makes no other name.
                names.is_same(&name, column) || (word.kind == Kind::Word && name.to_lowercase() == *column)
            })
    })
}

/// The same with another name for a column.
pub fn renamed(sql: &str, from: &str, to: &str) -> String {
    let mut made = String::new();
    let mut at = 0;
    for word in words(sql, Language::Standard) {
        let is_it = match word.kind {
            Kind::Quoted => word.name().as_deref() == Some(from),
            Kind::Word => word.text == from || word.text.to_lowercase() == from,
            _ => false,
        };
        if is_it {
            made.push_str(&sql[at..word.at]);
            made.push_str(&quoted(to));
            at = word.end();
        }
    }
    made.push_str(&sql[at..]);
    made
}
