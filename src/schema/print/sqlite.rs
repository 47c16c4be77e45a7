//! What is printed of an SQLite database.

mod types;

use std::collections::BTreeMap;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::config::{ColumnSorting, PrintConfig};
use super::tables::{Column, ColumnType, ForeignKey, Table, Tables, is_meant};
use super::{PrintError, known_types, names};

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    /// As it was declared; generated columns have words behind it.
    #[diesel(sql_type = Text)]
    declared: String,
    #[diesel(sql_type = Bool)]
    not_null: bool,
    #[diesel(sql_type = Bool)]
    is_key: bool,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// None where the primary key is meant.
    #[diesel(sql_type = Nullable<Text>)]
    to_name: Option<String>,
}

#[derive(QueryableByName)]
struct RowidRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    without_rowid: bool,
}

pub fn read(
    conn: &mut SqliteConnection,
    config: &PrintConfig,
    without_ledger: bool,
) -> Result<Tables, PrintError> {
    if config.schema.is_some() {
        return Err(PrintError::refused(
            "SQLite has no schemas, and diesel.toml names one",
            "take the line `schema = …` out of diesel.toml",
        ));
    }
    let names = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' \
         AND name NOT LIKE 'sqlite%' ORDER BY name",
    );
    let names = names.load::<NameRow>(conn)?.into_iter().map(|row| row.name);
    let mut tables = Tables { known_types: known_types::of_sqlite(), ..Tables::default() };
    let mut catalog = Catalog { conn, columns: BTreeMap::new() };
    for name in names.filter(|name| is_meant(name, config, without_ledger)) {
        let foreign_keys = catalog.foreign_keys(&name)?;
        tables.tables.push(table(&mut catalog, name, &foreign_keys, config)?);
        tables.foreign_keys.extend(foreign_keys);
    }
    Ok(tables)
}

fn table(
    catalog: &mut Catalog<'_>,
    name: String,
    foreign_keys: &[ForeignKey],
    config: &PrintConfig,
) -> Result<Table, PrintError> {
    let primary_key = catalog.primary_key(&name)?;
    if primary_key.is_empty() {
        return Err(PrintError::refused(
            format!("the table {name} has no primary key, and its columns leave the rowid no name"),
            format!(
                "give it one, or leave it out: `filter = {{ except_tables = [\"^{name}$\"] }}` in diesel.toml"
            ),
        ));
    }
    let found = catalog.columns(&name)?;
    let mut found: Vec<(String, String, bool)> =
        found.iter().map(|row| (row.name.clone(), row.declared.to_lowercase(), !row.not_null)).collect();
    // The rowid, where it is the key and nobody has declared it.
    if let [key] = primary_key.as_slice()
        && found.iter().all(|(name, ..)| name != key)
    {
        found.insert(0, (key.clone(), "integer".to_owned(), false));
    }
    if config.column_sorting == ColumnSorting::Name {
        found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    }
    let mut columns = Vec::new();
    for (column, declared, is_nullable) in found {
        let mut rust_name = types::of(&declared).ok_or_else(|| unsupported(&name, &column, &declared))?;
        if rust_name == "Integer"
            && config.sqlite_integer_primary_key_is_bigint
            && (is_rowid(catalog, &name, &primary_key, &column, &declared)?
                || refers_to_rowid(catalog, &name, &column, foreign_keys)?)
        {
            rust_name = "BigInt";
        }
        let column_type = ColumnType {
            schema: None,
            sql_name: rust_name.to_owned(),
            rust_name: rust_name.to_owned(),
            is_array: false,
            is_nullable,
        };
        columns.push(Column { name: column, column_type, max_length: None, comment: None });
    }
    Ok(Table { name, comment: None, primary_key, columns })
}

