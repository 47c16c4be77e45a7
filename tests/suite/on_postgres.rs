//! The same promises on PostgreSQL: one transaction, one lease, and a run that survives being killed.

use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::fixture;
use crate::support::proxy::Proxy;
use crate::support::{Ran, full, wait_for};

macro_rules! fixture_or_skip {
    ($project:expr) => {
        match fixture($project) {
            Some(made) => made,
            None => return,
        }
    };
}

#[test]
fn the_example_runs_on_postgres_as_on_sqlite() {
    let (fixture, mut database) = fixture_or_skip!("example");
    fixture.run(&["status"]).exits(0).says("pending");
    assert!(!database.has("schema_migrations"), "status writes nothing");
    fixture.run(&["migrate", "--dry-run"]).exits(0).says("4 migrations applied; everything was undone again");
    assert!(!database.has("schema_migrations") && !database.has("videos"), "a dry run leaves no trace");
    fixture.run(&["migrate", "--to", "4"]).exits(0);
    database.execute(
        "INSERT INTO video_uploads (id, user_id, file_name, file_size) VALUES (1, 7, 'a.mp4', 10);
         INSERT INTO videos (id, upload_id, title) VALUES (1, 1, 'Hello, World!')",
    );
    fixture.run(&["migrate"]).exits(0).says("2 migrations applied in batch 2");
    assert_eq!(database.lines("SELECT slug AS line FROM videos"), ["hello-world-1"]);
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["status", "--check"]).exits(0).says("batch 2");
    let at = database.lines("SELECT pg_typeof(applied_at)::text AS line FROM schema_migrations LIMIT 1");
    assert_eq!(at, ["timestamp with time zone"]);
    fixture.run(&["redo"]).exits(0).says("in batch 3");
    fixture.run(&["fresh"]).exits(0).says("6 migrations applied in batch 4");
    fixture.run(&["rollback"]).exits(0).says("6 migrations rolled back");
    assert!(!database.has("videos"));
    fixture.run(&["verify"]).exits(0);
    fixture.run(&["history"]).exits(0).says("rolled back");
}

#[test]
fn killed_at_every_statement() {
    for (project, command, before) in [
        ("example", &["migrate"][..], None),
        ("example", &["rollback", "--all"], Some(&["migrate"][..])),
        ("pg steps", &["migrate"], None),
        ("pg steps", &["rollback", "--all"], Some(&["migrate"])),
    ] {
        let run_before = |fixture: &crate::support::Fixture| {
            if let Some(before) = before {
                fixture.run(before).exits(0);
            }
        };
        let (undisturbed, mut database) = fixture_or_skip!(project);
        run_before(&undisturbed);
        undisturbed.run(command).exits(0);
        let wanted = database.dump();
        for when in ["before", "after"] {
            // Every one in `make test-full`; every other one otherwise.
            for n in (1..).step_by(if full() { 1 } else { 2 }) {
                let (fixture, mut database) = fixture_or_skip!(project);
                run_before(&fixture);
                let mut fixture = fixture.var("KILL", &format!("{when}:{n}"));
                let first = fixture.run(command);
                fixture.set("KILL", "");
                if first.code != Some(0) {
                    assert_eq!(first.code, None, "killed {when} {n}, not failed: {first:?}");
                    fixture.run(command).exits(0);
                }
                assert_eq!(database.dump(), wanted, "{project} {command:?} killed {when} {n}");
                fixture.run(&["lock"]).exits(0).says("main: free");
                if first.code == Some(0) {
                    assert!(n > 20, "the killer kills: {n}");
                    break;
                }
            }
        }
    }
}

#[test]
fn eight_at_once() {
    for round in 0..5 {
        let (fixture, mut database) = fixture_or_skip!("example");
        let children: Vec<_> = (0..8).map(|_| fixture.start(&["migrate"])).collect();
        for child in children {
            let ran = Ran::of(child.wait_with_output().unwrap());
            assert_eq!(ran.code, Some(0), "round {round}: {ran:#?}");
        }
        assert_eq!(database.history().len(), 6, "each was applied once, in round {round}");
    }
}

