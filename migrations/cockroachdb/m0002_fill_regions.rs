//! The first regions. A change of data alone, so that it is one transaction with its row in the ledger, as
//! on PostgreSQL.

use diesel::prelude::*;
use updown::prelude::*;

pub struct Migration;

diesel::table! {
    regions (name) {
        name -> Text,
        continent -> Text,
    }
}

const REGIONS: [(&str, &str); 4] = [
    ("ap-southeast1", "asia"),
    ("europe-west1", "europe"),
    ("us-east1", "north america"),
    ("us-west1", "north america"),
];

impl Up<PgConnection> for Migration {
    fn up(&self, conn: &mut PgConnection) -> Result {
        let rows =
            REGIONS.map(|(name, continent)| (regions::name.eq(name), regions::continent.eq(continent)));
        diesel::insert_into(regions::table).values(rows.to_vec()).execute(conn)?;
        Ok(())
    }
}

impl Down<PgConnection> for Migration {
    fn down(&self, conn: &mut PgConnection) -> Result {
        let names = REGIONS.map(|(name, _)| name);
        diesel::delete(regions::table.filter(regions::name.eq_any(names))).execute(conn)?;
        Ok(())
    }
}
