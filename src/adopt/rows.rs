//! What is written into our own ledger.

use super::matched::Match;
use crate::lease::Claim;
use crate::ledger::{Applied, Attempt, Direction, Foreign, Outcome, Write, adopted_detail, timestamps};
use crate::listed::Listed;

/// By whom, and under which number.
pub struct Stamp<'a> {
    pub claim: &'a Claim,
    pub app_version: &'a str,
    pub batch_no: i64,
}

/// A row for each migration, and one in the history.
pub fn writes(from: &Foreign, matches: &[Match], listed: &[Listed], stamp: &Stamp<'_>) -> Vec<Write> {
    let numbered = matches.iter().zip(1..).zip(timestamps(matches.len()));
    numbered.flat_map(|((found, id), now)| pair(from, found, &listed[found.index], id, &now, stamp)).collect()
}

fn pair(from: &Foreign, found: &Match, listed: &Listed, id: i64, now: &str, stamp: &Stamp<'_>) -> [Write; 2] {
    let hash = listed.hash();
    let duration_ms = found.recorded.duration_ms.unwrap_or(0);
    let run_id = stamp.claim.owner.clone();
    [
        Write::Apply(Applied {
            id,
            name: listed.name.to_string(),
            hash: hash.clone(),
            fingerprint: listed.fingerprint(),
            // What nobody knows any more, was before now.
            applied_at: found.recorded.at.clone().unwrap_or_else(|| now.to_owned()),
            batch_no: stamp.batch_no,
            run_id: run_id.clone(),
            duration_ms,
        }),
        Write::Attempt(Attempt {
            name: listed.name.to_string(),
            direction: Direction::Up,
            outcome: Outcome::Adopted,
            at: now.to_owned(),
            batch_no: stamp.batch_no,
            run_id,
            duration_ms,
            hash,
            by: stamp.claim.by.clone(),
            app_version: stamp.app_version.to_owned(),
            detail: Some(adopted_detail(from, &found.recorded, found.by_word)),
            before: None,
        }),
    ]
}
