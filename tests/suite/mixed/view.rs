use updown::prelude::*;

pub struct Migration;

impl Up<AnyConnection> for Migration {
    fn up(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute(
            "DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT max(slug) AS slug FROM users",
        )?;
        Ok(())
    }
}

impl Down<AnyConnection> for Migration {
    fn down(&self, conn: &mut AnyConnection) -> Result {
        conn.batch_execute("DROP VIEW latest")?;
        Ok(())
    }
}
