//! `updown startup`: what an application does with its databases when it starts, by ENV, FORCE_MIGRATION and
//! AUTO_MIGRATE; and `updown wait`.

use std::fs;
use std::process::Child;

use crate::stores::Three;
use crate::support::{Fixture, Ran, Store, for_each_store};

for_each_store! {
    a_start_up_says_what_it_was_told_and_what_that_leads_to,
    what_makes_no_sense_is_no_silent_false,
    many_at_once_apply_each_migration_once,
    a_development_that_nobody_named_is_migrated_where_it_is_forced_alone;
    // One that is simulated is refused in production.
    real: a_start_up_does_what_the_table_says,
    a_newer_database_is_said_and_no_error,
    nothing_is_migrated_and_the_application_starts,
}

/// Three stores, each with a declared table beyond its migrations.
struct Declared(Three);

impl Declared {
    fn on(store: Store) -> Self {
        let three = Three::on(store);
        for name in ["orders", "audit", "searchdb"] {
            let dir = three.fixture.path(&format!("migrations/{name}"));
            fs::create_dir_all(&dir).unwrap();
            let (file, text) = store.in_sql_or_cql(
                ("schema.rs", "diesel::table! { extra (code) { code -> Text, note -> Nullable<Text>, } }"),
                ("schema.cql", "CREATE TABLE extra (id int PRIMARY KEY);"),
            );
            fs::write(dir.join(file), text).unwrap();
        }
        Self(three)
    }

    fn told(&mut self, environment: &str, auto: Option<bool>, force: Option<bool>) {
        let said = |value: Option<bool>| value.map(|value| value.to_string()).unwrap_or_default();
        self.0.fixture.set("ENV", environment);
        self.0.fixture.set("AUTO_MIGRATE", &said(auto));
        self.0.fixture.set("FORCE_MIGRATION", &said(force));
    }

    /// For each store, how many migrations are applied, and whether what is declared is there.
    fn stand(&self) -> [(usize, bool); 3] {
        self.0.homes.each_ref().map(|home| {
            if home.is_untouched() {
                return (0, false);
            }
            let mut database = home.database();
            let applied = if database.has("schema_migrations") { database.batches().len() } else { 0 };
            (applied, database.has("extra"))
        })
    }
}

/// The table, against real databases: first all that leaves them alone, on the same ones.
fn a_start_up_does_what_the_table_says(store: Store) {
    let mut same = Declared::on(store);
    for (environment, auto, force) in [
        ("development", Some(false), None),
        ("test", None, None),
        ("test", Some(false), Some(false)),
        ("production", None, None),
        ("production", Some(true), None),
        ("uat", Some(true), Some(false)),
    ] {
        same.told(environment, auto, force);
        let ran = same.0.fixture.run(&["startup"]).exits(0).says("nothing is migrated");
        if environment != "development" && auto == Some(true) {
            ran.says(&format!("AUTO_MIGRATE has no effect in {environment}"));
        }
        assert_eq!(same.stand(), [(0, false); 3], "{environment} {auto:?} {force:?}");
    }
    for (environment, auto, force, synced) in [
        ("development", None, None, true),
        ("test", Some(true), None, true),
        ("development", Some(false), Some(true), false),
        ("test", None, Some(true), false),
        ("development", Some(true), Some(true), true),
        ("production", Some(true), Some(true), false),
    ] {
        let mut three = Declared::on(store);
        three.told(environment, auto, force);
        three.0.fixture.run(&["startup"]).exits(0).says("every store is migrated");
        assert_eq!(three.stand(), [(2, synced); 3], "{environment} {auto:?} {force:?}");
        // And once more: there is nothing left to do.
        three.0.fixture.run(&["startup", "--quiet"]).exits(0).says_nothing_of("applied");
        assert_eq!(three.stand(), [(2, synced); 3], "{environment} {auto:?} {force:?}");
    }
}

fn a_start_up_says_what_it_was_told_and_what_that_leads_to(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users");
    let ran = fixture.run(&["startup"]).exits(0).says(
        "Migration Configuration:\n- Environment: development\n- Auto Migrate: true\n- Force Migration: false\n\
         every store is migrated, then brought to its declared schema\n",
    );
    ran.says("applied     m1_users");
    let lines = fixture.run(&["startup", "--json"]).exits(0).json_lines();
    let first = lines.first().unwrap();
    assert_eq!((&first["event"], &first["environment"]), (&"configured".into(), &"development".into()));
    assert_eq!(lines.last().unwrap()["event"], "done");
    assert_eq!(lines.last().unwrap()["auto_migrate"], true);
}

fn what_makes_no_sense_is_no_silent_false(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users");
    for (name, value, says) in [
        ("FORCE_MIGRATION", "maybe", "write `true` or `false`"),
        ("FORCE_MIGRATION", "ture", "did you mean `true`?"),
        ("AUTO_MIGRATE", "flase", "did you mean `false`?"),
        ("ENV", "prodution", "did you mean `ENV=production`?"),
    ] {
        let fixture = store.fixture("tables").var(name, value);
        fixture.run(&["startup"]).exits(2).says(&format!("{name}={value}")).says(says);
        assert!(fixture.home.is_untouched());
    }
    let near = fixture.var("FORCE_MIGRATON", "true").var("AUTO_MIGRATE", "false");
    near.run(&["startup"])
        .exits(0)
        .says("FORCE_MIGRATON in the environment does nothing: did you mean FORCE_MIGRATION?");
    assert!(near.home.is_untouched());
}

