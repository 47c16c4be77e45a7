//! Messages to users, unread ones found quickly.

use updown::prelude::*;

pub struct Migration;

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute(
            "CREATE TABLE notifications (
                id BIGINT NOT NULL PRIMARY KEY,
                user_id BIGINT NOT NULL,
                video_id BIGINT REFERENCES videos (id) ON DELETE SET NULL,
                message TEXT NOT NULL,
                read_at TIMESTAMP,
                created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            );
            CREATE INDEX idx_notifications_unread ON notifications (user_id, created_at) WHERE read_at IS NULL;",
        )?;
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute("DROP TABLE notifications")?;
        Ok(())
    }
}
