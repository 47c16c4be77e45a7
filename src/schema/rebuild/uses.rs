//! Who uses a column, by the words of a text.

use crate::schema::model::words::{Kind, Language, Word, words};

/// Whether an expression uses a column. A function of the same name is none.
pub fn uses(sql: &str, column: &str) -> bool {
    let words = words(sql, Language::Sqlite);
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1);
        let is_name = matches!(word.kind, Kind::Word | Kind::Quoted);
        let is_qualifier = next.is_some_and(|next| next.is_mark('.'));
        let is_call = word.kind == Kind::Word && next.is_some_and(|next| next.is_mark('('));
        is_name && !is_qualifier && !is_call && word.names(column)
    })
}

/// Whether an index uses a column.
pub fn index_uses(sql: &str, column: &str) -> bool {
    sql.find('(').is_some_and(|list| {
        // A name in quotes may have a parenthesis: then more is looked at than is needed.
        uses(&sql[list..], column)
    })
}

/// Whether a view or a trigger may use the column of a table: both are named there.
pub fn may_use(sql: &str, table: &str, column: &str) -> bool {
    let words = words(sql, Language::Sqlite);
    let names = |name: &str| words.iter().any(|word: &Word<'_>| word.kind != Kind::Text && word.names(name));
    names(table) && names(column)
}
