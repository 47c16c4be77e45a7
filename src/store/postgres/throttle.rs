//! Whether a change in chunks should let the others go first.

use diesel::sql_types::{BigInt, Nullable};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connect::classify;
use crate::error::StoreError;

/// A standby that is further behind than this is waited for: 64 MiB of log.
const BEHIND: i64 = 64 << 20;

#[derive(QueryableByName)]
struct Load {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    behind: Option<i64>,
}

/// Why it should wait: sessions of this database that have waited for a lock for a second, or a
/// standby that is behind. A role that may not see the standbys does not wait for them.
/// <https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW>
pub fn reason(conn: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let load: Load = sql_query(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state_change < clock_timestamp() - interval '1 second') AS waiting,
 (SELECT max(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, replay_lsn))::bigint FROM pg_stat_replication WHERE state = 'streaming') AS behind",
    )
    .get_result(conn)
    .map_err(classify)?;
    Ok(match load {
        Load { waiting: 1.., .. } => Some(format!("{} sessions wait for a lock", load.waiting)),
        Load { behind: Some(bytes), .. } if bytes > BEHIND => {
            Some(format!("a standby is {} MiB behind", bytes >> 20))
        }
        _ => None,
    })
}
