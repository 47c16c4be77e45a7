//! What is written for a migration that was carried out: its row in the ledger, and the one in the history.

use std::borrow::Cow;

use chrono::Utc;

use super::Stamp;
use crate::fingerprint;
use crate::ledger::{Applied, Attempt, Direction, Outcome, Write, timestamp};
use crate::migration::Migration;

pub struct Rows<'a> {
    name: &'a str,
    is_repeatable: bool,
    direction: Direction,
    hash: Cow<'a, str>,
    fingerprint: String,
    batch_no: i64,
    stamp: &'a Stamp,
}

impl<'a> Rows<'a> {
    pub fn of<C>(migration: &'a Migration<C>, direction: Direction, stamp: &'a Stamp) -> Self {
        let fingerprint = fingerprint::of_migration(&migration.source, migration.is_repeatable);
        // On the way down the tokens were read when it was applied: the same bytes have the same hash.
        let known = stamp.applied.as_ref().filter(|row| row.fingerprint == fingerprint);
        Self {
            name: &migration.name,
            is_repeatable: migration.is_repeatable,
            direction,
            hash: match known {
                Some(row) => row.hash.as_str().into(),
                None => fingerprint::hash(&migration.source, migration.language).into(),
            },
            fingerprint,
            // What is rolled back is so under the batch that it was applied in.
            batch_no: stamp.applied.as_ref().map_or(stamp.batch_no, |row| row.batch_no),
            stamp,
        }
    }

    pub fn attempt(&self, outcome: Outcome, duration_ms: u64) -> Attempt {
        Attempt {
            name: self.name.to_owned(),
            direction: self.direction,
            outcome,
            at: timestamp(Utc::now()),
            batch_no: self.batch_no,
            run_id: self.stamp.run_id.clone(),
            duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
            hash: self.hash.clone().into_owned(),
            by: self.stamp.by.clone(),
            app_version: self.stamp.app_version.clone(),
            detail: None,
            before: self.stamp.before.clone(),
        }
    }

    pub fn up(&self, duration_ms: u64) -> Vec<Write> {
        let attempt = self.attempt(Outcome::Applied, duration_ms);
        let row = Applied {
            id: self.stamp.id,
            name: attempt.name.clone(),
            hash: attempt.hash.clone(),
            fingerprint: self.fingerprint.clone(),
            applied_at: attempt.at.clone(),
            batch_no: self.batch_no,
            run_id: attempt.run_id.clone(),
            duration_ms: attempt.duration_ms,
        };
        // Of a repeatable one that has changed: its row before.
        let before = self.is_repeatable.then(|| self.remove());
        before.into_iter().chain([Write::Apply(row), Write::Attempt(attempt)]).collect()
    }

    pub fn down(&self, duration_ms: u64) -> Vec<Write> {
        vec![self.remove(), Write::Attempt(self.attempt(Outcome::RolledBack, duration_ms))]
    }

    /// What a migration in steps writes besides: nothing of it is left open.
    pub fn in_steps(&self, mut rows: Vec<Write>) -> Vec<Write> {
        rows.push(Write::ForgetSteps { name: self.name.to_owned(), direction: self.direction });
        rows
    }

    fn remove(&self) -> Write {
        Write::Remove { name: self.name.to_owned() }
    }
}
