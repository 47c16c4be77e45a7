//! Fills the new column in, by a `table!` of the migration's own. Outside a transaction and in chunks, so that
//! a large table is not locked for long; and in steps, so that a killed run goes on where it stopped.

use diesel::prelude::*;
use updown::prelude::*;

pub struct Migration;

// As the table is at this point of the list. The application's own `table!` goes on changing.
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
        steps.batches("fill videos.slug", |conn, after: Option<i64>| {
            let rows: Vec<(i64, String)> = videos::table
                .filter(videos::id.gt(after.unwrap_or(i64::MIN)))
                // What the application has written since the column is there, it stays.
                .filter(videos::slug.is_null())
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
        })
    }
}

impl Down<AnyConnection> for Migration {
    /// The slugs go with the column. Until then they do no harm, and some are the application's own.
    fn down(&self, _: &mut AnyConnection) -> Result {
        Ok(())
    }
}

/// `Hello, World!` as `hello-world`.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}
