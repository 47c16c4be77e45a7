//! Now that every video has a slug, the column is required. SQLite cannot change a column, so that
//! the table is built anew: with foreign keys off, since dropping the old table would otherwise
//! delete what refers to it.

use updown::prelude::*;

pub struct Migration;

/// The table with and without `NOT NULL` on the slug, and everything that was on it.
fn rebuild(slug: &str) -> String {
    format!(
        "CREATE TABLE videos_new (
            id BIGINT NOT NULL PRIMARY KEY,
            upload_id BIGINT NOT NULL REFERENCES video_uploads (id) ON DELETE CASCADE,
            title TEXT NOT NULL,
            description TEXT,
            visibility TEXT NOT NULL DEFAULT 'private',
            created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
            slug {slug}
        );
        INSERT INTO videos_new (id, upload_id, title, description, visibility, created_at, slug)
            SELECT id, upload_id, title, description, visibility, created_at, slug FROM videos;
        DROP TABLE videos;
        ALTER TABLE videos_new RENAME TO videos;
        CREATE UNIQUE INDEX idx_videos_upload_id ON videos (upload_id);
        CREATE INDEX idx_videos_created_at ON videos (created_at DESC);
        CREATE UNIQUE INDEX idx_videos_slug ON videos (slug);"
    )
}

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        match conn.as_sqlite() {
            Some(conn) => conn.batch_execute(&rebuild("TEXT NOT NULL"))?,
            None => conn.batch_execute("ALTER TABLE videos ALTER COLUMN slug SET NOT NULL")?,
        }
        Ok(())
    }

    fn options(&self) -> Options {
        Options::new().foreign_keys_off()
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        match conn.as_sqlite() {
            Some(conn) => conn.batch_execute(&rebuild("TEXT"))?,
            None => conn.batch_execute("ALTER TABLE videos ALTER COLUMN slug DROP NOT NULL")?,
        }
        Ok(())
    }

    fn options(&self) -> Options {
        Options::new().foreign_keys_off()
    }
}
