//! A whole schema as changes, in an order in which an empty database can make them.
//!
//! Typed where a typed change says exactly what there is; what it cannot say becomes SQL: a constraint, an
//! index, a whole table.

mod mention;
mod order;
#[cfg(feature = "postgres")]
mod postgres;
mod settle;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::schema::diff::Needed;
use crate::schema::inspect::Beyond;
use crate::schema::model::{MadeBy, Model};
use crate::schema::op::Op;
use crate::schema::recorded::Was;
use crate::store::Database;

/// Everything in `model`, and on PostgreSQL what is `beyond` it.
pub fn whole(database: Database, model: &Model, beyond: &Beyond) -> Vec<Needed> {
    let ops = match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite => sqlite::whole(model),
        #[cfg(feature = "postgres")]
        _ => postgres::whole(database, model, beyond),
        #[cfg(not(feature = "postgres"))]
        _ => Vec::new(),
    };
    let _ = (model, beyond);
    settle::settle(ops, database).into_iter().map(added).collect()
}

fn added(op: Op) -> Needed {
    Needed::new(op, None).addition(true)
}

/// SQL, and what undoes it; nothing where that goes with something else.
fn raw(up: impl Into<String>, down: impl Into<String>) -> Op {
    let down = Some(down.into()).filter(|down| !down.is_empty());
    Op::Raw { up: vec![up.into()], down: Was::Known(down.into_iter().collect()) }
}

fn made(by: &MadeBy) -> Vec<Op> {
    let mut ops: Vec<Op> = by.up.iter().map(|sql| raw(sql, "")).collect();
    if let Some(first) = ops.first_mut() {
        *first = raw(by.up[0].clone(), by.down.clone());
    }
    ops
}

#[cfg(test)]
mod tests;
