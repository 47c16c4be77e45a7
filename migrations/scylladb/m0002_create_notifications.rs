//! A user's notifications, the newest first: that order is the table's, since a query cannot choose one.
//! The index finds those of a video, which are removed with it.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Change<ScyllaConnection> for Migration {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        schema.create_table("notifications", |t| {
            t.bigint("user_id").partition_key();
            t.timeuuid("id").clustering_key().desc();
            t.text("kind");
            t.bigint("video_id");
            t.text("message");
            t.udt("metadata", "notification_metadata");
            t.timestamp("read_at");
        });
        // A statement of its own, and a step of its own: a run that is killed here goes on here.
        schema.create_index("notifications_by_video", "notifications", "video_id");
    }
}
