//! How often a video was seen, on which day and from where: one row for each, so that those who count do
//! not wait for each other in one row of the video's.

use updown::prelude::*;

pub struct Migration;

impl Up<Steps<'_, PgConnection>> for Migration {
    fn up(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run(
            "CREATE TABLE video_views (
                video_id INT8 NOT NULL,
                day DATE NOT NULL,
                region TEXT NOT NULL REFERENCES regions (name),
                views INT8 NOT NULL DEFAULT 0 CHECK (views >= 0),
                PRIMARY KEY (video_id, day, region)
            )",
        )
    }
}

impl Down<Steps<'_, PgConnection>> for Migration {
    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run("DROP TABLE video_views")
    }
}
