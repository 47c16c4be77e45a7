//! What each command does when all is well.

use crate::support::{Fixture, Store, for_each_store};

for_each_store! {
    migrate_then_rollback_leaves_an_empty_database,
    a_batch_number_is_never_used_twice,
    every_selection_of_a_rollback,
    fresh_removes_what_no_migration_made,
    status_says_how_each_migration_stands,
    history_shows_every_attempt,
    the_ledger_is_read_by_hand,
    verify_names_what_changed,
    resolve_repairs_the_ledger_with_a_reason,
    plan_shows_what_would_run,
    json_is_one_document_or_lines,
    one_batch_over_all_stores,
    services_share_a_database;
    // In CQL nothing refers to a table, and none has to be made anew.
    sql: the_example_keeps_the_data_through_its_rebuild,
}

fn migrate_then_rollback_leaves_an_empty_database(store: Store) {
    let fixture = store.fixture("example");
    let ran = fixture
        .run(&["migrate"])
        .exits(0)
        .says("m0001_create_video_uploads")
        .says("7 migrations applied in batch 1");
    // A keyspace that was made is told of; the example's other stores have no URL where the first is in SQL.
    // So is a database that only plays another one.
    let told = store.in_sql_or_cql("store ", "keyspace ");
    assert!(ran.stderr.lines().all(|line| line.starts_with(told) || line.contains("simulated")), "{ran:?}");
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    assert_eq!(fixture.database().batches().len(), 7);
    fixture.run(&["redo"]).exits(0).says("7 migrations applied in batch 2");
    fixture.run(&["fresh"]).exits(0).says("7 migrations applied in batch 3");
    fixture.run(&["verify"]).exits(0);
    fixture.run(&["rollback"]).exits(0).says("7 migrations rolled back");
    assert_eq!(fixture.database().schema(), [""; 0]);
    assert!(fixture.database().ledger().is_empty(), "an empty ledger has no rows");
    fixture.run(&["rollback"]).exits(0).says("nothing to do");
}

fn the_example_keeps_the_data_through_its_rebuild(store: Store) {
    let fixture = store.fixture("example");
    fixture.run(&["migrate", "--to", "m0004_create_notifications"]).exits(0);
    let mut database = fixture.database();
    database.execute(
        "INSERT INTO video_uploads (id, user_id, file_name, file_size) VALUES (1, 7, 'a.mp4', 10), (2, 8, 'b.mp4', 20);
         INSERT INTO videos (id, upload_id, title) VALUES (1, 1, 'Hello, World!'), (2, 2, 'Hello, World!');
         INSERT INTO notifications (id, user_id, video_id, message) VALUES (1, 7, 1, 'done');",
    );
    fixture.run(&["migrate"]).exits(0);
    assert_eq!(
        database.lines("SELECT slug AS line FROM videos ORDER BY id"),
        ["hello-world-1", "hello-world-2"]
    );
    assert_eq!(
        database.number("SELECT video_id AS number FROM notifications"),
        1,
        "ON DELETE SET NULL did not fire"
    );
    fixture.run(&["rollback"]).exits(0);
    assert_eq!(database.number("SELECT count(*) AS number FROM videos"), 2);
    assert_eq!(database.number("SELECT video_id AS number FROM notifications"), 1);
}

