//! A typed migration that is killed at any of its statements is finished by the same command.

use crate::support::cassandra::is_there;
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, Store, full};

/// How many statements the project has, either way.
const STATEMENTS: usize = 14;

/// Those of the migrations, and not those that make keyspace and ledger.
fn is_of_a_body(text: &str) -> bool {
    ["CREATE", "ALTER", "DROP"].iter().any(|word| text.starts_with(word))
        && !text.starts_with("CREATE KEYSPACE")
        && !text.contains("schema_migrations")
}

/// Before and after the Nth statement, for every N; in `make test` at the kinds of which it is seen otherwise
/// whether they were carried out: a table, a type, a column, an index.
fn killed_at_every_statement(command: &[&str], some: &[usize]) {
    let prepared = || -> Fixture {
        let fixture = Store::Cassandra.fixture("typed killed");
        if command[0] == "rollback" {
            fixture.run(&["migrate"]).exits(0);
        }
        fixture
    };
    let undisturbed = prepared();
    undisturbed.run(command).exits(0);
    let wanted = state(undisturbed.home.url());
    for n in (1..=STATEMENTS).filter(|n| full() || some.contains(n)) {
        for (fault, when) in [(Fault::KillBefore, "before"), (Fault::KillAfter, "after")] {
            if !full() && (n % 2 == 0) != (when == "before") {
                continue;
            }
            let mut fixture = prepared();
            let url = fixture.home.url().to_owned();
            let proxy = CqlProxy::before(&url).order(is_of_a_body, n, 1, fault);
            fixture.set("DATABASE_URL", proxy.url());
            let child = fixture.start(command);
            proxy.kills(&child);
            let first = Ran::of(child.wait_with_output().unwrap());
            assert_eq!(first.code, None, "killed {when} statement {n}, not failed: {first:?}");
            assert!(proxy.is_done());
            fixture.set("DATABASE_URL", &url);
            fixture.run(command).exits(0);
            assert_state(&url, &wanted, &format!("{command:?}, killed {when} statement {n}"));
            fixture.run(&["lock"]).exits(0).says("main: free");
        }
    }
}

/// The number of statements is what the loops count on.
#[test]
fn every_statement_is_counted() {
    if !is_there() {
        return;
    }
    let mut fixture = Store::Cassandra.fixture("typed killed");
    let proxy = CqlProxy::before(fixture.home.url());
    fixture.set("DATABASE_URL", proxy.url());
    for (command, times) in [(&["migrate"][..], 1), (&["rollback", "--all"], 2)] {
        fixture.run(command).exits(0);
        assert_eq!(proxy.count(is_of_a_body), STATEMENTS * times, "{command:?}");
    }
}

#[test]
fn up() {
    if is_there() {
        killed_at_every_statement(&["migrate"], &[1, 2, 3, 7, 9]);
    }
}

#[test]
fn down() {
    if is_there() {
        killed_at_every_statement(&["rollback", "--all"], &[2, 5, 7, 14]);
    }
}
