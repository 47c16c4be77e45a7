//! Three nodes, each with all data: what a run does when one of them hangs or is gone. They are started
//! once, and what ends one of them for good comes last.

use std::process::Child;
use std::time::{Duration, Instant};

use updown::scylla::ScyllaConnection;

use crate::support::cassandra::{Cassandra, Keyspace, Options, keyspace_on};
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, full};

const UP: &[&str] = &["migrate"];
const DOWN: &[&str] = &["rollback", "--all"];
/// Three servers and the tests share few cores.
const LIMIT: Duration = Duration::from_secs(240);

#[test]
fn three_nodes() {
    let Some(mut cluster) = Cassandra::start(&Options::default().nodes(3)) else { return };
    let began = Instant::now();
    let said = |what: &str| eprintln!("{:>5.1} s: {what}", began.elapsed().as_secs_f32());
    let (up, down) = (undisturbed(&cluster, UP), undisturbed(&cluster, DOWN));
    said("four at once");
    four_at_once(&cluster, &up);
    said("killed at some requests");
    killed_at_requests(&cluster, UP, &up);
    killed_at_requests(&cluster, DOWN, &down);
    if full() {
        for (node, meanwhile) in [(2, false), (0, true)] {
            said("a node hangs");
            a_node_that_hangs(&mut cluster, node, meanwhile);
        }
    }
    said("a node is killed");
    a_node_that_is_killed(&mut cluster, &up);
    said("done");
}

fn keyspace(cluster: &Cassandra) -> Keyspace {
    Keyspace { url: keyspace_on(&cluster.url()) }
}

fn prepared(cluster: &Cassandra, command: &[&str]) -> (Keyspace, Fixture) {
    let keyspace = keyspace(cluster);
    let fixture = Fixture::new("cql").var("DATABASE_URL", &keyspace.url);
    if command == DOWN {
        fixture.run(UP).exits(0);
    }
    (keyspace, fixture)
}

fn undisturbed(cluster: &Cassandra, command: &[&str]) -> Vec<String> {
    let (keyspace, fixture) = prepared(cluster, command);
    fixture.run(command).exits(0);
    state(&keyspace.url)
}

fn four_at_once(cluster: &Cassandra, wanted: &[String]) {
    for round in 0..if full() { 5 } else { 1 } {
        let (keyspace, fixture) = prepared(cluster, UP);
        let children: Vec<Child> = (0..4).map(|_| fixture.start(UP)).collect();
        for child in children {
            Ran::within(LIMIT, child).exits(0);
        }
        assert_state(&keyspace.url, wanted, &format!("four at once, round {round}"));
    }
}

fn killed_at_requests(cluster: &Cassandra, command: &[&str], wanted: &[String]) {
    // How many there are depends on how long the nodes take to agree.
    for n in (30..).step_by(if full() { 10 } else { 45 }) {
        let (keyspace, mut fixture) = prepared(cluster, command);
        let fault = if n % 4 == 1 { Fault::KillAfter } else { Fault::KillBefore };
        let proxy = CqlProxy::before(&keyspace.url).nth(n, fault);
        fixture.set("DATABASE_URL", proxy.url());
        let child = fixture.start(command);
        proxy.kills(&child);
        let first = Ran::within(LIMIT, child);
        fixture.set("DATABASE_URL", &keyspace.url);
        let what = format!("{command:?}, killed at {n}");
        if first.code == Some(0) {
            assert!(n > 60, "the killer kills: {n}");
            return;
        }
        assert_eq!(first.code, None, "{what}, not failed: {first:#?}");
        fixture.run(command).exits(0);
        assert_state(&keyspace.url, wanted, &what);
    }
}

/// It could not hear of a change, so that none is made, and it is named. A run that begins later finds
/// that it is not there.
fn a_node_that_hangs(cluster: &mut Cassandra, node: usize, meanwhile: bool) {
    let keyspace = keyspace(cluster);
    let fixture = Fixture::new("cql impatient").var("DATABASE_URL", &keyspace.url).meeting();
    let run = fixture.start(UP);
    fixture.reached();
    cluster.stop(node);
    fixture.go();
    let ran = Ran::within(LIMIT, run).exits(1).says("the nodes do not agree on the schema");
    let ran = ran.says(&format!("127.0.0.{} does not answer", node + 1)).says("hint: ");
    ran.says_nothing_of("--step");
    if meanwhile {
        Ran::within(LIMIT, fixture.start(UP)).exits(0).says("2 migrations applied");
    }
    cluster.go_on(node);
    // It may take longer than a run would wait to hear of what it has missed.
    let mut connection = ScyllaConnection::open(&keyspace.url).unwrap();
    connection.set_agreement_limit(LIMIT);
    connection.await_agreement().unwrap();
    let applied = if meanwhile { "nothing to do" } else { "2 migrations applied" };
    fixture.run(UP).exits(0).says(applied);
    fixture.run(DOWN).exits(0).says("2 migrations rolled back");
}

/// The one that changes of the schema are sent to, while it has one of them.
fn a_node_that_is_killed(cluster: &mut Cassandra, wanted: &[String]) {
    let (keyspace, mut fixture) = prepared(cluster, UP);
    let change = "ALTER TABLE notes";
    let proxy = CqlProxy::before(&keyspace.url).once(change, Fault::Stop);
    fixture.set("DATABASE_URL", proxy.url());
    let mut run = fixture.start(UP);
    proxy.kills(&run);
    assert!(proxy.is_stopped(&mut run));
    let node = proxy.asked().iter().find(|asked| asked.text.starts_with(change)).expect("it was asked").node;
    cluster.kill(node);
    proxy.go_on();
    let ran = Ran::within(LIMIT, run);
    fixture.set("DATABASE_URL", &keyspace.url);
    if ran.code != Some(0) {
        ran.exits(1).says(&format!("127.0.0.{}", node + 1)).says("hint: ").says_nothing_of("--step");
        fixture.run(UP).exits(0);
    }
    assert_state(&keyspace.url, wanted, "the node that was changing the schema was killed");
    // Two of three are a majority, also for who never knew the third.
    undisturbed(cluster, DOWN);
}