#[test]
fn when_the_holder_is_killed_the_next_one_goes_on_at_once() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let mut holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    let waiting = fixture.start(&["migrate", "--wait-for-lock", "10s"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    holder.kill().unwrap();
    holder.wait().unwrap();
    std::fs::write(fixture.path("go"), "").unwrap();
    Ran::of(waiting.wait_with_output().unwrap()).exits(0).says("2 migrations applied");
    assert_eq!(database.history(), ["m1_good applied", "m2_slow applied", "m3_last applied"]);
}

#[test]
fn a_holder_that_is_stopped_in_its_transaction_keeps_the_others_out() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    let pid = Pid::from_child(&holder);
    kill_process(pid, Signal::STOP).unwrap();
    // The row is locked: alive, whatever its expiry says, and nobody waits inside the database.
    fixture.run(&["migrate", "--wait-for-lock", "300ms"]).exits(4).says("is locked by");
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    assert_eq!(database.number(waiting), 0);
    std::fs::write(fixture.path("go"), "").unwrap();
    kill_process(pid, Signal::CONT).unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(0);
}

#[test]
fn a_body_that_leaves_its_transaction() {
    for bad in ["COMMIT", "COMMIT; BEGIN", "ROLLBACK", "ROLLBACK; BEGIN"] {
        let (fixture, mut database) = fixture_or_skip!("pg bad");
        let fixture = fixture.var("BAD", bad);
        fixture.run(&["migrate"]).exits(1).says("the body ended its own transaction");
        assert_eq!(database.batches(), ["m1_good@1"], "{bad}");
        assert_eq!(database.history(), ["m1_good applied", "m2_bad failed"], "{bad}");
    }
}

#[test]
fn what_a_body_sets_does_not_reach_the_ledger() {
    for bad in [
        "CREATE SCHEMA other; SET search_path = other",
        "CREATE ROLE nobody_else; SET ROLE nobody_else",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET statement_timeout = '1ms'",
    ] {
        let (fixture, mut database) = fixture_or_skip!("pg bad");
        let mut fixture = fixture.var("BAD", bad);
        fixture.run(&["migrate"]).exits(0);
        assert_eq!(database.batches().len(), 2, "{bad}");
        fixture.set("BAD", "");
        database.execute("RESET ALL; DROP ROLE IF EXISTS nobody_else");
    }
}

#[test]
fn an_error_has_the_servers_position_and_hint() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let fixture = fixture.var("BAD", "SELECT idd FROM good");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("SELECT idd FROM good")
        .says("^")
        .says("column \"idd\" does not exist")
        .says("Perhaps you meant to reference the column \"good.id\".");
    assert!(!database.has("half"));
}

#[test]
fn an_invalid_index_is_built_again() {
    let (fixture, mut database) = fixture_or_skip!("pg steps");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    // As a build that was interrupted leaves it; `IF NOT EXISTS` alone would take it for done.
    database.execute("ALTER TABLE items ADD COLUMN label TEXT; CREATE INDEX items_label ON items (label)");
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_label'::regclass");
    database.execute("ALTER TABLE items DROP COLUMN IF EXISTS other");
    fixture.run(&["migrate"]).exits(1).says("already exists");
    database.execute(
        "DROP INDEX items_label; ALTER TABLE items DROP COLUMN label; ALTER TABLE items ADD COLUMN other TEXT;
         CREATE INDEX items_label ON items (other)",
    );
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_label'::regclass");
    fixture.run(&["migrate"]).exits(0);
    let index = database.lines("SELECT pg_get_indexdef('items_label'::regclass) AS line");
    assert_eq!(index, ["CREATE INDEX items_label ON public.items USING btree (label)"]);
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_index WHERE NOT indisvalid"), 0);
    assert_eq!(database.number("SELECT sum(n) AS number FROM items"), 10);
}

#[test]
fn another_tools_ledger_is_left_alone() {
    let (fixture, mut database) = fixture_or_skip!("example");
    database.execute("CREATE TABLE schema_migrations (version BIGINT, dirty BOOLEAN)");
    fixture.run(&["migrate"]).exits(5).says("golang-migrate");
    assert!(!database.has("videos"));
}

#[test]
fn a_database_that_does_not_exist() {
    let (fixture, _) = fixture_or_skip!("example");
    let url = fixture.get("DATABASE_URL").replace("/updown_test", "/nowhere_updown_test");
    let fixture = fixture.var("DATABASE_URL", &url);
    fixture.run(&["migrate"]).exits(1).says("does not exist").says("create the database first");
}

