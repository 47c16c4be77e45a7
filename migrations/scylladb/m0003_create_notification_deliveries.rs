//! What was sent when. One partition for all of it would grow without end, and be written by one node
//! alone: hence one for each day and each of a few shards.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Up<ScyllaConnection> for Migration {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute(
            "CREATE TABLE notification_deliveries (
                day date,
                shard smallint,
                at timeuuid,
                user_id bigint,
                notification_id timeuuid,
                channel text,
                PRIMARY KEY ((day, shard), at)
            ) WITH CLUSTERING ORDER BY (at DESC) AND default_time_to_live = 2592000",
            (),
        )?;
        Ok(())
    }
}

impl Down<ScyllaConnection> for Migration {
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute("DROP TABLE notification_deliveries", ())?;
        Ok(())
    }
}
