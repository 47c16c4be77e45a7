//! Sequences of changes that nobody has thought of. Of one that fails, the seed is printed:
//! `UPDOWN_TEST_SEED=… .ci/test --test suite -- cql_changes::random` runs it alone.

use updown::scylla::ScyllaConnection;
use updown::{Change, Config, Migration, Migrator, Project, Registry, Request, Schema};

use super::model::Model;
use super::said::Said;
use crate::support::cassandra::keyspace_or_skip;
use crate::support::full;

/// All of them in `make test-full`; in `make test` as many as take half a minute on two cores.
const SEQUENCES: u64 = 30;
const SOME: u64 = 5;

/// Numbers that are the same each time: <https://prng.di.unimi.it/splitmix64.c>
pub struct Random(u64);

impl Random {
    /// One of so many, from 0.
    pub fn below(&mut self, many: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(many).expect("few")).expect("few")
    }

    pub fn is_one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { Some(&all[self.below(all.len())]) }
    }
}

/// Says which one it was where the test ends too early.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with UPDOWN_TEST_SEED={}", self.0);
        }
    }
}

struct All(Vec<Said>);

impl Change<ScyllaConnection> for All {
    fn change(&self, schema: &mut Schema<ScyllaConnection>) {
        self.0.iter().for_each(|said| said.say(schema));
    }
}

/// Each migration up, down and up again; and then what the model says is there.
#[test]
fn any_changes_come_back() {
    let _ = keyspace_or_skip!();
    let seeds: Vec<u64> = match std::env::var("UPDOWN_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (1..=if full() { SEQUENCES } else { SOME }).collect(),
    };
    for seed in seeds {
        let keyspace = keyspace_or_skip!();
        let said = Seed(seed);
        let mut random = Random(seed);
        let mut model = Model::default();
        let mut migration = |name: &'static str, changes: usize| {
            let all = All((0..changes).map(|_| model.change(&mut random)).collect());
            (Migration::change(name, name, all), 1 + random.below(8))
        };
        let (before, many) = migration("m1_before", 6);
        let (then, _) = migration("m2_then", many);
        let project = Project::of(Registry::from_migrations(vec![before, then]));
        let mut migrator = Migrator::new(project).with_config(Config::empty().url("main", &keyspace.url));
        let checked = migrator.check().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(checked.migrations.len(), 2, "{checked:#?}");
        assert_eq!(checked.found(), 0, "{checked:#?}");
        migrator.run(&Request::migrate()).unwrap_or_else(|error| panic!("{error}"));
        let conn = ScyllaConnection::open(&keyspace.url).expect("the server answers");
        let (found, expected) = (super::model::found(&conn), model.expected());
        let not_in = |lines: &[String], others: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !others.contains(line)).cloned().collect()
        };
        let (more, less) = (not_in(&found, &expected), not_in(&expected, &found));
        assert!(more.is_empty() && less.is_empty(), "there is {more:#?} and not {less:#?}");
        assert_eq!(found.len(), expected.len(), "something is there twice: {found:#?}");
        drop(said);
    }
}
