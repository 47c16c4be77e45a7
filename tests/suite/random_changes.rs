//! Random sequences of typed changes: each is applied, undone and applied again, and the schema compared after
//! each step. The seed is printed; `UPDOWN_SEED=n` runs that one alone.

mod model;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use updown::prelude::*;
use updown::{Checked, Config, Environment, Migration, Migrator, Project, Registry};

#[cfg(feature = "postgres")]
use crate::support::{full, postgres};
use model::{Made, Random, World};

/// One migration: some changes, known beforehand.
struct Says(Vec<Made>);

impl Change<AnyConnection> for Says {
    fn change(&self, schema: &mut Schema<AnyConnection>) {
        for made in &self.0 {
            made.say(schema);
        }
    }
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("UPDOWN_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..count).map(|_| RandomState::new().build_hasher().finish() >> 16).collect(),
    }
}

/// Up to four migrations of up to six changes, each valid behind those before it.
fn sequence(seed: u64, has_types: bool) -> (Vec<Migration<AnyConnection>>, String) {
    let mut random = Random::new(seed);
    let mut world = World::new(has_types);
    let (mut migrations, mut told) = (Vec::new(), String::new());
    for number in 1..=1 + random.below(4) {
        let changes: Vec<Made> = (0..1 + random.below(6)).map(|_| world.change(&mut random)).collect();
        told.push_str(&format!("m{number}_random: {changes:#?}\n"));
        let name = format!("m{number}_random");
        migrations.push(Migration::change(name.clone(), name, Says(changes)));
    }
    (migrations, told)
}

fn check(url: &str, seed: u64, has_types: bool) {
    let (migrations, told) = sequence(seed, has_types);
    let count = migrations.len();
    let config = Config::empty().environment(Environment::development()).url("main", url);
    let project = Project::of(Registry::from_migrations(migrations));
    let checked: Checked = match Migrator::new(project).with_config(config).check() {
        Ok(checked) => checked,
        Err(error) => panic!("UPDOWN_SEED={seed}: {error}: {}\n{told}", causes(&error)),
    };
    assert_eq!(checked.migrations.len(), count, "UPDOWN_SEED={seed}\n{told}");
    assert_eq!(checked.found(), 0, "UPDOWN_SEED={seed}: {checked:#?}\n{told}");
}

fn causes(error: &updown::Error) -> String {
    match error {
        updown::Error::Failed(failure) => format!("{:#} at {:?}", failure.source, failure.statement),
        updown::Error::InvalidChange(invalid) => format!("{:?}", invalid.problems),
        other => format!("{:?}", other.hint()),
    }
}

/// A thousand take seconds, in memory.
#[test]
fn on_sqlite() {
    for seed in seeds(1_000) {
        check("sqlite::memory:", seed, false);
    }
}

/// Each has a database of its own, which takes a moment to make.
#[cfg(feature = "postgres")]
#[test]
fn on_postgres() {
    if !postgres::is_there() {
        return;
    }
    let server = postgres::create_database().expect("the server is there");
    for seed in seeds(if full() { 200 } else { 40 }) {
        check(&server, seed, true);
    }
    postgres::drop_database(&server);
}

/// As steps, through a simulated one, whose parser is asked about each statement.
#[cfg(feature = "postgres")]
#[test]
fn on_cockroachdb() {
    let simulated = crate::support::cockroach::simulated_or_skip!();
    for seed in seeds(if full() { 20 } else { 4 }) {
        check(simulated.url(), seed, true);
    }
}
