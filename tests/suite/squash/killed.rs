//! A run that is killed anywhere while it enters a migration for others: the next one goes on.

use super::{grown, ledger};
use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    // On Cassandra a proxy kills, at every request.
    ; sql: killed_at_every_statement,
}

fn goes_on(fixture: &Fixture, killed: &str) {
    fixture.holder_is_gone();
    fixture.run(&["migrate"]).exits(0);
    let ledger = ledger(fixture);
    let names: Vec<_> = ledger.iter().filter_map(|row| row.split('@').next()).collect();
    assert_eq!(names, ["m2_s", "m3_c"], "{killed}");
    let history = fixture.database().history();
    assert_eq!(history.iter().filter(|row| *row == "m2_s squashed").count(), 1, "{killed}: {history:?}");
    fixture.run(&["lock"]).exits(0).says("main: free");
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
}

fn killed_at_every_statement(store: Store) {
    for when in ["before", "after"] {
        for n in 1.. {
            let mut fixture = grown(store, "m1_a,m2_b");
            fixture.set("KILL", &format!("{when}:{n}"));
            let first = fixture.run(&["migrate"]);
            fixture.set("KILL", "");
            goes_on(&fixture, &format!("{when} {n}"));
            if first.code == Some(0) {
                assert!(n > 5, "the killer kills: {n}");
                break;
            }
            assert_eq!(first.code, None, "killed, not failed: {first:?}");
        }
    }
}

#[cfg(feature = "scylla")]
#[test]
fn killed_at_every_request() {
    use crate::support::Ran;
    use crate::support::cassandra::is_there;
    use crate::support::cql_proxy::{CqlProxy, Fault};

    if !is_there() {
        return;
    }
    for n in 1.. {
        let mut fixture = grown(Store::Cassandra, "m1_a,m2_b");
        let url = fixture.home.url().to_owned();
        let fault = if n % 2 == 0 { Fault::KillAfter } else { Fault::KillBefore };
        let proxy = CqlProxy::before(&url).nth(n, fault);
        fixture.set("DATABASE_URL", proxy.url());
        let child = fixture.start(&["migrate"]);
        proxy.kills(&child);
        let first = Ran::of(child.wait_with_output().unwrap());
        fixture.set("DATABASE_URL", &url);
        goes_on(&fixture, &format!("{fault:?} {n}"));
        if first.code == Some(0) {
            assert!(n > 20, "the killer kills: {n}");
            break;
        }
        assert_eq!(first.code, None, "killed, not failed: {first:?}");
    }
}
