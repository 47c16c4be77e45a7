use updown::prelude::*;

pub struct Migration;

impl Change<Steps<'_, SqliteConnection>> for Migration {
    fn change(&self, schema: &mut Schema<Steps<'_, SqliteConnection>>) {
        schema.create_index("a_b", "a", ["b"]).concurrently();
    }
}
