//! What is wrong with a change, found before anything runs: from the code, and from which tables there are.

mod foreign_key;
mod known;

use std::collections::BTreeSet;

use known::Known;

use super::op::Op;
use super::recorded::{Problem, Recorded, WayBack};
use super::render::{self, Unfit};
use crate::store::Database;

/// The names of the tables that are there, as the database has them.
pub type Tables = BTreeSet<String>;

/// How long a name may be, in bytes: PostgreSQL cuts off what is beyond it.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>
const LONGEST_NAME: usize = 63;

/// `recorded` is one migration's, for this database. `tables`: those that are there before it, and then behind
/// it; none where nobody knows.
pub fn problems(recorded: &[Recorded], database: Database, tables: &mut Option<Tables>) -> Vec<Problem> {
    #[cfg(feature = "scylla")]
    if database == Database::Scylla {
        return super::cql::Op::problems(recorded);
    }
    let mut known = Known::new(database, tables.take());
    let mut found = Vec::new();
    for (index, change) in recorded.iter().enumerate() {
        let mut say = |unfit: Unfit| found.push(change.problem(unfit.what, unfit.hint));
        if let WayBack::Unsaid(hint) = change.operation.reverse() {
            say(Unfit::new(format!("{} does not say what undoes it", change.operation), hint));
        }
        let Some(op) = change.operation.sql() else { continue };
        let later: Vec<&Op> =
            recorded[index + 1..].iter().filter_map(|later| later.operation.sql()).collect();
        known.look_at(op, &later, &mut say);
        if let Err(unfit) = render::fits(op, database) {
            say(unfit);
        }
    }
    *tables = known.there_now();
    found
}
