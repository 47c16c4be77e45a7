//! What users upload, before it is processed.

use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.create_table("video_uploads", |t| {
            t.big_integer("id").primary_key();
            t.big_integer("user_id").not_null();
            t.text("file_name").not_null();
            t.big_integer("file_size").not_null().check("file_size >= 0");
            t.text("status")
                .not_null()
                .default("pending")
                .check("status IN ('pending', 'processing', 'completed', 'failed')");
            t.timestamp("created_at").not_null().default_now();
        });
        schema.create_index("idx_video_uploads_user_id", "video_uploads", ["user_id"]);
        schema
            .create_index("idx_video_uploads_open", "video_uploads", ["created_at"])
            .only_where("status IN ('pending', 'processing')");
    }
}
