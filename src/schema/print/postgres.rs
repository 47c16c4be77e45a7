//! What is printed of a PostgreSQL, as its information schema shows it to the role that asks.

mod type_name;

use std::collections::BTreeMap;

use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::config::{ColumnSorting, Docs, PrintConfig};
use super::tables::{Column, ColumnType, ForeignKey, Table, Tables, is_meant};
use super::{PrintError, known_types};

/// The schema that needs no mention: Diesel does not look at the search path.
const DEFAULT: &str = "public";

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    type_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    domain_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    domain_schema: Option<String>,
    #[diesel(sql_type = Text)]
    is_nullable: String,
    #[diesel(sql_type = Nullable<Integer>)]
    max_length: Option<i32>,
}

#[derive(QueryableByName)]
struct CommentRow {
    #[diesel(sql_type = Text)]
    of: String,
    /// Of the column; 0 is the table itself.
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    comment: String,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    to_name: String,
}

/// By table, and number of the column.
type Comments = BTreeMap<(String, i32), String>;

pub fn read(
    conn: &mut PgConnection,
    config: &PrintConfig,
    without_ledger: bool,
) -> Result<Tables, PrintError> {
    let schema = config.schema.as_deref().unwrap_or(DEFAULT);
    let mut table_names: Vec<String> = sql_query(TABLES)
        .bind::<Text, _>(schema)
        .load::<NameRow>(conn)?
        .into_iter()
        .map(|row| row.name)
        .filter(|name| is_meant(name, config, without_ledger))
        .collect();
    table_names.sort_unstable();
    let mut keys = primary_keys(conn, schema)?;
    let mut comments = comments(conn, schema, config)?;
    let mut columns = columns(conn, schema, config, &mut comments)?;
    let mut tables = Tables {
        schema: Some(schema.to_owned()).filter(|schema| schema != DEFAULT),
        foreign_keys: foreign_keys(conn, schema)?,
        known_types: known_types::of_postgres(),
        ..Tables::default()
    };
    for name in table_names {
        let Some(primary_key) = keys.remove(&name) else {
            return Err(PrintError::refused(
                format!("the table {name} has no primary key, and Diesel has no tables without one"),
                format!(
                    "give it one, or leave it out: `filter = {{ except_tables = [\"^{name}$\"] }}` in diesel.toml"
                ),
            ));
        };
        let columns = columns.remove(&name).unwrap_or_default();
        let comment = comments.remove(&(name.clone(), 0));
        tables.tables.push(Table { name, comment, primary_key, columns });
    }
    Ok(tables)
}

const TABLES: &str = "SELECT table_name::TEXT AS name FROM information_schema.tables \
    WHERE table_schema = $1 AND table_name NOT LIKE '\\_\\_%' AND table_type = 'BASE TABLE'";

/// Constraints are known by their names alone, whichever table they are of: that is how Diesel asks.
fn primary_keys(conn: &mut PgConnection, schema: &str) -> QueryResult<BTreeMap<String, Vec<String>>> {
    let rows: Vec<KeyRow> = sql_query(
        "SELECT table_name::TEXT AS of, column_name::TEXT AS name FROM information_schema.key_column_usage \
         WHERE table_schema = $1 AND constraint_name IN \
         (SELECT constraint_name FROM information_schema.table_constraints WHERE constraint_type = 'PRIMARY KEY') \
         ORDER BY ordinal_position",
    )
    .bind::<Text, _>(schema)
    .load(conn)?;
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        keys.entry(row.of).or_default().push(row.name);
    }
    Ok(keys)
}

/// None where they are not printed. A table of the default schema is the one that the search path finds.
fn comments(conn: &mut PgConnection, schema: &str, config: &PrintConfig) -> QueryResult<Comments> {
    if config.with_docs == Docs::None {
        return Ok(Comments::new());
    }
    let whole = "quote_ident(n.nspname::TEXT) || '.' || quote_ident(c.relname::TEXT)";
    let found = match schema {
        DEFAULT => format!("coalesce(to_regclass(quote_ident(c.relname::TEXT)), to_regclass({whole}))"),
        _ => format!("to_regclass({whole})"),
    };
    let rows: Vec<CommentRow> = sql_query(format!(
        "SELECT c.relname::TEXT AS of, d.objsubid::INT4 AS number, d.description::TEXT AS comment \
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         JOIN pg_description AS d ON d.objoid = {found}::OID AND d.classoid = 'pg_catalog.pg_class'::regclass \
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')"
    ))
    .bind::<Text, _>(schema)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| ((row.of, row.number), row.comment)).collect())
}

