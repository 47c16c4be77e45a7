//! What users upload, before it is processed.

use updown::prelude::*;

pub struct Migration;

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute(
            "CREATE TABLE video_uploads (
                id BIGINT NOT NULL PRIMARY KEY,
                user_id BIGINT NOT NULL,
                file_name TEXT NOT NULL,
                file_size BIGINT NOT NULL CHECK (file_size >= 0),
                status TEXT NOT NULL DEFAULT 'pending'
                    CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
                created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            );
            CREATE INDEX idx_video_uploads_user_id ON video_uploads (user_id);
            CREATE INDEX idx_video_uploads_open ON video_uploads (created_at)
                WHERE status IN ('pending', 'processing');",
        )?;
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute("DROP TABLE video_uploads")?;
        Ok(())
    }
}
