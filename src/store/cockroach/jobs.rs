//! The jobs that carry changes of the schema out. They go on when whoever asked for them is gone.
//! <https://www.cockroachlabs.com/docs/stable/show-jobs>

use diesel::sql_types::{Double, Text};
use diesel::{PgConnection, QueryableByName};

use crate::error::StoreError;
use crate::store::postgres::read::load;

#[derive(Clone, Debug, QueryableByName)]
pub struct Job {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub what: String,
    /// From 0 to 1.
    #[diesel(sql_type = Double)]
    pub done: f64,
    #[diesel(sql_type = Text)]
    pub error: String,
}

impl Job {
    pub fn is_over(&self) -> bool {
        ["succeeded", "failed", "canceled", "revert-failed"].contains(&self.status.as_str())
    }

    /// It ended, and not well.
    pub fn has_failed(&self) -> bool {
        self.is_over() && self.status != "succeeded"
    }

    pub fn is_paused(&self) -> bool {
        self.status == "paused"
    }
}

/// How far the clocks of two nodes may be apart, in milliseconds: twice what CockroachDB allows.
/// <https://www.cockroachlabs.com/docs/stable/cockroach-start#flags-max-offset>
const CLOCKS: i64 = 1000;

/// This user's changes of the schema since a time, in milliseconds since 1970. What removes the data of
/// what was dropped (`SCHEMA CHANGE GC`) is not among them: it waits for a day.
pub fn since(conn: &mut PgConnection, millis: i64) -> Result<Vec<Job>, StoreError> {
    load(
        conn,
        format!(
            "SELECT job_id::TEXT AS id, status::TEXT AS status, coalesce(description, '')::TEXT AS what, coalesce(fraction_completed, 0)::FLOAT8 AS done, coalesce(error, '')::TEXT AS error
 FROM [SHOW JOBS] AS jobs WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE', 'TYPEDESC SCHEMA CHANGE') AND user_name = current_user AND (extract(epoch FROM created) * 1000)::INT8 >= {}
 ORDER BY created",
            millis - CLOCKS
        ),
    )
}