fn unsupported(table: &str, column: &str, declared: &str) -> PrintError {
    PrintError::refused(
        format!("the column {table}.{column} is a {declared}, and Diesel has no such type on SQLite"),
        format!(
            "declare it with a type that Diesel knows (TEXT, BLOB, …), or leave the table out: \
             `filter = {{ except_tables = [\"^{table}$\"] }}` in diesel.toml"
        ),
    )
}

/// Whether a column is another name of the rowid, whose numbers have 64 bits.
fn is_rowid(
    catalog: &mut Catalog<'_>,
    table: &str,
    primary_key: &[String],
    column: &str,
    declared: &str,
) -> QueryResult<bool> {
    Ok(declared == "integer" && matches!(primary_key, [key] if key == column) && catalog.has_rowid(table)?)
}

/// Diesel looks the column up under its name in Rust, and where several keys have it, takes the last.
fn refers_to_rowid(
    catalog: &mut Catalog<'_>,
    table: &str,
    column: &str,
    foreign_keys: &[ForeignKey],
) -> QueryResult<bool> {
    let of_column = |key: &&ForeignKey| {
        let mut name = names::of_column(&key.columns[0], table);
        if names::is_reserved(&name) {
            name.push('_');
        }
        name == column
    };
    let Some(key) = foreign_keys.iter().filter(of_column).max() else { return Ok(false) };
    let primary_key = catalog.primary_key(&key.parent)?;
    Ok(primary_key.len() == 1 && catalog.has_rowid(&key.parent)?)
}

/// What is asked of the database, the columns of each table once.
struct Catalog<'a> {
    conn: &'a mut SqliteConnection,
    columns: BTreeMap<String, Vec<ColumnRow>>,
}

impl Catalog<'_> {
    /// Generated columns, and those that a virtual table hides, are among them.
    fn columns(&mut self, table: &str) -> QueryResult<&[ColumnRow]> {
        if !self.columns.contains_key(table) {
            let columns = sql_query(
                "SELECT name, type AS declared, \"notnull\" AS not_null, pk AS is_key FROM pragma_table_xinfo(?) ORDER BY cid",
            );
            let columns = columns.bind::<Text, _>(table).load(self.conn)?;
            self.columns.insert(table.to_owned(), columns);
        }
        Ok(self.columns.get(table).map_or(&[], Vec::as_slice))
    }

    /// In the order of the columns. Without one it is the rowid, by the first of its names that is no column.
    fn primary_key(&mut self, table: &str) -> QueryResult<Vec<String>> {
        let columns = self.columns(table)?;
        let key: Vec<String> =
            columns.iter().filter(|column| column.is_key).map(|column| column.name.clone()).collect();
        if !key.is_empty() {
            return Ok(key);
        }
        let free = |name: &&str| columns.iter().all(|column| column.name != *name);
        Ok(["rowid", "oid", "_rowid_"].into_iter().find(free).map(str::to_owned).into_iter().collect())
    }

    fn has_rowid(&mut self, table: &str) -> QueryResult<bool> {
        let rows = sql_query("SELECT name, wr AS without_rowid FROM pragma_table_list(?)");
        let rows: Vec<RowidRow> = rows.bind::<Text, _>(table).load(self.conn)?;
        Ok(rows.iter().find(|row| row.name == table).is_some_and(|row| !row.without_rowid))
    }

    /// Each column of a key is one: SQLite tells them so.
    fn foreign_keys(&mut self, table: &str) -> QueryResult<Vec<ForeignKey>> {
        let rows = sql_query(
            "SELECT \"table\" AS parent, \"from\" AS name, \"to\" AS to_name FROM pragma_foreign_key_list(?)",
        );
        let rows: Vec<ForeignKeyRow> = rows.bind::<Text, _>(table).load(self.conn)?;
        let mut keys = Vec::new();
        for ForeignKeyRow { parent, name, to_name } in rows {
            let to_columns = match to_name {
                Some(name) => vec![name],
                None => self.primary_key(&parent)?,
            };
            keys.push(ForeignKey { child: table.to_owned(), parent, columns: vec![name], to_columns });
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests;
