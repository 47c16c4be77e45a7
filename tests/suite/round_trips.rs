//! How often a run waits for the server: each time costs what the network takes, however fast both
//! ends are.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::support::postgres::fixture;
use crate::support::proxy::{Proxy, listed};

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
        let parsed = format!("parse {long}; execute {long}");
        let select = "SELECT $1";
        let expected = [
            &parsed,
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
