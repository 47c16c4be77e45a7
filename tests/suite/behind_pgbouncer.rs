//! Behind a pooler that hands out a server connection for one transaction at a time: the backend is
//! another one each time, lives on when its client is gone, and is replaced while its client lives.

use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres::fixture;
use crate::support::{Database, Fixture, Ran};

/// A project whose database is reached through a pooler, and a direct connection to that.
struct Behind {
    fixture: Fixture,
    database: Database,
    _pooler: PgBouncer,
}

fn behind(project: &str, pool: usize) -> Option<Behind> {
    let (direct, database) = fixture(project)?;
    let pooler = PgBouncer::before(&direct.get("DATABASE_URL"), pool)?;
    Some(Behind { fixture: direct.clone_at(pooler.url()), database, _pooler: pooler })
}

#[test]
fn the_example_runs() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("example", 2) else { return };
    fixture.run(&["status"]).exits(0).says("pending");
    fixture.run(&["lock"]).exits(0).says("main: free");
    fixture.run(&["migrate", "--dry-run"]).exits(0).says("5 migrations applied; everything was undone again");
    assert!(!database.has("schema_migrations") && !database.has("videos"), "a dry run leaves no trace");
    fixture.run(&["migrate", "--to", "4"]).exits(0);
    database.execute(
        "INSERT INTO video_uploads (id, user_id, file_name, file_size) VALUES (1, 7, 'a.mp4', 10);
         INSERT INTO videos (id, upload_id, title) VALUES (1, 1, 'Hello, World!')",
    );
    fixture.run(&["migrate"]).exits(0).says("3 migrations applied in batch 2");
    assert_eq!(database.lines("SELECT slug AS line FROM videos"), ["hello-world-1"]);
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["status", "--check"]).exits(0).says("batch 2");
    fixture.run(&["lock"]).exits(0).says("main: free");
    fixture.run(&["redo"]).exits(0).says("in batch 3");
    fixture.run(&["fresh"]).exits(0).says("7 migrations applied in batch 4");
    fixture.run(&["rollback"]).exits(0).says("7 migrations rolled back");
    assert!(!database.has("videos"));
    fixture.run(&["verify"]).exits(0);
    fixture.run(&["history"]).exits(0).says("rolled back");
}

#[test]
fn steps_run() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("pg steps", 2) else { return };
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
    assert_eq!(database.number("SELECT sum(n) AS number FROM items"), 10);
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 0);
    fixture.run(&["rollback", "--all"]).exits(0);
    assert!(!database.has("items"));
}

#[test]
fn eight_at_once() {
    for round in 0..3 {
        let Some(Behind { fixture, mut database, _pooler }) = behind("example", 3) else { return };
        let children: Vec<_> = (0..8).map(|_| fixture.start(&["migrate"])).collect();
        let ran: Vec<Ran> =
            children.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap())).collect();
        for ran in &ran {
            assert_eq!(ran.code, Some(0), "round {round}: {ran:#?}");
        }
        assert_eq!(database.history().len(), 7, "each was applied once, in round {round}");
        fixture.run(&["lock"]).exits(0).says("main: free");
    }
}

#[test]
fn what_one_client_prepares_is_not_in_the_way_of_the_next() {
    let Some(Behind { fixture, _pooler, .. }) = behind("pg prepared", 1) else { return };
    for _ in 0..3 {
        fixture.run(&["migrate"]).exits(0).says_nothing_of("trying again");
        fixture.run(&["rollback"]).exits(0).says_nothing_of("trying again");
    }
}

#[test]
fn what_a_body_sets_stays_on_no_server_connection() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("pg bad", 2) else { return };
    let mut fixture = fixture.var("BAD", "CREATE SCHEMA other; SET search_path = other");
    fixture.run(&["migrate"]).exits(0);
    fixture.set("BAD", "");
    // The next clients get the same server connections.
    for _ in 0..4 {
        let status = fixture.run(&["status", "--json"]).exits(0).json();
        assert_eq!(status["stores"][0]["pending"], 0, "{status:#}");
    }
    fixture.run(&["rollback"]).exits(0);
    assert_eq!(database.batches(), [""; 0]);
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_tables WHERE schemaname = 'other'"), 0);
}

#[test]
fn the_lease_of_a_holder_that_was_killed_is_free_when_it_expires() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("pg slow", 3) else { return };
    let fixture = fixture.meeting();
    let mut holder = fixture.start(&["migrate"]);
    fixture.reached();
    holder.kill().unwrap();
    holder.wait().unwrap();
    fixture.go();
    // Waits until its transaction is undone. However long this test takes, it has not expired.
    database.execute("UPDATE schema_migrations_lease SET expires_at = now() + interval '1 hour'");
    fixture.run(&["lock"]).exits(0).says("held by");
    fixture.run(&["migrate", "--wait-for-lock", "500ms"]).exits(4).says("is locked by");
    assert_eq!(database.history(), ["m1_good applied"], "nothing was done without the lease");
    database.execute("UPDATE schema_migrations_lease SET expires_at = now() - interval '1 second'");
    fixture.run(&["lock"]).exits(0).says("main: free");
    fixture.run(&["migrate", "--wait-for-lock", "500ms"]).exits(0).says("2 migrations applied");
    assert_eq!(database.history(), ["m1_good applied", "m2_slow applied", "m3_last applied"]);
}

#[test]
fn a_holder_lives_when_its_server_connection_is_replaced() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("pg pause", 3) else { return };
    let fixture = fixture.meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    // As a pooler does with those that it had for long.
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.execute(&format!("SELECT pg_terminate_backend(pid) {others}"));
    while database.number(&format!("SELECT count(*) AS number {others}")) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fixture.run(&["lock"]).exits(0).says("held by");
    fixture.run(&["migrate", "--wait-for-lock", "500ms"]).exits(4).says("is locked by");
    fixture.go();
    Ran::of(holder.wait_with_output().unwrap()).exits(0);
    assert_eq!(database.history(), ["m1_pause applied"]);
    assert!(database.has("after"));
}

#[test]
fn a_lease_that_is_broken_stops_its_holder() {
    let Some(Behind { fixture, mut database, _pooler }) = behind("pg pause", 3) else { return };
    let fixture = fixture.meeting();
    let holder = fixture.start(&["migrate"]);
    fixture.reached();
    fixture.run(&["lock"]).exits(0).says("held by");
    fixture.run(&["lock", "--release", "--yes"]).exits(0).says("main: free");
    fixture.go();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
    assert!(!database.has("after"), "nothing more was done");
}