fn many_at_once_apply_each_migration_once(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users,m2_posts,m3_tags");
    let started: Vec<Child> = (0..5).map(|_| fixture.start(&["startup"])).collect();
    let ran: Vec<Ran> =
        started.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap()).exits(0)).collect();
    let applied = |ran: &Ran| ran.stdout.matches("applied     m").count();
    assert_eq!(ran.iter().map(applied).sum::<usize>(), 3, "{ran:#?}");
    assert_eq!(fixture.database().batches().len(), 3);
}

/// A tunnel to production is local too.
fn a_development_that_nobody_named_is_migrated_where_it_is_forced_alone(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users").var("ENV", "");
    fixture.run(&["startup"]).exits(0).says("nobody said that this is development");
    assert!(fixture.home.is_untouched());
    let fixture = fixture.var("FORCE_MIGRATION", "true");
    fixture.run(&["startup"]).exits(0).says("applied     m1_users");
}

/// An application is rolled back, and the database is not.
fn a_newer_database_is_said_and_no_error(store: Store) {
    let fixture = store.fixture("tables").var("ENV", "production").var("FORCE_MIGRATION", "true");
    let new = fixture.var("VERSIONS", "m1_users,m2_posts");
    new.run(&["startup"]).exits(0).says("applied     m2_posts");
    let old = new.var("VERSIONS", "m1_users");
    old.run(&["startup"]).exits(0).says("newer than this program: m2_posts is applied, and not in the list");
    old.run(&["startup", "--refuse-newer"])
        .exits(5)
        .says("newer than this program")
        .says("run the newer program");
    // A command that a person types is not a start-up.
    old.run(&["migrate", "--yes"]).exits(5);
    let told = old.var("UPDOWN_REFUSE_NEWER_DATABASE", "true");
    told.run(&["startup"]).exits(5);
    let unforced = told.var("FORCE_MIGRATION", "");
    unforced.run(&["startup"]).exits(5);
    unforced
        .var("UPDOWN_REFUSE_NEWER_DATABASE", "")
        .run(&["startup"])
        .exits(0)
        .says("newer than this program");
}

fn nothing_is_migrated_and_the_application_starts(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_users").var("ENV", "production");
    let ran = fixture.run(&["startup"]).exits(0).says("in production it takes FORCE_MIGRATION=true");
    ran.says("1 migration is pending: FORCE_MIGRATION=true or `updown migrate` applies what is");
    assert!(fixture.home.is_untouched());
    // The application finds out by itself.
    let nowhere = store.each("sqlite:///tmp", "postgres://127.0.0.1:1/app", "scylla://127.0.0.1:1/app");
    fixture
        .var("DATABASE_URL", nowhere)
        .run(&["startup"])
        .exits(0)
        .says("warning: nothing was migrated, and store main");
}

#[test]
fn a_default_database_is_a_developers_own() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_users").var("ENV", "").var("DATABASE_URL", "");
    fs::write(fixture.path("Cargo.toml"), "[workspace]\n").unwrap();
    fixture.run(&["startup"]).exits(0).says("every store is migrated, then");
    assert!(fixture.path("dev.db").is_file());
}

#[cfg(feature = "postgres")]
mod waiting {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::support::postgres;

    #[test]
    fn a_port_that_is_open_is_no_database() {
        let Some((fixture, _)) = postgres::fixture("tables") else { return };
        let url = fixture.get("DATABASE_URL");
        let (server, _) = url.rsplit_once('/').unwrap();
        let name = format!("updown_wait_{}", std::process::id());
        let other = format!("{server}/{name}");
        let fixture = fixture.var("DATABASE_URL", &other);
        let ran = fixture.run(&["wait", "--timeout", "300ms"]).exits(1);
        ran.says("after 300 ms there is no login to store main").says("UPDOWN_WAIT_FOR_DATABASE=5m");

        let child = fixture.start(&["wait", "--timeout", "60s"]);
        std::thread::sleep(Duration::from_millis(700));
        let mut admin = crate::support::Database::open(&url);
        admin.execute(&format!("CREATE DATABASE {name}"));
        let ran = Ran::of(child.wait_with_output().unwrap()).exits(0);
        ran.says("waiting for store main: ").says("does not exist").says("store main is ready");
        let json = fixture.run(&["wait", "--json"]).exits(0).json();
        assert_eq!(json[0]["store"], "main");
        // Nothing was written.
        assert!(!crate::support::Database::open(&other).has("schema_migrations"));
        admin.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    #[test]
    fn a_start_up_waits_for_its_database_and_a_signal_ends_that() {
        let Some((fixture, _)) = postgres::fixture("tables") else { return };
        let fixture = fixture
            .var("VERSIONS", "m1_users")
            .var("DATABASE_URL", "postgres://127.0.0.1:1/app")
            .var("UPDOWN_WAIT_FOR_DATABASE", "60s");
        let child = fixture.start(&["startup"]);
        std::thread::sleep(Duration::from_millis(700));
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let began = Instant::now();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap()).exits(143);
        ran.says("waiting for store main: ");
        assert!(began.elapsed() < Duration::from_secs(20));
        let fixture = fixture.var("UPDOWN_WAIT_FOR_DATABASE", "200ms");
        fixture.run(&["startup"]).exits(1).says("after 200 ms there is no login to store main");
    }
}

#[test]
fn what_no_waiting_would_mend_is_said_at_once() {
    let fixture = Fixture::new("tables").var("DATABASE_URL", "mysql://db/app");
    fixture.run(&["wait"]).exits(2);
    let fixture = Fixture::new("tables");
    fixture.run(&["wait"]).exits(0).says("store main is ready");
    assert!(fixture.home.is_untouched());
}
