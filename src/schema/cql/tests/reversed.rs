//! What undoes each change, and what each is in words.

use super::{op, recorded};
use crate::schema::cql::{CqlType, Op};
use crate::schema::recorded::{Recorded, Schema, WayBack};
use crate::store::scylla::ScyllaConnection;

/// In words, and what undoes it in words.
fn there_and_back(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> Vec<(String, Vec<String>)> {
    recorded(change)
        .iter()
        .map(|recorded| match op(recorded).reverse() {
            WayBack::By(back) => (op(recorded).to_string(), back.iter().map(Op::statement).collect()),
            other => panic!("{recorded:?}: {other:?}"),
        })
        .collect()
}

/// Everything that has a way back.
fn everything(schema: &mut Schema<ScyllaConnection>) {
    schema.create_keyspace("archive", |k| k.simple(1));
    schema.drop_keyspace("archive").was(|k| k.simple(2));
    schema.create_type("place", |t| t.text("city"));
    schema.drop_type("place").was(|t| t.text("city"));
    schema.rename_type_field("place", "a", "b");
    schema.create_table("t", |t| {
        t.int("a").partition_key();
    });
    schema.drop_table("t").was(|t| {
        t.int("a").partition_key();
    });
    schema.alter_table("t", |t| t.default_time_to_live().from(0).to(60));
    schema.add_column("t", |c| c.set("tags", CqlType::Text));
    schema.drop_column("t", "tags").was(|c| c.set(CqlType::Text).static_column());
    schema.rename_column("t", "a", "b");
    schema.create_index("i", "ks.t", "tags").values();
    schema.drop_index("i").was("t", "a").using("sai");
    schema.create_materialized_view("v", |v| v.from("t").partition_key(["a"]));
    schema.drop_materialized_view("v").was(|v| v.from("t").partition_key(["a"]));
    schema.raw("CREATE ROLE\n  a").reverse("DROP ROLE a");
    schema.raw("INSERT INTO t (a) VALUES (1)").nothing_to_reverse();
}

#[test]
fn each_has_its_way_back() {
    let view = "CREATE MATERIALIZED VIEW v AS\n    SELECT *\n    FROM t\n    WHERE a IS NOT NULL\n    PRIMARY KEY (a)";
    let keyspace = |copies| {
        format!(
            "CREATE KEYSPACE archive WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': {copies}}}"
        )
    };
    let expected = [
        ("create keyspace archive", "DROP KEYSPACE archive"),
        ("drop keyspace archive", &keyspace(2)),
        ("create type place", "DROP TYPE place"),
        ("drop type place", "CREATE TYPE place (\n    city text\n)"),
        ("rename field place.a to b", "ALTER TYPE place RENAME b TO a"),
        ("create table t", "DROP TABLE t"),
        ("drop table t", "CREATE TABLE t (\n    a int,\n    PRIMARY KEY (a)\n)"),
        ("change table t: default_time_to_live from 0 to 60", "ALTER TABLE t WITH default_time_to_live = 0"),
        ("add column t.tags (set<text>)", "ALTER TABLE t DROP tags"),
        ("drop column t.tags", "ALTER TABLE t ADD tags set<text> static"),
        ("rename column t.a to b", "ALTER TABLE t RENAME b TO a"),
        ("create index i on ks.t (values(tags))", "DROP INDEX ks.i"),
        ("drop index i", "CREATE CUSTOM INDEX i ON t (a)\n    USING 'sai'"),
        ("create materialized view v of t", "DROP MATERIALIZED VIEW v"),
        ("drop materialized view v", view),
        ("run CREATE ROLE a", "DROP ROLE a"),
        ("run INSERT INTO t (a) VALUES (1)", ""),
    ];
    for ((words, back), (expected, statement)) in there_and_back(everything).iter().zip(expected) {
        assert_eq!((words.as_str(), back.join(";").as_str()), (expected, statement));
    }
    assert_eq!(there_and_back(everything).len(), expected.len());
}

/// The way back of the way back is the way there.
#[test]
fn each_comes_back_from_its_way_back() {
    for there in recorded(everything).iter().map(op) {
        let WayBack::By(back) = there.reverse() else { panic!("{there}") };
        for back in back {
            let WayBack::By(again) = back.reverse() else { panic!("{back}") };
            let again: Vec<String> = again.iter().map(Op::statement).collect();
            assert_eq!(again, [there.statement()]);
        }
    }
}

fn unsaid(change: impl FnOnce(&mut Schema<ScyllaConnection>)) -> String {
    let recorded: Vec<Recorded> = recorded(change);
    match op(&recorded[0]).reverse() {
        WayBack::Unsaid(hint) => hint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_said_is_asked_for() {
    for hint in [
        unsaid(|schema| drop(schema.drop_keyspace("k"))),
        unsaid(|schema| drop(schema.drop_table("t"))),
        unsaid(|schema| drop(schema.drop_column("t", "c"))),
        unsaid(|schema| drop(schema.drop_type("t"))),
        unsaid(|schema| drop(schema.add_type_field("t", |f| f.int("a")))),
        unsaid(|schema| drop(schema.drop_index("i"))),
        unsaid(|schema| drop(schema.drop_materialized_view("v"))),
        unsaid(|schema| drop(schema.raw("CREATE ROLE a"))),
    ] {
        assert!(hint.contains(".irreversible(\"because\")"), "{hint}");
    }
    let hint =
        unsaid(|schema| drop(schema.add_column("t", |c| c.column("p", CqlType::Udt("place".to_owned())))));
    assert!(hint.contains("frozen"), "{hint}");
}

#[test]
fn what_is_irreversible_says_why() {
    let recorded = recorded(|schema| {
        schema.drop_table("t").irreversible("a");
        schema.add_column("t", |c| c.column("p", CqlType::Udt("place".to_owned()))).irreversible("b");
        schema.add_type_field("place", |f| f.int("zip")).irreversible("c");
        schema.raw("CREATE ROLE a").irreversible("d");
    });
    let why: Vec<String> = recorded
        .iter()
        .map(|recorded| match op(recorded).reverse() {
            WayBack::Irreversible(because) => because,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(why, ["a", "b", "c", "d"]);
}
