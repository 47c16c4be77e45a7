//! A table as it is, with all that a rebuild has to keep.

use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

/// A table as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// Its CREATE TABLE.
    pub sql: String,
    /// Its indexes, but those of constraints, in the order in which they were made.
    pub indexes: Vec<Object>,
    /// Its triggers.
    pub triggers: Vec<Object>,
    /// All views, and the triggers of other tables and of views.
    pub others: Vec<Object>,
    /// Foreign keys of other tables, and its own ones, that refer to it.
    pub referrers: Vec<Referrer>,
    /// Whether `sqlite_sequence` has a row for it.
    pub has_sequence: bool,
    /// What `PRAGMA legacy_alter_table` is.
    pub legacy_alter_table: bool,
}

/// An index, a view or a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `index`, `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its CREATE.
    pub sql: String,
}

/// A foreign key that refers to the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Whose it is.
    pub table: String,
    /// The columns here; empty where it is the primary key.
    pub columns: Vec<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
    #[diesel(sql_type = Bool)]
    is_own: bool,
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Integer)]
    seq: i32,
    #[diesel(sql_type = Nullable<Text>)]
    column: Option<String>,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Looks at a table of the main database; none where there is no such table.
///
/// # Errors
///
/// Those of SQLite.
pub fn current(conn: &mut SqliteConnection, table: &str) -> QueryResult<Option<Current>> {
    let rows: Vec<Row> = sql_query(
        "SELECT type AS kind, name, sql, tbl_name = ? COLLATE NOCASE AND type <> 'view' AS is_own FROM main.sqlite_master \
         WHERE sql IS NOT NULL AND (tbl_name = ? COLLATE NOCASE OR type IN ('view', 'trigger')) ORDER BY rowid",
    )
    .bind::<Text, _>(table)
    .bind::<Text, _>(table)
    .load(conn)?;
    let mut found = Current::default();
    let mut is_there = false;
    for Row { kind, name, sql, is_own } in rows {
        match (kind.as_str(), is_own) {
            ("table", _) => {
                is_there = true;
                found.sql = sql;
            }
            ("index", _) => found.indexes.push(Object { kind, name, sql }),
            ("trigger", true) => found.triggers.push(Object { kind, name, sql }),
            _ => found.others.push(Object { kind, name, sql }),
        }
    }
    if !is_there {
        return Ok(None);
    }
    found.referrers = referrers(conn, table)?;
    found.has_sequence = has_sequence(conn, table)?;
    let legacy = sql_query("SELECT legacy_alter_table AS yes FROM pragma_legacy_alter_table");
    found.legacy_alter_table = legacy.get_result::<Answer>(conn)?.yes;
    Ok(Some(found))
}

fn referrers(conn: &mut SqliteConnection, table: &str) -> QueryResult<Vec<Referrer>> {
    let keys: Vec<Key> = sql_query(
        "SELECT m.name AS \"table\", f.seq AS seq, f.\"to\" AS \"column\" FROM main.sqlite_master AS m \
         JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.\"table\" = ? COLLATE NOCASE \
         ORDER BY m.name, f.id, f.seq",
    )
    .bind::<Text, _>(table)
    .load(conn)?;
    let mut found: Vec<Referrer> = Vec::new();
    for key in keys {
        if key.seq == 0 {
            found.push(Referrer { table: key.table, columns: Vec::new() });
        }
        if let Some(last) = found.last_mut() {
            last.columns.extend(key.column);
        }
    }
    Ok(found)
}

/// The table of the numbers is there from the first table on that has some.
fn has_sequence(conn: &mut SqliteConnection, table: &str) -> QueryResult<bool> {
    let is_there =
        sql_query("SELECT EXISTS (SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence') AS yes")
            .get_result::<Answer>(conn)?;
    if !is_there.yes {
        return Ok(false);
    }
    let row =
        sql_query("SELECT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ? COLLATE NOCASE) AS yes");
    Ok(row.bind::<Text, _>(table).get_result::<Answer>(conn)?.yes)
}
