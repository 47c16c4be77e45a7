//! `schema.cql`: printed, compared, synced, and kept, on Cassandra.

use std::fs;

use crate::support::{Fixture, Store, cassandra};

const FILE: &str = "migrations/main/schema.cql";

fn project() -> Option<Fixture> {
    cassandra::is_there().then(|| {
        let fixture = Store::Cassandra.fixture("cql");
        fs::create_dir_all(fixture.path("migrations/main")).unwrap();
        fixture
    })
}

fn declared(fixture: &Fixture) -> String {
    fs::read_to_string(fixture.path(FILE)).unwrap()
}

fn declare(fixture: &Fixture, text: &str) {
    fs::write(fixture.path(FILE), text).unwrap();
}

#[test]
fn what_is_declared_is_added() {
    let Some(fixture) = project() else { return };
    fixture.run(&["migrate"]).exits(0).says_nothing_of("schema.cql");
    fixture.run(&["schema", "diff"]).exits(0).says("nothing declares its schema");
    let printed = fixture.run(&["schema", "print"]).exits(0).stdout;
    assert!(printed.contains("CREATE TABLE notes") && !printed.contains("schema_migrations"), "{printed}");
    fixture.run(&["schema", "print", "--write"]).exits(0).says("wrote migrations/main/schema.cql");
    assert_eq!(declared(&fixture), printed);
    fixture.run(&["schema", "diff"]).exits(0).says("as migrations/main/schema.cql declares it");
    fixture.run(&["schema", "print", "--locked"]).exits(0);

    let more = printed.replace("slug text", "slug text,\n    likes int");
    assert_ne!(more, printed);
    declare(&fixture, &format!("{more}\nCREATE TABLE tags (id int PRIMARY KEY, word text);\n"));
    let ran = fixture.run(&["schema", "diff"]).exits(3).says("ALTER TABLE notes ADD likes int;");
    ran.says("CREATE TABLE tags").says("migrations/main/schema.cql:");
    let ran = fixture.run(&["schema", "sync"]).exits(0).says("added    add column notes.likes");
    ran.says("added    create table tags");
    fixture.run(&["schema", "diff"]).exits(0);
    fixture.run(&["schema", "sync"]).exits(0).says("main: as it is declared");

    // What sync has added is no migration's.
    let ran =
        fixture.run(&["verify", "--schema"]).exits(3).says("column notes.likes, which no migration makes");
    ran.says("ALTER TABLE notes DROP likes;").says("DROP TABLE tags;");
    // It never takes away, and what CQL cannot change it says.
    let other = more.replace("id int", "id bigint");
    assert_ne!(other, more);
    declare(&fixture, &other);
    let ran = fixture.run(&["schema", "diff"]).exits(3).says("not possible").says("drop table tags");
    drop(ran);
    fixture.run(&["schema", "sync"]).exits(0).says("left     ").says_nothing_of("added    ");
    assert!(fixture.database().has("tags"));
    let elsewhere = fixture.var("ENV", "production");
    elsewhere.run(&["schema", "sync"]).exits(5).says("is not done in production");
}

#[test]
fn the_examples_file_is_up_to_date() {
    let Some(keyspace) = cassandra::keyspace() else { return };
    let fixture = Fixture::new("example").var("SCYLLA_URL", &keyspace.url);
    let dir = fixture.path("migrations/scylladb");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("schema.cql"), include_str!("../../migrations/scylladb/schema.cql")).unwrap();
    fixture.run(&["migrate", "--store", "scylladb"]).exits(0).says_nothing_of("refreshed");
    let ran = fixture.run(&["schema", "diff", "--store", "scylladb"]).exits(0);
    ran.says("as migrations/scylladb/schema.cql declares it");
}

#[test]
fn the_file_comes_along() {
    let Some(fixture) = project() else { return };
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    fixture.run(&["schema", "print", "--write"]).exits(0);
    assert!(!declared(&fixture).contains("slug"));
    fixture.run(&["migrate"]).exits(0).says("refreshed migrations/main/schema.cql");
    assert!(declared(&fixture).contains("slug text"));
    fixture.run(&["rollback"]).exits(0).says("refreshed migrations/main/schema.cql");
    assert!(!declared(&fixture).contains("slug"));
    fixture.run(&["verify", "--schema"]).exits(0);
    let mine = format!("{}\nCREATE TABLE mine (id int PRIMARY KEY);\n", declared(&fixture));
    declare(&fixture, &mine);
    fixture
        .run(&["migrate"])
        .exits(0)
        .says("declares what the database does not have")
        .says("create table mine");
    assert_eq!(declared(&fixture), mine);
    fixture.run(&["rollback", "--locked"]).exits(3);
}

#[test]
fn what_makes_no_sense_is_said_with_its_place() {
    let Some(fixture) = project() else { return };
    fixture.run(&["migrate"]).exits(0);
    declare(&fixture, "CREATE TABLE notes (\n    id int PRIMARY KEY,\n    title tekst\n);\n");
    let ran =
        fixture.run(&["schema", "diff"]).exits(2).says("migrations/main/schema.cql:3:11").says("title tekst");
    ran.says("          ^");
}
