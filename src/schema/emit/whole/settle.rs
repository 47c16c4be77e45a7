//! What would be refused as a typed change, since there is no name for something in it or it stands in another
//! order than it should, is done in SQL.

use crate::schema::NoCatalog;
use crate::schema::op::Op;
use crate::schema::recorded::{At, Operation, Recorded, Was, WayBack};
use crate::schema::{render, validate};
use crate::store::Database;

/// The same changes, none of which is refused.
pub fn settle(ops: Vec<Op>, database: Database) -> Vec<Op> {
    let mut recorded: Vec<Recorded> = ops
        .into_iter()
        .enumerate()
        .map(|(index, op)| Recorded {
            operation: Operation::Sql(op),
            // Its place is the number by which it is found again.
            at: At { file: "", line: u32::try_from(index).unwrap_or(u32::MAX) },
            only: None,
        })
        .collect();
    // Each time, what follows may be known less well, and so be refused less.
    for _ in 0..recorded.len() {
        let mut tables = Some(validate::Tables::new());
        let problems = validate::problems(&recorded, database, &mut tables);
        let refused = problems.iter().map(|problem| problem.at.line).find(|line| {
            let place = usize::try_from(*line).ok().and_then(|line| recorded.get(line));
            place.and_then(|recorded| recorded.operation.sql()).is_some_and(|op| !is_raw(op))
        });
        let Some(place) = refused.and_then(|line| usize::try_from(line).ok()) else { break };
        let Some(sql) = recorded[place].operation.sql().and_then(|op| in_sql(op, database)) else { break };
        recorded[place].operation = Operation::Sql(sql);
    }
    recorded.iter().filter_map(|recorded| recorded.operation.sql().cloned()).collect()
}

fn is_raw(op: &Op) -> bool {
    matches!(op, Op::Raw { .. })
}

fn in_sql(op: &Op, database: Database) -> Option<Op> {
    let statements = |op: &Op| render::statements(op, database, &mut NoCatalog).ok();
    let down = match op.reverse() {
        WayBack::By(ops) => ops.iter().filter_map(statements).flatten().collect(),
        _ => return None,
    };
    Some(Op::Raw { up: statements(op)?, down: Was::Known(down) })
}