fn a_batch_number_is_never_used_twice(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0).says("in batch 1");
    fixture.set("VERSIONS", "m1_a,m2_b,m3_c");
    fixture.run(&["migrate"]).exits(0).says("in batch 2");
    assert_eq!(fixture.database().batches(), ["m1_a@1", "m2_b@2", "m3_c@2"]);
    fixture.run(&["rollback"]).exits(0).says("2 migrations rolled back");
    fixture.run(&["migrate"]).exits(0).says("in batch 3");
    fixture.run(&["rollback", "--all"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("in batch 4");
}

fn every_selection_of_a_rollback(store: Store) {
    let selections = [
        (&["rollback", "--step", "1"][..], &["m1_a@1", "m2_b@2"][..]),
        (&["down", "2"], &["m1_a@1"]),
        (&["rollback", "--batch", "1"], &["m2_b@2", "m3_c@2"]),
        (&["rollback", "--to", "m1_a"], &["m1_a@1"]),
        (&["rollback", "--name", "m2_b"], &["m1_a@1", "m3_c@2"]),
        (&["rollback", "--all"], &[]),
        (&["goto", "m2_b"], &["m1_a@1", "m2_b@2"]),
        (&["redo"], &["m1_a@1", "m2_b@3", "m3_c@3"]),
        (&["redo", "--step", "1"], &["m1_a@1", "m2_b@2", "m3_c@3"]),
        (&["fresh"], &["m1_a@3", "m2_b@3", "m3_c@3"]),
    ];
    // A keyspace takes its time, and what is meant is decided in one place for all.
    for (args, left) in selections.into_iter().step_by(store.in_sql_or_cql(1, 2)) {
        let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b,m3_c");
        fixture.run(&["migrate", "--step", "1"]).exits(0);
        fixture.run(&["up"]).exits(0);
        fixture.run(args).exits(0);
        assert_eq!(fixture.database().batches(), left, "{args:?}");
    }
}

fn fresh_removes_what_no_migration_made(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let before = fixture.database().schema();
    if store.has_transactions() {
        fixture.database().execute(
            "CREATE TABLE \"by hand\"\"\" (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));
             CREATE VIEW v AS SELECT * FROM a; CREATE INDEX i ON \"by hand\"\"\" (a); INSERT INTO a VALUES (1);",
        );
    }
    let others = store.each(
        "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);
         CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;
         CREATE VIRTUAL TABLE words USING fts5 (word)",
        "CREATE TABLE counted (id BIGSERIAL PRIMARY KEY, of \"by hand\"\"\"); CREATE SEQUENCE s;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
         CREATE MATERIALIZED VIEW m AS SELECT * FROM v; CREATE TYPE mood AS ENUM ('happy');
         CREATE DOMAIN even AS INTEGER CHECK (VALUE % 2 = 0); CREATE TYPE pair AS (one INTEGER, other INTEGER);
         CREATE TABLE parted (id INTEGER) PARTITION BY RANGE (id);
         CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)",
        "CREATE TYPE mood (how text); CREATE TYPE pair (one frozen<mood>, other frozen<mood>);
         CREATE TABLE \"Hand\" (id int PRIMARY KEY, a int, b frozen<pair>); CREATE INDEX i ON \"Hand\" (b);
         CREATE MATERIALIZED VIEW v AS SELECT * FROM \"Hand\" WHERE a IS NOT NULL AND id IS NOT NULL PRIMARY KEY (a, id);
         INSERT INTO a (id) VALUES (1)",
    );
    fixture.database().execute(match store {
        Store::Cockroach => {
            "CREATE TABLE \"by hand\"\"\" (id INT PRIMARY KEY, a INT REFERENCES a (id)); CREATE SEQUENCE s;
             CREATE VIEW v AS SELECT * FROM a; CREATE MATERIALIZED VIEW m AS SELECT * FROM v;
             CREATE TYPE mood AS ENUM ('happy'); CREATE TABLE felt (how mood);
             CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'SELECT x'; INSERT INTO a VALUES (1)"
        }
        _ => others,
    });
    fixture.run(&["fresh"]).exits(0).says("1 migration applied in batch 2");
    assert_eq!(fixture.database().schema(), before);
    assert_eq!(fixture.database().number("SELECT count(*) AS number FROM a"), 0);
}

fn status_says_how_each_migration_stands(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b,m4_d");
    let before = fixture.run(&["status"]).exits(0).says("pending");
    assert!(fixture.home.is_untouched(), "status writes nothing: {before:?}");
    fixture.run(&["status", "--check"]).exits(3);
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["status", "--check"]).exits(0);
    fixture.set("VERSIONS", "m1_a*,m3_c,m4_d,m5_broken");
    fixture.run(&["migrate"]).exits(5);
    let status = fixture.run(&["status", "--json"]).exits(0).json();
    let states: Vec<String> = status["stores"][0]["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", entry["name"].as_str().unwrap(), entry["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        ["m1_a changed", "m3_c out_of_order", "m4_d applied", "m5_broken pending", "m2_b missing"]
    );
    fixture.set("VERSIONS", "m1_a,m2_b,m4_d,m5_broken");
    fixture.run(&["migrate"]).exits(1);
    fixture.run(&["status"]).exits(0).says("failed").says(&store.near("TABEL"));
    fixture.run(&["status", "--check"]).exits(3);
}

fn history_shows_every_attempt(store: Store) {
    let mut fixture =
        store.fixture("tables").var("VERSIONS", "m1_a,m2_broken").var("UPDOWN_ACTOR", "the pipeline");
    fixture.run(&["migrate"]).exits(1);
    fixture.set("VERSIONS", "m1_a");
    fixture.run(&["rollback"]).exits(0);
    assert_eq!(fixture.database().history(), ["m1_a applied", "m2_broken failed", "m1_a rolled_back"]);
    fixture.run(&["history"]).exits(0).says("the pipeline").says("version 1.2.3").says(&store.near("TABEL"));
    let newest = fixture.run(&["history", "--json", "--limit", "1"]).exits(0).json();
    assert_eq!(newest[0]["attempts"][0]["outcome"], "rolled_back");
    assert_eq!(newest[0]["attempts"].as_array().unwrap().len(), 1);
}

