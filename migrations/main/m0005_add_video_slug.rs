//! A column for the address of a video's page. It is null in all rows that are there: the next migration
//! fills it in, and the one behind that requires it.

use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.add_column("videos", "slug", |c| c.text());
    }
}
