//! What was sent when. One partition for all of it would grow without end, and be written by one node
//! alone: hence one for each day and each of a few shards.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

/// Thirty days.
const KEPT: u32 = 30 * 24 * 60 * 60;

impl Change<ScyllaConnection> for Migration {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        schema.create_table("notification_deliveries", |t| {
            t.date("day").partition_key();
            t.smallint("shard").partition_key();
            t.timeuuid("at").clustering_key().desc();
            t.bigint("user_id");
            t.timeuuid("notification_id");
            t.text("channel");
            t.default_time_to_live(KEPT);
        });
    }
}
