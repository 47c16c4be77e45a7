//! What comes along with a notification, as a type of the keyspace's own. A field can be added to it
//! later (`add_type_field`), but never be taken away again: that says `.irreversible("because")`.

use updown::prelude::*;
use updown::scylla::ScyllaConnection;

pub struct Migration;

impl Change<ScyllaConnection> for Migration {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        schema.create_type("notification_metadata", |t| {
            t.text("device");
            t.text("locale");
            t.text("deep_link");
        });
    }
}
