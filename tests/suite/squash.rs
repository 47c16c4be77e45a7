//! `updown squash`, and databases on either side of it: those that have applied nothing, all, and a part of what one
//! migration took the place of.

mod directories;
mod killed;
mod modules;

use crate::support::{Database, Fixture, Ran, Store, for_each_store};

for_each_store! {
    where_all_is_applied_it_is_entered_and_nothing_runs,
    where_nothing_is_applied_it_runs,
    where_a_part_is_applied_it_is_refused,
    what_runs_behind_it_runs_in_the_same_command,
    it_cannot_be_rolled_back_and_what_follows_can,
    many_at_once_enter_it_once,
    the_ledger_of_another_service_stays_as_it_is,
    what_is_replaced_is_not_in_the_list;
    real: a_start_up_enters_it_in_any_environment,
    a_dry_run_enters_nothing
}

const BEFORE: &str = "m1_a,m2_b,m3_c";
const BEHIND: &str = "m2_s=m1_a+m2_b,m3_c";

/// A database in which `before` is applied, and the release behind the squash.
fn grown(store: Store, before: &str) -> Fixture {
    let mut fixture = store.fixture("tables").var("VERSIONS", before);
    fixture.run(&["migrate"]).exits(0);
    fixture.set("VERSIONS", BEHIND);
    fixture
}

/// The names in the ledger, in the order of application, with their batches.
fn ledger(fixture: &Fixture) -> Vec<String> {
    fixture.database().batches()
}

fn last_of(database: &mut Database) -> Option<String> {
    database.history().pop()
}

fn where_all_is_applied_it_is_entered_and_nothing_runs(store: Store) {
    let fixture = grown(store, BEFORE);
    let tables = fixture.database().schema();
    fixture
        .run(&["status"])
        .exits(0)
        .says("replaces 2 applied")
        .says_nothing_of("pending")
        .says_nothing_of("m1_a");
    fixture.run(&["status", "--check"]).exits(0);
    fixture.run(&["health"]).exits(0).says("ready");
    fixture.run(&["verify"]).exits(0);
    let status = fixture.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["stores"][0]["migrations"][0]["state"], "replaces");
    fixture.run(&["plan"]).exits(0).says("in the place of 2 that are applied; nothing of it runs");
    if store != Store::Cassandra {
        fixture.run(&["verify", "--schema"]).exits(0);
    }
    fixture.run(&["migrate"]).exits(0).says("m2_s entered in the place of 2").says_nothing_of("applied  ");
    assert_eq!(ledger(&fixture), ["m2_s@1", "m3_c@1"], "as the last one of them was");
    let mut database = fixture.database();
    assert_eq!(last_of(&mut database).as_deref(), Some("m2_s squashed"));
    assert_eq!(database.schema(), tables, "nothing ran");
    fixture.run(&["history"]).exits(0).says("in the place of m1_a, m2_b");
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["verify"]).exits(0);
    fixture.run(&["status", "--check"]).exits(0).says_nothing_of("replaces");
    fixture.run(&["lock"]).exits(0).says("main: free");
}

fn where_nothing_is_applied_it_runs(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", BEHIND);
    fixture.run(&["status", "--check"]).exits(3).says("pending");
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert_eq!(ledger(&fixture), ["m2_s@1", "m3_c@1"]);
    assert_eq!(fixture.database().history(), ["m2_s applied", "m3_c applied"]);
}

fn where_a_part_is_applied_it_is_refused(store: Store) {
    let mut fixture = grown(store, "m1_a");
    let before = fixture.database().dump();
    let refused = fixture.run(&["migrate"]).exits(5);
    refused
        .says("m2_s replaces 2 migrations, of which 1 is applied in store main: m2_b is not")
        .says("--to m2_b");
    assert_eq!(fixture.database().dump(), before);
    fixture.run(&["status", "--check"]).exits(3).says("of which 1 applied");
    fixture.run(&["health"]).exits(3);
    // What the hint says leads on.
    fixture.set("VERSIONS", BEFORE);
    fixture.run(&["migrate", "--to", "m2_b"]).exits(0);
    fixture.set("VERSIONS", BEHIND);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(ledger(&fixture), ["m2_s@2", "m3_c@3"]);
}