#[test]
fn a_backend_that_cannot_be_read_counts_as_alive() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    // Held by this very connection, which belongs to another role than the run that comes.
    let role = format!("role_{}", std::process::id());
    let name = database.lines("SELECT current_database()::text AS line").remove(0);
    database.execute(&format!(
        "UPDATE schema_migrations_lease SET owner = 'other', held_by = 'another role', since = now(), expires_at = now() + interval '30 s',
         process = (SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid());
         CREATE ROLE {role} LOGIN PASSWORD '{role}'; GRANT ALL ON DATABASE {name} TO {role}; GRANT ALL ON SCHEMA public TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    ));
    let url = fixture.get("DATABASE_URL");
    let of_role = format!("postgres://{role}:{role}@{}", url.split_once('@').expect("user@host").1);
    let mut fixture = fixture.var("DATABASE_URL", &of_role);
    fixture.run(&["lock"]).exits(0).says("held by another role");
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(4).says("another role");
    // Its expiry frees it for that role, and a backend that is gone for one that can see that.
    fixture.set("DATABASE_URL", &url);
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(4);
    database.execute("UPDATE schema_migrations_lease SET process = '999999999 1.0'");
    fixture.run(&["migrate", "--wait-for-lock", "200ms"]).exits(0);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_long_migration_renews_the_lease_with_its_commit() {
    let (fixture, mut database) = fixture_or_skip!("pg slow");
    let meet = fixture.directory.path().display().to_string();
    let mut fixture = fixture.var("MEET", &meet);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    // The tables are there: the lease's transaction is the first commit.
    fixture.set("KILL", "committed:2");
    let mut holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    std::fs::write(fixture.path("go"), "").unwrap();
    assert_eq!(holder.wait().unwrap().code(), None, "killed behind the commit");
    assert_eq!(database.batches().len(), 2);
    let left = "SELECT round(extract(epoch FROM l.expires_at - h.at))::bigint AS number
                FROM schema_migrations_lease l, schema_migrations_history h WHERE h.name = 'm2_slow'";
    assert!(database.number(left) >= 30, "the whole lease, from the commit on");
}

#[test]
fn a_connection_that_is_lost_at_the_commit_is_reported_as_it_was() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    // The server ends the connection while it commits: nothing of it is there afterwards.
    let mut fixture = fixture.var(
        "BAD",
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER die AFTER INSERT ON half DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION die(); INSERT INTO half VALUES (1)",
    );
    fixture.run(&["migrate"]).exits(1).says("the connection was lost");
    assert_eq!(database.batches(), ["m1_good@1"]);
    assert!(!database.has("half"));
    fixture.set("BAD", "");
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_in_the_ledger() {
    let (fixture, mut database) = fixture_or_skip!("pg bad");
    let url = fixture.get("DATABASE_URL");
    let (user, rest) = url.split_once('@').expect("user@host");
    let (host, name) = rest.split_once('/').expect("host/database");
    let Some(directory) = host.starts_with("%2F").then(|| host.replace("%2F", "/")) else {
        return eprintln!("SKIPPED: the proxy speaks to a server's socket, and POSTGRES_URL names a host");
    };
    // The tables, the lease, the first migration, the second one.
    for nth in [3, 4] {
        let proxy = Proxy::losing_commit(format!("{directory}/.s.PGSQL.5432").into(), nth);
        let through = format!("{user}@{}/{name}", proxy.host());
        let mut fixture = fixture.clone_at(&through);
        fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
        assert_eq!(database.history(), ["m1_good applied", "m2_bad applied"], "once each");
        fixture.set("DATABASE_URL", &url);
        fixture.run(&["rollback"]).exits(0);
        database.execute("DROP TABLE schema_migrations, schema_migrations_history, schema_migrations_journal, schema_migrations_lease");
    }
}

#[test]
fn a_lease_that_is_broken_stops_its_holder() {
    let (fixture, mut database) = fixture_or_skip!("pg pause");
    let meet = fixture.directory.path().display().to_string();
    let fixture = fixture.var("MEET", &meet);
    let holder = fixture.start(&["migrate"]);
    wait_for(&fixture.path("reached"));
    fixture.run(&["lock"]).exits(0).says("held by");
    fixture.run(&["lock", "--release", "--yes"]).exits(0).says("main: free");
    std::fs::write(fixture.path("go"), "").unwrap();
    Ran::of(holder.wait_with_output().unwrap()).exits(1).says("the lease was lost to another run");
    assert!(!database.has("after"), "nothing more was done");
    fixture
        .run(&["resolve", "1", "--step", "done", "--reason", "it only waits"])
        .exits(0)
        .says("m1_pause is settled");
    fixture.run(&["migrate"]).exits(0);
    assert!(database.has("after"));
}
