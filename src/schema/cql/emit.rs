//! Changes as Rust, in the words of the builder.

mod columns;
mod derived;
mod module;
mod tables;

pub use module::module;

use super::parts::{CqlKeyspace, CqlReplication};
use super::{Op, Was};
use crate::schema::emit::rust::{Call, Expr};
use crate::schema::emit::text::literal;

/// What is called on `schema` for one, one call behind the other.
pub fn calls(op: &Op) -> Vec<Call> {
    let call = |method, names: &[&String]| Call::new(method, names.iter().map(|name| Expr::text(*name)));
    match op {
        Op::CreateKeyspace(keyspace) => {
            vec![Call::new("create_keyspace", [Expr::text(&keyspace.name), of_keyspace(keyspace)])]
        }
        Op::DropKeyspace { name, was } => {
            back(call("drop_keyspace", &[name]), was, |was| vec![Call::new("was", [of_keyspace(was)])])
        }
        Op::CreateTable(table) => {
            vec![Call::new("create_table", [Expr::text(&table.name), tables::table(table)])]
        }
        Op::DropTable { name, was } => {
            back(call("drop_table", &[name]), was, |was| vec![Call::new("was", [tables::table(was)])])
        }
        Op::AlterTable { table, options } => {
            vec![Call::new("alter_table", [Expr::text(table), tables::options(options)])]
        }
        Op::AddColumn { table, column, back } => {
            let add = Call::new("add_column", [Expr::text(table), columns::added(column)]);
            match back {
                Was::Irreversible(because) => vec![add, irreversible(because)],
                _ => vec![add],
            }
        }
        Op::DropColumn { table, name, was } => {
            back(call("drop_column", &[table, name]), was, |was| vec![Call::new("was", [columns::old(was)])])
        }
        Op::RenameColumn { table, from, to } => vec![call("rename_column", &[table, from, to])],
        Op::CreateType(kind) => {
            vec![Call::new("create_type", [Expr::text(&kind.name), columns::fields(&kind.fields)])]
        }
        Op::DropType { name, was } => back(call("drop_type", &[name]), was, |was| {
            vec![Call::new("was", [columns::fields(&was.fields)])]
        }),
        Op::AddTypeField { name, field, back: was } => {
            let add = Call::new("add_type_field", [Expr::text(name), columns::new_field(field)]);
            back(add, was, |never| match *never {})
        }
        Op::RenameTypeField { name, from, to } => vec![call("rename_type_field", &[name, from, to])],
        Op::CreateIndex(index) => derived::index(index),
        Op::DropIndex { name, was } => back(call("drop_index", &[name]), was, derived::was_index),
        Op::CreateMaterializedView(view) => {
            vec![Call::new("create_materialized_view", [Expr::text(&view.name), derived::view(view)])]
        }
        Op::DropMaterializedView { name, was } => back(call("drop_materialized_view", &[name]), was, |was| {
            vec![Call::new("was", [derived::view(was)])]
        }),
        Op::Raw { up, down } => back(call("raw", &[up]), down, |down| match down.as_slice() {
            [] => vec![Call::plain("nothing_to_reverse")],
            [one] => vec![call("reverse", &[one])],
            _ => vec![irreversible("it takes several statements to undo this")],
        }),
    }
}

/// A change, and what undoes it, behind it.
fn back<T>(change: Call, was: &Was<T>, known: impl FnOnce(&T) -> Vec<Call>) -> Vec<Call> {
    let behind = match was {
        Was::Known(was) => known(was),
        Was::Irreversible(because) => vec![irreversible(because)],
        // It is refused until somebody says it.
        Was::Unsaid => Vec::new(),
    };
    std::iter::once(change).chain(behind).collect()
}

fn irreversible(because: &str) -> Call {
    Call::new("irreversible", [Expr::text(because)])
}

fn of_keyspace(keyspace: &CqlKeyspace) -> Expr {
    let code = |code: String| [Expr::Code(code)];
    let mut calls = Vec::new();
    match &keyspace.replication {
        Some(CqlReplication::Simple(copies)) => calls.push(Call::new("simple", code(copies.to_string()))),
        Some(CqlReplication::Network(copies)) => {
            let one = |(name, copies): &(String, u32)| {
                Expr::Code(format!("({}, {copies})", literal(name).unwrap_or_default()))
            };
            calls.push(Call::new("network", [Expr::List(copies.iter().map(one).collect())]));
        }
        None => {}
    }
    let switches = [("durable_writes", keyspace.durable_writes), ("tablets", keyspace.tablets)];
    let said = switches.into_iter().filter_map(|(method, is_on)| Some((method, is_on?)));
    calls.extend(said.map(|(method, is_on)| Call::new(method, code(is_on.to_string()))));
    Expr::Says("k", calls)
}
