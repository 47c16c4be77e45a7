//! The same thing as a library: typed reports, typed errors, events, and databases for tests.

use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use updown::prelude::*;
use updown::{
    Config, Error, Event, Migration, Migrator, Project, Registry, Reporter, Request, Rule, Selection,
};

/// A migration that makes this table.
pub struct Table(pub &'static str);

impl Up<SqliteConnection> for Table {
    fn up(&self, conn: &mut SqliteConnection) -> Result {
        Ok(conn.batch_execute(&format!("CREATE TABLE {} (id INTEGER)", self.0))?)
    }
}

impl Down<SqliteConnection> for Table {
    fn down(&self, conn: &mut SqliteConnection) -> Result {
        Ok(conn.batch_execute(&format!("DROP TABLE {}", self.0))?)
    }
}

fn project() -> Project {
    let table = |name, table| Migration::new(name, table, Table(table));
    Project::of(Registry::from_migrations(vec![table("m1_a", "a"), table("m2_b", "b"), table("m3_c", "(")]))
}

fn migrator(directory: &tempfile::TempDir) -> Migrator {
    let url = format!("sqlite://{}/x.db", directory.path().display());
    // No wait: whoever ran before in this process has given the lease back, however it ended.
    let config = Config::empty().url("main", &url).wait_for_lock(std::time::Duration::ZERO);
    Migrator::new(project()).with_config(config)
}

#[test]
fn a_report_and_an_error_say_what_was_done() {
    let directory = tempfile::tempdir().unwrap();
    let report = migrator(&directory).run(&Request::Migrate { to: None, count: Some(1) }).unwrap();
    assert_eq!(
        (report.batch_no, report.applied.len(), report.applied[0].name.as_str()),
        (Some(1), 1, "m1_a")
    );
    let Err(Error::Failed(failure)) = migrator(&directory).run(&Request::migrate()) else {
        panic!("m3_c cannot work")
    };
    assert_eq!(failure.migration, "m3_c");
    assert_eq!(failure.report.applied[0].name, "m2_b");
    assert!(failure.statement.as_ref().unwrap().contains("CREATE TABLE ("));
    let report = migrator(&directory).run(&Request::Rollback(Selection::All)).unwrap();
    assert_eq!(
        report.rolled_back.iter().map(|done| done.name.as_str()).collect::<Vec<_>>(),
        ["m2_b", "m1_a"]
    );
    assert!(migrator(&directory).run(&Request::rollback()).unwrap().is_empty());
}

#[test]
fn events_come_in_order() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);
    impl Reporter for Log {
        fn event(&mut self, event: &Event<'_>) {
            let line = match event {
                Event::Started { name, .. } => format!("started {name}"),
                Event::Finished { name, .. } => format!("finished {name}"),
                Event::Planned { count, .. } => format!("planned {count}"),
                _ => return,
            };
            self.0.lock().unwrap().push(line);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let request = Request::Migrate { to: Some("m2_b".to_owned()), count: None };
    migrator(&directory).with_reporter(log.clone()).run(&request).unwrap();
    assert_eq!(
        *log.0.lock().unwrap(),
        ["planned 2", "started m1_a", "finished m1_a", "started m2_b", "finished m2_b"]
    );
}

#[test]
fn a_run_can_be_cancelled() {
    let directory = tempfile::tempdir().unwrap();
    let mut migrator = migrator(&directory);
    migrator.cancel().cancel(15);
    let Err(error) = migrator.run(&Request::migrate()) else { panic!("it was cancelled") };
    assert_eq!(error.exit_code(), 143);
}

#[test]
fn a_limit_is_set_in_code() {
    use std::time::Duration;
    /// Sleeps, without any statement behind.
    struct Sleeps(Option<Duration>, Duration);
    impl Up<SqliteConnection> for Sleeps {
        fn up(&self, conn: &mut SqliteConnection) -> Result {
            conn.batch_execute("CREATE TABLE slept (id INTEGER)")?;
            std::thread::sleep(self.1);
            Ok(())
        }
        fn options(&self) -> Options {
            self.0.map_or(Options::new(), |limit| Options::new().timeout(limit))
        }
    }
    impl Down<SqliteConnection> for Sleeps {
        fn down(&self, conn: &mut SqliteConnection) -> Result {
            Ok(conn.batch_execute("DROP TABLE slept")?)
        }
    }
    let ran = |own: Option<Duration>, config: &dyn Fn(Config) -> Config, sleeps: u64| {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/x.db", directory.path().display());
        let body = Sleeps(own, Duration::from_millis(sleeps));
        let project =
            Project::of(Registry::from_migrations(vec![Migration::new("m1_sleeps", "sleeps", body)]));
        let config = config(Config::empty().url("main", &url));
        match Migrator::new(project).with_config(config).run(&Request::migrate()) {
            Ok(report) => Ok(report.applied.len()),
            Err(Error::Failed(failure)) => Err((failure.timed_out(), failure.hint.unwrap_or_default())),
            Err(other) => panic!("{other}"),
        }
    };
    let limit = Duration::from_millis(20);
    let (own, none) = (Some(limit), Some(Duration::ZERO));
    assert_eq!(ran(None, &|config| config, 60), Ok(1));
    let (at, hint) = ran(own, &|config| config, 60).unwrap_err();
    assert_eq!(at, own);
    assert!(hint.contains("more time with `timeout` in its `options()`"), "{hint}");
    assert_eq!(ran(None, &|config| config.migration_timeout(limit), 60).unwrap_err().0, own);
    assert_eq!(ran(none, &|config| config.migration_timeout(limit), 60), Ok(1), "its own goes over that");
    assert_eq!(ran(None, &|config| config.timeout(Duration::ZERO), 60), Ok(1));
    // What comes before the migration counts as well.
    let long = Duration::from_secs(2);
    let ended = ran(none, &|config| config.timeout(long), 2100).unwrap_err();
    assert_eq!(ended.0, Some(long), "its own does not go over that of the run");
}

#[test]
fn a_project_says_whose_it_is_unless_somebody_else_does() {
    let directory = tempfile::tempdir().unwrap();
    let config = || Config::empty().url("main", &format!("sqlite://{}/x.db", directory.path().display()));
    let of = |config: Config| Migrator::new(project().service("ai-svc")).with_config(config);
    assert_eq!(of(config()).status().unwrap().service, "ai-svc");
    assert_eq!(of(config().service("chat-svc").unwrap()).status().unwrap().service, "chat-svc");
    // The empty name is one, too.
    assert_eq!(of(config().service("").unwrap()).status().unwrap().service, "");
    of(config()).run(&Request::Migrate { to: Some("m2_b".to_owned()), count: None }).unwrap();
    let all = of(config().service("chat-svc").unwrap()).services().unwrap();
    let seen: Vec<_> = all.services.iter().map(|of| (of.service.as_str(), of.applied, of.pending)).collect();
    assert_eq!(seen, [("ai-svc", 2, None), ("chat-svc", 0, Some(3))]);
    assert_eq!(all.services[0].current.as_deref(), Some("m2_b"));
    let refused = of(config().service("chat-svc").unwrap()).run(&Request::Fresh);
    let Err(Error::Refused(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!((refusal.rule, &refusal.names[..]), (Rule::OtherServices, &["ai-svc".to_owned()][..]));
}

#[test]
#[should_panic(expected = "\"ai svc\" is not the name of a service")]
fn a_project_of_a_service_with_no_name_for_one() {
    let _ = project().service("ai svc");
}

#[test]
fn an_application_may_see_the_statements_too() {
    // What an application sets as Diesel's default instrumentation keeps seeing every event.
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", directory.path().display());
    struct Seen(Arc<Mutex<Vec<String>>>);
    impl diesel::connection::Instrumentation for Seen {
        fn on_connection_event(&mut self, event: diesel::connection::InstrumentationEvent<'_>) {
            if let diesel::connection::InstrumentationEvent::StartQuery { query, .. } = event {
                self.0.lock().unwrap().push(query.to_string());
            }
        }
    }
    static SEEN: std::sync::OnceLock<Arc<Mutex<Vec<String>>>> = std::sync::OnceLock::new();
    SEEN.set(Arc::default()).unwrap();
    diesel::connection::set_default_instrumentation(|| {
        SEEN.get().map(|seen| Box::new(Seen(seen.clone())) as _)
    })
    .unwrap();
    let request = Request::Migrate { to: None, count: Some(1) };
    Migrator::new(project()).with_config(Config::empty().url("main", &url)).run(&request).unwrap();
    diesel::connection::set_default_instrumentation(|| None).unwrap();
    assert!(SEEN.get().unwrap().lock().unwrap().iter().any(|sql| sql == "CREATE TABLE a (id INTEGER)"));
}

#[test]
fn a_refusal_is_typed() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", directory.path().display());
    let once = Project::of(Registry::from_migrations(vec![Migration::irreversible(
        "m1_a",
        "a",
        Table("a"),
        "it is so",
    )]));
    let config = Config::empty().url("main", &url);
    let mut migrator = Migrator::new(once).with_config(config);
    migrator.run(&Request::migrate()).unwrap();
    let Err(Error::Refused(refusal)) = migrator.run(&Request::rollback()) else {
        panic!("it is irreversible")
    };
    assert_eq!((refusal.rule, refusal.names), (Rule::Irreversible, vec!["m1_a".to_owned()]));
}

#[test]
fn a_program_for_one_store_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", directory.path().display());
    let ran = |config: Config| {
        let list = Registry::from_migrations(vec![Migration::new("m1_a", "a", Table("a"))]);
        // What `project!` leaves of a store whose feature is off.
        let project = Project::at("", "").placeholder("main", "feature = \"big\"").store("audit", list);
        Migrator::new(project).with_config(config).run(&Request::migrate())
    };
    let said = |ended: Result<updown::Report, Error>| {
        let error = ended.unwrap_err();
        (error.exit_code(), error.to_string(), error.hint().unwrap())
    };
    let audit = Config::empty().url("audit", &url);
    let report = ran(audit.clone()).unwrap();
    assert_eq!((report.applied.len(), report.skipped[0].name.as_str()), (1, "main"));
    let production = audit.clone().environment(updown::Environment::parse("production").unwrap());
    assert!(ran(production.clone().only_store("audit")).unwrap().is_empty());
    let missing = "store main is not in this program, which was built without feature = \"big\"".to_owned();
    let which = "say which stores are meant: `--store audit`".to_owned();
    assert_eq!(said(ran(production)), (2, missing.clone(), which));
    let build = "build the migrations crate with that feature".to_owned();
    assert_eq!(said(ran(audit.clone().only_store("main"))), (2, missing.clone(), build.clone()));
    assert_eq!(said(ran(audit.url("main", &url))), (2, missing, build));
}

#[test]
#[should_panic(expected = "the stores search and searchdb would both be where SEARCH_URL says")]
fn two_stores_have_two_urls() {
    let list = || Registry::from_migrations(vec![Migration::new("m1_a", "a", Table("a"))]);
    let _ = Project::of(list()).store("search", list()).store("searchdb", list());
}

#[test]
fn a_database_for_a_test_is_migrated_and_goes_away() {
    let database = updown::testing::database(migrations::project()).unwrap();
    let mut conn: SqliteConnection = database.connect("main").unwrap();
    let rows = diesel::sql_query(
        "INSERT INTO video_uploads (id, user_id, file_name, file_size) VALUES (1, 1, 'a', 1)",
    );
    assert_eq!(rows.execute(&mut conn).unwrap(), 1);
    let path = database.url("main").unwrap().trim_start_matches("sqlite://").to_owned();
    assert!(std::path::Path::new(&path).exists());
    let other = updown::testing::database(migrations::project()).unwrap();
    assert_ne!(other.url("main").unwrap(), database.url("main").unwrap(), "each its own");
    drop(conn);
    drop(database);
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
fn a_thousand_migrations_are_one_list() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", directory.path().display());
    struct Nothing;
    impl Up<SqliteConnection> for Nothing {
        fn up(&self, _: &mut SqliteConnection) -> Result {
            Ok(())
        }
    }
    impl Down<SqliteConnection> for Nothing {
        fn down(&self, _: &mut SqliteConnection) -> Result {
            Ok(())
        }
    }
    let list = (1..=1000).map(|n| Migration::new(format!("m{n:04}_x"), "x", Nothing)).collect();
    let mut migrator = Migrator::new(Project::of(Registry::from_migrations(list)))
        .with_config(Config::empty().url("main", &url));
    assert_eq!(migrator.run(&Request::migrate()).unwrap().applied.len(), 1000);
    assert!(migrator.run(&Request::migrate()).unwrap().is_empty());
    assert_eq!(migrator.run(&Request::rollback()).unwrap().rolled_back.len(), 1000);
}

#[test]
#[should_panic(expected = "migration `m1_b` is out of order: it stands behind `m2_a`")]
fn a_list_of_values_is_checked_like_one_of_modules() {
    let _ = Registry::from_migrations(vec![
        Migration::new("m2_a", "", Table("a")),
        Migration::new("m1_b", "", Table("b")),
    ]);
}

#[cfg(feature = "postgres")]
#[test]
fn a_database_of_ones_own_on_a_server_goes_with_its_value() {
    use diesel::prelude::*;

    use crate::support::postgres::fixture_or_skip;

    let (fixture, mut eyes) = fixture_or_skip!("empty");
    let server = fixture.get("DATABASE_URL");
    let made = "SELECT count(*) AS number FROM pg_database WHERE datname ~ '^updown_test_[0-9a-f]{32}$'";
    let before = eyes.number(made);
    let database = updown::testing::database_on(&server, migrations::project()).unwrap();
    let other = updown::testing::database_on(&server, migrations::project()).unwrap();
    assert_ne!(database.url("main").unwrap(), other.url("main").unwrap());
    let mut conn: PgConnection = database.connect("main").unwrap();
    diesel::sql_query("SELECT title FROM videos").execute(&mut conn).unwrap();
    // Also while somebody is connected.
    drop((database, other));
    assert_eq!(eyes.number(made), before, "nothing is left");
}

/// A driver with a runtime of its own, and the application's around it.
#[test]
fn an_application_starts_from_async_code() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", directory.path().join("x.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let started = runtime.block_on(async {
        let registry = Registry::<SqliteConnection>::from_migrations(Vec::new());
        updown::startup(Project::of(registry), Config::empty().url("main", &url))
    });
    assert_eq!(started.unwrap().environment, "development");
    #[cfg(feature = "scylla")]
    if crate::support::cassandra::is_there() {
        let url = crate::support::cassandra::url().unwrap();
        let started = runtime.block_on(async {
            let registry = Registry::<updown::scylla::ScyllaConnection>::from_migrations(Vec::new());
            updown::startup(Project::of(registry), Config::empty().url("main", &url))
        });
        assert!(started.unwrap().report.applied.is_empty());
    }
}
