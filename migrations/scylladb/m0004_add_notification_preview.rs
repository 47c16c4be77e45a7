//! A column for the first words of a message. It is null in all rows that are there: the next migration
//! fills it in.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Change<ScyllaConnection> for Migration {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        schema.add_column("notifications", |c| c.text("preview"));
    }
}
