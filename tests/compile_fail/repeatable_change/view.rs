use updown::prelude::*;

pub struct Migration;

impl Change<SqliteConnection> for Migration {
    fn change(&self, schema: &mut Schema<SqliteConnection>) {
        schema.rename_table("a", "b");
    }
}
