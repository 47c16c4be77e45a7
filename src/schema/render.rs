//! What a change of an SQL schema is, in the words of each database.

mod column;
mod constraint;
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod types;

use super::op::Op;
// Always: which words are reserved differs from database to database, and from version to version.
pub use crate::ledger::quote_name as quoted;
use crate::store::Database;

pub use types::sql_type;

/// Why a database cannot make a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// In a sentence.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl Unfit {
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// What SQLite's way of changing a table needs to know of it. The other databases need nothing.
pub trait Catalog {
    /// The table as it is; none where there is no such table.
    #[cfg(feature = "sqlite")]
    fn current(&mut self, table: &str) -> Result<Option<super::rebuild::Current>, Unfit>;

    /// The statement that created an index.
    #[cfg(feature = "sqlite")]
    fn index(&mut self, name: &str) -> Result<Option<String>, Unfit>;
}

impl<T: Catalog + ?Sized> Catalog for &mut T {
    #[cfg(feature = "sqlite")]
    fn current(&mut self, table: &str) -> Result<Option<super::rebuild::Current>, Unfit> {
        (**self).current(table)
    }
    #[cfg(feature = "sqlite")]
    fn index(&mut self, name: &str) -> Result<Option<String>, Unfit> {
        (**self).index(name)
    }
}

#[cfg(feature = "sqlite")]
impl Catalog for diesel::SqliteConnection {
    fn current(&mut self, table: &str) -> Result<Option<super::rebuild::Current>, Unfit> {
        super::rebuild::current(self, table).map_err(unread)
    }
    fn index(&mut self, name: &str) -> Result<Option<String>, Unfit> {
        super::rebuild::index(self, name).map_err(unread)
    }
}

#[cfg(feature = "sqlite")]
fn unread(error: diesel::result::Error) -> Unfit {
    Unfit::new(format!("the schema cannot be read: {error}"), "the same command again")
}

/// The statements that make the change, in order.
pub fn statements(op: &Op, database: Database, catalog: &mut dyn Catalog) -> Result<Vec<String>, Unfit> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite => sqlite::statements(op, catalog),
        _ => {
            let _ = catalog;
            postgres::statements(op, database)
        }
    }
}

/// Whether SQLite has to build the table anew for it, with foreign keys off.
pub fn rebuilds(op: &Op) -> bool {
    #[cfg(feature = "sqlite")]
    return sqlite::edit(op).is_some();
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = op;
        false
    }
}

/// Whether what it is on SQLite depends on what is in the database.
pub fn is_looked_up(op: &Op) -> bool {
    rebuilds(op) || matches!(op, Op::RenameIndex { .. })
}

/// Whether the database can make the change, as far as that does not depend on what is in it.
pub fn fits(op: &Op, database: Database) -> Result<(), Unfit> {
    match (database, op) {
        #[cfg(feature = "sqlite")]
        (Database::Sqlite, Op::RenameIndex { .. }) => Ok(()),
        #[cfg(feature = "sqlite")]
        (Database::Sqlite, op) => match sqlite::edit(op) {
            Some((_, make)) => make(false).map(drop),
            None => sqlite::statements(op, &mut super::NoCatalog).map(drop),
        },
        (database, op) => postgres::statements(op, database).map(drop),
    }
}

/// A column's name in an index of SQLite, as Diesel writes names there. In double quotes, one that is not the
/// name of a column would be taken for a text: <https://sqlite.org/quirks.html#dblquote>.
fn never_a_text(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The name of a table, a view, a type or an index; `schema.name` is two names.
pub fn qualified(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, name)) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    }
}

/// Names in a row.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| quoted(name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A text as SQL has it.
pub fn text(text: &str) -> String {
    crate::ledger::quote(text)
}

/// `CREATE TABLE`, a line for each column and constraint.
fn create_table(table: &super::op::Table, database: Database) -> Result<String, Unfit> {
    let mut lines = Vec::new();
    for column in &table.columns {
        lines.push(column::definition(column, database, table.strict)?);
    }
    // A key that is said of the table does not stand with its column.
    let of_columns = table.columns.iter().flat_map(|column| &column.constraints);
    let of_columns = of_columns.filter(|constraint| !column::is_inline(constraint));
    for constraint in of_columns.chain(&table.constraints) {
        lines.push(constraint::definition(constraint, database)?);
    }
    let options: Vec<&str> = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")]
        .iter()
        .filter(|(is, _)| *is && database == Database::Sqlite)
        .map(|(_, option)| *option)
        .collect();
    let options = if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    Ok(format!("CREATE TABLE {} (\n    {}\n){options}", qualified(&table.name), lines.join(",\n    ")))
}

/// `CREATE INDEX`.
fn create_index(index: &super::op::Index, database: Database) -> Result<String, Unfit> {
    let is_postgres = database == Database::Postgres;
    let unique = if index.unique { "UNIQUE " } else { "" };
    let concurrently = if index.concurrently && is_postgres { "CONCURRENTLY " } else { "" };
    let mut columns = Vec::new();
    for column in &index.columns {
        let what = match column.is_expression {
            true => format!("({})", column.what),
            false if database == Database::Sqlite => never_a_text(&column.what),
            false => quoted(&column.what),
        };
        let class = column.operator_class.as_ref().filter(|_| database != Database::Sqlite);
        let class = class.map(|name| format!(" {name}")).unwrap_or_default();
        columns.push(format!("{what}{class}{}", if column.descending { " DESC" } else { "" }));
    }
    let mut including = String::new();
    if !index.including.is_empty() {
        match database {
            Database::Sqlite if index.unique => {
                return Err(Unfit::new(
                    format!("SQLite cannot keep columns beside the key of the unique index {}", index.name),
                    "leave `.including(…)` away, under `schema.only_on(…)` where the other databases are to have it",
                ));
            }
            Database::Sqlite => columns.extend(index.including.iter().map(|name| never_a_text(name))),
            _ => including = format!(" INCLUDE ({})", list(&index.including)),
        }
    }
    let method = match (&index.method, database) {
        (Some(method), Database::Sqlite) => {
            return Err(Unfit::new(
                format!("SQLite has no {method} indexes"),
                "write it under `schema.only_on([Database::Postgres], |schema| …)`",
            ));
        }
        (Some(method), _) => format!(" USING {}", quoted(method)),
        (None, _) => String::new(),
    };
    let condition = index.only_where.as_ref().map(|sql| format!(" WHERE {sql}")).unwrap_or_default();
    Ok(format!(
        "CREATE {unique}INDEX {concurrently}{} ON {}{method} ({}){including}{condition}",
        quoted(&index.name),
        qualified(&index.table),
        columns.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::op::{Column, Constraint, Table, Type};

    #[test]
    fn a_key_of_one_column_can_be_said_of_the_table() {
        let mut table = Table::nothing("t");
        table.columns.push(Column::new("code", Type::Text));
        table.constraints.push(Constraint::PrimaryKey { name: None, columns: vec!["code".to_owned()] });
        for database in [Database::Sqlite, Database::Postgres] {
            let sql = create_table(&table, database).unwrap();
            assert_eq!(sql, "CREATE TABLE \"t\" (\n    \"code\" text,\n    PRIMARY KEY (\"code\")\n)");
        }
    }
}
