//! Files of SQL on PostgreSQL, where each is sent together with its row and its commit.

use crate::support::proxy::Proxy;
use crate::support::{Fixture, Store, postgres::is_there};

/// A table that counts how often something was done in it.
const COUNTED: &str = "CREATE TABLE IF NOT EXISTS counted (what TEXT)";

#[test]
fn what_was_committed_is_not_sent_again_where_the_answer_was_lost() {
    if !is_there() {
        return;
    }
    for nth in 1..=8 {
        let insert = |what: &str| format!("{COUNTED}; INSERT INTO counted VALUES ('{what}')");
        let (one, two, three) = (insert("one"), insert("two"), insert("three"));
        let files = [("1_a.up.sql", one.as_str()), ("2_b.up.sql", &two), ("3_c.up.sql", &three)];
        let fixture = Fixture::of_files(Store::Postgres, &files);
        let proxy = Proxy::before(&fixture.get("DATABASE_URL")).losing(nth);
        let fixture_behind = fixture.var("DATABASE_URL", proxy.url());
        let first = fixture_behind.run(&["migrate"]);
        if first.code != Some(0) {
            first.exits(1).says_nothing_of("already exists");
        }
        fixture_behind.run(&["migrate"]).exits(0);
        let counted = fixture_behind.database().lines("SELECT what AS line FROM counted ORDER BY what");
        assert_eq!(counted, ["one", "three", "two"], "the answer to commit {nth} was lost");
    }
}

#[test]
fn a_file_that_ends_the_transaction_in_some_way_is_refused() {
    if !is_there() {
        return;
    }
    let leaves = "CREATE TABLE half (id INT); RELEASE SAVEPOINT updown";
    let fixture = Fixture::of_files(Store::Postgres, &[("1_a.up.sql", leaves)]);
    fixture.run(&["migrate"]).exits(1);
    assert!(!fixture.database().has("half"), "nothing of it is there");
}

#[test]
fn the_row_of_a_long_file_says_how_long_it_took_and_the_lease_is_renewed() {
    if !is_there() {
        return;
    }
    let left = "CREATE TABLE seen AS SELECT extract(epoch FROM expires_at - clock_timestamp())::bigint AS number \
                FROM schema_migrations_lease";
    let files = [("1_a.up.sql", "SELECT pg_sleep(6)"), ("2_b.up.sql", left)];
    let fixture = Fixture::of_files(Store::Postgres, &files);
    fixture.run(&["migrate"]).exits(0);
    let one = |sql: &str| fixture.database().number(sql);
    let took = one("SELECT duration_ms AS number FROM schema_migrations ORDER BY id LIMIT 1");
    assert!((6000..20_000).contains(&took), "it took {took} ms");
    let since = one("SELECT extract(epoch FROM b.applied_at - a.applied_at)::bigint AS number
                     FROM schema_migrations a, schema_migrations b WHERE a.id < b.id");
    assert!(since < 6, "the time is that of the end: {since} s lie between them");
    // It lasts 30 s.
    let left = one("SELECT number FROM seen");
    assert!(left > 26, "{left} s of the lease were left behind a file of 6 s");
}
