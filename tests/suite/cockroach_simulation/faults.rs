//! What goes wrong where a test says so.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::{connect, each_way, fails, has, jobs, rows, t, with_table};
use crate::support::cockroach::simulated_or_skip;

#[test]
fn every_second_commit_has_to_be_tried_again() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        simulated.retries(2);
        for value in 1..=4 {
            run(&mut conn, "BEGIN").unwrap();
            run(&mut conn, &format!("INSERT INTO t VALUES ({value})")).unwrap();
            let committed = run(&mut conn, "COMMIT");
            if value % 2 == 0 {
                let Err(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, said)) = committed
                else {
                    panic!("{committed:?}");
                };
                assert!(said.message().starts_with("restart transaction: TransactionRetryWithProto"));
            }
        }
        // No transaction is left.
        run(&mut conn, "INSERT INTO t VALUES (5)").unwrap();
        assert_eq!(rows(&simulated), 3);
    });
}

#[test]
fn also_in_a_batch() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    simulated.retries(2);
    let batch = "BEGIN; INSERT INTO t VALUES (1); COMMIT; BEGIN; INSERT INTO t VALUES (2); COMMIT; BEGIN";
    fails(conn.batch_execute(batch), "restart transaction");
    assert_eq!(rows(&simulated), 1);
    conn.batch_execute("BEGIN; COMMIT").unwrap();
}

#[test]
fn a_statement_that_has_to_be_tried_again() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    simulated.retry("INSERT INTO", 2);
    conn.batch_execute("BEGIN").unwrap();
    // One that is prepared, and kept so.
    let insert = || diesel::insert_into(t::table).values(t::a.eq(1_i64));
    fails(insert().execute(&mut conn), "restart transaction");
    fails(conn.batch_execute("SELECT 1"), "current transaction is aborted");
    conn.batch_execute("ROLLBACK").unwrap();
    fails(insert().execute(&mut conn), "restart transaction");
    assert_eq!(insert().execute(&mut conn), Ok(1));
    assert_eq!(rows(&simulated), 1);
    assert!(simulated.is_done());
}

#[test]
fn an_ambiguous_commit_was_done_or_was_not() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        for committed in [true, false] {
            simulated.ambiguous(2, committed);
            conn.batch_execute("BEGIN; COMMIT; BEGIN; INSERT INTO t VALUES (1)").unwrap();
            fails(run(&mut conn, "COMMIT"), "result is ambiguous");
            assert_eq!(rows(&simulated), 1);
            conn.batch_execute("SELECT 1").expect("no transaction is left");
        }
        for (committed, rows_there) in [(true, 2), (false, 2)] {
            simulated.ambiguous_at("VALUES (2)", committed);
            fails(run(&mut conn, "INSERT INTO t VALUES (2)"), "result is ambiguous");
            assert_eq!(rows(&simulated), rows_there);
        }
        assert!(simulated.is_done());
    });
}

#[test]
fn a_change_of_the_schema_is_aborted() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        let aborted = "transaction committed but schema change aborted with error: (23505): simulated";
        simulated.aborts("INDEX i", 1, None);
        fails(run(&mut conn, "CREATE UNIQUE INDEX i ON t (a)"), aborted);
        assert_eq!((has(&simulated, "i"), jobs(&simulated, "status = 'failed'")), (false, 1));
        simulated.aborts("ADD COLUMN", 1, Some("ALTER TABLE t ADD COLUMN b INT8"));
        fails(run(&mut conn, "ALTER TABLE t ADD COLUMN b INT8, ADD COLUMN c INT8"), aborted);
        conn.batch_execute("SELECT b FROM t").unwrap();
        simulated.job_fails("INDEX j", 1, None);
        fails(run(&mut conn, "CREATE INDEX j ON t (a)"), "simulated");
        run(&mut conn, "CREATE INDEX j ON t (a)").unwrap();
        assert_eq!(jobs(&simulated, "status = 'failed' AND code = 'XXA00'"), 2);
    });
}

#[test]
fn the_job_of_a_transaction_is_aborted_at_its_commit() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        simulated.aborts("INDEX i", 1, None);
        conn.batch_execute("SET autocommit_before_ddl = off; BEGIN; INSERT INTO t VALUES (1)").unwrap();
        run(&mut conn, "CREATE INDEX i ON t (a)").unwrap();
        fails(run(&mut conn, "COMMIT"), "transaction committed but schema change aborted");
        assert_eq!((rows(&simulated), has(&simulated, "i")), (1, false));
        assert_eq!(jobs(&simulated, "status = 'failed'"), 1);
    });
}

#[test]
fn an_answer_is_lost() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        simulated.lose_answer("INSERT INTO t");
        run(&mut conn, "INSERT INTO t VALUES (1)").unwrap_err();
        assert_eq!(rows(&simulated), 1);
        run(&mut conn, "SELECT 1").unwrap_err();
        connect(simulated.url()).batch_execute("INSERT INTO t VALUES (1)").unwrap();
    });
}

/// A program that does nothing, and may be killed.
fn victim() -> Child {
    Command::new("sleep").arg("60").spawn().expect("sleep")
}

#[test]
fn a_program_is_killed_at_a_round_trip() {
    each_way(|run| {
        for (after, rows_there) in [(false, 0), (true, 1)] {
            let simulated = simulated_or_skip!();
            let mut conn = with_table(&simulated);
            let mut child = victim();
            simulated.kills(&child);
            let before = simulated.round_trips();
            if after {
                simulated.kill_after(2)
            } else {
                simulated.kill_before(2)
            }
            run(&mut conn, "SELECT 1").unwrap();
            run(&mut conn, "INSERT INTO t VALUES (1)").unwrap_err();
            assert_eq!(child.wait().expect("it was ours").signal(), Some(9));
            assert_eq!((simulated.round_trips() - before, rows(&simulated)), (2, rows_there));
            assert!(simulated.is_done());
        }
    });
}

#[test]
fn a_statement_is_refused_like_this() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    simulated.fails("SELECT a", 1, "53300", "too many");
    fails(conn.batch_execute("BEGIN; SELECT a FROM t"), "too many");
    fails(conn.batch_execute("SELECT a FROM t"), "current transaction is aborted");
    conn.batch_execute("ROLLBACK; SELECT a FROM t").unwrap();
}
