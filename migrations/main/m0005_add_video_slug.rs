//! A column that is added empty and filled in chunks: outside a transaction, so that a large table
//! is not locked for long, and in steps, so that a killed run goes on where it stopped.

use diesel::prelude::*;
use updown::prelude::*;

pub struct Migration;

diesel::table! {
    videos (id) {
        id -> BigInt,
        title -> Text,
        slug -> Nullable<Text>,
    }
}

/// Rows in one chunk: few enough that their locks are held for milliseconds.
const CHUNK: i64 = 500;

impl Up<Steps<'_, AnyConnection>> for Migration {
    fn up(&self, steps: &mut Steps<'_, AnyConnection>) -> Result {
        steps.run("ALTER TABLE videos ADD COLUMN slug TEXT")?;
        steps.batches("fill videos.slug", |conn, after: Option<i64>| {
            let rows: Vec<(i64, String)> = videos::table
                .filter(videos::id.gt(after.unwrap_or(i64::MIN)))
                .order(videos::id)
                .limit(CHUNK)
                .select((videos::id, videos::title))
                .load(conn)?;
            for (id, title) in &rows {
                diesel::update(videos::table.find(id))
                    .set(videos::slug.eq(format!("{}-{id}", slug(title))))
                    .execute(conn)?;
            }
            Ok(rows.last().map(|(id, _)| *id))
        })?;
        steps.run("CREATE UNIQUE INDEX idx_videos_slug ON videos (slug)")
    }
}

impl Down<Steps<'_, AnyConnection>> for Migration {
    fn down(&self, steps: &mut Steps<'_, AnyConnection>) -> Result {
        steps.run("DROP INDEX idx_videos_slug")?;
        steps.run("ALTER TABLE videos DROP COLUMN slug")
    }
}

/// `Hello, World!` as `hello-world`.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}
