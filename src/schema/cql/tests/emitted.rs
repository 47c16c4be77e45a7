//! Changes as Rust: what is written is compiled, and records what it was written from.

// As it is written, without this repository's own ideas of how wide a line is.
#[rustfmt::skip]
#[path = "emitted/generated.rs"]
mod generated;

use super::{cql, op, recorded};
use crate::Change;
use crate::schema::cql::Op;
use crate::schema::cql::declared::read;
use crate::schema::cql::diff::{Rename, diff};
use crate::schema::cql::emit::module;
use crate::schema::cql::parts::{CqlKeyspace, CqlReplication};
use crate::schema::cql::whole::whole;
use crate::schema::diff::Needed;
use crate::schema::recorded::Was;

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/cql/tests/emitted/generated.rs");

fn needed(op: Op) -> Needed {
    Needed::new(op, None)
}

/// Every kind of change, and every type.
fn all() -> Vec<Needed> {
    let keyspace = |text| read("schema.cql", text).unwrap_or_else(|error| panic!("{error}"));
    let (before, after) =
        (keyspace(include_str!("emitted/before.cql")), keyspace(include_str!("emitted/after.cql")));
    let renames = [
        Rename::Column { table: "Odd".to_owned(), from: "order".to_owned(), to: "Group \"By\"".to_owned() },
        Rename::Field { of: "place".to_owned(), from: "city".to_owned(), to: "town".to_owned() },
    ];
    let mut all = whole(&before.keyspace);
    let found = diff(&before.keyspace, &after, &renames);
    assert_eq!(found.problems, []);
    all.extend(found.needed);
    let archive = CqlKeyspace {
        name: "archive".to_owned(),
        replication: Some(CqlReplication::Network(vec![("dc1".to_owned(), 3), ("dc 2".to_owned(), 2)])),
        durable_writes: Some(true),
        tablets: Some(false),
    };
    let other = CqlKeyspace {
        name: "other".to_owned(),
        replication: Some(CqlReplication::Simple(1)),
        durable_writes: None,
        tablets: None,
    };
    all.push(needed(Op::CreateKeyspace(archive.clone())));
    all.push(needed(Op::DropKeyspace { name: "archive".to_owned(), was: Was::Known(archive) }));
    all.push(needed(Op::CreateKeyspace(other)));
    all.push(needed(Op::DropKeyspace {
        name: "x".to_owned(),
        was: Was::Irreversible("it's old".to_owned()),
    }));
    let raw = |up: &str, down| needed(Op::Raw { up: up.to_owned(), down });
    all.push(raw("CREATE ROLE reader", Was::Known(vec!["DROP ROLE reader".to_owned()])));
    all.push(raw("INSERT INTO t (id, v) VALUES (1, '\"\\')", Was::Known(Vec::new())));
    all
}

/// `UPDATE_GENERATED=1` writes it anew.
#[test]
fn what_is_compiled_is_what_is_written() {
    let written = module("What a test writes.", &all());
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(GENERATED, &written).expect("a file");
    }
    let there = std::fs::read_to_string(GENERATED).expect("a file");
    assert_eq!(there, written, "UPDATE_GENERATED=1 writes it anew");
}

#[test]
fn what_is_compiled_records_what_it_was_written_from() {
    let (all, found) = (all(), recorded(|schema| generated::Migration.change(schema)));
    for (found, wanted) in found.iter().zip(&all) {
        assert_eq!(op(found), cql(&wanted.operation));
    }
    assert_eq!(found.len(), all.len());
}

#[test]
fn what_is_written_is_as_rustfmt_leaves_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("generated.rs");
    std::fs::copy(GENERATED, &file).expect("a file");
    let check =
        std::process::Command::new("rustfmt").args(["--check", "--edition", "2024"]).arg(&file).output();
    match check {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => assert!(std::env::var_os("CI").is_none(), "rustfmt is needed"),
    }
}

#[test]
fn nothing_is_written_as_a_body_that_changes_nothing() {
    let text = module("Nothing.", &[]);
    assert!(text.contains("fn change(&self, _schema: &mut Schema<ScyllaConnection>) {\n    }\n"), "{text}");
    assert!(text.contains("use updown::scylla::ScyllaConnection;\n"), "{text}");
}

#[test]
fn what_is_lost_is_written_above_it() {
    let declared = read("schema.cql", "CREATE TABLE t (id int PRIMARY KEY)").expect("it is right");
    let there = read("there.cql", "CREATE TABLE t (id int PRIMARY KEY, v int)").expect("it is right");
    let text = module("Less.", &diff(&there.keyspace, &declared, &[]).needed);
    let wanted = "        // loses: the column t.v is dropped with its values\n        \
                  schema.drop_column(\"t\", \"v\").was(|c| c.int());\n";
    assert!(text.contains(wanted), "{text}");
}
