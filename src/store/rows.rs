//! Rows as SQL databases give them: those of the ledger, and what they are to the engine; whether a table has any.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::ledger::{Attempt, Direction, Outcome};

/// The columns of a [`JournalRow`](crate::ledger::JournalRow), in its order.
pub const STEP: &str = "name, direction, step, digest, what, state, next_key, chunks";

#[derive(QueryableByName)]
pub struct HistoryRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub direction: String,
    #[diesel(sql_type = Text)]
    pub outcome: String,
    #[diesel(sql_type = Text)]
    pub at: String,
    #[diesel(sql_type = BigInt)]
    pub batch_no: i64,
    #[diesel(sql_type = Text)]
    pub run_id: String,
    #[diesel(sql_type = BigInt)]
    pub duration_ms: i64,
    #[diesel(sql_type = Text)]
    pub hash: String,
    #[diesel(sql_type = Text)]
    pub done_by: String,
    #[diesel(sql_type = Text)]
    pub app_version: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub detail: Option<String>,
}

impl From<HistoryRow> for Attempt {
    fn from(row: HistoryRow) -> Self {
        Self {
            name: row.name,
            direction: Direction::parse(&row.direction),
            outcome: Outcome::parse(&row.outcome),
            at: row.at,
            batch_no: row.batch_no,
            run_id: row.run_id,
            duration_ms: row.duration_ms,
            hash: row.hash,
            by: row.done_by,
            app_version: row.app_version,
            detail: None,
            before: None,
        }
        .read_detail(row.detail)
    }
}

/// Whether a table has any.
#[cfg(feature = "sync")]
#[derive(QueryableByName)]
pub struct HasRows {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_there: bool,
}

#[cfg(feature = "sync")]
pub fn has_rows<C>(conn: &mut C, table: &str) -> crate::Result<bool>
where
    C: diesel::Connection,
    for<'a> diesel::query_builder::SqlQuery: diesel::query_dsl::methods::LoadQuery<'a, C, HasRows>,
{
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {}) AS is_there", crate::schema::qualified(table));
    let found: HasRows = diesel::RunQueryDsl::get_result(diesel::sql_query(sql), conn)?;
    Ok(found.is_there)
}

/// One column of text.
#[cfg(feature = "cli")]
#[derive(QueryableByName)]
pub struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[cfg(feature = "cli")]
pub fn lines<C>(conn: &mut C, query: &str) -> crate::Result<Vec<String>>
where
    C: diesel::Connection,
    for<'a> diesel::query_builder::SqlQuery: diesel::query_dsl::methods::LoadQuery<'a, C, Line>,
{
    let lines: Vec<Line> = diesel::RunQueryDsl::load(diesel::sql_query(query), conn)?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}
