//! What SQLite's ALTER TABLE cannot do: another table is made beside the old one, gets its rows, and takes
//! its place. <https://sqlite.org/lang_altertable.html#otheralter>
//!
//! The text of CREATE TABLE is what is changed. Whatever is not understood of it stays.

mod alter;
mod constraint;
mod current;
mod cursor;
mod drop_column;
mod patch;
mod table_text;
mod uses;

#[cfg(test)]
mod tests;

pub use constraint::{Constraint, Rule, quoted_list};
pub use current::{Current, current};
pub use cursor::Cursor;
pub use table_text::{ColumnText, TableText};

use diesel::sql_types::Text;
use diesel::{OptionalExtension, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use crate::ledger::quote;
pub use crate::ledger::quote_name as quoted;
use crate::schema::model::words::{Language, words};

/// What the names of tables begin with that are there only while one is rebuilt.
pub const TEMPORARY: &str = "updown_new_";

/// A change of one table. Definitions, types and expressions are SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// `"slug" text NOT NULL`, behind the last column.
    AddColumn { definition: String },
    /// With the constraints that are of this column alone.
    DropColumn { name: String },
    /// Values become what the affinity of the type makes of them.
    SetType { column: String, sql_type: String },
    /// Fails where a row has no value.
    SetNotNull { column: String, not_null: bool },
    /// An expression, with parentheses or without.
    SetDefault { column: String, default: Option<String> },
    /// `CONSTRAINT "x" CHECK (…)`; fails where a row does not satisfy it.
    AddConstraint { definition: String },
    /// Of the table or of a column.
    DropConstraint { which: Which },
}

/// Which constraint is meant. SQLite leaves those without a name unnamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// By its name.
    Named(String),
    /// The primary key.
    PrimaryKey,
    /// By its columns, in their order.
    Unique(Vec<String>),
    /// By its columns, in their order.
    ForeignKey(Vec<String>),
    /// By its expression, however it is written.
    Check(String),
}

/// The statements that make several changes of a table at once, and keep its rows, indexes and triggers, and what refers to it.
///
/// They are for a transaction with foreign keys off: with them on, what refers to the rows would be deleted
/// with the old table. Foreign keys have to be checked behind them.
///
/// # Errors
///
/// Why it cannot be done, in a sentence with what to do.
pub fn rebuild(table: &str, current: &Current, edits: &[Edit]) -> Result<Vec<String>, String> {
    let before = read(table, &current.sql)?;
    let mut edited = current.sql.clone();
    for edit in edits {
        let next = alter::alter(&read(table, &edited)?, current, edit)?;
        edited = next;
    }
    let edited = read(table, &edited)?;
    let temporary = format!("{TEMPORARY}{}", before.name);
    let create = renamed(&edited, &temporary);
    let after = read(table, &create)?;

    let (old, new) = (quoted(&before.name), quoted(&temporary));
    let mut statements = vec![create.clone(), copy(&before, &after)];
    if current.has_sequence && after.is_numbered() {
        let (from, to) = (quote(&before.name), quote(&temporary));
        statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {to}"));
        statements.push(format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {to}, seq FROM sqlite_sequence WHERE name = {from}"
        ));
    }
    statements.push(format!("DROP TABLE {old}"));
    // Otherwise SQLite looks for the table in views and triggers meanwhile, and does not find it.
    let switches = !current.legacy_alter_table;
    statements.extend(switches.then(|| "PRAGMA legacy_alter_table = ON".to_owned()));
    statements.push(format!("ALTER TABLE {new} RENAME TO {old}"));
    statements.extend(switches.then(|| "PRAGMA legacy_alter_table = OFF".to_owned()));
    statements.extend(current.indexes.iter().chain(&current.triggers).map(|object| object.sql.clone()));
    Ok(statements)
}

fn read<'t>(table: &str, sql: &'t str) -> Result<TableText<'t>, String> {
    TableText::read(sql)
        .map_err(|why| format!("{table} cannot be rebuilt, since its text is not understood: {why}"))
}

/// A CREATE INDEX under another name; none where its text is not understood.
pub fn renamed_index(sql: &str, name: &str) -> Option<String> {
    let words = words(sql, Language::Sqlite);
    let on = words.iter().position(|word| word.is("ON"))?;
    let old = words[..on].last()?;
    Some(format!("{}{}{}", &sql[..old.at], quoted(name), &sql[old.end()..]))
}

/// The CREATE INDEX of that name.
pub fn index(conn: &mut SqliteConnection, name: &str) -> QueryResult<Option<String>> {
    sql_query(
        "SELECT sql FROM main.sqlite_master WHERE type = 'index' AND name = ? COLLATE NOCASE AND sql IS NOT NULL",
    )
    .bind::<Text, _>(name)
    .get_result(conn)
    .map(|found: Sql| found.sql)
    .optional()
}

#[derive(QueryableByName)]
struct Sql {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// The same CREATE TABLE under another name.
fn renamed(text: &TableText<'_>, name: &str) -> String {
    let mut patch = patch::Patch::new(text.sql);
    patch.replace(text.name_at.clone(), &quoted(name));
    let begin = text.pieces.first().map_or(text.sql.len(), |piece| piece.at.start);
    let words = words(&text.sql[begin..], Language::Sqlite);
    // `videos.views` would be of a table that the new one is not yet; here it can be no other.
    for pair in words.windows(2) {
        if pair[0].names(&text.name) && pair[1].is_mark('.') {
            patch.cut(begin + pair[0].at..begin + pair[1].end());
        }
    }
    patch.applied()
}

/// Copies the rows. `OR ABORT` stands above every `ON CONFLICT` in the table, by which rows could be lost.
fn copy(before: &TableText<'_>, after: &TableText<'_>) -> String {
    let key = |text: &TableText<'_>| text.rowid_alias().map(|column| column.name.to_ascii_lowercase());
    let (old_key, new_key) = (key(before), key(after));
    let (mut into, mut from) = (Vec::new(), Vec::new());
    if !before.without_rowid && !after.without_rowid && new_key.is_none() {
        let is_free = |name: &str| before.column(name).is_none() && after.column(name).is_none();
        let rowid = ["rowid", "_rowid_", "oid"].into_iter().find(|name| is_free(name));
        into.extend(rowid.map(str::to_owned));
        from.extend(rowid.map(str::to_owned));
    }
    for (_, column) in after.columns() {
        let Some((_, old)) = before.column(&column.name).filter(|_| !column.is_generated()) else { continue };
        let name = quoted(&old.name);
        let becomes_rowid =
            new_key.as_deref() == Some(&*column.name.to_ascii_lowercase()) && old_key != new_key;
        // In a rowid, NULL would become a number; what is no number is an error.
        from.push(if becomes_rowid { format!("ifnull({name}, 'NULL')") } else { name });
        into.push(quoted(&column.name));
    }
    let (into, from) = (into.join(", "), from.join(", "));
    format!(
        "INSERT OR ABORT INTO {} ({into}) SELECT {from} FROM {}",
        quoted(&after.name),
        quoted(&before.name)
    )
}

impl Current {
    /// Whether it is a `STRICT` table.
    pub fn is_strict(&self) -> bool {
        TableText::read(&self.sql).is_ok_and(|text| text.strict)
    }
}
