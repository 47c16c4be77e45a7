//! A run that is killed anywhere while something repeatable runs again: the next one completes it, and its row is there
//! once.

use crate::support::{Fixture, Ran, Store};

fn fill(store: Store, value: usize) -> String {
    let insert = "INSERT INTO a (id, v) VALUES (1, ";
    store.in_sql_or_cql(format!("DELETE FROM a; {insert}{value});"), format!("{insert}{value});"))
}

/// It has run with 0, and has changed.
fn changed(store: Store) -> Fixture {
    let end = store.in_sql_or_cql("sql", "cql");
    let view = format!("R__fill.{end}");
    let files = [
        (format!("000001_a.up.{end}"), "CREATE TABLE a (id int PRIMARY KEY, v int);".to_owned()),
        (view.clone(), fill(store, 0)),
    ];
    let files = files.each_ref().map(|(path, text)| (path.as_str(), text.as_str()));
    let fixture = Fixture::of_files(store, &files);
    fixture.run(&["up"]).exits(0);
    fixture.write(&format!("migrations/{view}"), &fill(store, 7));
    fixture
}

fn goes_on(fixture: &Fixture, first: &Ran, what: &str) {
    if first.code != Some(0) {
        assert_eq!(first.code, None, "killed, not failed: {what}: {first:?}");
        fixture.holder_is_gone();
        fixture.run(&["up"]).exits(0);
    }
    fixture.run(&["up"]).exits(0).says("nothing to do");
    assert_eq!(fixture.database().batches(), ["000001_a@1", "R__fill@2"], "{what}");
    let history = fixture.database().history();
    assert_eq!(history, ["000001_a applied", "R__fill applied", "R__fill applied"], "{what}");
    fixture.run(&["lock"]).exits(0).says("main: free");
}

#[test]
fn killed_at_every_write_of_a_file() {
    let Some(library) = crate::crash::killer() else { return };
    for n in 1.. {
        let mut fixture = changed(Store::Sqlite);
        fixture.set("KILL_AT", &format!("before:{n}"));
        fixture.set("LD_PRELOAD", library.to_str().expect("text"));
        let first = fixture.run(&["up"]);
        fixture.set("KILL_AT", "");
        fixture.set("LD_PRELOAD", "");
        goes_on(&fixture, &first, &format!("write {n}"));
        let now = fixture.database().number("SELECT v AS number FROM a");
        assert_eq!(now, 7, "write {n}");
        if first.code == Some(0) {
            assert!(n > 5, "the killer kills: {n}");
            break;
        }
    }
}

#[cfg(feature = "scylla")]
#[test]
fn killed_at_every_request() {
    use crate::support::cassandra::is_there;
    use crate::support::cql_proxy::{CqlProxy, Fault};
    use crate::support::full;

    if !is_there() {
        return;
    }
    for n in (1..).step_by(if full() { 1 } else { 4 }) {
        let mut fixture = changed(Store::Cassandra);
        let url = fixture.home.url().to_owned();
        let proxy = CqlProxy::before(&url).nth(n, Fault::KillBefore);
        fixture.set("DATABASE_URL", proxy.url());
        let child = fixture.start(&["up"]);
        proxy.kills(&child);
        let first = Ran::of(child.wait_with_output().unwrap());
        fixture.set("DATABASE_URL", &url);
        goes_on(&fixture, &first, &format!("request {n}"));
        if first.code == Some(0) {
            assert!(n > 20, "the killer kills: {n}");
            break;
        }
    }
}
