use updown::prelude::*;

pub struct Migration;

impl Change<AnyConnection> for Migration {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        schema.add_column("users", "slug", |c| c.text());
    }
}
