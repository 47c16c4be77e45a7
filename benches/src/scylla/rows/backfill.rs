//! By what a connection has for exactly that: it goes on where it was, if it is interrupted.

use updown::scylla::{Backfill, ScyllaConnection};

use super::{IN_FLIGHT, PAGE, READ, WRITE, slug};

pub fn fill(conn: &mut ScyllaConnection) -> updown::Result {
    let backfill = Backfill::new("fill in slug", READ, WRITE).page_size(PAGE).concurrency(IN_FLIGHT);
    conn.backfill(backfill, |(id, title): (i32, String)| Ok(Some((slug(id, &title), id))))?;
    Ok(())
}
