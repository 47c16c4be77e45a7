//! Names that no server takes.

use super::{Wrong, wrong};
use crate::schema::cql::name::{LONGEST, parts};
use crate::schema::cql::parts::{CqlTable, CqlView};
use crate::schema::cql::{Op, Was};
use crate::store::scylla::is_use;

/// What is wrong with the names in a change.
pub fn of(op: &Op) -> Vec<Wrong> {
    match op {
        Op::CreateKeyspace(keyspace) => word("keyspace", &keyspace.name),
        Op::DropKeyspace { name, .. } => word("keyspace", name),
        Op::CreateTable(table) => of_table(table),
        Op::DropTable { was: Was::Known(table), .. } => of_table(table),
        Op::DropTable { name, .. } => object("table", name),
        Op::AlterTable { table, .. } => object("table", table),
        Op::AddColumn { table, column, .. } => all([object("table", table), present("column", &column.name)]),
        Op::DropColumn { table, name, .. } => all([object("table", table), present("column", name)]),
        Op::RenameColumn { table, from, to } => {
            all([object("table", table), present("column", from), present("column", to)])
        }
        Op::CreateType(kind) => {
            let fields = kind.fields.iter().flat_map(|field| present("field", &field.name));
            present("type", &kind.name).into_iter().chain(fields).collect()
        }
        Op::DropType { name, .. } => present("type", name),
        Op::AddTypeField { name, field, .. } => all([present("type", name), present("field", &field.name)]),
        Op::RenameTypeField { name, from, to } => {
            all([present("type", name), present("field", from), present("field", to)])
        }
        Op::CreateIndex(index) => all([object("index", &index.name), object("table", &index.table)]),
        Op::DropIndex { name, .. } => object("index", name),
        Op::CreateMaterializedView(view) => of_view(view),
        Op::DropMaterializedView { was: Was::Known(view), .. } => of_view(view),
        Op::DropMaterializedView { name, .. } => object("materialized view", name),
        Op::Raw { up, .. } if up.trim().is_empty() => {
            vec![wrong("there is no statement to run", "write one: `schema.raw(\"CREATE ROLE reader\")`")]
        }
        Op::Raw { up, .. } if is_use(up) => vec![wrong(
            format!("`{}` holds for one connection of several", up.trim()),
            "write the keyspace before the name: `schema.create_table(\"other.users\", |t| …)`",
        )],
        Op::Raw { .. } => Vec::new(),
    }
}

fn all<const N: usize>(wrong: [Vec<Wrong>; N]) -> Vec<Wrong> {
    wrong.into_iter().flatten().collect()
}

fn of_table(table: &CqlTable) -> Vec<Wrong> {
    let columns = table.columns.iter().flat_map(|column| present("column", &column.name));
    object("table", &table.name).into_iter().chain(columns).collect()
}

fn of_view(view: &CqlView) -> Vec<Wrong> {
    object("materialized view", &view.name)
}

fn object(kind: &str, name: &str) -> Vec<Wrong> {
    let (keyspace, own) = parts(name);
    keyspace.into_iter().flat_map(|keyspace| word("keyspace", keyspace)).chain(word(kind, own)).collect()
}

/// What names files on the servers' disks: letters, digits and `_`, and not many of them.
fn word(kind: &str, name: &str) -> Vec<Wrong> {
    if name.is_empty() {
        return present(kind, name);
    }
    let mut found = Vec::new();
    if name.len() > LONGEST {
        found.push(wrong(
            format!("the name of {kind} {name} has {} letters", name.len()),
            format!("give it one of at most {LONGEST}"),
        ));
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        found.push(wrong(
            format!("the name of {kind} “{name}” has other letters than A to Z, 0 to 9 and _"),
            "give it another one: servers take no others, not even in quotes",
        ));
    }
    found
}

fn present(kind: &str, name: &str) -> Vec<Wrong> {
    match name.is_empty() {
        true => vec![wrong(format!("a {kind} has no name"), "give it one")],
        false => Vec::new(),
    }
}
