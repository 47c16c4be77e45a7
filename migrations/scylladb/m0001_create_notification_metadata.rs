//! What comes along with a notification, as a type of the keyspace's own. A field can be added to it
//! later (`ALTER TYPE … ADD`), but never be taken away again: that would be `Irreversible`.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Up<ScyllaConnection> for Migration {
    fn up(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute("CREATE TYPE notification_metadata (device text, locale text, deep_link text)", ())?;
        Ok(())
    }
}

impl Down<ScyllaConnection> for Migration {
    fn down(&self, conn: &mut ScyllaConnection) -> Result {
        conn.execute("DROP TYPE notification_metadata", ())?;
        Ok(())
    }
}
