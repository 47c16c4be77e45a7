//! Typed changes: each kind of them on every database, what they look like, and what is wrong with them.

#[cfg(feature = "postgres")]
use crate::support::Fixture;
use crate::support::{Ran, Store};

/// On each database with SQL; on the simulated CockroachDB they are steps.
macro_rules! on_sql {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::support::Store::Sqlite) })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $crate::support::for_each_store! {
                @ if $crate::support::postgres::is_there(), Postgres: $($test)*
            }
        }
        #[cfg(feature = "postgres")]
        mod in_steps {
            $crate::support::for_each_store! {
                @ if $crate::support::postgres::is_there(), Cockroach: $($test)*
            }
        }
    };
}

on_sql! {
    every_change_goes_up_and_down_and_up,
    every_change_undoes_itself,
    what_is_wrong_is_said_before_anything_runs,
    a_change_that_fails_says_where_it_is_written,
    what_cannot_be_undone_is_refused,
    a_plan_shows_the_sql_and_what_undoes_it,
    rows_stay_where_a_table_is_changed,
}

fn every_change_goes_up_and_down_and_up(store: Store) {
    let fixture = store.fixture("typed every");
    let mut database = fixture.database();
    let before = database.schema();
    fixture.run(&["migrate"]).exits(0);
    let there = database.schema();
    assert!(there.len() > before.len() + 10, "{there:#?}");
    fixture.run(&["rollback", "--all"]).exits(0);
    assert_eq!(database.schema(), before);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.schema(), there);
}

fn every_change_undoes_itself(store: Store) {
    let fixture = store.fixture("typed every");
    fixture.run(&["check"]).exits(0).says("13 migrations checked: each way back undoes its migration");
    // The database itself was left alone.
    fixture.run(&["status"]).exits(0).says_nothing_of("applied");
}

/// The database's own words are seen in the snapshot; what they do, above.
#[cfg(feature = "postgres")]
#[test]
fn every_change_looks_like_this() {
    let fixture = Fixture::new("typed every");
    let ran = fixture.run(&["plan", "--sql", "--all-backends"]).exits(0);
    insta::assert_snapshot!(ran.stdout);
    let preview = fixture.run(&["plan", "--sql", "--all-backends", "--json"]).exits(0).json();
    let migrations = preview["migrations"].as_array().expect("a list");
    assert_eq!(migrations.len(), 13);
    let databases: Vec<&str> = migrations[0]["typed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["database"].as_str().unwrap())
        .collect();
    assert_eq!(databases, ["sqlite", "postgres", "cockroach"]);
    assert_eq!(
        migrations[0]["typed"][0]["changes"][0]["words"].as_str().unwrap().split(' ').next(),
        Some("create")
    );
    // Nothing was connected to, nor made.
    assert!(!fixture.path("x.db").exists());
}

fn bad(store: Store, what: &str) -> Ran {
    let fixture = store.fixture("typed bad").var("BAD", what);
    let ran =
        fixture.run(&["migrate"]).exits(1).says("m2_bad").says("tests/fixture/typed/bad.rs:").says("hint: ");
    // Nothing was touched, not even what is before it in the list.
    assert!(!fixture.database().schema().iter().any(|line| line.contains("good")), "{what}");
    // And the same is said by whoever only tries it out.
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("tests/fixture/typed/bad.rs:");
    fixture.run(&["check"]).exits(1).says("tests/fixture/typed/bad.rs:");
    ran
}

fn what_is_wrong_is_said_before_anything_runs(store: Store) {
    bad(store, "two primary keys").says("the table t has two primary keys").says("t.primary_key([");
    bad(store, "missing table")
        .says("t.good_id refers to the table goood, which does not exist")
        .says("did you mean good?");
    bad(store, "added to a missing table").says("there is no table goood").says("did you mean good?");
    bad(store, "cycle").says("a.b_id refers to b, which is created behind it").says("add_foreign_key");
    bad(store, "unsaid").says("drop table good does not say what undoes it").says(".was(");
    bad(store, "two columns").says("the table t has two columns id");
    bad(store, "no such column").says("the table t has no column ide").says("it has id");
    bad(store, "not unique").says("t.t_n refers to t.n, which is neither its primary key nor unique");
    bad(store, "there already").says("there is a table good already");
    match store {
        Store::Sqlite => {
            bad(store, "type").says("SQLite has no type for an address").says("only_on");
            bad(store, "enum").says("SQLite has no enum types such as mood");
        }
        _ => {
            bad(store, "long name").says("has 64 bytes").says("cuts off what is beyond 63");
        }
    }
}

/// What only the database knows is said with the place of the change, and its statement.
fn a_change_that_fails_says_where_it_is_written(store: Store) {
    let fixture = store.fixture("typed bad").var("BAD", "fails");
    let ran = fixture.run(&["migrate"]).exits(1);
    let ran = ran
        .says("migration m2_bad failed")
        .says("cannot create index i on good (nothing)")
        .says("CREATE INDEX \"i\"");
    let line = include_str!("../fixture/typed/bad.rs")
        .lines()
        .position(|line| line.contains("schema.create_index(\"i\", \"good\", [\"nothing\"])"))
        .expect("it is there");
    ran.says(&format!("tests/fixture/typed/bad.rs:{}", line + 1));
    let there =
        fixture.database().schema().iter().any(|line| line.contains("table t") || line.contains("t.id"));
    assert_eq!(there, store == Store::Cockroach, "{:#?}", fixture.database().schema());
}

/// On SQLite the tables are built anew, in a transaction and in steps: what refers to the rows of the old one with
/// `ON DELETE CASCADE` stays.
fn rows_stay_where_a_table_is_changed(store: Store) {
    let fixture = store.fixture("typed safely");
    let mut database = fixture.database();
    let mut rows = || {
        let found = database.lines("SELECT user_id || '' AS line FROM posts ORDER BY id");
        assert_eq!(found, ["1", "2"]);
        assert_eq!(database.lines("SELECT name AS line FROM users ORDER BY id"), ["a", "b"]);
    };
    fixture.run(&["migrate"]).exits(0);
    rows();
    fixture.run(&["rollback", "--to", "m1_tables"]).exits(0);
    rows();
}

fn what_cannot_be_undone_is_refused(store: Store) {
    let fixture = store.fixture("typed bad").var("BAD", "irreversible");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["rollback"]).exits(5).says("m2_bad").says("nobody wants it");
    fixture.run(&["check"]).exits(0).says("irreversible").says("nobody wants it");
    fixture.run(&["plan", "--sql", "--all-backends"]).exits(0).says("irreversible: nobody wants it");
}

