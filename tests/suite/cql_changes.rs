//! Typed changes in CQL, through the engine: each kind of them on a real Cassandra, what they look like, what
//! is wrong with them, and what `check` says of ways back.

mod bad;
mod checked;
mod killed;
mod model;
mod random;
mod said;

use updown::scylla::ScyllaConnection;

use crate::support::cassandra::{Keyspace, is_there};
use crate::support::{Fixture, Store};

/// The project of that name, on a keyspace that is not there yet, and beside it one that the project calls the
/// other; it goes with the test.
fn beside_another(project: &str) -> (Fixture, Keyspace) {
    let fixture = Store::Cassandra.fixture(&format!("typed {project}"));
    let conn = ScyllaConnection::open(fixture.home.url()).expect("the server answers");
    let keyspace = conn.url().keyspace.clone();
    let other = format!("{keyspace}_other");
    let url = fixture.home.url().replace(&keyspace, &other);
    (fixture.var("OTHER", &other), Keyspace { url })
}

/// The keyspaces that were made for checks; those of other tests as well.
fn scratch_keyspaces(conn: &ScyllaConnection) -> Vec<String> {
    let all: Vec<(String,)> =
        conn.query("SELECT keyspace_name FROM system_schema.keyspaces", ()).expect("the server answers");
    let mut names: Vec<String> = all.into_iter().map(|row| row.0).collect();
    names.retain(|name| name.starts_with("updown_check_"));
    names
}

#[test]
fn every_change_goes_up_and_down_and_up() {
    if !is_there() {
        return;
    }
    let (fixture, _other) = beside_another("every");
    fixture.run(&["migrate", "--dry-run"]).exits(0).says("CREATE TABLE notifications");
    assert!(fixture.home.is_untouched(), "a dry run makes nothing");
    let mut database = fixture.database();
    fixture.run(&["migrate"]).exits(0);
    let there = database.schema();
    assert!(there.len() > 40, "{there:#?}");
    fixture.run(&["rollback", "--all", "--dry-run"]).exits(0).says("DROP TABLE \"Order\"");
    assert_eq!(database.schema(), there);
    fixture.run(&["rollback", "--all"]).exits(0);
    assert_eq!(database.schema(), [""; 0]);
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(database.schema(), there);
}

/// No server is asked.
#[test]
fn every_change_looks_like_this() {
    let fixture = Fixture::new("typed all").var("DATABASE_URL", "scylla://nowhere.invalid/app");
    insta::assert_snapshot!(fixture.run(&["plan", "--sql", "--all-backends"]).exits(0).stdout);
    let preview = fixture.run(&["plan", "--sql", "--all-backends", "--json"]).exits(0).json();
    let migrations = preview["migrations"].as_array().expect("a list");
    assert_eq!(migrations.len(), 11);
    for migration in migrations {
        assert_eq!(migration["typed"].as_array().expect("a list").len(), 1);
        assert_eq!(migration["typed"][0]["database"], "scylla");
    }
}

#[test]
fn a_plan_shows_the_statements_and_what_undoes_them() {
    if !is_there() {
        return;
    }
    let (fixture, _other) = beside_another("all");
    let sql = fixture.run(&["plan", "--sql"]).exits(0);
    sql.says("apply m01_types  main, in steps")
        .says("CREATE TYPE metadata (")
        .says("undone by")
        .says("DROP TYPE metadata;")
        .says("irreversible: a field cannot be taken away from a type");
    let json = fixture.run(&["plan", "--sql", "--json"]).exits(0).json();
    let third = &json["migrations"][2]["typed"][0];
    assert_eq!(third["in_transaction"], false);
    assert!(third["changes"][0]["file"].as_str().unwrap().ends_with("cql/typed/every.rs"));
    assert_eq!(third["changes"][3]["words"], "rename column Order.order to Group By");
    assert_eq!(
        third["changes"][3]["statements"][0],
        "ALTER TABLE \"Order\" RENAME \"order\" TO \"Group By\""
    );
    assert_eq!(third["reverse"][0]["statements"][0], "ALTER TABLE \"Order\" DROP \"select\"");
    assert!(fixture.home.is_untouched(), "a plan makes nothing");
}

#[test]
fn what_cannot_be_undone_is_refused() {
    if !is_there() {
        return;
    }
    let (fixture, _other) = beside_another("all");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().schema();
    fixture.run(&["rollback"]).exits(5).says("m11_irreversible").says("a field cannot be taken away");
    assert_eq!(fixture.database().schema(), before);
}