fn the_ledger_is_read_by_hand(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let mut database = fixture.database();
    let row = database.lines(store.in_sql_or_cql(
        "SELECT name || ' ' || batch_no || ' ' || applied_at AS line FROM schema_migrations",
        "SELECT JSON name, batch_no, applied_at FROM schema_migrations",
    ));
    let begins = store.in_sql_or_cql("m1_a 1 2", r#"{"name": "m1_a", "batch_no": 1, "applied_at": "2"#);
    assert!(row[0].starts_with(begins), "{row:?}");
    // In UTC, and it says so; but for the one that has no place for it.
    let ends = if store == Store::Cockroach { "" } else { store.each("Z", "+00", "Z\"}") };
    assert!(row[0].ends_with(ends), "{row:?}");
    let mut columns = database.columns("schema_migrations");
    let mut wanted = ["id", "name", "hash", "applied_at", "batch_no"];
    if store == Store::Cassandra {
        // Which knows no order but that of the names.
        columns.retain(|column| wanted.contains(&column.as_str()));
        wanted.sort_unstable();
    }
    assert_eq!(columns[..5], wanted);
    assert!(database.ledger()[0].contains(" sha256-"), "the algorithm is part of the hash");
}

fn verify_names_what_changed(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["verify"]).exits(0).says("as it was");
    fixture.set("VERSIONS", "m1_a*");
    fixture.run(&["verify"]).exits(3).says("changed").says("m1_a").says("missing").says("m2_b");
    let differences = fixture.run(&["verify", "--json"]).exits(3).json();
    assert_eq!(differences["differences"][0]["file"], "fixture/m1_a.sql");
}

