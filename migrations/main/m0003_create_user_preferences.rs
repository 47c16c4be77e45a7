//! One row of settings for each user, with the defaults for those who are there already: a change of data
//! beside one of the schema, in SQL that every database understands.

use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.create_table("user_preferences", |t| {
            t.big_integer("user_id").primary_key();
            t.text("theme").not_null().check("theme IN ('light', 'dark')");
            t.text("language").not_null();
            t.timestamp("updated_at").not_null().default_now();
        });
        // The rows go with the table.
        schema
            .raw(
                "INSERT INTO user_preferences (user_id, theme, language) \
                 SELECT DISTINCT user_id, 'light', 'en' FROM video_uploads",
            )
            .nothing_to_reverse();
    }
}
