//! Whether a program may be sent requests: what is asked every few seconds, of a database that may be slow, or away.

use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    health_says_whether_everything_is_applied,
    health_says_whether_the_database_is_there,
    what_is_half_done_is_not_ready,
}

/// On a machine that has all the other tests to run.
fn fixture(store: Store, project: &str) -> Fixture {
    store.fixture(project).var("UPDOWN_HEALTH_TIMEOUT", "30s")
}

fn health_says_whether_everything_is_applied(store: Store) {
    let mut fixture = fixture(store, "tables").var("VERSIONS", "m1_a,m2_b");
    let before = fixture.run(&["health"]).exits(3).says("store main: 2 migrations are pending, from m1_a");
    assert!(fixture.home.is_untouched(), "it writes nothing: {before:?}");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["health"]).exits(0).says("store main: ready");
    let health = fixture.run(&["health", "--json"]).exits(0).json();
    assert_eq!((&health["ready"], &health["stores"][0]["ready"]), (&true.into(), &true.into()));
    // A newer program has migrated: the older one beside it goes on.
    fixture.set("VERSIONS", "m1_a");
    fixture.run(&["health", "-q"]).exits(0);
    // A failure does not go away by waiting for it.
    fixture.set("VERSIONS", "m1_a,m2_b,m3_broken");
    let health = fixture.run(&["health", "--json"]).exits(3).json();
    assert_eq!(health["stores"][0]["pending"], serde_json::json!(["m3_broken"]));
    fixture.run(&["migrate"]).exits(1);
    fixture.run(&["health"]).exits(1).says("store main: m3_broken is pending");
}

fn health_says_whether_the_database_is_there(store: Store) {
    let mut fixture = fixture(store, "tables").var("VERSIONS", "m1_a");
    let nowhere = match store {
        Store::Sqlite => "sqlite:///proc/no/such/x.db",
        Store::Postgres | Store::Cockroach => "postgres://postgres@127.0.0.1:1/x",
        Store::Cassandra => "scylla://127.0.0.1:1/x",
    };
    fixture.set("DATABASE_URL", nowhere);
    // An SQLite file that is not there is an empty database.
    let code = if store == Store::Sqlite { 3 } else { 1 };
    fixture.run(&["health"]).exits(code);
    fixture.run(&["health", "--json"]).exits(code);
}

fn what_is_half_done_is_not_ready(store: Store) {
    let fixture = fixture(store, "slow").meeting();
    let mut run = fixture.start(&["migrate"]);
    fixture.reached();
    let health = fixture.run(&["health", "--json"]).exits(3).json();
    assert_eq!(health["ready"], false, "{health}");
    assert!(health["stores"][0]["holder"]["by"].is_string(), "{health}");
    fixture.run(&["health"]).exits(3).says("is at work since");
    fixture.go();
    assert!(run.wait().expect("it ends").success());
    fixture.run(&["health"]).exits(0);
}

mod in_a_program {
    use updown::{Config, Migrator, Request};

    #[test]
    fn a_file_that_is_put_in_place_is_seen_and_never_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let config = Config::empty().url("main", &format!("sqlite://{}", path.display()));
        let migrator = || Migrator::new(migrations::project()).with_config(config.clone());
        let mut health = migrator();
        assert!(!health.is_ready().unwrap());
        assert!(!path.exists(), "it makes no file");
        migrator().run(&Request::migrate()).unwrap();
        assert!(health.is_ready().unwrap());
        let before = std::fs::read(&path).unwrap();
        assert!(health.is_ready().unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing stands beside it");
        std::fs::rename(&path, directory.path().join("old.db")).unwrap();
        assert!(!health.is_ready().unwrap(), "another file is in its place");
    }

    #[test]
    fn status_says_in_numbers_what_stands_where() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config::empty()
            .url("main", &format!("sqlite://{}/x.db", directory.path().display()))
            .service("videos-svc")
            .unwrap();
        let mut migrator = Migrator::new(migrations::project()).with_config(config);
        let all = migrator.status().unwrap().pending();
        migrator.run(&Request::Migrate { to: None, count: Some(2) }).unwrap();
        let status = migrator.status().unwrap();
        assert_eq!((status.pending(), status.failed(), status.holder()), (all - 2, 0, None));
        assert_eq!(status.service, "videos-svc");
        assert_eq!(status.stores[0].current.as_deref(), Some("m0002_create_videos"));
        let json = serde_json::to_value(&status).unwrap();
        assert_eq!(json["stores"][0]["pending"], all - 2);
    }
}

#[cfg(feature = "postgres")]
mod on_a_server {
    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use updown::{Config, Error, Migrator, Request, StoreError};

    use crate::support::postgres::fixture_or_skip;
    use crate::support::proxy::{Proxy, listed};

    fn migrated(url: &str) -> Config {
        let config = Config::empty().url("main", url);
        Migrator::new(migrations::project()).with_config(config.clone()).run(&Request::migrate()).unwrap();
        config
    }

    #[test]
    fn it_costs_one_read_and_no_write() {
        let (fixture, _database) = fixture_or_skip!("empty");
        migrated(&fixture.get("DATABASE_URL"));
        let proxy = Proxy::before(&fixture.get("DATABASE_URL"));
        let config = Config::empty().url("main", proxy.url());
        let mut migrator = Migrator::new(migrations::project()).with_config(config);
        assert!(migrator.is_ready().unwrap());
        let (connections, _) = proxy.take();
        assert_eq!(connections, 1);
        for _ in 0..3 {
            assert!(migrator.is_ready().unwrap());
            let (connections, sent) = proxy.take();
            assert_eq!((connections, sent.len()), (0, 1), "{}", listed(&sent));
            let sql = sent[0].sql.to_uppercase();
            assert!(sql.contains("SELECT"), "{sql}");
            for word in ["INSERT ", "UPDATE ", "DELETE ", "CREATE ", "BEGIN", "LOCK "] {
                assert!(!sql.contains(word), "{sql}");
            }
        }
    }

    #[test]
    fn a_lost_connection_is_opened_again() {
        let (fixture, _database) = fixture_or_skip!("empty");
        let url = fixture.get("DATABASE_URL");
        let mut migrator = Migrator::new(migrations::project()).with_config(migrated(&url));
        assert!(migrator.is_ready().unwrap());
        let mut eyes = PgConnection::establish(&url).unwrap();
        eyes.batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
        assert!(migrator.is_ready().unwrap());
    }

    #[test]
    fn a_silent_database_is_an_error_in_time() {
        let (fixture, _database) = fixture_or_skip!("empty");
        let url = fixture.get("DATABASE_URL");
        let config = migrated(&url).health_timeout(Duration::from_millis(200));
        let mut migrator = Migrator::new(migrations::project()).with_config(config);
        assert!(migrator.is_ready().unwrap());
        let mut eyes = PgConnection::establish(&url).unwrap();
        eyes.batch_execute("BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE").unwrap();
        // More often than threads may hang.
        for _ in 0..10 {
            let began = Instant::now();
            let Err(Error::Store { source, store, .. }) = migrator.is_ready() else { panic!("it hangs") };
            assert!(matches!(*source, StoreError::NoAnswer(_)), "{source}");
            assert_eq!(store, "main");
            assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        }
        eyes.batch_execute("COMMIT").unwrap();
        let began = Instant::now();
        while !migrator.is_ready().is_ok_and(|is_ready| is_ready) {
            assert!(began.elapsed() < Duration::from_secs(20), "it never comes back");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
