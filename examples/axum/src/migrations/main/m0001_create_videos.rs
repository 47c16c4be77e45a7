//! What can be watched.

use updown::prelude::*;

pub struct Migration;

impl Change<PgConnection> for Migration {
    fn change(&self, schema: &mut Schema<PgConnection>) {
        schema.create_table("videos", |t| {
            t.big_integer("id").primary_key();
            t.text("title").not_null();
            t.timestamp_with_time_zone("created_at").not_null().default_now();
        });
    }
}
