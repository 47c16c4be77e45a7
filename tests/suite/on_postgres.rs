//! What is about PostgreSQL alone. The promises that it shares with the other stores are beside those.

use crate::support::postgres::fixture_or_skip;
use crate::support::proxy::Proxy;

#[test]
fn what_a_body_sets_does_not_reach_the_ledger() {
    for bad in [
        "CREATE SCHEMA other; SET search_path = other",
        "CREATE ROLE nobody_else; SET ROLE nobody_else",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET statement_timeout = '1ms'",
    ] {
        let (fixture, mut database) = fixture_or_skip!("bad");
        let mut fixture = fixture.var("BAD", bad);
        fixture.run(&["migrate"]).exits(0);
        assert_eq!(database.batches().len(), 2, "{bad}");
        fixture.set("BAD", "");
        database.execute("RESET ALL; DROP ROLE IF EXISTS nobody_else");
    }
}

#[test]
fn an_error_has_the_servers_position_and_hint() {
    let (fixture, mut database) = fixture_or_skip!("bad");
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
fn a_database_that_does_not_exist() {
    let (fixture, _) = fixture_or_skip!("example");
    let url = fixture.get("DATABASE_URL").replace("/updown_test", "/nowhere_updown_test");
    let fixture = fixture.var("DATABASE_URL", &url);
    fixture.run(&["migrate"]).exits(1).says("does not exist").says("create the database first");
}

#[test]
fn a_backend_that_cannot_be_read_counts_as_alive() {
    let (fixture, mut database) = fixture_or_skip!("bad");
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
fn a_connection_that_is_lost_at_the_commit_is_reported_as_it_was() {
    let (fixture, mut database) = fixture_or_skip!("bad");
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
    let (fixture, mut database) = fixture_or_skip!("bad");
    let url = fixture.get("DATABASE_URL");
    // The tables, the first migration, the second one, the lease that is given back.
    for nth in [2, 3, 4] {
        let proxy = Proxy::before(&url).losing(nth);
        let mut fixture = fixture.clone_at(proxy.url());
        fixture.run(&["migrate"]).exits(0).says("2 migrations applied");
        assert_eq!(database.history(), ["m1_good applied", "m2_bad applied"], "once each");
        fixture.set("DATABASE_URL", &url);
        fixture.run(&["rollback"]).exits(0);
        database.execute("DROP TABLE schema_migrations, schema_migrations_history, schema_migrations_journal, schema_migrations_lease");
    }
}
