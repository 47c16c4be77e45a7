//! Where the ledger is on PostgreSQL, and who may write it.

use crate::support::Database;
use crate::support::postgres::fixture_or_skip;

#[test]
fn the_ledger_is_in_the_schema_of_ones_choice() {
    let (fixture, mut database) = fixture_or_skip!("example");
    let chosen = ["--ledger-schema", "Ops \"1\""];
    let with = |command: &[&'static str]| [command, &chosen[..]].concat();
    fixture.run(&with(&["status"])).exits(0).says("pending");
    assert_eq!(database.number("SELECT count(*) AS number FROM pg_namespace WHERE nspname LIKE 'Ops%'"), 0);
    fixture.run(&with(&["migrate"])).exits(0).says("7 migrations applied");
    assert!(database.has("videos"));
    let tables = "SELECT schemaname || '.' || tablename AS line FROM pg_tables WHERE tablename LIKE 'schema\\_migrations%' ORDER BY 1";
    assert_eq!(
        database.lines(tables),
        [
            "Ops \"1\".schema_migrations",
            "Ops \"1\".schema_migrations_history",
            "Ops \"1\".schema_migrations_journal",
            "Ops \"1\".schema_migrations_lease"
        ]
    );
    fixture.run(&with(&["migrate"])).exits(0).says("nothing to do");
    fixture.run(&with(&["history"])).exits(0).says("applied");
    fixture.run(&with(&["fresh"])).exits(0).says("7 migrations applied in batch 2");
    fixture.run(&with(&["lock", "--release", "--yes"])).exits(0);
    fixture.run(&with(&["rollback"])).exits(0);
    assert!(!database.has("videos"));
    let fixture = fixture.var("UPDOWN_LEDGER_SCHEMA", "Ops \"1\"");
    fixture.run(&["migrate"]).exits(0).says("in batch 3");
    assert_eq!(database.lines(tables).len(), 4, "and nowhere else");
}

/// A role of its own, that may connect and nothing else; dropped by the test's end.
struct Role {
    name: String,
    database: Database,
}

impl Role {
    fn new(database: &Database, name: &str) -> Self {
        let mut database = database.another();
        let name = format!("{name}_{}", std::process::id());
        database.execute(&format!("CREATE ROLE {name} LOGIN"));
        Self { name, database }
    }

    fn url(&self, url: &str) -> String {
        format!("postgres://{}@{}", self.name, url.split_once('@').expect("user@host").1)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let name = &self.name;
        self.database.execute(&format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}"));
    }
}

#[test]
fn a_role_that_may_not_create_tables_is_told_what_to_grant() {
    let (fixture, mut database) = fixture_or_skip!("example");
    let role = Role::new(&database, "plain");
    let url = role.url(&fixture.get("DATABASE_URL"));
    let fixture = fixture.var("DATABASE_URL", &url);
    fixture.run(&["status"]).exits(0).says("pending");
    fixture
        .run(&["migrate"])
        .exits(1)
        .says("this role may not create tables there")
        .says("GRANT USAGE, CREATE ON SCHEMA \"public\" TO the_role")
        .says("--ledger-schema");
    fixture.run(&["migrate", "--ledger-schema", "ops"]).exits(1).says("this role may not make it");
    database.execute(&format!("GRANT USAGE, CREATE ON SCHEMA public TO {}", role.name));
    fixture.run(&["migrate"]).exits(0);
}

#[test]
fn a_role_that_may_not_read_the_ledger_does_not_take_it_for_an_empty_one() {
    let (fixture, database) = fixture_or_skip!("example");
    fixture.run(&["migrate"]).exits(0);
    let role = Role::new(&database, "stranger");
    let url = role.url(&fixture.get("DATABASE_URL"));
    let fixture = fixture.var("DATABASE_URL", &url);
    fixture.run(&["migrate"]).exits(1).says("permission denied for table schema_migrations");
    fixture.run(&["status"]).exits(1).says("permission denied");
    fixture.run(&["plan"]).exits(1).says("permission denied").says_nothing_of("m0001");
}

#[test]
fn a_schema_that_comes_first_later_does_not_hide_the_ledger() {
    let (fixture, mut database) = fixture_or_skip!("example");
    let role = Role::new(&database, "owner");
    let name = &role.name;
    database.execute(&format!("GRANT USAGE, CREATE ON SCHEMA public TO {name}"));
    let url = role.url(&fixture.get("DATABASE_URL"));
    let fixture = fixture.var("DATABASE_URL", &url);
    fixture.run(&["migrate", "--to", "3"]).exits(0);
    // `"$user", public`: from now on, the first one is another one.
    database.execute(&format!("CREATE SCHEMA {name} AUTHORIZATION {name}"));
    fixture
        .run(&["migrate"])
        .exits(5)
        .says(&format!("the ledger is in schema public, but the search path begins with {name}"))
        .says("--ledger-schema public");
    fixture.run(&["migrate", "--ledger-schema", "public"]).exits(0).says("4 migrations applied");
}