fn what_runs_behind_it_runs_in_the_same_command(store: Store) {
    let fixture = grown(store, "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0).says("1 migration applied").says("m2_s entered in the place of 2");
    assert_eq!(ledger(&fixture), ["m2_s@1", "m3_c@2"]);
    assert_eq!(fixture.database().history()[2..], ["m2_s squashed", "m3_c applied"]);
}

fn it_cannot_be_rolled_back_and_what_follows_can(store: Store) {
    let fixture = grown(store, "m1_a,m2_b");
    // Before it is entered, and behind that.
    fixture.run(&["rollback", "--all"]).exits(5).says("it was replaced by m2_s");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["rollback", "--all"]).exits(5).says("m2_s cannot be rolled back");
    fixture.run(&["rollback"]).exits(0);
    assert_eq!(ledger(&fixture), ["m2_s@1"]);
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
}

fn many_at_once_enter_it_once(store: Store) {
    let fixture = grown(store, BEFORE);
    let children: Vec<_> = (0..store.each(8, 6, 3)).map(|_| fixture.start(&["migrate"])).collect();
    for child in children {
        Ran::of(child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(ledger(&fixture), ["m2_s@1", "m3_c@1"]);
    let history = fixture.database().history();
    assert_eq!(history.iter().filter(|row| *row == "m2_s squashed").count(), 1, "{history:?}");
}

fn the_ledger_of_another_service_stays_as_it_is(store: Store) {
    let mut fixture = grown(store, BEFORE);
    fixture.set("SERVICE", "other");
    fixture.set("VERSIONS", "m1_x,m2_y");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("SERVICE", "");
    fixture.set("VERSIONS", BEHIND);
    fixture.run(&["migrate"]).exits(0).says("m2_s entered");
    fixture.set("SERVICE", "other");
    fixture.set("VERSIONS", "m1_x,m2_y");
    fixture.run(&["status", "--check"]).exits(0);
    fixture.run(&["verify"]).exits(0);
}

fn what_is_replaced_is_not_in_the_list(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_s=m1_a");
    fixture.run(&["migrate"]).exits(2).says("m2_s replaces m1_a, which is in the list as well");
    fixture.set("VERSIONS", "m2_s=m1_a,m3_t=m1_a");
    fixture.run(&["status"]).exits(2).says("m3_t replaces m1_a, which is replaced by m2_s, too");
}

fn a_start_up_enters_it_in_any_environment(store: Store) {
    for (environment, auto) in [("development", ""), ("development", "false"), ("production", "")] {
        let mut fixture = grown(store, BEFORE);
        fixture.set("ENV", environment);
        fixture.set("AUTO_MIGRATE", auto);
        let ran = fixture.run(&["startup"]).exits(0).says("squashed    m2_s");
        assert_eq!(ledger(&fixture), ["m2_s@1", "m3_c@1"], "{environment} {auto}: {ran:?}");
        fixture.run(&["startup"]).exits(0).says_nothing_of("m2_s");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
    // What would run does not.
    let mut fixture = grown(store, "m1_a,m2_b");
    fixture.set("ENV", "production");
    fixture.run(&["startup"]).exits(0).says("squashed    m2_s").says("1 migration is pending");
    assert_eq!(ledger(&fixture), ["m2_s@1"]);
}

fn a_dry_run_enters_nothing(store: Store) {
    let fixture = grown(store, BEFORE);
    let before = fixture.database().dump();
    fixture.run(&["migrate", "--dry-run"]).exits(0).says("m2_s would be entered in the place of 2");
    assert_eq!(fixture.database().dump(), before);
}
