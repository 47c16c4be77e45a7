//! A column for the first words of a message. It is null in all rows that are there: the next migration
//! fills it in.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Up<ScyllaConnection> for Migration {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        // Without `IF NOT EXISTS`, which would also be content with a column of another type.
        conn.execute("ALTER TABLE notifications ADD preview text", ())?;
        Ok(())
    }
}

impl Down<ScyllaConnection> for Migration {
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute("ALTER TABLE notifications DROP preview", ())?;
        Ok(())
    }
}
