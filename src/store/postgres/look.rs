//! What a look at the ledger answers with: one row with lists as JSON, so that it is one round trip. How a
//! time is written in it, the two databases that speak this protocol do not agree on.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{PgConnection, QueryableByName};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::read::load;
use crate::error::StoreError;
use crate::ledger::{Applied, Direction, Holder, JournalRow, Snapshot, StepState};

/// The part of the row that both have.
#[derive(QueryableByName)]
pub struct Look {
    #[diesel(sql_type = Nullable<Text>)]
    lease: Option<String>,
    #[diesel(sql_type = BigInt)]
    last_batch: i64,
    #[diesel(sql_type = Text)]
    applied: String,
    #[diesel(sql_type = Text)]
    steps: String,
}

#[derive(Deserialize)]
struct AppliedRow<T>(i64, String, String, String, T, i64, String, i64);

#[derive(Deserialize)]
struct Step(String, String, i64, String, String, String, Option<String>, i64);

#[derive(Deserialize)]
struct Lease<T> {
    environment: String,
    owner: Option<String>,
    fence: i64,
    held_by: Option<String>,
    since: Option<T>,
    expires_at: Option<T>,
    over: bool,
}

pub fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|why| StoreError::Query(format!("the ledger cannot be read: {why}")))
}

impl<T> Lease<T> {
    fn into_holder(self, time: fn(T) -> String) -> Option<Holder> {
        if self.over {
            return None;
        }
        // The server judges whether its holder is gone; there is no process of this host to look for.
        Some(Holder {
            owner: self.owner?,
            fence: self.fence,
            process: String::new(),
            by: self.held_by.unwrap_or_default(),
            since: self.since.map(time).unwrap_or_default(),
            expires_at: self.expires_at.map(time).unwrap_or_default(),
        })
    }
}

impl From<Step> for JournalRow {
    fn from(row: Step) -> Self {
        Self {
            name: row.0,
            direction: Direction::parse(&row.1),
            step: row.2,
            digest: row.3,
            what: row.4,
            state: StepState::parse(&row.5),
            cursor: row.6,
            chunks: row.7,
        }
    }
}

impl Look {
    /// What it says, and whether the service has its row. `applied_at` and `time` write the times of the
    /// ledger and those of the lease.
    pub fn snapshot<A: DeserializeOwned, L: DeserializeOwned>(
        self,
        applied_at: fn(A) -> String,
        time: fn(L) -> String,
    ) -> Result<(Snapshot, bool), StoreError> {
        let applied: Vec<AppliedRow<A>> = parsed(&self.applied)?;
        let steps: Vec<Step> = parsed(&self.steps)?;
        let lease: Option<Lease<L>> = self.lease.as_deref().map(parsed).transpose()?;
        let has_lease = lease.is_some();
        let applied = applied.into_iter().map(|row| Applied {
            id: row.0,
            name: row.1,
            hash: row.2,
            fingerprint: row.3,
            applied_at: applied_at(row.4),
            batch_no: row.5,
            run_id: row.6,
            duration_ms: row.7,
        });
        let snapshot = Snapshot {
            is_unfinished: false,
            foreign: Vec::new(),
            exists: true,
            applied: applied.collect(),
            last_batch: self.last_batch,
            journal: steps.into_iter().map(Into::into).collect(),
            environment: lease.as_ref().map(|row| row.environment.clone()),
            holder: lease.and_then(|lease| lease.into_holder(time)),
        };
        Ok((snapshot, has_lease))
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

/// Who holds the lease whose row `lease` selects.
pub fn holder<T: DeserializeOwned>(
    conn: &mut PgConnection,
    lease: &str,
    time: fn(T) -> String,
) -> Result<Option<Holder>, StoreError> {
    let rows: Vec<Line> = load(conn, format!("SELECT {lease} AS line"))?;
    let Some(line) = rows.into_iter().next().and_then(|row| row.line) else { return Ok(None) };
    Ok(parsed::<Lease<T>>(&line)?.into_holder(time))
}
