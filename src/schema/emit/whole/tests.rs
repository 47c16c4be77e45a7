//! A schema is read, written as changes, and made of them in an empty database: it is the same one.

#[cfg(feature = "postgres")]
mod on_postgres;
#[cfg(feature = "sqlite")]
mod on_sqlite;

use super::*;
use crate::schema::emit::{Module, module, sayable};
use crate::schema::recorded::{At, Operation, Recorded, WayBack};
use crate::schema::validate;

/// As a module records them.
fn recorded(needed: &[Needed]) -> Vec<Recorded> {
    let ops = needed.iter().filter_map(|needed| needed.operation.sql());
    let at = At { file: "x.rs", line: 1 };
    ops.flat_map(|op| sayable(op, false))
        .map(|op| Recorded { operation: Operation::Sql(op), at, only: None })
        .collect()
}

/// In the reverse order, what undoes each.
fn reversed(recorded: &[Recorded]) -> Vec<Recorded> {
    let mut down = Vec::new();
    for one in recorded.iter().rev() {
        match one.operation.reverse() {
            WayBack::By(operations) => down.extend(operations.into_iter().map(|operation| Recorded {
                operation,
                at: one.at,
                only: None,
            })),
            _ => panic!("{} has no way back", one.operation),
        }
    }
    down
}

/// That nothing is refused, and that the source is Rust.
fn is_accepted(recorded: &[Recorded], needed: &[Needed], database: Database, connection: &str) {
    let mut tables = Some(validate::Tables::new());
    assert_eq!(validate::problems(recorded, database, &mut tables), []);
    let what = Module { about: "Everything.", connection, in_steps: false, changes: needed };
    let source = module(&what);
    syn::parse_file(&source).expect("Rust");
}

/// How many are SQL.
fn raw_ones(recorded: &[Recorded]) -> Vec<String> {
    let raw = recorded.iter().filter_map(|one| match one.operation.sql() {
        Some(Op::Raw { up, .. }) => Some(up.concat()),
        _ => None,
    });
    raw.collect()
}
