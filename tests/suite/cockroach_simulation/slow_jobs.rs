//! Jobs that take their time, and who waits for them.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use super::{connect, each_way, fails, has, jobs, number, rows, text, with_table};
use crate::support::cockroach::{Slow, simulated_or_skip};

/// Waits until it is so.
fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "never");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_job_takes_its_time_and_the_client_waits() {
    each_way(|run| {
        let simulated = simulated_or_skip!();
        let mut conn = with_table(&simulated);
        simulated.slow("INDEX i", Slow::UntilReleased);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                until(|| jobs(&simulated, "status = 'running'") == 1);
                assert!(!has(&simulated, "i"));
                simulated.release();
            });
            run(&mut conn, "CREATE INDEX i ON t (a)").unwrap();
        });
        assert!(has(&simulated, "i"));
        assert_eq!(jobs(&simulated, "status = 'running'"), 0);
        simulated.slow("INDEX i", Slow::For(Duration::from_millis(20)));
        fails(run(&mut conn, "CREATE INDEX i ON t (a)"), "already exists");
        assert_eq!(jobs(&simulated, "status = 'failed' AND code = '42P07'"), 1);
        run(&mut conn, "SELECT 1").unwrap();
    });
}

#[test]
fn a_job_goes_on_when_its_client_is_gone() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    simulated.slow("INDEX i", Slow::UntilReleased);
    conn.batch_execute("SET statement_timeout = '50ms'").unwrap();
    fails(conn.batch_execute("CREATE INDEX i ON t (a)"), "query execution canceled due to statement timeout");
    drop(conn);
    assert_eq!((jobs(&simulated, "status = 'running'"), has(&simulated, "i")), (1, false));
    simulated.release();
    until(|| jobs(&simulated, "status = 'running'") == 0);
    assert!(has(&simulated, "i"));
}

#[test]
fn another_session_stops_a_query() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    let session = text(&mut conn, "SELECT session_id AS text FROM [SHOW session_id]");
    simulated.slow("INDEX i", Slow::UntilReleased);
    for sql in ["SELECT pg_sleep(60)", "CREATE INDEX i ON t (a)"] {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut other = connect(simulated.url());
                let seen = format!(
                    "FROM [SHOW CLUSTER STATEMENTS] WHERE session_id = '{session}' AND query = '{sql}'"
                );
                let count = format!("SELECT count(*) AS number {seen}");
                let began = Instant::now();
                while number(&mut other, &count) == 0 {
                    assert!(began.elapsed() < Duration::from_secs(60), "never");
                }
                other.batch_execute(&format!("CANCEL QUERIES (SELECT query_id {seen})")).unwrap();
            });
            fails(conn.batch_execute(sql), "query execution canceled");
        });
    }
    assert_eq!((jobs(&simulated, "status = 'running'"), has(&simulated, "i")), (1, false));
    conn.batch_execute("SELECT 1").unwrap();
}

#[test]
fn a_job_in_a_batch() {
    let simulated = simulated_or_skip!();
    let mut conn = with_table(&simulated);
    simulated.slow("INDEX i", Slow::For(Duration::from_millis(20)));
    conn.batch_execute(
        "BEGIN; INSERT INTO t VALUES (1); CREATE INDEX i ON t (a); BEGIN; INSERT INTO t VALUES (2)",
    )
    .unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!((rows(&simulated), has(&simulated, "i")), (1, true));
    simulated.slow("INDEX i", Slow::For(Duration::ZERO));
    fails(conn.batch_execute("CREATE INDEX i ON t (a); INSERT INTO t VALUES (3)"), "already exists");
    assert_eq!(rows(&simulated), 1);
    let id = number(&mut conn, "SELECT job_id AS number FROM [SHOW JOBS] WHERE status = 'failed'");
    let sql = format!("SELECT description AS text FROM [SHOW JOB {id}]");
    assert_eq!(text(&mut conn, &sql), "CREATE INDEX i ON t (a)");
}
