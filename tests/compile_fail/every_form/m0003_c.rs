use updown::prelude::*;

pub struct Migration;

impl Up<Steps<'_, SqliteConnection>> for Migration {
    fn up(&self, _: &mut Steps<'_, SqliteConnection>) -> Result {
        Ok(())
    }
}

impl Down<Steps<'_, SqliteConnection>> for Migration {
    fn down(&self, _: &mut Steps<'_, SqliteConnection>) -> Result {
        Ok(())
    }
}
