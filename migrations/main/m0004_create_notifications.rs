//! Messages to users, unread ones found quickly.

use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.create_table("notifications", |t| {
            t.big_integer("id").primary_key();
            t.big_integer("user_id").not_null();
            t.big_integer("video_id").references("videos", "id").on_delete(ForeignKeyAction::SetNull);
            t.text("message").not_null();
            t.timestamp("read_at");
            t.timestamp("created_at").not_null().default_now();
        });
        schema
            .create_index("idx_notifications_unread", "notifications", ["user_id", "created_at"])
            .only_where("read_at IS NULL");
    }
}
