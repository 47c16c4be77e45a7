//! Now that every video has a slug, the column is required, and no two are the same. In steps, since the
//! table is in use: on PostgreSQL the index is built beside those who write, and that no value is missing is
//! proved by a check that is validated beside them, too. SQLite builds the table anew.

use updown::prelude::*;

pub struct Migration;

impl Change<Steps<'_, AnyConnection>> for Migration {
    fn change(&self, schema: &mut Schema<Steps<'_, AnyConnection>>) {
        schema.create_index("idx_videos_slug", "videos", ["slug"]).unique().concurrently();
        schema.set_not_null("videos", "slug").by_check();
    }
}
