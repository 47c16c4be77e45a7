//! A run over three stores, on PostgreSQL, on a simulated CockroachDB and on Cassandra, that is killed anywhere:
//! the same command again completes it, up and down.

use crate::support::cassandra::keyspace_or_skip;
use crate::support::cockroach::{Simulated, simulated_or_skip};
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::cql_state::state;
use crate::support::{Database, Fixture, Ran, Store, full};

/// Up and down.
const POINTS: usize = 50;

/// Numbers that are as random as their seed.
struct Random(u64);

impl Random {
    /// `UPDOWN_TEST_SEED` repeats what was printed.
    fn seeded() -> Self {
        let said = std::env::var("UPDOWN_TEST_SEED").ok().map(|seed| seed.parse().expect("a number"));
        let seed = said.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.expect("after 1970").as_secs()
        });
        eprintln!("the points are those of UPDOWN_TEST_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).expect("a number")).expect("a number")
    }
}

/// Where a run is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// At a statement of either of the two in SQL.
    Statement(&'static str, usize),
    /// At a request to Cassandra.
    Request(Fault, usize),
}

/// How many of each a run has.
#[derive(Clone, Copy)]
struct Length {
    statements: usize,
    requests: usize,
}

impl Length {
    fn any(self, random: &mut Random) -> Point {
        match random.below(2 * (self.statements + self.requests)) {
            n if n < self.statements => Point::Statement("before", n + 1),
            n if n < 2 * self.statements => Point::Statement("after", n - self.statements + 1),
            n if n < 2 * self.statements + self.requests => {
                Point::Request(Fault::KillBefore, n - 2 * self.statements + 1)
            }
            n => Point::Request(Fault::KillAfter, n - 2 * self.statements - self.requests + 1),
        }
    }
}

struct Three {
    fixture: Fixture,
    cockroach: Simulated,
    keyspace: String,
}

const UP: &[&str] = &["migrate"];
const DOWN: &[&str] = &["rollback", "--all"];

impl Three {
    fn new(cockroach: Simulated, keyspace: &str) -> Self {
        let fixture = Store::Postgres.fixture("example");
        let fixture = fixture.var("COCKROACH_URL", cockroach.url()).var("SCYLLA_URL", keyspace);
        Self { fixture, cockroach, keyspace: keyspace.to_owned() }
    }

    /// What there is in all of them.
    fn dump(&self) -> Vec<String> {
        let mut lines = self.fixture.database().dump();
        lines.extend(Database::open(self.cockroach.direct()).dump());
        lines.extend(state(&self.keyspace));
        lines
    }

    /// Without being killed: how long it is.
    fn undisturbed(&mut self, command: &[&str]) -> Length {
        let proxy = CqlProxy::before(&self.keyspace);
        let count = self.fixture.path("count");
        self.fixture.set("SCYLLA_URL", proxy.url());
        self.fixture.set("COUNT_INTO", count.to_str().expect("text"));
        self.fixture.run(command).exits(0).says("17 migrations");
        self.fixture.set("SCYLLA_URL", &self.keyspace.clone());
        self.fixture.set("COUNT_INTO", "");
        let statements = std::fs::read_to_string(count).expect("a file").parse().expect("a number");
        Length { statements, requests: proxy.asked().len() }
    }

    fn killed(&mut self, command: &[&str], point: Point) -> Ran {
        let keyspace = self.keyspace.clone();
        let mut proxy = CqlProxy::before(&keyspace);
        match point {
            Point::Statement(when, n) => self.fixture.set("KILL", &format!("{when}:{n}")),
            Point::Request(fault, n) => proxy = proxy.nth(n, fault),
        }
        self.fixture.set("SCYLLA_URL", proxy.url());
        let child = self.fixture.start(command);
        proxy.kills(&child);
        let ran = Ran::of(child.wait_with_output().expect("it ends"));
        self.fixture.set("KILL", "");
        self.fixture.set("SCYLLA_URL", &keyspace);
        ran
    }

    /// Killed there, and then the same command again.
    fn is_completed(&mut self, command: &[&str], point: Point, wanted: &[String]) {
        let first = self.killed(command, point);
        let what = format!("{command:?}, killed at {point:?}: {first:#?}");
        if first.code != Some(0) {
            assert_eq!(first.code, None, "killed, not failed: {what}");
            // Nobody has to wait for it to expire; there, a holder that is gone cannot be told from one that is slow.
            let mut database = Database::open(self.cockroach.direct());
            if database.has("schema_migrations_lease") {
                database.expire_lease();
            }
            let second = self.fixture.run(command);
            assert_eq!(second.code, Some(0), "{what}, and then {second:#?}");
        }
        let found = self.dump();
        let not_in = |lines: &[String], others: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !others.contains(line)).cloned().collect()
        };
        let (more, less) = (not_in(&found, wanted), not_in(wanted, &found));
        assert!(found == wanted, "{what}: there is {more:#?} and not {less:#?}");
        self.fixture.run(command).exits(0).says("nothing to do");
        let locks = self.fixture.run(&["lock"]).exits(0).stdout;
        assert_eq!(locks.matches(": free").count(), 3, "{what}: {locks}");
    }
}

#[test]
fn anywhere_up_and_down() {
    let keyspace = keyspace_or_skip!();
    let mut undisturbed = Three::new(simulated_or_skip!(), &keyspace.url);
    let up = undisturbed.undisturbed(UP);
    let is_up = undisturbed.dump();
    let down = undisturbed.undisturbed(DOWN);
    let is_down = undisturbed.dump();
    assert!(
        up.statements > 100 && up.requests > 50 && down.statements > 50 && down.requests > 50,
        "they are counted"
    );

    let mut random = Random::seeded();
    let points = if full() { POINTS } else { POINTS / 3 + 1 };
    for _ in 0..points / 2 {
        let keyspace = keyspace_or_skip!();
        let mut three = Three::new(simulated_or_skip!(), &keyspace.url);
        three.is_completed(UP, up.any(&mut random), &is_up);
        three.is_completed(DOWN, down.any(&mut random), &is_down);
    }
}
