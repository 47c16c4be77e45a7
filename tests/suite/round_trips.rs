//! How often a run waits for the server: each time costs what the network takes, however fast both
//! ends are.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::scaffold::UPDOWN;
use crate::support::postgres::fixture;
use crate::support::proxy::{Proxy, listed};
use crate::support::{Fixture, Ran};

#[test]
fn the_proxy_sees_what_diesel_sends() {
    let Some((fixture, _database)) = fixture("example") else { return };
    for delay in [Duration::ZERO, Duration::from_millis(1)] {
        let proxy = Proxy::before(&fixture.get("DATABASE_URL")).delaying(delay);
        let mut conn = PgConnection::establish(proxy.url()).expect("the server answers");
        let (connections, _) = proxy.take();
        assert_eq!(connections, 1);
        // Longer than what is read at once, and a query that is prepared and then executed twice.
        let long = format!("SELECT '{}' AS line", "x".repeat(200_000));
        diesel::sql_query(&long).execute(&mut conn).expect("it answers");
        for _ in 0..2 {
            diesel::select(1.into_sql::<diesel::sql_types::Integer>()).execute(&mut conn).expect("one");
        }
        conn.begin_test_transaction().expect("it begins");
        drop(conn);
        let (connections, sent) = proxy.take();
        let sql: Vec<&str> = sent.iter().map(|trip| trip.sql.trim()).collect();
        let select = "SELECT $1";
        let expected = [
            &long,
            &format!("parse {select}"),
            &format!("execute {select}"),
            &format!("execute {select}"),
            "BEGIN",
        ];
        assert_eq!((connections, sql.as_slice()), (0, &expected[..]), "{}", listed(&sent));
    }
}

#[test]
fn the_proxy_loses_a_commit_inside_of_a_batch() {
    for (nth, batches) in [(1, 1), (2, 1), (3, 2)] {
        let Some((fixture, mut database)) = fixture("example") else { return };
        let proxy = Proxy::before(&fixture.get("DATABASE_URL")).losing(nth);
        let mut conn = PgConnection::establish(proxy.url()).expect("the server answers");
        // The second transaction is still open where the answer is lost.
        let first = "BEGIN; CREATE TABLE one (id INT); COMMIT; BEGIN; CREATE TABLE two (id INT); COMMIT; BEGIN; \
                     CREATE TABLE half (id INT)";
        let sent = [first, "ROLLBACK; BEGIN; CREATE TABLE three (id INT); COMMIT"];
        let answered = sent.iter().take_while(|sql| conn.batch_execute(sql).is_ok()).count();
        assert_eq!(answered, batches - 1, "commit {nth} has no answer");
        assert!(conn.batch_execute("SELECT 1").is_err(), "the connection is gone");
        let there = ["one", "two", "half", "three"].map(|table| database.has(table));
        assert_eq!(there, [true, true, false, batches == 2], "commit {nth}: the server was done with it");
    }
}

/// What a run sent beside what its connections began with.
struct Sent {
    count: usize,
    connections: usize,
    /// For a test that fails.
    listed: String,
}

/// Runs the commands one after the other with that many migrations, or steps, and returns what the last one
/// sent.
fn sent(migrations: usize, commands: &[&[&str]]) -> Option<Sent> {
    let (fixture, _database) = fixture("pg many")?;
    let sent = sent_by(fixture, migrations, commands);
    assert_eq!(sent.connections, 1, "one connection is enough: {}", sent.listed);
    Some(sent)
}

fn sent_by(fixture: Fixture, migrations: usize, commands: &[&[&str]]) -> Sent {
    let proxy = Proxy::before(&fixture.get("DATABASE_URL"));
    // What Diesel sends when it connects is no run's own.
    PgConnection::establish(proxy.url()).expect("the server answers");
    let (_, connecting) = proxy.take();
    let fixture = fixture.clone_at(proxy.url()).var("COUNT", &migrations.to_string());
    let (last, before) = commands.split_last().expect("a command");
    for command in before {
        fixture.run(command).exits(0);
    }
    proxy.take();
    fixture.run(last).exits(0);
    let (connections, sent) = proxy.take();
    let listed = format!(
        "{last:?} with {migrations} of them, {connections} connections, of which each begins with {}:\n{}",
        connecting.len(),
        listed(&sent)
    );
    Sent { count: sent.len() - connections * connecting.len(), connections, listed }
}

const MIGRATE: &[&str] = &["migrate"];
const ROLLBACK: &[&str] = &["rollback"];

