//! The simulated CockroachDB itself: each difference that it plays, seen over a bare connection.

mod faults;
mod slow_jobs;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use crate::support::cockroach::{Simulated, has_parser, simulated_or_skip};

diesel::table! {
    t (a) {
        a -> BigInt,
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    text: String,
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("it answers")
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    sql_query(sql).get_result::<Number>(conn).expect(sql).number
}

fn text(conn: &mut PgConnection, sql: &str) -> String {
    sql_query(sql).get_result::<Said>(conn).expect(sql).text
}

/// With an empty table.
fn with_table(simulated: &Simulated) -> PgConnection {
    let mut conn = connect(simulated.url());
    conn.batch_execute("CREATE TABLE t (a INT8)").expect("a table");
    conn
}

fn rows(simulated: &Simulated) -> i64 {
    number(&mut connect(simulated.direct()), "SELECT count(*) AS number FROM t")
}

fn has(simulated: &Simulated, name: &str) -> bool {
    let sql = format!("SELECT count(*) AS number FROM pg_class WHERE relname = '{name}'");
    number(&mut connect(simulated.direct()), &sql) > 0
}

fn jobs(simulated: &Simulated, condition: &str) -> i64 {
    let sql = format!("SELECT count(*) AS number FROM crdb_simulated.jobs WHERE {condition}");
    number(&mut connect(simulated.direct()), &sql)
}

/// By both ways of the protocol.
fn each_way(carry_out: impl Fn(&dyn Fn(&mut PgConnection, &str) -> QueryResult<()>)) {
    carry_out(&|conn, sql| conn.batch_execute(sql));
    carry_out(&|conn, sql| sql_query(sql).execute(conn).map(drop));
}

#[track_caller]
fn fails<T: std::fmt::Debug>(result: QueryResult<T>, says: &str) {
    let message = result.expect_err("it fails").to_string();
    assert!(message.contains(says), "{message}");
}

#[test]
fn it_says_what_it_is() {
    let simulated = simulated_or_skip!();
    let mut conn = connect(simulated.url());
    let version = "CockroachDB CCL v25.2.0 (simulated)";
    assert_eq!(text(&mut conn, "SELECT version() AS text"), version);
    assert_eq!(text(&mut conn, "SELECT session_id AS text FROM [SHOW session_id]").len(), 32);
    assert!(text(&mut connect(simulated.direct()), "SELECT version() AS text").starts_with("PostgreSQL"));
    assert_eq!((simulated.count("version()"), simulated.count("VERSION")), (1, 0));
    assert_eq!(simulated.statements().last().unwrap().connection, 0);
}

#[test]
fn a_change_of_the_schema_commits_what_came_before_it() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        for sql in ["BEGIN", "INSERT INTO t VALUES (1)", "CREATE INDEX i ON t (a)", "ROLLBACK"] {
            run(&mut conn, sql).expect(sql);
        }
        assert_eq!((rows(&simulated), has(&simulated, "i")), (1, true));
        run(&mut conn, "SET autocommit_before_ddl = off").unwrap();
        for sql in ["BEGIN", "INSERT INTO t VALUES (2)", "DROP INDEX i", "ROLLBACK"] {
            run(&mut conn, sql).expect(sql);
        }
        assert_eq!((rows(&simulated), has(&simulated, "i")), (1, true));
    });
}

#[test]
fn the_same_in_one_batch() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    conn.batch_execute("BEGIN; INSERT INTO t VALUES (1); CREATE INDEX i ON t (a)").unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!((rows(&simulated), has(&simulated, "i")), (1, true));
    let off = "SET LOCAL autocommit_before_ddl = off";
    conn.batch_execute(&format!("BEGIN; {off}; INSERT INTO t VALUES (2); DROP INDEX i; ROLLBACK")).unwrap();
    assert_eq!((rows(&simulated), has(&simulated, "i")), (1, true));
    // Without BEGIN as well, where something came before.
    conn.batch_execute("INSERT INTO t VALUES (3); CREATE VIEW v AS SELECT 1; SELECT 1/0").unwrap_err();
    assert_eq!((rows(&simulated), has(&simulated, "v")), (2, false));
}

