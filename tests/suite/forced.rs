//! `updown resolve --to`, and `updown force`: where a database stands, by the word of whoever has looked.

use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    a_ledger_is_told_where_its_database_stands,
    of_what_is_squashed_one_row_is_left;
    sql: a_dirty_version_of_golang_migrate_is_settled,
    what_was_half_done_is_settled
}

fn a_ledger_is_told_where_its_database_stands(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b,m3_c");
    fixture.run(&["migrate", "--to", "m1_a"]).exits(0);
    fixture.run(&["resolve", "--to", "m2_b"]).exits(2).says("--reason");
    let said = fixture.run(&["resolve", "--to", "m2_b", "--reason", "made by hand"]).exits(0);
    said.says("entered   m2_b").says("stands at m2_b").says_nothing_of("m1_a").says_nothing_of("m3_c");
    assert_eq!(fixture.database().batches(), ["m1_a@1", "m2_b@2"]);
    assert!(!fixture.database().has("b"), "it is recorded, not run");
    // "Marked as applied, but should not be."
    let said = fixture.run(&["force", "1", "--reason", "it never ran"]).exits(0);
    said.says("taken out m2_b").says("stands at m1_a");
    fixture.run(&["history"]).exits(0).says("made by hand").says("it never ran").says("resolved");
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert!(fixture.database().has("b"));
    // What stands so already is left alone, and so is what nobody knows.
    let before = fixture.database().dump();
    fixture.run(&["force", "m3_c"]).exits(0).says("stands at m3_c").says_nothing_of("entered");
    fixture.run(&["force", "m4_d"]).exits(2).says("m4_d");
    fixture.run(&["resolve", "m2_b", "--to", "m1_a", "--reason", "both"]).exits(2);
    assert_eq!(fixture.database().dump(), before);
    let json = fixture.run(&["force", "-1", "--json"]).exits(0).json();
    assert_eq!(json["removed"], serde_json::json!(["m3_c", "m2_b", "m1_a"]));
    assert!(json["at"].is_null());
    assert!(fixture.database().ledger().is_empty());
    assert!(fixture.database().has("c"), "nothing is undone");
}

fn of_what_is_squashed_one_row_is_left(store: Store) {
    for settle in [&["resolve", "m2_s", "--applied", "--reason", "x"][..], &["force", "m2_s"]] {
        let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b,m3_c");
        fixture.run(&["migrate", "--to", "m1_a"]).exits(0);
        fixture.set("VERSIONS", "m2_s=m1_a+m2_b,m3_c");
        fixture.run(&["migrate"]).exits(5).says("of which 1 is applied");
        fixture.run(settle).exits(0);
        assert_eq!(fixture.database().batches(), ["m2_s@2"], "{settle:?}");
        fixture.run(&["migrate"]).exits(0).says("1 migration applied");
        fixture.run(&["verify"]).exits(0);
    }
}

const FILES: [(&str, &str); 2] = [
    ("000001_a.up.sql", "CREATE TABLE a (id INT);\n"),
    ("000002_b.up.sql", "CREATE TABLE b (id INT); INSERT INTO missing VALUES (1);\n"),
];

/// The second has failed half-way, as it does there, and its version is dirty.
fn a_dirty_version_of_golang_migrate_is_settled(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    let dirty =
        "CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, dirty BOOLEAN NOT NULL);
        INSERT INTO schema_migrations VALUES (2, TRUE); CREATE TABLE a (id INT); CREATE TABLE b (id INT);";
    fixture.database().execute(dirty);
    fixture.run(&["up"]).exits(5).says("updown adopt");
    fixture.run(&["adopt"]).exits(5).says("2 is dirty").says("--dirty not-applied");
    fixture.run(&["adopt", "--dirty", "not-applied"]).exits(0).says("000001_a");
    fixture.run(&["version"]).exits(0).says("000001_a");
    // Somebody completes it by hand, and says so.
    fixture.run(&["force", "2", "--reason", "the row does not matter"]).exits(0).says("entered   000002_b");
    fixture.run(&["up"]).exits(0).says("nothing to do");
    fixture.run(&["history"]).exits(0).says("the row does not matter");
}

fn what_was_half_done_is_settled(store: Store) {
    let half_done = || {
        let fixture = Fixture::of_files(store, &FILES).var("UPDOWN_USE_TRANSACTIONS", "false");
        fixture.run(&["up"]).exits(1).says("its finished steps stay");
        assert!(fixture.database().has("b"));
        fixture
    };
    let fixture = half_done();
    fixture.run(&["force", "2"]).exits(0);
    fixture.run(&["up"]).exits(0).says("nothing to do");
    // What has no row and is behind it is forgotten as well: it begins from the start.
    let fixture = half_done();
    fixture.database().execute("DROP TABLE b");
    fixture.database().execute("CREATE TABLE missing (id INT)");
    fixture.run(&["force", "1"]).exits(0);
    fixture.run(&["up"]).exits(0).says("000002_b");
    assert!(fixture.database().has("b"));
}
