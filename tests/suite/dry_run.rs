//! A dry run really executes everything, and leaves no trace.

use crate::support::Fixture;

#[test]
fn it_prints_every_statement_with_its_values() {
    let fixture = Fixture::new("example");
    let ran = fixture
        .run(&["migrate", "--dry-run"])
        .exits(0)
        .says("CREATE TABLE video_uploads")
        .says("SELECT DISTINCT")
        .says("not rehearsed m0005_add_video_slug")
        .says("it comes after m0005_add_video_slug")
        .says("dry run: 4 migrations applied; everything was undone again");
    assert!(!fixture.path("x.db").exists(), "{ran:?}");
    assert_eq!(std::fs::read_dir(fixture.directory.path()).unwrap().count(), 0, "no file of any kind");
}

#[test]
fn values_are_shown_to_the_one_who_rehearses() {
    let fixture = Fixture::new("bad").var("BAD", "bind");
    fixture.run(&["migrate", "--to", "1"]).exits(0);
    fixture.database().execute("CREATE TABLE nowhere (x TEXT)");
    fixture
        .run(&["migrate", "--dry-run"])
        .exits(0)
        .says("INSERT INTO nowhere VALUES (?)")
        .says("s3cret-value");
    assert_eq!(fixture.database().number("SELECT count(*) AS number FROM nowhere"), 0);
}

#[test]
fn a_broken_statement_is_found_and_the_database_left_as_it_was() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a,m2_broken");
    std::fs::write(fixture.path("x.db"), "").unwrap();
    let before = std::fs::metadata(fixture.path("x.db")).unwrap().len();
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("near \"TABEL\"");
    assert_eq!(std::fs::metadata(fixture.path("x.db")).unwrap().len(), before, "no ledger table, nothing");
}

#[test]
fn it_rehearses_a_rollback() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().dump();
    let history = fixture.database().history();
    fixture.run(&["rollback", "--dry-run"]).exits(0).says("DROP TABLE b").says("2 migrations rolled back");
    fixture.run(&["redo", "--dry-run"]).exits(0).says("2 migrations rolled back, 2 migrations applied");
    assert_eq!(fixture.database().dump(), before);
    assert_eq!(fixture.database().history(), history);
}

#[test]
fn a_body_that_commits_is_found() {
    for bad in ["commit", "rollback", "rollback; begin"] {
        let fixture = Fixture::new("bad").var("BAD", bad);
        fixture.run(&["migrate", "--dry-run"]).exits(1).says("the body ended its own transaction");
        assert!(!fixture.path("x.db").exists());
    }
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

#[test]
fn outside_development_it_is_confirmed_like_a_change() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("ENV", "staging");
    fixture.run(&["migrate", "--dry-run"]).exits(5).says("--yes");
    fixture.run(&["migrate", "--dry-run", "--yes"]).exits(0);
}