fn columns(
    conn: &mut PgConnection,
    schema: &str,
    config: &PrintConfig,
    comments: &mut Comments,
) -> QueryResult<BTreeMap<String, Vec<Column>>> {
    let order = match config.column_sorting {
        ColumnSorting::OrdinalPosition => "ordinal_position",
        ColumnSorting::Name => "column_name",
    };
    let rows: Vec<ColumnRow> = sql_query(format!(
        "SELECT table_name::TEXT AS of, column_name::TEXT AS name, ordinal_position::INT4 AS number, \
         udt_name::TEXT AS type_name, udt_schema::TEXT AS type_schema, domain_name::TEXT AS domain_name, \
         domain_schema::TEXT AS domain_schema, is_nullable::TEXT AS is_nullable, \
         character_maximum_length::INT4 AS max_length \
         FROM information_schema.columns AS c WHERE table_schema = $1 ORDER BY table_name, c.{order}"
    ))
    .bind::<Text, _>(schema)
    .load(conn)?;
    let mut columns: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in rows {
        let key = (row.of.clone(), row.number);
        let column = column(row, config, comments.remove(&key));
        columns.entry(key.0).or_default().push(column);
    }
    Ok(columns)
}

fn column(row: ColumnRow, config: &PrintConfig, comment: Option<String>) -> Column {
    let is_meant = |name: &String| config.pg_domains_as_custom_types.iter().any(|one| one.is_match(name));
    let (type_name, schema) = match row.domain_name.filter(is_meant) {
        Some(domain) => (domain, row.domain_schema),
        None => (row.type_name, row.type_schema),
    };
    // What the name of an array begins with.
    let element = type_name.strip_prefix('_');
    let sql_name = element.unwrap_or(&type_name).to_owned();
    let column_type = ColumnType {
        schema: schema.filter(|schema| schema != DEFAULT),
        rust_name: type_name::of(&sql_name),
        is_array: element.is_some(),
        is_nullable: row.is_nullable == "YES",
        sql_name,
    };
    Column { name: row.name, column_type, max_length: row.max_length, comment }
}

/// Of the tables of a schema to each other. The columns of all that lead from one table to another are together.
fn foreign_keys(conn: &mut PgConnection, schema: &str) -> QueryResult<Vec<ForeignKey>> {
    let rows: Vec<ForeignKeyRow> = sql_query(
        "SELECT c.relname::TEXT AS child, p.relname::TEXT AS parent, a.attname::TEXT AS name, b.attname::TEXT AS to_name \
         FROM pg_constraint AS f \
         JOIN pg_class AS c ON c.oid = f.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         JOIN pg_class AS p ON p.oid = f.confrelid AND p.relnamespace = c.relnamespace \
         CROSS JOIN LATERAL UNNEST(f.conkey, f.confkey) WITH ORDINALITY AS u(here, there, place) \
         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.here \
         JOIN pg_attribute AS b ON b.attrelid = p.oid AND b.attnum = u.there \
         WHERE f.contype = 'f' AND n.nspname = $1 ORDER BY u.place",
    )
    .bind::<Text, _>(schema)
    .load(conn)?;
    let mut keys: BTreeMap<(String, String), ForeignKey> = BTreeMap::new();
    for ForeignKeyRow { child, parent, name, to_name } in rows {
        let key = keys.entry((child.clone(), parent.clone())).or_insert_with(|| ForeignKey {
            child,
            parent,
            columns: Vec::new(),
            to_columns: Vec::new(),
        });
        key.columns.push(name);
        key.to_columns.push(to_name);
    }
    Ok(keys.into_values().collect())
}

#[cfg(test)]
mod tests;
