//! One row of settings for each user, with the defaults for those who are there already: a change of
//! data in Diesel's DSL, by a `table!` of the migration's own.

use diesel::prelude::*;
use updown::prelude::*;

pub struct Migration;

// As the table is at this point of the list. The application's own `table!` goes on changing.
diesel::table! {
    video_uploads (id) {
        id -> BigInt,
        user_id -> BigInt,
    }
}
diesel::table! {
    user_preferences (user_id) {
        user_id -> BigInt,
        theme -> Text,
        language -> Text,
    }
}

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute(
            "CREATE TABLE user_preferences (
                user_id BIGINT NOT NULL PRIMARY KEY,
                theme TEXT NOT NULL CHECK (theme IN ('light', 'dark')),
                language TEXT NOT NULL,
                updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            )",
        )?;
        let users: Vec<i64> = video_uploads::table.select(video_uploads::user_id).distinct().load(conn)?;
        for user in users {
            diesel::insert_into(user_preferences::table)
                .values((
                    user_preferences::user_id.eq(user),
                    user_preferences::theme.eq("light"),
                    user_preferences::language.eq("en"),
                ))
                .execute(conn)?;
        }
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute("DROP TABLE user_preferences")?;
        Ok(())
    }
}
