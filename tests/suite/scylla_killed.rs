//! A run that is killed at any request is finished by the same command; and how many requests there are.

use crate::support::cassandra::{is_there, keyspace_or_skip};
use crate::support::cql_proxy::{CqlProxy, Fault, is_lightweight};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, Store, full};

/// Before the Nth request for every N: what is done after one is what is done before the next.
fn killed_at_every_request(command: &[&str]) {
    let prepared = || {
        let fixture = Store::Cassandra.fixture("cql filled");
        if command[0] == "rollback" {
            fixture.run(&["migrate"]).exits(0);
        }
        fixture
    };
    let undisturbed = prepared();
    undisturbed.run(command).exits(0);
    let wanted = state(undisturbed.home.url());
    for n in 1.. {
        let mut fixture = prepared();
        let url = fixture.home.url().to_owned();
        let fault = if full() && n % 2 == 0 { Fault::KillAfter } else { Fault::KillBefore };
        let proxy = CqlProxy::before(&url).nth(n, fault);
        fixture.set("DATABASE_URL", proxy.url());
        let child = fixture.start(command);
        proxy.kills(&child);
        let first = Ran::of(child.wait_with_output().unwrap());
        fixture.set("DATABASE_URL", &url);
        if first.code != Some(0) {
            assert_eq!(first.code, None, "killed at {n}, not failed: {first:?}");
            fixture.run(command).exits(0);
        }
        assert_state(&url, &wanted, &format!("{command:?}, killed at {n}"));
        fixture.run(&["lock"]).exits(0).says("main: free");
        if first.code == Some(0) {
            assert!(n > 20, "the killer kills: {n}");
            break;
        }
    }
}

#[test]
fn up() {
    if is_there() {
        killed_at_every_request(&["migrate"]);
    }
}

#[test]
fn down() {
    if is_there() {
        killed_at_every_request(&["rollback", "--all"]);
    }
}

/// What a conditional write costs is what a migration costs beside its statements.
#[test]
fn conditional_writes_are_counted() {
    let keyspace = keyspace_or_skip!();
    let proxy = CqlProxy::before(&keyspace.url);
    let fixture = Fixture::new("tables").var("DATABASE_URL", proxy.url());
    let count = |versions: &str, command: &str| {
        let before = proxy.asked().len();
        let mut fixture = fixture.command(&[command]);
        let ran = Ran::of(fixture.env("VERSIONS", versions).output().unwrap()).exits(0);
        assert!(!ran.stdout.contains("nothing"), "{ran:?}");
        proxy.asked()[before..].iter().filter(|asked| is_lightweight(&asked.text)).count()
    };
    let lists = ["m1_a", "m1_a,m2_b", "m1_a,m2_b,m3_c,m4_d,m5_e"];
    let counts = lists.map(|list| count(list, "migrate"));
    // The lease is made ready, taken and given back; each migration has one statement, which is entered
    // with one write, and one commit.
    assert_eq!(counts, [3 + 2, 3 + 2, 3 + 3 * 2]);
    assert_eq!(count(lists[2], "rollback"), 3 + 3 * 2);
    let before = proxy.asked().len();
    Ran::of(fixture.command(&["status"]).env("VERSIONS", lists[2]).output().unwrap()).exits(0);
    assert!(
        proxy.asked()[before..].iter().all(|asked| !is_lightweight(&asked.text)),
        "looking decides nothing"
    );
}
