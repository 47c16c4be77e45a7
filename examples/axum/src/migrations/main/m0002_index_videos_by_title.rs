//! For those who search.

use updown::prelude::*;

pub struct Migration;

impl Change<PgConnection> for Migration {
    fn change(&self, schema: &mut Schema<PgConnection>) {
        schema.create_index("idx_videos_title", "videos", ["title"]);
    }
}
