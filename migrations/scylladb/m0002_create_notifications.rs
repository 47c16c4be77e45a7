//! A user's notifications, the newest first: that order is the table's, since a query cannot choose one.
//! The index finds those of a video, which are removed with it.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Up<ScyllaConnection> for Migration {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute(
            "CREATE TABLE notifications (
                user_id bigint,
                id timeuuid,
                kind text,
                video_id bigint,
                message text,
                metadata frozen<notification_metadata>,
                read_at timestamp,
                PRIMARY KEY (user_id, id)
            ) WITH CLUSTERING ORDER BY (id DESC)",
            (),
        )?;
        // A statement of its own, and a step of its own: a run that is killed here goes on here.
        conn.execute("CREATE INDEX notifications_by_video ON notifications (video_id)", ())?;
        Ok(())
    }
}

impl Down<ScyllaConnection> for Migration {
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute("DROP INDEX notifications_by_video", ())?;
        conn.execute("DROP TABLE notifications", ())?;
        Ok(())
    }
}
