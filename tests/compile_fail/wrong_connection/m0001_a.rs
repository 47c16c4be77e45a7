use updown::prelude::*;

pub struct Migration;

impl Up<AnyConnection> for Migration {
    fn up(&self, _: &mut AnyConnection) -> Result {
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, _: &mut AnyConnection) -> Result {
        Ok(())
    }
}
