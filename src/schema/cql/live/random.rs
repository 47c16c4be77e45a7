//! Sequences of changes that nobody has thought of. Of one that fails, the seed is printed:
//! `UPDOWN_TEST_SEED=… cargo test …` runs it alone.

use super::model::Model;
use super::{Server, changes};

const SEQUENCES: u64 = 30;

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

#[test]
fn any_changes_come_back() {
    let seeds: Vec<u64> = match std::env::var("UPDOWN_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (1..=SEQUENCES).collect(),
    };
    for seed in seeds {
        let Some(mut server) = Server::there() else { return };
        let said = Seed(seed);
        let mut random = Random(seed);
        let mut model = Model::default();
        // What was there before.
        server.up(&changes(|schema| (0..6).for_each(|_| model.change(&mut random, schema))));
        let many = 1 + random.below(8);
        let recorded = changes(|schema| (0..many).for_each(|_| model.change(&mut random, schema)));
        let facts = server.up_down_up(&recorded);
        assert_eq!(facts, model.facts(&facts), "{:#?}", recorded.iter().map(|of| of.operation.to_string()));
        drop(said);
    }
}
