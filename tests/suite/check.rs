//! `updown check`: what a way back does not undo is named, and the scratch database goes.

use crate::support::{Fixture, Ran, Store, for_each_store};

for_each_store! {
    // The migrations that are wrong are written in SQL, and undone as a whole.
    ; sql:     what_is_right_is_found_right,
    a_wrong_way_back_of_each_kind_is_named,
    what_fails_on_the_way_back_or_again_is_named,
    what_cannot_be_applied_at_all_fails,
}

fn check(store: Store, wrong: &str) -> (Fixture, Ran) {
    let fixture = store.fixture("wrong").var("WRONG", wrong);
    let ran = fixture.run(&["check"]);
    (fixture, ran)
}

fn what_is_right_is_found_right(store: Store) {
    let (fixture, ran) = check(store, "nothing");
    ran.exits(0).says("3 migrations checked: each way back undoes its migration");
    // What is in the database of the URL does not matter, and is left alone.
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    fixture.run(&["check"]).exits(0);
    assert_eq!(fixture.database().dump(), before);
    let json = fixture.run(&["check", "--json"]).exits(0).json();
    assert_eq!(json["migrations"].as_array().unwrap().len(), 3);
}

fn a_wrong_way_back_of_each_kind_is_named(store: Store) {
    let both = [
        ("table left over", "table t is left over"),
        ("index gone", "index idx_good on good is missing"),
        ("index differs", "index idx_good on good is"),
        ("index unique", "index idx_good on good is"),
        ("view differs", "view v is"),
        ("type", "column good.n is bigint"),
        ("nullable", "column good.n is integer DEFAULT 1, and was integer NOT NULL DEFAULT 1"),
        ("default", "column good.n is integer NOT NULL DEFAULT 2, and was integer NOT NULL DEFAULT 1"),
        ("check", "check"),
        ("foreign key", "foreign key"),
        ("trigger", "trigger tr on good"),
        ("again differs", "applied a second time, column t.other is left over"),
    ];
    let on_postgres = [
        ("enum", "enum mood is"),
        ("function", "function f()"),
        ("sequence", "sequence s is"),
        ("domain", "domain d"),
        ("comment", "comment on table good is 'bad', and was 'good'"),
        ("identity", "column parent.id is integer NOT NULL GENERATED ALWAYS AS IDENTITY"),
        ("primary key", "primary key of good is missing"),
    ];
    let more = if store == Store::Sqlite { &[][..] } else { &on_postgres };
    for (wrong, named) in both.iter().chain(more) {
        let (fixture, ran) = check(store, wrong);
        let ran = ran.exits(3).says("differs").says("m2_wrong").says(named);
        // The others are as they should be.
        ran.says("ok            m1_good").says("ok            m3_good").says("1 not undone by the way back");
        let json = fixture.run(&["check", "--json"]).exits(3).json();
        let found = &json["migrations"][1];
        let differences = found["not_undone"].as_array().unwrap().len();
        assert!(differences + found["not_the_same_again"].as_array().unwrap().len() > 0, "{wrong}: {found}");
    }
}

fn what_fails_on_the_way_back_or_again_is_named(store: Store) {
    let (_, ran) = check(store, "way back fails");
    ran.exits(3)
        .says("failed        m2_wrong")
        .says("its way back fails")
        .says("other")
        .says("nothing behind it was checked");
    let (_, ran) = check(store, "column left over");
    let ran = ran.exits(3).says("failed        m2_wrong").says("column parent.more is left over (text)");
    ran.says("it cannot be applied again behind its way back").says_nothing_of("m3_good");
}

fn what_cannot_be_applied_at_all_fails(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_(");
    fixture.run(&["check"]).exits(1).says("migration m2_( failed");
}

/// What this repository shows undoes itself, on each of its databases.
mod the_example_undoes_itself {
    use super::*;

    fn on(store: Store, migrations: &str) {
        let fixture = store.fixture("example");
        fixture.run(&["check"]).exits(0).says(migrations);
    }

    #[test]
    fn sqlite() {
        on(Store::Sqlite, "7 migrations checked: each way back undoes its migration");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn postgres() {
        if crate::support::postgres::is_there() {
            on(Store::Postgres, "7 migrations checked: each way back undoes its migration");
        }
    }

    #[cfg(feature = "scylla")]
    #[test]
    fn cassandra() {
        if crate::support::cassandra::is_there() {
            on(Store::Cassandra, "migrations checked: each way back undoes its migration");
        }
    }

    /// Both of its stores: `main` in steps, and `cockroachdb`.
    #[cfg(feature = "postgres")]
    #[test]
    fn cockroachdb() {
        let simulated = crate::support::cockroach::simulated_or_skip!();
        let config = updown::Config::empty().environment(updown::Environment::development());
        let config = config.url("main", simulated.url()).url("cockroachdb", simulated.url());
        let checked = updown::Migrator::new(migrations::project()).with_config(config).check().unwrap();
        assert_eq!((checked.migrations.len(), checked.found()), (7 + 5, 0), "{checked:#?}");
    }
}

/// No database is left on the server, whatever became of the check. A server of its own: others check at the same
/// time.
#[cfg(feature = "postgres")]
#[test]
fn the_scratch_database_goes() {
    use crate::support::postgres::{Cluster, Options, on};
    let Some(cluster) = Cluster::start(&Options::default()) else { return };
    let (fixture, mut database) = on(&cluster.url("{}"), "wrong");
    let mut fixture = fixture.var("VERSIONS", "m1_a,m2_(");
    for (wrong, code) in [("nothing", 0), ("way back fails", 3), ("index gone", 3), ("no SQL", 1)] {
        fixture.set("WRONG", wrong);
        if code == 1 {
            fixture.set("FIXTURE", "tables");
        }
        fixture.run(&["check"]).exits(code);
        let left = "SELECT datname AS line FROM pg_database WHERE datname LIKE 'updown\\_check%'";
        assert_eq!(database.lines(left), [""; 0], "{wrong}");
    }
}

/// A role that may not create databases is told what it needs.
#[cfg(feature = "postgres")]
#[test]
fn a_scratch_database_that_cannot_be_made_is_told() {
    if !crate::support::postgres::is_there() {
        return;
    }
    let fixture = Store::Postgres.fixture("wrong").var("WRONG", "nothing");
    let mut database = fixture.database();
    database.execute("CREATE ROLE updown_no_databases LOGIN PASSWORD 'x'");
    let url = fixture.get("DATABASE_URL");
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let at = rest.find('@').map_or(0, |at| at + 1);
    let url = format!("{scheme}://updown_no_databases:x@{}", &rest[at..]);
    let fixture = fixture.var("DATABASE_URL", &url);
    let ran = [&["check"][..], &["verify", "--schema"]].map(|asked| fixture.run(asked));
    database.execute("DROP ROLE updown_no_databases");
    for ran in ran {
        ran.exits(1)
            .says("no scratch database could be made: permission denied to create database")
            .says("CREATEDB");
    }
}

/// Outside development and test, what leaves the machine is encrypted, here too. Without a server it can be seen
/// that nothing is sent.
#[cfg(feature = "postgres")]
#[test]
fn nothing_is_sent_in_the_clear() {
    let fixture = Fixture::new("wrong").var("WRONG", "nothing").var("ENV", "production");
    let fixture = fixture.var("DATABASE_URL", "postgres://u:p@db.example.com/x?sslmode=prefer");
    fixture.run(&["check"]).exits(2).says("sslmode");
}
