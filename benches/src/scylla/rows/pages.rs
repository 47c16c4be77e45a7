//! By what a connection has for many rows: a page is written before the next one is read.

use std::num::NonZeroUsize;

use updown::scylla::ScyllaConnection;

use super::{IN_FLIGHT, PAGE, READ, WRITE, slug};

pub fn fill(conn: &ScyllaConnection) -> updown::Result {
    let many = NonZeroUsize::new(IN_FLIGHT).expect("some at a time");
    conn.for_each_page(READ, (), PAGE, |page: Vec<(i32, String)>| {
        let values = page.into_iter().map(|(id, title)| (slug(id, &title), id));
        conn.execute_concurrently(WRITE, values, many)?;
        Ok(())
    })
}
