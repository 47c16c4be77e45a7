//! What is there already is told by its shape, and something else under its name is not it.

use super::{op, recorded};
use crate::schema::cql::declared::read;
use crate::schema::cql::there::is_there;
use crate::schema::recorded::Schema;
use crate::store::scylla::ScyllaConnection;

/// The change makes what `same` says, and none of `others`, which have its name.
#[track_caller]
fn by_shape(change: fn(&mut Schema<ScyllaConnection>), same: &str, others: &[&str]) {
    let recorded = recorded(change);
    let [recorded] = recorded.as_slice() else { panic!("one change") };
    let is_there_in = |text: &str| {
        let declared = read("there.cql", text).unwrap_or_else(|error| panic!("{error}"));
        is_there(op(recorded), &declared.keyspace)
    };
    assert!(is_there_in(same), "{same}");
    for other in others {
        assert!(!is_there_in(other), "{other:?} is taken for it");
    }
}

#[test]
fn columns() {
    by_shape(
        |schema| {
            schema.add_column("notes", |c| c.text("slug"));
        },
        "CREATE TABLE notes (id int PRIMARY KEY, slug text)",
        &[
            "",
            "CREATE TABLE notes (id int PRIMARY KEY)",
            "CREATE TABLE notes (id int PRIMARY KEY, slug int)",
            "CREATE TABLE notes (id int, at int, slug text static, PRIMARY KEY (id, at))",
            "CREATE TABLE notes (slug text PRIMARY KEY)",
            "CREATE TABLE others (id int PRIMARY KEY, slug text)",
        ],
    );
}

#[test]
fn tables_types_and_indexes() {
    by_shape(
        |schema| {
            schema.create_table("notes", |t| {
                t.int("id").partition_key();
                t.text("title");
            });
        },
        "CREATE TABLE notes (id int PRIMARY KEY, title text)",
        &[
            "CREATE TABLE notes (id int PRIMARY KEY)",
            "CREATE TABLE notes (id int PRIMARY KEY, title int)",
            "CREATE TABLE notes (id int, title text, PRIMARY KEY (id, title))",
            "CREATE TABLE notes (id int PRIMARY KEY, title text, more text)",
        ],
    );
    by_shape(
        |schema| schema.create_type("place", |t| t.text("city")),
        "CREATE TYPE place (city text)",
        &["CREATE TYPE place (city int)", "CREATE TYPE place (town text)"],
    );
    by_shape(
        |schema| {
            schema.create_index("by_title", "notes", "title");
        },
        "CREATE TABLE notes (id int PRIMARY KEY, title text, word text); CREATE INDEX by_title ON notes (title)",
        &[
            "CREATE TABLE notes (id int PRIMARY KEY, title text, word text); CREATE INDEX by_title ON notes (word)",
            "CREATE TABLE others (id int PRIMARY KEY, title text); CREATE INDEX by_title ON others (title)",
        ],
    );
}
