//! What stands in the tables of a scratch database, as the statements that write it.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::ledger::{HISTORY, quote};
use crate::reach::Reached;
use crate::schema::model::{Column, Identity, Model, Name, Table};
use crate::schema::quoted as quoted_name;
use crate::store::Database;

/// So many rows in one statement: a text of a million is read by no database at once.
const CHUNK: usize = 500;

/// The rows of a database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rows {
    tables: Vec<String>,
    /// In an order in which every foreign key finds what it refers to.
    pub statements: Vec<String>,
    /// Whether the new migration has them.
    pub are_written: bool,
}

impl Rows {
    /// Those that have any.
    pub fn tables(&self) -> Vec<String> {
        self.tables.clone()
    }
}

pub fn of(store: &mut Reached, model: &Model) -> Result<Rows, Error> {
    let database = store.session.database();
    let mut rows = Rows::default();
    for (name, table) in in_order(model) {
        let columns: Vec<&Column> =
            table.columns.iter().filter(|column| column.generated.is_none()).collect();
        if columns.is_empty() {
            continue;
        }
        let lines = lines(store, &query(database, name, table, &columns))?;
        if lines.is_empty() {
            continue;
        }
        rows.tables.push(name.to_string());
        for chunk in lines.chunks(CHUNK) {
            rows.statements.push(insert(name, &columns, chunk));
        }
    }
    if database == Database::Postgres {
        rows.statements.extend(lines(store, &sequences())?);
    }
    Ok(rows)
}

pub fn lines(store: &mut Reached, query: &str) -> Result<Vec<String>, Error> {
    store.session.lines(query).map_err(|error| Error::store(&store.name, error))
}

pub fn quoted(name: &Name) -> String {
    let schema = name.schema.iter().map(|schema| format!("{}.", quoted_name(schema)));
    schema.chain([quoted_name(&name.name)]).collect()
}

/// Each row as what stands behind `VALUES`, in the order in which they were written.
fn query(database: Database, name: &Name, table: &Table, columns: &[&Column]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|column| match database {
            Database::Sqlite => format!("quote({})", quoted_name(&column.name)),
            _ => format!("quote_nullable({}::text)", quoted_name(&column.name)),
        })
        .collect();
    let (only, order) = match database {
        Database::Sqlite if table.without_rowid => ("", ""),
        Database::Sqlite => ("", " ORDER BY rowid"),
        // What stands in a partition is that one's.
        Database::Postgres => ("ONLY ", " ORDER BY ctid"),
        _ => ("", " ORDER BY 1"),
    };
    format!("SELECT '(' || {} || ')' AS line FROM {only}{}{order}", values.join(" || ', ' || "), quoted(name))
}

fn insert(name: &Name, columns: &[&Column], rows: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|column| quoted_name(&column.name)).collect();
    let is_numbered = columns.iter().any(|column| column.identity == Some(Identity::Always));
    let over = if is_numbered { " OVERRIDING SYSTEM VALUE" } else { "" };
    format!("INSERT INTO {} ({}){over} VALUES\n    {}", quoted(name), names.join(", "), rows.join(",\n    "))
}

/// Where the sequences go on that have given a number.
fn sequences() -> String {
    let own = quote(&format!("{HISTORY}_id_seq"));
    format!(
        "SELECT format('SELECT pg_catalog.setval(%L, %s, true)', \
         concat(CASE WHEN schemaname = current_schema() THEN '' ELSE concat(quote_ident(schemaname), '.') END, \
         quote_ident(sequencename)), last_value) AS line FROM pg_catalog.pg_sequences \
         WHERE last_value IS NOT NULL AND sequencename <> {own} ORDER BY schemaname, sequencename"
    )
}

/// What is referred to comes first. Where tables refer to each other, one of them has to.
fn in_order(model: &Model) -> Vec<(&Name, &Table)> {
    let (mut seen, mut ordered) = (BTreeSet::new(), Vec::new());
    for name in model.tables.keys() {
        visit(model, name, &mut seen, &mut ordered);
    }
    ordered
}

fn visit<'a>(
    model: &'a Model,
    name: &Name,
    seen: &mut BTreeSet<Name>,
    ordered: &mut Vec<(&'a Name, &'a Table)>,
) {
    let Some((name, table)) = model.tables.get_key_value(name) else { return };
    if seen.insert(name.clone()) {
        for key in &table.foreign_keys {
            visit(model, &key.to, seen, ordered);
        }
        ordered.push((name, table));
    }
}
