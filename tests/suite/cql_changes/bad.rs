//! What is wrong is said with its place and what to write, before anything runs.

use crate::support::cassandra::{is_there, keyspace_or_skip};
use crate::support::{Ran, Store};

const FILE: &str = "tests/fixture/cql/typed/bad.rs";

/// By a run, and by whoever only tries it out.
fn bad(what: &str) -> Ran {
    let fixture = Store::Cassandra.fixture("typed bad").var("BAD", what);
    let said =
        |args: &[&str]| fixture.run(args).exits(1).says("m2_bad").says(&format!("{FILE}:")).says("hint: ");
    said(&["migrate", "--dry-run"]);
    let ran = said(&["migrate"]);
    assert!(fixture.home.is_untouched(), "{what}: not even what comes before it in the list was made");
    ran
}

#[test]
fn what_is_wrong_is_said_before_anything_runs() {
    if !is_there() {
        return;
    }
    bad("no key").says("table t has no partition key").says(".partition_key()`");
    bad("two columns").says("table t has two columns id");
    bad("not frozen").says("column t.id is in the primary key, and set<int> is not frozen").says("freeze it");
    bad("counters").says("table t has counters beside name (text)").says("make two tables of it");
    bad("static").says("column t.s is static, but its table has no clustering key");
    bad("option").says("there is no option gc_grace_second of a table").says("gc_grace_seconds");
    bad("time to live").says("rows of good are to last 630720001 seconds").says("twenty years");
    bad("long name").says("has 49 letters").says("at most 48");
    bad("letters").says("the name of table “my table” has other letters");
    bad("unsaid").says("nobody can tell what undoes “drop table good”").says("`.was(|t| …)`");
    bad("unsaid raw").says("nobody can tell what undoes “run CREATE ROLE reader”").says(".reverse(");
    bad("there already").says("table t is there already");
    bad("no such column").says("index i is about t.titel, which is not there").says("the table has id, at");
    bad("no map").says("index i cannot be on that of t.tags: set<text> is no map").says(".keys()");
    bad("key dropped").says("column t.at is in the primary key, and cannot be dropped");
    bad("renamed").says("column t.title is not in the primary key, and cannot be renamed");
    bad("never again").says("column good.n (counter) cannot be added again once it is dropped");
    bad("indexed").says("column t.title has index i, and cannot be dropped").says("drop_index(\"i\")");
    bad("view").says("materialized view v has no at in its key, which is in that of t");
    bad("no fields").says("type place has no fields");
    bad("no copies").says("keyspace updown_test_bad keeps no copy of anything").says("k.simple(1)");
    bad("empty").says("there is no statement to run");
    bad("use").says("`USE other` holds for one connection of several").says("before the name");
}

/// What only the server knows is said with the place of the change, and its statement.
#[test]
fn a_change_that_fails_says_where_it_is_written() {
    if !is_there() {
        return;
    }
    let fixture = Store::Cassandra.fixture("typed bad").var("BAD", "fails");
    let line = include_str!("../../fixture/cql/typed/bad.rs")
        .lines()
        .position(|line| line.contains("schema.create_index(\"i\", \"good\", \"nothing\")"))
        .expect("it is there");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("migration m2_bad failed")
        .says("cannot create index i on good (nothing)")
        .says("CREATE INDEX i ON good (nothing)")
        .says(&format!("{FILE}:{}", line + 1));
    // What came before it in the migration stays, and is not sent again by the next run.
    assert!(fixture.database().schema().iter().any(|line| line.contains("\"place\"")));
    fixture.database().execute("ALTER TABLE good ADD nothing text");
    fixture.run(&["migrate"]).exits(0).says("m2_bad");
}

/// The same by hand.
#[test]
fn no_body_uses_another_keyspace() {
    if !is_there() {
        return;
    }
    let fixture = Store::Cassandra.fixture("bad").var("BAD", "USE system");
    fixture.run(&["migrate", "--dry-run"]).exits(1).says("holds for one connection of several");
    fixture.run(&["migrate"]).exits(1).says("`other.users`");
}

/// What is refused as a mistake because the server would: in case it changes its mind.
#[test]
fn what_is_wrong_is_refused_by_the_server() {
    let keyspace = keyspace_or_skip!();
    let conn = keyspace.create();
    for cql in [
        "CREATE TYPE place (city text)",
        "CREATE TABLE t (id int PRIMARY KEY, kind text, place place, frozen_place frozen<place>, n int)",
        "CREATE INDEX t_n ON t (n)",
        "ALTER TABLE t DROP frozen_place",
        "CREATE TABLE with_view (id int PRIMARY KEY, a int)",
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM with_view WHERE id IS NOT NULL PRIMARY KEY (id)",
    ] {
        conn.execute(cql, ()).unwrap_or_else(|error| panic!("{error}: {cql}"));
    }
    for cql in [
        "ALTER TABLE t DROP place",
        "ALTER TABLE t ADD frozen_place frozen<place>",
        "ALTER TABLE t RENAME kind TO sort",
        "ALTER TABLE t DROP id",
        "ALTER TABLE t DROP n",
        "ALTER TABLE with_view DROP a",
        "DROP TABLE with_view",
        "CREATE TABLE c (id int PRIMARY KEY, n counter, name text)",
        "CREATE TABLE s (id int PRIMARY KEY, n int static)",
        "CREATE TABLE d (id duration PRIMARY KEY)",
        "CREATE TABLE k (id set<int> PRIMARY KEY)",
        "CREATE TABLE u (id int PRIMARY KEY) WITH default_time_to_live = 630720001",
    ] {
        assert!(conn.execute(cql, ()).is_err(), "{cql}");
    }
}
