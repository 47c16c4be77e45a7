use updown::prelude::*;

pub struct Migration;

impl Down<SqliteConnection> for Migration {
    fn down(&self, _: &mut SqliteConnection) -> Result {
        Ok(())
    }
}
