//! A real PostgreSQL: `POSTGRES_URL` where set, else a cluster of this run's own, that ends with it.

mod cluster;
mod tls;

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

pub use cluster::{Cluster, Options};
pub use tls::Authority;

use super::{Database, Fixture, Store};

/// The URL of the server that the tests share, with `{}` in the place of the database's name. `None`
/// where none can be had, which is said, and is a failure in CI.
fn server() -> Option<&'static str> {
    // Never dropped: the server ends with this process.
    static SERVER: OnceLock<Option<(String, Option<Cluster>)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("POSTGRES_URL") {
        Ok(url) => {
            let (server, _) = url.rsplit_once('/').expect("POSTGRES_URL ends with a database's name");
            Some((format!("{server}/{{}}"), None))
        }
        Err(_) => Cluster::start(&Options::default()).map(|cluster| (cluster.url("{}"), Some(cluster))),
    });
    server.as_ref().map(|(url, _)| url.as_str())
}

/// Whether there is one.
pub fn is_there() -> bool {
    server().is_some()
}

/// A new database on the server that the tests share: its URL.
pub fn create_database() -> Option<String> {
    server().map(create_database_on)
}

fn create_database_on(server: &str) -> String {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let name = format!("updown_test_{}_{number}", std::process::id());
    let mut maintenance =
        PgConnection::establish(&server.replace("{}", "postgres")).expect("the server answers");
    maintenance.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    server.replace("{}", &name)
}

/// Drops a database that was made here, with whoever is still connected to it. A test that has failed
/// must be heard of, and not this; and a server of a test's own may be gone with all it had.
pub fn drop_database(url: &str) {
    if let Some((server, name)) = url.rsplit_once('/')
        && let Ok(mut maintenance) = PgConnection::establish(&format!("{server}/postgres"))
    {
        let _ = maintenance.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// The fixture on a new PostgreSQL database, and a second pair of eyes on that.
pub fn fixture(project: &str) -> Option<(Fixture, Database)> {
    is_there().then(|| {
        let fixture = Store::Postgres.fixture(project);
        let database = fixture.database();
        (fixture, database)
    })
}

/// The same on another server, by a URL with `{}` in the place of the database's name.
pub fn on(server: &str, project: &str) -> (Fixture, Database) {
    let fixture = Fixture::at(&create_database_on(server), project);
    let database = fixture.database();
    (fixture, database)
}

/// The fixture, or the end of the test where no server can be had.
macro_rules! fixture_or_skip {
    ($project:expr) => {
        match $crate::support::postgres::fixture($project) {
            Some(made) => made,
            None => return,
        }
    };
}
pub(crate) use fixture_or_skip;