#[test]
fn the_setting_is_one_of_the_session() {
    let simulated = simulated_or_skip!();
    let shown = |conn: &mut PgConnection| {
        text(conn, "SELECT autocommit_before_ddl AS text FROM [SHOW autocommit_before_ddl]")
    };
    let mut conn = connect(simulated.url());
    assert_eq!(shown(&mut conn), "on");
    conn.batch_execute("SET autocommit_before_ddl = false").unwrap();
    assert_eq!(shown(&mut conn), "off");
    assert_eq!(text(&mut conn, "SELECT current_setting('autocommit_before_ddl') AS text"), "off");
    conn.batch_execute("RESET ALL").unwrap();
    assert_eq!(shown(&mut conn), "on");
    let mut other = connect(&format!("{}?options=-c%20autocommit_before_ddl%3Doff", simulated.url()));
    assert_eq!(shown(&mut other), "off");
    other.batch_execute("RESET ALL").unwrap();
    assert_eq!(shown(&mut other), "off");
}

#[test]
fn without_a_transaction_there_is_nothing_to_end() {
    let simulated = simulated_or_skip!();
    let mut conn = connect(simulated.url());
    conn.batch_execute("COMMIT").unwrap();
    conn.batch_execute("SAVEPOINT a").unwrap();
    conn.batch_execute("SET autocommit_before_ddl = off").unwrap();
    for sql in ["COMMIT", "ROLLBACK", "SAVEPOINT a"] {
        fails(conn.batch_execute(sql), "there is no transaction in progress");
    }
    fails(conn.batch_execute("BEGIN; BEGIN"), "there is already a transaction in progress");
}

#[test]
fn there_is_no_way_back_over_a_change_of_the_schema() {
    let refused = "ROLLBACK TO SAVEPOINT not yet supported after DDL statements";
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        let mut all = |sqls: &[&str]| sqls.iter().try_for_each(|sql| run(&mut conn, sql));
        all(&["SET autocommit_before_ddl = off", "BEGIN", "SAVEPOINT first", "INSERT INTO t VALUES (1)"])
            .unwrap();
        all(&["SAVEPOINT a", "CREATE INDEX i ON t (a)", "SAVEPOINT b", "INSERT INTO t VALUES (2)"]).unwrap();
        all(&["ROLLBACK TO SAVEPOINT b"]).unwrap();
        fails(all(&["ROLLBACK TO SAVEPOINT a"]), refused);
        // Also where the transaction has failed; to the very beginning there is a way.
        fails(all(&["ROLLBACK TO SAVEPOINT a"]), refused);
        all(&["ROLLBACK TO SAVEPOINT first", "INSERT INTO t VALUES (3)", "COMMIT"]).unwrap();
        assert_eq!((rows(&simulated), has(&simulated, "i")), (1, false));
    });
}

#[test]
fn what_cockroachdb_does_not_have_is_refused_and_remembered() {
    let simulated = simulated_or_skip!();
    let mut conn = connect(simulated.url());
    each_way(|run| {
        let mut conn = connect(simulated.url());
        fails(run(&mut conn, "SELECT pg_advisory_lock(1)"), "unimplemented: pg_advisory_lock");
        fails(run(&mut conn, "LOCK TABLE t"), "syntax error");
    });
    let locked = sql_query("SELECT pg_try_advisory_lock($1)").bind::<BigInt, _>(1).execute(&mut conn);
    fails(locked, "unimplemented");
    assert_eq!(simulated.missing().len(), 5);
    simulated.may_be_refused("LOCK TABLE t");
}

#[test]
fn each_change_of_the_schema_leaves_a_job() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        let long = format!("CREATE INDEX {} ON t (a)", "i".repeat(60));
        run(&mut conn, &long).unwrap();
        run(&mut conn, "DROP TABLE t").unwrap();
        run(&mut conn, "CREATE INDEX i ON missing (a)").unwrap_err();
        let of = |conn: &mut PgConnection, condition: &str| {
            number(conn, &format!("SELECT count(*) AS number FROM [SHOW JOBS] AS j WHERE {condition}"))
        };
        assert_eq!(of(&mut conn, "j.status = 'succeeded' AND j.finished IS NOT NULL"), 3);
        assert_eq!(of(&mut conn, "j.status = 'running' AND j.job_type = 'SCHEMA CHANGE GC'"), 1);
        assert_eq!(of(&mut conn, "j.job_type = 'NEW SCHEMA CHANGE'"), 2);
        assert_eq!(of(&mut conn, "true"), 4);
        let cut = "SELECT description AS text FROM [SHOW JOBS] WHERE description LIKE '%i%…%'";
        assert_eq!(text(&mut conn, cut), format!("{} … N t (a)", &long[..59]));
        assert_eq!(jobs(&simulated, &format!("description = '{long}'")), 1);
        assert!(number(&mut conn, "SELECT max(job_id) AS number FROM [SHOW JOBS]") > i64::from(i32::MAX));
    });
}

