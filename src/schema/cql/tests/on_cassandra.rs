//! On a real Cassandra, which is started as the suite starts its own; or on what `SCYLLA_URL` names.

#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../../../../tests/suite/support/cassandra.rs"]
mod cassandra;
mod files;
mod keyspaces;
mod random;

use cassandra::Keyspace as Scratch;

use super::cql;
use crate::schema::cql::Op;
use crate::schema::cql::declared::{Declared, read};
use crate::schema::cql::diff::{Diff, diff};
use crate::schema::cql::inspect::inspect;
use crate::schema::cql::print::print;
use crate::schema::cql::whole::operations;
use crate::schema::recorded::WayBack;
use crate::store::scylla::ScyllaConnection;

/// The script that gets a server, and runs it.
const CASSANDRA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/cassandra");

/// A keyspace of one test's own.
struct Server {
    conn: ScyllaConnection,
    /// It goes behind the connection.
    _scratch: Scratch,
}

impl Server {
    fn with(statements: &[String]) -> Option<Self> {
        let scratch = cassandra::keyspace()?;
        let server = Self { conn: scratch.create(), _scratch: scratch };
        server.execute(statements);
        Some(server)
    }

    fn execute(&self, statements: &[String]) {
        for statement in statements {
            self.conn.execute(statement, ()).unwrap_or_else(|error| panic!("{error}: {statement}"));
        }
    }

    fn diff(&mut self, declared: &Declared) -> Diff {
        diff(&inspect(&mut self.conn).expect("a keyspace"), declared, &[])
    }

    fn described(&self) -> String {
        let cql = format!("DESCRIBE KEYSPACE \"{}\"", self.conn.url().keyspace);
        let rows: Vec<(String, String, String, String)> = self.conn.query(&cql, ()).expect("an answer");
        rows.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n\n")
    }
}

fn declared(text: &str) -> Declared {
    read("schema.cql", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn is_empty(diff: &Diff, text: &str) {
    assert!(diff.is_empty() && diff.renames.is_empty(), "{diff:#?}\n{text}");
}

fn statements_of(ops: &[Op]) -> Vec<String> {
    ops.iter().map(Op::statement).collect()
}

/// The statements of a diff, and what undoes them where something does.
fn carried_out(diff: &Diff) -> (Vec<String>, Option<Vec<String>>) {
    let ops: Vec<Op> = diff.needed.iter().map(|needed| cql(&needed.operation).clone()).collect();
    let mut back = Some(Vec::new());
    for op in ops.iter().rev() {
        match (op.reverse(), &mut back) {
            (WayBack::By(ops), Some(back)) => back.extend(statements_of(&ops)),
            (WayBack::Unsaid(hint), _) => panic!("{op}: {hint}"),
            _ => back = None,
        }
    }
    (statements_of(&ops), back)
}

/// Several at once: most of the time goes by in waiting for the server.
#[test]
fn what_is_printed_or_described_differs_in_nothing() {
    let all = keyspaces::all();
    std::thread::scope(|scope| {
        for some in all.chunks(all.len().div_ceil(4)) {
            scope.spawn(|| some.iter().for_each(|keyspace| comes_back(keyspace)));
        }
    });
}

fn comes_back(keyspace: &[String]) {
    let Some(mut server) = Server::with(keyspace) else { return };
    let found = inspect(&mut server.conn).expect("a keyspace");
    let printed = print(&found);
    is_empty(&server.diff(&declared(&printed)), &printed);
    assert_eq!(print(&declared(&printed).keyspace), printed);
    let described = server.described();
    is_empty(&server.diff(&declared(&described)), &described);
    // As people write it.
    let text = keyspace.join(";\n");
    is_empty(&server.diff(&declared(&text)), &text);
    let Some(mut other) = Server::with(&statements_of(&operations(&found))) else { return };
    assert_eq!(inspect(&mut other.conn).expect("a keyspace").facts(), found.facts());
}

#[test]
fn there_are_enough_of_them() {
    let all = keyspaces::all();
    assert!(all.len() >= 20, "{}", all.len());
    assert!(all.iter().all(|keyspace| !keyspace.is_empty()));
}
