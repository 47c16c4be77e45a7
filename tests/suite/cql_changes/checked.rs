//! `check`, which tries migrations out in a keyspace of its own.

use updown::scylla::ScyllaConnection;

use super::{beside_another, scratch_keyspaces};
use crate::support::Store;
use crate::support::cassandra::is_there;
use crate::support::cql_proxy::CqlProxy;

#[test]
fn every_change_undoes_itself() {
    if !is_there() {
        return;
    }
    let (fixture, other) = beside_another("all");
    fixture
        .run(&["check"])
        .exits(0)
        .says("11 migrations checked: each way back undoes its migration")
        .says("irreversible: a field cannot be taken away from a type");
    let json = fixture.run(&["check", "--json"]).exits(0).json();
    let checked = json["migrations"].as_array().expect("a list");
    assert_eq!(checked.len(), 11);
    assert!(checked.iter().all(|of| of["not_undone"] == serde_json::json!([])), "{json:#}");
    assert!(fixture.home.is_untouched(), "the keyspace itself was left alone");
    let other = ScyllaConnection::open(&other.url).expect("the server answers");
    assert!(!other.has_keyspace().expect("the server answers"), "and so is what is beside it");
}

#[test]
fn a_way_back_that_is_wrong_is_named() {
    if !is_there() {
        return;
    }
    let fixture = Store::Cassandra.fixture("typed wrong");
    let ran = fixture.run(&["check"]).exits(3).says("6 migrations checked: 5 not undone by the way back");
    ran.says("behind its way back, table left_over is left over (default options)")
        .says("behind its way back, column others.what is missing (it was text)")
        .says("behind its way back, index notes_title on notes is missing (it was title)")
        .says("behind its way back, materialized view notes_at is missing (it was notes where at IS NOT NULL")
        .says("behind its way back, table notes is with gc_grace_seconds = 2, and was default options")
        .says("behind its way back, type place is village text, and was city text");
    let json = fixture.run(&["check", "--json"]).exits(3).json();
    assert_eq!(json["migrations"][0]["not_undone"], serde_json::json!([]));
    assert_eq!(
        json["migrations"][5]["not_undone"],
        serde_json::json!([{ "object": "type place", "before": "city text", "after": "village text" }])
    );
}

/// All that can be in a keyspace, as the way back has left it.
#[test]
fn what_is_there_is_said_like_this() {
    if !is_there() {
        return;
    }
    let fixture = Store::Cassandra.fixture("typed made");
    let json = fixture.run(&["check", "--json"]).exits(3).json();
    let facts: Vec<String> = json["migrations"][0]["not_undone"]
        .as_array()
        .expect("differences")
        .iter()
        .map(|one| {
            format!("{}: {}", one["object"].as_str().expect("a text"), one["after"].as_str().expect("a text"))
        })
        .collect();
    insta::assert_snapshot!(facts.join("\n"));
}

/// The scratch keyspace is known by the proxy: other tests have theirs.
#[test]
fn nothing_stays_behind() {
    if !is_there() {
        return;
    }
    for (bad, code, says) in [
        // On the way up, on the way back, and not at all.
        ("fails", 1, "cannot create index i on good (nothing)"),
        ("no key", 1, "table t has no partition key"),
        ("fails back", 3, "its way back fails"),
    ] {
        let mut fixture = Store::Cassandra.fixture("typed bad").var("BAD", bad);
        let url = fixture.home.url().to_owned();
        let proxy = CqlProxy::before(&url);
        fixture.set("DATABASE_URL", proxy.url());
        fixture.run(&["check"]).exits(code).says(says).says("m2_bad");
        let made = proxy.asked().into_iter().map(|asked| asked.text);
        let made: Vec<String> =
            made.filter(|text| text.starts_with("CREATE KEYSPACE IF NOT EXISTS \"updown_check_")).collect();
        let [made] = &made[..] else { panic!("{bad}: one is made, and not {made:?}") };
        let name = made.split('"').nth(1).expect("a name").to_owned();
        let token = name.strip_prefix("updown_check_").expect("a token");
        assert!(token.len() == 32 && token.chars().all(|digit| digit.is_ascii_hexdigit()), "{name}");
        assert!(made.contains("'replication_factor': 1"), "the replication is that of the URL: {made}");
        let conn = ScyllaConnection::open(&url).expect("the server answers");
        assert!(!scratch_keyspaces(&conn).contains(&name), "{bad}: {name} is still there");
        assert!(fixture.home.is_untouched(), "{bad}");
    }
}

/// What a keyspace of one's own cannot keep apart: other keyspaces, their tables and rows, and roles.
#[test]
fn what_is_outside_of_the_keyspace_is_left_alone() {
    if !is_there() {
        return;
    }
    let (fixture, other) = beside_another("elsewhere");
    let conn = other.create();
    for cql in [
        "CREATE TABLE kept (id int PRIMARY KEY, title text, tags frozen<set<text>>)",
        "INSERT INTO kept (id, title) VALUES (1, 'a')",
    ] {
        conn.execute(cql, ()).expect("it is carried out");
    }
    let ran = fixture.run(&["check"]).exits(0).says("2 migrations checked: each way back undoes");
    let ran = ran
        .says("m1_typed: `DROP TABLE")
        .says("m1_typed: `DROP KEYSPACE")
        .says("m2_by_hand: `INSERT INTO updown_test_")
        .says("m2_by_hand: `BEGIN BATCH")
        .says("m2_by_hand: `TRUNCATE")
        .says("m2_by_hand: `CREATE ROLE updown_test_of_a_check")
        .says("is not tried out: it changes what is outside of the keyspace");
    ran.says_nothing_of("`INSERT INTO here").says_nothing_of("`CREATE TABLE here");
    let rows: Vec<(i32, String)> = conn.query("SELECT id, title FROM kept", ()).expect("it is there");
    assert_eq!(rows, [(1, "a".to_owned())]);
    let durable = "SELECT durable_writes FROM system_schema.keyspaces WHERE keyspace_name = ?";
    let durable: Vec<(bool,)> = conn.query(durable, (&conn.url().keyspace,)).expect("it is there");
    assert_eq!(durable, [(true,)]);
}

/// A run does what a check leaves out.
#[test]
fn what_is_outside_of_the_keyspace_is_changed_by_a_run() {
    if !is_there() {
        return;
    }
    let (fixture, other) = beside_another("elsewhere");
    let conn = other.create();
    conn.execute("CREATE TABLE kept (id int PRIMARY KEY, title text, tags frozen<set<text>>)", ())
        .expect("it is carried out");
    fixture.run(&["migrate", "--step", "1"]).exits(0).says_nothing_of("not tried out");
    assert!(!conn.has_keyspace().expect("the server answers"));
    fixture.run(&["rollback"]).exits(0);
    assert!(conn.has_keyspace().expect("the server answers"));
}

#[test]
fn a_keyspace_that_cannot_be_made() {
    if !is_there() {
        return;
    }
    let mut fixture = Store::Cassandra.fixture("typed killed");
    let url = fixture.home.url().split('?').next().unwrap().to_owned() + "?replication=nowhere:3";
    fixture.set("DATABASE_URL", &url);
    fixture
        .run(&["check"])
        .exits(1)
        .says("the keyspace that migrations are tried out in cannot be made")
        .says("{nowhere}")
        .says("GRANT CREATE ON ALL KEYSPACES TO");
    assert!(fixture.home.is_untouched());
}