#[test]
fn what_cockroachdbs_parser_does_not_know_fails_the_test() {
    let Some(simulated) = Simulated::new() else { return };
    let mut conn = connect(simulated.url());
    conn.batch_execute("CREATE TABEL t (a INT8)").unwrap_err();
    if !has_parser() {
        return;
    }
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(simulated)));
    let said = dropped.expect_err("it was refused");
    let said = said.downcast_ref::<String>().expect("a message");
    assert!(said.contains("at or near \"tabel\"") && said.ends_with("CREATE TABEL t (a INT8)"), "{said}");

    let simulated = simulated_or_skip!();
    simulated.may_be_refused("CREATE TABEL");
    connect(simulated.url()).batch_execute("CREATE TABEL t (a INT8)").unwrap_err();
}

#[test]
fn names_that_mean_something_else() {
    let simulated = simulated_or_skip!();
    let mut conn = connect(simulated.url());
    conn.batch_execute("CREATE TABLE u (a INT, b SERIAL)").unwrap();
    conn.batch_execute(
        "BEGIN; SET LOCAL autocommit_before_ddl = off; CREATE INDEX CONCURRENTLY i ON u (a); COMMIT",
    )
    .unwrap();
    conn.batch_execute("DROP INDEX u@i").unwrap();
    let types = "SELECT count(*) AS number FROM information_schema.columns WHERE table_name = 'u' AND data_type = 'bigint'";
    assert_eq!(number(&mut conn, types), 2);
    fails(conn.batch_execute("SELECT crdb_internal.force_error('22P02', 'as said')"), "as said");
}

#[test]
fn another_database_of_the_same_server() {
    let simulated = simulated_or_skip!();
    let mut conn = connect(simulated.url());
    let name = format!("updown_test_scratch_{}", std::process::id());
    conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let mut there = connect(&format!("{}/{name}", simulated.url().rsplit_once('/').unwrap().0));
    there.batch_execute("CREATE TABLE t (a INT8)").unwrap();
    assert_eq!(text(&mut there, "SELECT description AS text FROM [SHOW JOBS]"), "CREATE TABLE t (a INT8)");
    // Whoever is connected.
    conn.batch_execute(&format!("DROP DATABASE {name} CASCADE")).unwrap();
}

#[test]
fn transactions_that_would_not_be_one_after_the_other() {
    let simulated = simulated_or_skip!();
    simulated.serializable();
    with_table(&simulated);
    let mut conns = [connect(simulated.url()), connect(simulated.url())];
    for conn in &mut conns {
        conn.batch_execute("BEGIN; SELECT count(*) FROM t").unwrap();
    }
    for conn in &mut conns {
        conn.batch_execute("INSERT INTO t VALUES (1)").unwrap();
    }
    let [one, other] = &mut conns;
    one.batch_execute("COMMIT").unwrap();
    fails(other.batch_execute("COMMIT"), "restart transaction: could not serialize access");
}

#[test]
fn rows_are_copied() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    let two = vec![(t::a.eq(1_i64),), (t::a.eq(2),)];
    let copied = diesel::copy_from(t::table).from_insertable(two).execute(&mut conn);
    assert_eq!(copied, Ok(2));
    conn.batch_execute("SELECT 1").unwrap();
    assert_eq!(rows(&simulated), 2);
}

#[test]
fn a_session_that_the_server_ends() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    connect(simulated.direct())
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
    fails(conn.batch_execute("SELECT 1"), "server closed the connection unexpectedly");
    connect(simulated.url()).batch_execute("SELECT 1 FROM t").unwrap();
}
