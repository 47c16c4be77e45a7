//! What makes an SQLite database, as it was written: SQLite keeps the words.

use super::built::ended;
use super::rows::{self, Rows};
use crate::error::Error;
use crate::ledger::{HISTORY, JOURNAL, LEASE, LEDGER, quote};
use crate::reach::Reached;

/// What builds it, with its rows before its triggers. A table may refer to one that comes later there, and so may a view.
pub fn whole(store: &mut Reached, rows: &Rows) -> Result<String, Error> {
    let made = rows::lines(store, &statements("'table', 'index'"))?;
    let shown = rows::lines(store, &statements("'view', 'trigger'"))?;
    let written = rows.statements.iter().filter(|_| rows.are_written);
    Ok(made.iter().chain(written).chain(&shown).map(|statement| ended(statement)).collect())
}

/// Not those of the ledger, nor what SQLite or a virtual table makes by itself.
fn statements(kinds: &str) -> String {
    let ledger = [LEDGER, HISTORY, JOURNAL, LEASE].map(quote).join(", ");
    format!(
        "SELECT sql AS line FROM sqlite_schema AS made WHERE sql IS NOT NULL AND type IN ({kinds}) \
         AND tbl_name NOT IN ({ledger}) AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS \
         (SELECT 1 FROM pragma_table_list AS list WHERE list.name = made.tbl_name AND list.type = 'shadow') \
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid"
    )
}
