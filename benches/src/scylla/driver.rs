//! What somebody writes who has no tool: the driver's `Session`, with all that it has as its default.

use std::cell::Cell;

use futures::TryStreamExt;
use updown::scylla::ScyllaUrl;
use updown::scylla::driver::client::session::Session;
use updown::scylla::driver::client::session_builder::SessionBuilder;

use super::rows::{IN_FLIGHT, PAGE, READ, WRITE, slug};
use crate::{Error, Result};

fn wait_for<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

async fn session(url: &str) -> Result<Session> {
    let url = ScyllaUrl::parse(url)?;
    let session = SessionBuilder::new().known_nodes(&url.hosts).build().await?;
    session.use_keyspace(&url.keyspace, true).await?;
    Ok(session)
}

/// How many migrations.
pub fn up(url: &str, migrations: &[Vec<String>]) -> Result<usize> {
    wait_for(async {
        let session = session(url).await?;
        for cql in migrations.iter().flatten() {
            session.query_unpaged(cql.as_str(), ()).await?;
        }
        Ok(migrations.len())
    })
}

/// How many rows.
pub fn fill(url: &str) -> Result<usize> {
    wait_for(async {
        let session = session(url).await?;
        let mut read = session.prepare(READ).await?;
        read.set_page_size(i32::try_from(PAGE)?);
        let write = session.prepare(WRITE).await?;
        let rows = session.execute_iter(read, ()).await?.rows_stream::<(i32, String)>()?;
        let written = Cell::new(0);
        rows.err_into::<Error>()
            .try_for_each_concurrent(IN_FLIGHT, async |(id, title)| {
                session.execute_unpaged(&write, (slug(id, &title), id)).await?;
                written.set(written.get() + 1);
                Ok(())
            })
            .await?;
        Ok(written.get())
    })
}
