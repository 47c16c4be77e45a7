use updown::prelude::*;

pub struct Migration;

impl Up<SqliteConnection> for Migration {
    fn up(&self, _: &mut SqliteConnection) -> Result {
        Ok(())
    }
}

impl Down<SqliteConnection> for Migration {
    fn down(&self, _: &mut SqliteConnection) -> Result {
        Ok(())
    }
}
