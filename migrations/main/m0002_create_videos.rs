//! Videos, each made of one upload.

use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.create_table("videos", |t| {
            t.big_integer("id").primary_key();
            t.big_integer("upload_id")
                .not_null()
                .references("video_uploads", "id")
                .on_delete(ForeignKeyAction::Cascade);
            t.text("title").not_null();
            t.text("description");
            t.text("visibility").not_null().default("private");
            t.timestamp("created_at").not_null().default_now();
        });
        schema.create_index("idx_videos_upload_id", "videos", ["upload_id"]).unique();
        schema.create_index("idx_videos_created_at", "videos", [desc("created_at")]);
    }
}
