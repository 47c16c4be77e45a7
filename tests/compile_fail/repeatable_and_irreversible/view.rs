use updown::prelude::*;

pub struct Migration;

impl Up<SqliteConnection> for Migration {
    fn up(&self, _: &mut SqliteConnection) -> Result {
        Ok(())
    }
}

impl Irreversible for Migration {
    const BECAUSE: &str = "the data is gone";
}
