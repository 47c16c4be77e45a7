use updown::prelude::*;

pub struct Migration;

impl Up<Steps<'_, SqliteConnection>> for Migration {
    fn up(&self, _: &mut Steps<'_, SqliteConnection>) -> Result {
        Ok(())
    }
}

impl Irreversible for Migration {
    const BECAUSE: &str = "the data is gone";
}
