//! Why changes cannot be made, known before anything runs. The order in which they come counts: what an
//! earlier one made is known to the later ones. Of tables that were there before, nothing is known here.

mod change;
mod index;
mod kinds;
mod learn;
mod names;
mod table;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use super::Op;
use super::parts::{CqlIndex, CqlTable, CqlView};
use crate::schema::recorded::{Operation, Problem, Recorded, WayBack};

/// What is wrong, and what to write instead.
type Wrong = (String, String);

fn wrong(what: impl Into<String>, hint: impl Into<String>) -> Wrong {
    (what.into(), hint.into())
}

/// What the changes before have made, and nobody has dropped since.
#[derive(Default)]
struct Known {
    keyspaces: BTreeSet<String>,
    tables: BTreeMap<String, CqlTable>,
    views: BTreeMap<String, CqlView>,
    indexes: BTreeMap<String, CqlIndex>,
    types: BTreeMap<String, Vec<String>>,
}

impl Op {
    /// Why the changes of one migration cannot be made, or not be undone; without a look at the database.
    pub fn problems(recorded: &[Recorded]) -> Vec<Problem> {
        let mut known = Known::default();
        let mut problems = Vec::new();
        for recorded in recorded {
            let Operation::Cql(op) = &recorded.operation else { continue };
            let mut wrong = names::of(op);
            wrong.extend(known.against(op));
            if let WayBack::Unsaid(hint) = op.reverse() {
                wrong.push((format!("nobody can tell what undoes “{op}”"), hint));
            }
            problems.extend(wrong.into_iter().map(|(what, hint)| recorded.problem(what, hint)));
            known.learn(op);
        }
        problems
    }
}
