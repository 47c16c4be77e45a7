//! A column that is added empty, filled in chunks, and required only then: one transaction over all rows
//! would have to be begun anew whenever it meets another one.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use updown::prelude::*;

pub struct Migration;

/// Rows in one chunk: few enough that hardly anybody meets it.
const CHUNK: i64 = 500;

#[derive(QueryableByName)]
struct Chunk {
    #[diesel(sql_type = Nullable<Text>)]
    last: Option<String>,
}

impl Up<Steps<'_, PgConnection>> for Migration {
    fn up(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run("ALTER TABLE user_sessions ADD COLUMN last_seen_at TIMESTAMPTZ")?;
        // Before the others are filled in: what is written from here on has it, and is not missed.
        steps.run("ALTER TABLE user_sessions ALTER COLUMN last_seen_at SET DEFAULT now()")?;
        steps.batches("fill user_sessions.last_seen_at", |conn, after: Option<String>| {
            // The smallest of all keys: nothing random comes before it.
            let after = after.unwrap_or_else(|| "00000000-0000-0000-0000-000000000000".to_owned());
            let chunk: Chunk = diesel::sql_query(
                "SELECT max(id::text) AS last FROM (
                    SELECT id FROM user_sessions WHERE id > $1::uuid ORDER BY id LIMIT $2
                ) AS chunk",
            )
            .bind::<Text, _>(&after)
            .bind::<BigInt, _>(CHUNK)
            .get_result(conn)?;
            if let Some(last) = &chunk.last {
                diesel::sql_query(
                    "UPDATE user_sessions SET last_seen_at = created_at
                     WHERE id > $1::uuid AND id <= $2::uuid AND last_seen_at IS NULL",
                )
                .bind::<Text, _>(&after)
                .bind::<Text, _>(last)
                .execute(conn)?;
            }
            Ok(chunk.last)
        })?;
        steps.run("ALTER TABLE user_sessions ALTER COLUMN last_seen_at SET NOT NULL")
    }
}

impl Down<Steps<'_, PgConnection>> for Migration {
    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run("ALTER TABLE user_sessions DROP COLUMN last_seen_at")
    }
}
