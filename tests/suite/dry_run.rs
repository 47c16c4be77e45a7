//! A dry run really executes everything, and leaves no trace.

use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    it_prints_every_statement_with_its_values,
    it_rehearses_a_rollback;
    real: outside_development_it_is_confirmed_like_a_change;
    // Where nothing can be undone, nothing is sent.
    sql: values_are_shown_to_the_one_who_rehearses, a_broken_statement_is_found,
        a_body_that_leaves_its_transaction_is_found,
}

fn it_prints_every_statement_with_its_values(store: Store) {
    let fixture = store.fixture("example");
    let ran = fixture
        .run(&["migrate", "--dry-run"])
        .exits(0)
        .says(store.each("CREATE TABLE \"video_uploads\"", "video_uploads", "CREATE TABLE video_uploads"))
        .says(match store {
            // All in steps, and the first of them does not run in a transaction.
            Store::Cockroach => "dry run: nothing to do",
            Store::Cassandra => "dry run: 7 migrations",
            _ => "dry run: 5 migrations applied",
        });
    assert!(fixture.home.is_untouched(), "{ran:?}");
    assert_eq!(std::fs::read_dir(fixture.directory.path()).unwrap().count(), 0, "no file of any kind");
    if store.has_transactions() {
        ran.says("SELECT DISTINCT")
            .says("not rehearsed m0006_fill_video_slug")
            .says("it comes after m0006_fill_video_slug")
            .says("; everything was undone again");
    } else if store == Store::Cassandra {
        ran.says("nothing is carried out on store main").says("; nothing was kept");
    } else {
        ran.says("not rehearsed m0001_create_video_uploads").says("outside a transaction");
    }
}

fn values_are_shown_to_the_one_who_rehearses(store: Store) {
    let fixture = store.fixture("bad").var("BAD", "bind");
    fixture.run(&["migrate", "--to", "1"]).exits(0);
    fixture.database().execute("CREATE TABLE nowhere (x TEXT)");
    fixture
        .run(&["migrate", "--dry-run"])
        .exits(0)
        .says(store.either("INSERT INTO nowhere VALUES (?)", "INSERT INTO nowhere VALUES ($1)"))
        .says("s3cret-value");
    assert_eq!(fixture.database().number("SELECT count(*) AS number FROM nowhere"), 0);
}

fn a_broken_statement_is_found(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_broken");
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("near \"TABEL\"");
    assert!(fixture.home.is_untouched());
}

fn it_rehearses_a_rollback(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    let history = fixture.database().history();
    let ran = fixture.run(&["rollback", "--dry-run"]).exits(0);
    let again = fixture.run(&["redo", "--dry-run"]).exits(0);
    if store == Store::Cockroach {
        ran.says("not rehearsed m2_b");
    } else {
        ran.says("DROP TABLE b").says("2 migrations rolled back");
        again.says("2 migrations rolled back, 2 migrations applied");
    }
    assert_eq!(fixture.database().dump(), before);
    assert_eq!(fixture.database().history(), history);
}

fn a_body_that_leaves_its_transaction_is_found(store: Store) {
    for bad in ["commit", "commit; begin", "rollback", "rollback; begin"] {
        let mut fixture = store.fixture("bad");
        fixture.run(&["migrate", "--step", "1"]).exits(0);
        fixture.set("BAD", bad);
        let before = fixture.database().dump();
        let ran = fixture.run(&["migrate", "--dry-run"]).exits(1).says("the body ended its own transaction");
        if bad.starts_with("commit") && store == Store::Sqlite {
            // A rehearsal cannot take it back.
            ran.says("what it did before them is in the database and has to be undone by hand");
            fixture.database().execute("DROP TABLE half");
        }
        assert_eq!(fixture.database().dump(), before, "{bad}");
        assert_eq!(fixture.database().history(), ["m1_good applied"], "{bad}");
    }
}

fn outside_development_it_is_confirmed_like_a_change(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a").var("ENV", "staging");
    fixture.run(&["migrate", "--dry-run"]).exits(5).says("--yes");
    fixture.run(&["migrate", "--dry-run", "--yes"]).exits(0);
}

#[test]
fn a_body_that_commits_makes_no_file() {
    for bad in ["commit", "rollback", "rollback; begin"] {
        let fixture = Fixture::new("bad").var("BAD", bad);
        fixture.run(&["migrate", "--dry-run"]).exits(1).says("the body ended its own transaction");
        assert!(fixture.home.is_untouched());
    }
}

#[test]
fn a_file_that_is_there_stays_as_it_was() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a,m2_broken");
    std::fs::write(fixture.path("x.db"), "").unwrap();
    let before = std::fs::metadata(fixture.path("x.db")).unwrap().len();
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("near \"TABEL\"");
    assert_eq!(std::fs::metadata(fixture.path("x.db")).unwrap().len(), before, "no ledger table, nothing");
}

#[test]
fn a_rebuild_is_rehearsed_without_losing_what_refers_to_it() {
    let fixture = Fixture::new("steps");
    fixture.run(&["migrate", "--to", "m2_steps"]).exits(0);
    let before = fixture.database().dump();
    fixture
        .run(&["migrate", "--dry-run"])
        .exits(0)
        .says("foreign keys are off in this rehearsal")
        .says("items_new");
    assert_eq!(fixture.database().dump(), before);
    fixture.database().execute("PRAGMA foreign_keys = OFF; DELETE FROM items WHERE id = 3");
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("foreign keys do not hold");
}