fn resolve_repairs_the_ledger_with_a_reason(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_b");
    fixture.run(&["resolve", "m1_a", "--applied"]).exits(2);
    fixture.run(&["resolve", "m1_a", "--applied", "--reason", "made by hand"]).exits(0);
    assert!(!fixture.database().has("a"), "it is recorded, not run");
    fixture.run(&["migrate"]).exits(0).says("1 migration applied");
    fixture.run(&["resolve", "m1_a", "--applied", "--reason", "again"]).exits(2).says("applied already");
    fixture.set("VERSIONS", "m1_a,m2_b*");
    fixture.run(&["migrate"]).exits(5);
    fixture.run(&["resolve", "2", "--rehash", "--reason", "a comment"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("nothing to do");
    fixture.run(&["resolve", "m2_b", "--rolled-back", "--reason", "dropped by hand"]).exits(0);
    assert_eq!(fixture.database().ledger().len(), 1);
    assert!(fixture.database().has("b"));
    fixture.run(&["resolve", "m2_b", "--rolled-back", "--reason", "again"]).exits(2).says("not applied");
    fixture.run(&["history"]).exits(0).says("made by hand").says("dropped by hand");
}

fn plan_shows_what_would_run(store: Store) {
    let fixture = store.fixture("steps");
    fixture
        .run(&["plan"])
        .exits(0)
        .says("m1_items")
        .says(store.whole_or_in_steps("in a transaction", "in steps"))
        .says("m2_steps")
        .says("in steps");
    assert!(fixture.home.is_untouched());
    let plan = fixture.run(&["plan", "--json", "--to", "m1_items"]).exits(0).json();
    assert_eq!(plan["actions"].as_array().unwrap().len(), 1);
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["plan", "--rollback"]).exits(0).says("roll back").says("m3_rebuild");
    fixture.run(&["plan"]).exits(0).says("nothing to do");
}

fn json_is_one_document_or_lines(store: Store) {
    let fixture = store.fixture("tables").var("VERSIONS", "m1_a,m2_broken");
    let ran = fixture.run(&["migrate", "--json"]).exits(1);
    assert!(ran.stderr.is_empty(), "{ran:?}");
    let events: Vec<String> =
        ran.json_lines().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    // Where every statement is a step; and the keyspace was made before all, or the database is told what
    // it plays.
    let expected = store.whole_or_in_steps(
        &["planned", "started", "finished", "started", "error"][..],
        &["note", "planned", "started", "step", "finished", "started", "step", "error"],
    );
    assert_eq!(events, expected);
    let error = ran.json_lines().pop().unwrap();
    assert_eq!(error["migration"], "m2_broken");
    assert_eq!(error["statement"], "CREATE TABEL broken (id INTEGER)");
    assert_eq!(error["position"], 7);
    assert_eq!(error["exit_code"], 1);
    assert_eq!(error["report"]["applied"][0]["name"], "m1_a");
    let done = fixture.run(&["rollback", "--json"]).exits(0).json_lines().pop().unwrap();
    assert_eq!(
        (done["event"].as_str(), done["rolled_back"][0]["name"].as_str()),
        (Some("done"), Some("m1_a"))
    );
}

#[test]
fn quiet_says_nothing_but_errors() {
    let mut fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    let ran = fixture.run(&["migrate", "--quiet"]).exits(0);
    assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
    fixture.set("VERSIONS", "m1_a,m2_broken");
    let ran = fixture.run(&["migrate", "-q"]).exits(1).says("error: migration m2_broken failed");
    assert!(ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn verbose_names_the_steps() {
    let fixture = Fixture::new("steps");
    fixture
        .run(&["migrate", "-v"])
        .exits(0)
        .says("step 1: ALTER TABLE items ADD COLUMN label TEXT")
        .says("step 3: label");
}

fn one_batch_over_all_stores(store: Store) {
    let fixture = store.fixture("stores");
    let extra = fixture.another("extra");
    let mut fixture = fixture.var("EXTRA_URL", extra.url());
    fixture.run(&["migrate"]).exits(0).says("4 migrations applied in batch 1");
    let mut other = extra.database();
    assert_eq!(fixture.database().batches(), ["m1_one@1", "m2_two@1"]);
    assert_eq!(other.batches(), ["m1_more@1", "m2_rest@1"]);
    fixture.run(&["rollback", "--store", "extra"]).exits(0);
    fixture.run(&["migrate"]).exits(0).says("in batch 2");
    assert_eq!(other.batches(), ["m1_more@2", "m2_rest@2"]);
    fixture.run(&["rollback", "--all"]).exits(0).says("4 migrations rolled back");
    fixture.set("BROKEN", "1");
    fixture.run(&["migrate"]).exits(1).says("3 migrations applied before stay applied");
    assert_eq!(other.batches(), ["m1_more@3"]);
    fixture.run(&["rollback"]).exits(0).says("3 migrations rolled back");
    fixture.set("EXTRA_URL", "");
    fixture.run(&["migrate"]).exits(0).says("store extra skipped: EXTRA_URL is not set");
    fixture.run(&["migrate", "--store", "nope"]).exits(2).says("there is: main, extra");
    fixture.set("ENV", "production");
    if store == Store::Cockroach {
        // What is only simulated is not used there.
        fixture.set("EXTRA_URL", extra.url());
        fixture.run(&["migrate", "--yes"]).exits(2).says("in development and test");
    } else {
        fixture.run(&["migrate", "--yes"]).exits(2).says("EXTRA_URL is not set");
    }
}

fn services_share_a_database(store: Store) {
    let mut fixture = store.fixture("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate", "--service", "ai-svc"]).exits(0).says("in batch 1");
    fixture.set("VERSIONS", "m1_b,m2_c");
    fixture.run(&["migrate", "--service", "chat-svc"]).exits(0).says("in batch 1");
    fixture.run(&["rollback", "--service", "chat-svc"]).exits(0).says("2 migrations rolled back");
    assert_eq!(fixture.database().batches(), ["m1_a@1"]);
    fixture
        .run(&["migrate", "--service", "x'; DROP TABLE a; --"])
        .exits(2)
        .says("is not the name of a service");
}

#[test]
fn help_completions_and_manual() {
    let fixture = Fixture::new("empty");
    fixture.run(&["--help"]).exits(0).says("Exit codes:").says("rollback");
    fixture.run(&["rollback", "--help"]).exits(0).says("Example: updown rollback --step 2");
    fixture.run(&["completions", "bash"]).exits(0).says("complete -F");
    fixture.run(&["man"]).exits(0).says(".TH updown");
    fixture.run(&["man", "."]).exits(0);
    assert!(fixture.path("updown-migrate.1").exists());
    fixture.run(&["migrat"]).exits(2).says("similar");
    fixture.run(&["version"]).exits(0).says("main: nothing is applied");
}

#[test]
fn in_development_the_first_store_has_a_default_and_the_others_are_skipped() {
    let fixture = Fixture::new("stores").var("DATABASE_URL", "").var("ENV", "");
    // In a workspace, that is where there is a manifest.
    std::fs::write(fixture.path("Cargo.toml"), "[workspace]\n").unwrap();
    fixture
        .run(&["migrate"])
        .exits(0)
        .says("2 migrations applied")
        .says("store extra skipped: EXTRA_URL is not set");
    assert!(fixture.path("dev.db").exists());
    fixture.run(&["fresh"]).exits(0).says("2 migrations applied");
    fixture.run(&["migrate", "--store", "extra"]).exits(2).says("EXTRA_URL is not set");
}
