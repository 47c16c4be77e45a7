//! Tables that have another name than their tool gives them by itself, and those that have ours.

use crate::support::{Fixture, Store};

use super::applied;
use super::ledgers::{Ledger, everything, golang_migrate, goose, ledgers};

fn prepared(ledger: &Ledger, store: Store) -> (Fixture, Vec<String>) {
    let fixture = ledger.fixture(store);
    let before = everything(&mut fixture.database(), store);
    (fixture, before)
}

pub fn a_table_of_another_name_is_taken_over(store: Store) {
    for (name, in_sql) in [("chat_migrations", "chat_migrations"), ("The odd one", "\"The odd one\"")] {
        for ledger in ledgers(store) {
            let ledger = ledger.named(in_sql);
            let ((fixture, before), tool) = (prepared(&ledger, store), ledger.tool);
            let [a, b, c] = ledger.names;
            fixture.run(&["adopt"]).exits(2).says("no ledger of another tool");
            fixture
                .run(&["adopt", "--table", "a"])
                .exits(2)
                .says("no table `a` that is the ledger of a tool");
            fixture.run(&["adopt", "--table", "not_there"]).exits(2).says("`--table SCHEMA.NAME`");
            fixture
                .run(&["adopt", "--table", name, "--from", "none"])
                .exits(2)
                .says("leave one of them away");
            let other = if tool == "diesel" { "goose" } else { "diesel" };
            fixture.run(&["adopt", "--table", name, "--from", other]).exits(2).says("no table");
            fixture
                .run(&["adopt", "--table", name, "--dry-run"])
                .exits(0)
                .says(a)
                .says("nothing was written");
            assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");

            let said = fixture.run(&["adopt", "--table", name, "--from", tool]).exits(0);
            said.says(&format!("2 migrations of {tool} ({name})")).says("1 pending");
            assert_eq!(applied(&fixture), [a, b], "{tool}");
            for again in [&["adopt"][..], &["adopt", "--table", name]] {
                fixture.run(again).exits(0).says("already");
            }
            fixture.run(&["adopt", "--table", "chat"]).exits(2);
            fixture.run(&["adopt", "--undo"]).exits(0).says(&format!("{name} is {tool}'s again"));
            assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");

            fixture.run(&["adopt", "--table", name]).exits(0);
            fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 2").says(c);
            assert!(fixture.database().has("c"), "{tool}");
        }
    }
    if store == Store::Postgres {
        in_a_schema_that_is_not_seen(store);
    }
    beside_a_ledger_that_is_not_taken_over(store);
}

fn in_a_schema_that_is_not_seen(store: Store) {
    let ledger = golang_migrate().named("other.chat_migrations");
    let fixture = ledger.directory(store);
    fixture.database().execute("CREATE SCHEMA other");
    ledger.make(&mut fixture.database(), store);
    fixture.run(&["adopt", "--table", "chat_migrations"]).exits(2).says("`--table SCHEMA.NAME`");
    let adopt = ["adopt", "--table", "other.chat_migrations"];
    fixture.run(&adopt).exits(0).says("2 migrations of golang-migrate");
    fixture.run(&adopt).exits(0).says("already");
    assert_eq!(applied(&fixture), ledger.names[..2]);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 2");
}

/// What has the name of ours stays in the way, and is not lost.
fn beside_a_ledger_that_is_not_taken_over(store: Store) {
    let ledger = goose().named("chat_migrations");
    let fixture = ledger.fixture(store);
    golang_migrate().make_table(&mut fixture.database(), store);
    let before = everything(&mut fixture.database(), store);
    fixture
        .run(&["adopt", "--table", "chat_migrations"])
        .exits(5)
        .says("schema_migrations was made by golang-migrate");
    assert_eq!(everything(&mut fixture.database(), store), before);
}

pub fn a_table_of_our_own_name_makes_room_whosever_it_is(store: Store) {
    for ledger in ledgers(store) {
        let ledger = ledger.named("schema_migrations");
        let ((fixture, before), tool) = (prepared(&ledger, store), ledger.tool);
        fixture.run(&["migrate"]).exits(5).says("`updown adopt`");
        let beside = format!("schema_migrations_{}", tool.replace('-', "_"));
        let said = fixture.run(&["adopt"]).exits(0);
        said.says(&beside).says(&format!("2 migrations of {tool} (schema_migrations)"));
        assert_eq!(applied(&fixture), ledger.names[..2], "{tool}");
        fixture.run(&["adopt", "--undo"]).exits(0).says(&format!("schema_migrations is {tool}'s again"));
        assert_eq!(everything(&mut fixture.database(), store), before, "{tool}");
        fixture.run(&["adopt", "--table", "schema_migrations"]).exits(0).says(&beside);
        fixture.run(&["migrate"]).exits(0).says("1 migration applied in batch 2");
        assert!(fixture.database().has("c") && fixture.database().has(&beside), "{tool}");
    }
    // Of two, the one that is named.
    let (ours, other) = (golang_migrate(), goose());
    let fixture = ours.fixture(store);
    other.make_table(&mut fixture.database(), store);
    fixture.run(&["adopt"]).exits(2).says("several ledgers");
    fixture.run(&["adopt", "--table", "schema_migrations"]).exits(0).says("2 migrations of golang-migrate");
    // One that had nothing to take over yet has made room, and gets its name back.
    let ledger = goose().named("schema_migrations");
    let fixture = ledger.directory(store);
    ledger.make_table(&mut fixture.database(), store);
    let before = everything(&mut fixture.database(), store);
    fixture.run(&["adopt"]).exits(0);
    fixture.run(&["adopt", "--undo"]).exits(0).says("schema_migrations is goose's again");
    assert_eq!(everything(&mut fixture.database(), store), before);
}