fn a_plan_shows_the_sql_and_what_undoes_it(store: Store) {
    let fixture = store.fixture("typed bad").var("BAD", "dangerous");
    let plan = fixture.run(&["plan"]).exits(0);
    let mut plan = plan.says("--sql shows what");
    let dangerous = [
        "create index j on good (id): nobody can write to good while the index is built",
        ".concurrently()",
        "add check c (id > 0) on good: nobody can read or write good while all rows are checked",
        ".not_valid()",
        "require good.n: nobody can read or write good while all rows are read",
        ".by_check()",
        "change the type of good.n from integer to big integer: nobody can read or write good while all rows are written anew",
        "add foreign key good_t_id_fkey (t_id) to t (id) on good: nobody can write to good",
    ];
    for said in dangerous {
        plan = if store == Store::Sqlite { plan.says_nothing_of(said) } else { plan.says(said) };
    }
    // What is done to a table of its own, and what is done safely, is not warned of.
    plan.says_nothing_of("create index i").says_nothing_of("m3_safe:").says_nothing_of("index k on good");

    let sql = fixture.run(&["plan", "--sql"]).exits(0);
    let how = store.whole_or_in_steps("in a transaction", "in steps");
    let sql = sql
        .says(&format!("apply m2_bad  main, {how}"))
        .says("CREATE TABLE \"t\" (")
        .says("undone by")
        .says("DROP INDEX \"j\";");
    let sql = sql.says(store.either("CREATE INDEX \"k\"", "CREATE INDEX CONCURRENTLY \"k\""));
    if store == Store::Sqlite {
        // The table as it is by then: what is shown is what will run.
        sql.says("CREATE TABLE \"updown_new_good\"").says("\"n\" bigint NOT NULL");
    }
    let json = fixture.run(&["plan", "--sql", "--json"]).exits(0).json();
    let second = &json["migrations"][1];
    assert_eq!(second["typed"][0]["in_transaction"], store.has_transactions());
    assert!(second["typed"][0]["changes"][0]["file"].as_str().unwrap().ends_with("bad.rs"));
    assert_eq!(second["typed"][0]["reverse"][0]["words"], "drop constraint good_t_id_fkey on good");

    // As shown, so done.
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["plan", "--rollback", "--sql"]).exits(0).says("roll back m2_bad").says("applied again by");
    fixture.run(&["rollback"]).exits(0);
}

/// Each statement a step there, and nothing in them that CockroachDB's parser, or the simulated server, does not
/// understand.
#[cfg(feature = "postgres")]
#[test]
fn every_change_is_steps_on_cockroachdb() {
    let simulated = crate::support::cockroach::simulated_or_skip!();
    let fixture = crate::on_cockroach::fixture(&simulated, "typed every");
    let before = fixture.database().schema();
    fixture
        .run(&["plan", "--sql"])
        .exits(0)
        .says("apply m01_tables  main, in steps")
        .says_nothing_of("in a transaction");
    fixture.run(&["migrate"]).exits(0);
    let there = fixture.database().schema();
    fixture.run(&["rollback", "--all"]).exits(0);
    assert_eq!(fixture.database().schema(), before);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(fixture.database().schema(), there);
    fixture.run(&["check"]).exits(0).says("13 migrations checked: each way back undoes its migration");
}