/// What ten more migrations add, each with a body of one statement.
fn for_each(commands: &[&[&str]]) -> Option<(usize, String)> {
    let (few, more) = (sent(5, commands)?, sent(15, commands)?);
    Some((more.count - few.count, more.listed))
}

#[test]
fn nothing_to_do_is_one_round_trip() {
    let Some(sent) = sent(20, &[MIGRATE, MIGRATE]) else { return };
    assert_eq!(sent.count, 1, "{}", sent.listed);
}

#[test]
fn a_migration_is_one_round_trip_beside_its_body() {
    let Some((count, listed)) = for_each(&[MIGRATE]) else { return };
    assert_eq!(count, 10 + 10, "{listed}");
}

#[test]
fn a_rollback_is_one_round_trip_beside_its_body() {
    let Some((count, listed)) = for_each(&[MIGRATE, ROLLBACK]) else { return };
    assert_eq!(count, 10 + 10, "{listed}");
}

#[test]
fn a_typed_step_is_one_round_trip_beside_its_statement_in_production() {
    let of = |count| {
        let (fixture, _database) = fixture("typed many")?;
        Some(sent_by(fixture.var("ENV", "production"), count, &[&["migrate", "--yes"]]))
    };
    let (Some(few), Some(more)) = (of(5), of(15)) else { return };
    assert_eq!(more.connections, few.connections, "{}{}", few.listed, more.listed);
    assert_eq!(more.count - few.count, 10 + 10, "{}", more.listed);
}

#[test]
fn a_run_has_few_round_trips_beside_its_migrations() {
    // A look, the lease, a look under it, the lease given back; and the migration: its beginning, its
    // body, its commit. Where there is no ledger yet, another look, and the tables.
    for (commands, count) in [(&[MIGRATE][..], 4 + 3 + 2), (&[MIGRATE, ROLLBACK], 4 + 3)] {
        let Some(sent) = sent(1, commands) else { return };
        assert_eq!(sent.count, count, "{}", sent.listed);
    }
}

#[test]
fn status_has_as_many_round_trips_for_a_long_list_as_for_a_short_one() {
    let commands = [MIGRATE, &["status"]];
    let (Some(short), Some(long)) = (sent(5, &commands), sent(50, &commands)) else { return };
    assert_eq!(short.count, long.count, "{}{}", short.listed, long.listed);
    // What is applied, and which attempts have failed.
    assert!(long.count <= 2, "{}", long.listed);
}

/// What a run of so many files sends, beside what its connection begins with.
fn sent_by_files(count: usize, command: &str) -> Option<Sent> {
    let (fixture, _database) = fixture("example")?;
    for number in 1..=count {
        let file = |way: &str, sql: &str| {
            let name = format!("{number:06}_create.{way}.sql");
            std::fs::write(fixture.path(&name), sql.replace("{n}", &number.to_string())).expect("a file");
        };
        file("up", "-- A table; and\nCREATE TABLE t{n} (id INT);\n\nCREATE INDEX t{n}_id ON t{n} (id);\n");
        file("down", "DROP INDEX t{n}_id;\nDROP TABLE t{n};\n");
    }
    let proxy = Proxy::before(&fixture.get("DATABASE_URL"));
    PgConnection::establish(proxy.url()).expect("the server answers");
    let (_, connecting) = proxy.take();
    let run = |what: &str| {
        let mut updown = fixture.command_of(UPDOWN, &[what, "--dir", ".", "--database-url", proxy.url()]);
        Ran::of(updown.output().expect("it runs")).exits(0);
        proxy.take()
    };
    let (connections, sent) = match command {
        "migrate" => run("migrate"),
        then => {
            run("migrate");
            run(then)
        }
    };
    let listed = format!("{command} of {count} files:\n{}", listed(&sent));
    Some(Sent { count: sent.len() - connections * connecting.len(), connections, listed })
}

#[test]
fn a_file_of_several_statements_is_one_round_trip_with_its_row() {
    for command in ["migrate", "rollback"] {
        let (Some(few), Some(more)) = (sent_by_files(5, command), sent_by_files(15, command)) else { return };
        assert_eq!((few.connections, more.connections), (1, 1), "{}", more.listed);
        assert_eq!(more.count - few.count, 10, "{}", more.listed);
    }
}

#[test]
fn a_directory_with_nothing_to_do_is_one_round_trip() {
    let Some(sent) = sent_by_files(20, "up") else { return };
    assert_eq!(sent.count, 1, "{}", sent.listed);
}
