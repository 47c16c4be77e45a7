//! Videos, each made of one upload.

use updown::prelude::*;

pub struct Migration;

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute(
            "CREATE TABLE videos (
                id BIGINT NOT NULL PRIMARY KEY,
                upload_id BIGINT NOT NULL REFERENCES video_uploads (id) ON DELETE CASCADE,
                title TEXT NOT NULL,
                description TEXT,
                visibility TEXT NOT NULL DEFAULT 'private',
                created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            );
            CREATE UNIQUE INDEX idx_videos_upload_id ON videos (upload_id);
            CREATE INDEX idx_videos_created_at ON videos (created_at DESC);",
        )?;
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute("DROP TABLE videos")?;
        Ok(())
    }
}
