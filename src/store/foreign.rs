//! The ledgers of other tools in SQL databases: found by name and columns, and read as texts.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::query_builder::SqlQuery;
use diesel::query_dsl::methods::LoadQuery;
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{Connection, QueryableByName};

use crate::error::StoreError;
use crate::ledger::{self, Foreign, HISTORY, LEASE, LEDGER, Place, Texts, Tool, quote, quote_name};

/// All rows of a history, as a limit that every database takes.
pub const ALL: usize = 2_147_483_647;

/// Runs `body` in a transaction, which `begin` begins. What it returns says whether anything stays.
pub fn in_one<C, T>(
    conn: &mut C,
    begin: &str,
    classify: fn(diesel::result::Error) -> StoreError,
    body: impl FnOnce(&mut C) -> Result<(T, bool), StoreError>,
) -> Result<T, StoreError>
where
    C: Connection<TransactionManager = AnsiTransactionManager>,
{
    AnsiTransactionManager::begin_transaction_sql(conn, begin).map_err(classify)?;
    let ended = body(conn).and_then(|(value, stays)| {
        match stays {
            true => AnsiTransactionManager::commit_transaction(conn).map_err(classify)?,
            false => AnsiTransactionManager::rollback_transaction(conn).map_err(classify)?,
        }
        Ok(value)
    });
    if ended.is_err() {
        let _ = AnsiTransactionManager::rollback_transaction(conn);
    }
    ended
}

/// A column of a table that may be the ledger of a tool.
#[derive(QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub schema: String,
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub column: String,
}

/// One of its rows.
#[derive(QueryableByName)]
pub struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    version: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    at: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    checksum: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    flag: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    duration: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    service: Option<String>,
}

impl From<Row> for Texts {
    fn from(row: Row) -> Self {
        let Row { version, name, at, checksum, flag, duration, service } = row;
        Self { version, name, at, checksum, flag, duration, service }
    }
}

#[derive(QueryableByName)]
pub struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whose ledgers these tables are, of which somebody may have `named` one.
pub fn ledgers(columns: Vec<Column>, place: &Place, named: Option<&str>) -> Vec<Foreign> {
    let columns = columns.into_iter().map(|Column { schema, table, column }| (schema, table, column));
    ledger::foreign_ledgers(columns, &place.schema, named, Tool::speaks_sql)
}

/// Its table, as a name in SQL.
pub fn table(from: &Foreign) -> String {
    if from.schema.is_empty() {
        return quote_name(&from.table);
    }
    format!("{}.{}", quote_name(&from.schema), quote_name(&from.table))
}

/// Reads its rows. `hex` makes digits of bytes. Each column is one of the table: SQLite takes a name that it does not
/// know, in quotes, for a text.
pub fn select(from: &Foreign, hex: fn(&str) -> String) -> String {
    let columns = from.tool.columns(&from.columns);
    let text = |column: Option<&str>| match column {
        Some(column) => format!("CAST(t.\"{column}\" AS TEXT)"),
        None => "CAST(NULL AS TEXT)".to_owned(),
    };
    let checksum = match columns.checksum {
        Some(column) if from.tool == Tool::Sqlx => hex(&format!("t.\"{column}\"")),
        column => text(column),
    };
    let order = columns.order.map_or_else(String::new, |column| format!(" ORDER BY t.\"{column}\""));
    format!(
        "SELECT {} AS version, {} AS name, {} AS at, {checksum} AS checksum, {} AS flag, {} AS duration, {} AS service FROM {} AS t{order}",
        text(columns.version),
        text(columns.name),
        text(columns.at),
        text(columns.flag),
        text(columns.duration),
        text(columns.service),
        table(from),
    )
}

/// Asks whether it has something of a service that nobody has taken over; `beside` is where our own ledger is, where
/// there is one.
pub fn has_something(from: &Foreign, service: &str, beside: Option<&Place>) -> String {
    let shared = from.tool.columns(&from.columns).service;
    let adopted = beside.map(|place| {
        let detail = quote(&format!("{}: %", from.tool));
        format!("FROM {} WHERE outcome = 'adopted' AND detail LIKE {detail}", place.table(HISTORY))
    });
    let left = match (shared, adopted) {
        (Some(column), _) if !service.is_empty() => format!(" WHERE t.\"{column}\" = {}", quote(service)),
        // What several services share is taken over by each for itself.
        (Some(column), Some(adopted)) => {
            format!(
                " WHERE t.\"{column}\" NOT IN (SELECT service {adopted}) AND NOT EXISTS (SELECT 1 {adopted} AND service = '')"
            )
        }
        (None, Some(adopted)) => format!(" WHERE NOT EXISTS (SELECT 1 {adopted})"),
        (_, None) => String::new(),
    };
    format!("SELECT EXISTS (SELECT 1 FROM {} AS t{left}) AS found", table(from))
}

/// Asks for the other services that have something in our own ledger, or are at work, as `name`.
pub fn others(place: &Place) -> String {
    let service = quote(&place.service);
    format!(
        "SELECT service AS name FROM {} WHERE service <> {service} UNION SELECT service FROM {} WHERE service <> {service} UNION SELECT service FROM {} WHERE service <> {service} AND owner IS NOT NULL ORDER BY 1",
        place.table(LEDGER),
        place.table(HISTORY),
        place.table(LEASE),
    )
}

pub fn rows<C>(conn: &mut C, sql: String) -> QueryResult<Vec<Texts>>
where
    C: diesel::Connection,
    for<'a> SqlQuery: LoadQuery<'a, C, Row>,
{
    let rows: Vec<Row> = diesel::RunQueryDsl::load(diesel::sql_query(sql), conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub fn found<C>(conn: &mut C, sql: String) -> QueryResult<bool>
where
    C: diesel::Connection,
    for<'a> SqlQuery: LoadQuery<'a, C, Found>,
{
    let rows: Vec<Found> = diesel::RunQueryDsl::load(diesel::sql_query(sql), conn)?;
    Ok(rows.first().is_some_and(|row| row.found))
}
