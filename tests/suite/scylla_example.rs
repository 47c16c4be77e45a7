//! The store `scylladb` of this repository's own project, on a real server.

use updown::scylla::ScyllaConnection;
use updown::scylla::driver::value::CqlTimeuuid;
use updown::{Config, Migrator, Request, Selection};

use crate::support::cassandra::{Keyspace, keyspace_or_skip};

fn migrator(config: Config) -> Migrator {
    Migrator::new(migrations::project()).with_config(config)
}

fn config(keyspace: &Keyspace) -> Config {
    Config::empty().url("scylladb", &keyspace.url)
}

fn names(conn: &ScyllaConnection, cql: &str) -> Vec<String> {
    let mut rows: Vec<(String,)> = conn.query(cql, ()).unwrap();
    rows.sort();
    rows.into_iter().map(|row| row.0).collect()
}

/// What of a kind there is in the keyspace, without the ledger.
fn there(conn: &ScyllaConnection, kind: &str, column: &str) -> Vec<String> {
    let keyspace = &conn.url().keyspace;
    let cql = format!("SELECT {column} FROM system_schema.{kind} WHERE keyspace_name = '{keyspace}'");
    let mut names = names(conn, &cql);
    names.retain(|name| !name.starts_with("schema_migrations"));
    names
}

/// Each message with its preview.
fn previews(conn: &ScyllaConnection) -> Vec<(String, Option<String>)> {
    let rows: Vec<(Option<String>, Option<String>)> =
        conn.query("SELECT message, preview FROM notifications", ()).unwrap();
    let mut rows: Vec<_> =
        rows.into_iter().map(|(text, preview)| (text.unwrap_or_default(), preview)).collect();
    rows.sort();
    rows
}

const LONG: &str = "Ada has published a new video: how the Analytical Engine multiplies";

#[test]
fn up_and_down_and_up_again() {
    let keyspace = keyspace_or_skip!();
    let mut migrator = migrator(config(&keyspace));
    let to = |name: &str| Request::Migrate { to: Some(name.to_owned()), count: None };
    assert_eq!(migrator.run(&to("m0004_add_notification_preview")).unwrap().applied.len(), 4);

    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    for message in ["hello", LONG] {
        let insert = "INSERT INTO notifications (user_id, id, message) VALUES (1, now(), ?)";
        conn.execute(insert, (message,)).unwrap();
    }
    conn.execute("INSERT INTO notifications (user_id, id, kind) VALUES (2, now(), 'empty')", ()).unwrap();
    let own = "INSERT INTO notifications (user_id, id, message, preview) VALUES (3, now(), 'own', 'by the application')";
    conn.execute(own, ()).unwrap();

    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!((report.applied.len(), report.batch_no), (1, Some(2)));
    let text = |text: &str| Some(text.to_owned());
    let filled = [
        (String::new(), None),
        (LONG.to_owned(), text("Ada has published a new video: how the…")),
        ("hello".to_owned(), text("hello")),
        ("own".to_owned(), text("by the application")),
    ];
    assert_eq!(previews(&conn), filled);
    // The newest first, and by its video.
    let ids: Vec<(CqlTimeuuid,)> = conn.query("SELECT id FROM notifications WHERE user_id = 1", ()).unwrap();
    assert!(ids[0].0 > ids[1].0);
    assert!(
        conn.query::<(i64,)>("SELECT user_id FROM notifications WHERE video_id = 7", ()).unwrap().is_empty()
    );

    // What the application wrote is not what the migration takes back.
    assert_eq!(migrator.run(&Request::rollback()).unwrap().rolled_back.len(), 1);
    let left: Vec<_> = previews(&conn).into_iter().filter_map(|(_, preview)| preview).collect();
    assert_eq!(left, ["by the application"]);
    assert_eq!(migrator.run(&Request::Rollback(Selection::All)).unwrap().rolled_back.len(), 4);
    for (kind, column) in [("tables", "table_name"), ("types", "type_name"), ("indexes", "index_name")] {
        assert_eq!(there(&conn, kind, column), [""; 0], "{kind}");
    }
    assert!(names(&conn, "SELECT name FROM schema_migrations").is_empty());

    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!((report.applied.len(), report.batch_no), (5, Some(3)));
    assert_eq!(there(&conn, "tables", "table_name"), ["notification_deliveries", "notifications"]);
    assert!(migrator.run(&Request::migrate()).unwrap().applied.is_empty());
}

#[test]
fn both_stores_are_one_run() {
    let keyspace = keyspace_or_skip!();
    let directory = tempfile::tempdir().unwrap();
    let main = format!("sqlite://{}/x.db", directory.path().display());
    let mut migrator = migrator(config(&keyspace).url("main", &main));
    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!((report.applied.len(), report.batch_no), (12, Some(1)));
    assert_eq!(report.applied[11].store, "scylladb");
    let report = migrator.run(&Request::rollback()).unwrap();
    assert_eq!((report.rolled_back.len(), report.rolled_back[0].store.as_str()), (12, "scylladb"));
    let conn = ScyllaConnection::open(&keyspace.url).unwrap();
    assert!(names(&conn, "SELECT name FROM schema_migrations").is_empty());
}
