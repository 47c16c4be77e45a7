//! The store `cockroachdb` of this repository's own project. Its SQL is what PostgreSQL understands as well,
//! so that it can be run here on a PostgreSQL.

use updown::{Config, Migrator, Request, Selection};

use crate::support::postgres::fixture_or_skip;

const FILL: &str = "m0005_add_session_last_seen_at";

#[test]
fn up_and_down_and_up_again() {
    let (fixture, mut database) = fixture_or_skip!("empty");
    let config = Config::empty().url("cockroachdb", &fixture.get("DATABASE_URL"));
    let mut migrator = Migrator::new(migrations::project()).with_config(config);
    let before = Request::Migrate { to: None, count: Some(4) };
    assert_eq!(migrator.run(&before).unwrap().applied.len(), 4);
    assert_eq!(database.number("SELECT count(*) AS number FROM regions"), 4);
    // More than two chunks.
    database.execute(
        "INSERT INTO user_sessions (user_id, region, created_at, expires_at)
         SELECT i, 'us-east1', '2026-01-01', now() FROM generate_series(1, 1234) AS i;
         INSERT INTO video_views (video_id, day, region, views) VALUES (1, '2026-01-01', 'us-west1', 3)",
    );
    let report = migrator.run(&Request::migrate()).unwrap();
    assert_eq!((report.applied[0].name.as_str(), report.batch_no), (FILL, Some(2)));
    let missing =
        "SELECT count(*) AS number FROM user_sessions WHERE last_seen_at IS DISTINCT FROM created_at";
    assert_eq!(database.number(missing), 0);

    let report = migrator.run(&Request::Rollback(Selection::All)).unwrap();
    assert_eq!((report.rolled_back.len(), report.rolled_back[0].name.as_str()), (5, FILL));
    assert_eq!(database.schema(), [""; 0]);
    assert!(database.ledger().is_empty() && database.journal().is_empty());
    assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 5);
}

/// The store `main` is written for all three: what it changes of the schema is steps there.
#[test]
fn the_store_main_runs_there_too() {
    let (fixture, mut database) = fixture_or_skip!("empty");
    let url = format!("{}?updown_simulate=cockroachdb", fixture.get("DATABASE_URL"));
    let config = Config::empty().url("main", &url);
    let mut migrator = Migrator::new(migrations::project()).with_config(config);
    let before = Request::Migrate { to: Some("m0005_add_video_slug".to_owned()), count: None };
    assert_eq!(migrator.run(&before).unwrap().applied.len(), 5);
    database.execute(
        "INSERT INTO video_uploads (id, user_id, file_name, file_size)
         SELECT i, i, 'a.mp4', i FROM generate_series(1, 1234) AS i;
         INSERT INTO videos (id, upload_id, title, slug)
         SELECT i, i, 'Hello, World!', CASE i WHEN 7 THEN 'mine' END FROM generate_series(1, 1234) AS i",
    );
    assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 2);
    let slugs = database.lines("SELECT slug AS line FROM videos WHERE id IN (1, 7, 1234) ORDER BY id");
    assert_eq!(slugs, ["hello-world-1", "mine", "hello-world-1234"]);
    assert_eq!(migrator.run(&Request::Rollback(Selection::All)).unwrap().rolled_back.len(), 7);
    assert_eq!(database.schema(), [""; 0]);
    assert!(database.ledger().is_empty() && database.journal().is_empty());
    assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 7);
}
