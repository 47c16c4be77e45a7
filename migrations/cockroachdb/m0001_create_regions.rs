//! Where the service runs: what is near a user is looked up by the region.

use updown::prelude::*;

pub struct Migration;

impl Up<Steps<'_, PgConnection>> for Migration {
    fn up(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run(
            "CREATE TABLE regions (
                name TEXT NOT NULL PRIMARY KEY,
                continent TEXT NOT NULL,
                is_open BOOL NOT NULL DEFAULT true
            )",
        )
    }
}

impl Down<Steps<'_, PgConnection>> for Migration {
    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> Result {
        steps.run("DROP TABLE regions")
    }
}
