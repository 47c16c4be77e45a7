//! Where a store is, said in parts of a URL.

use crate::support::{Fixture, SECRET};

/// The stores are files, the first as `DATABASE_URL` says.
fn fixture() -> Fixture {
    let fixture = Fixture::new("named");
    let audit = fixture.another("audit");
    fixture.var("AUDIT_URL", audit.url())
}

#[test]
fn a_part_that_makes_no_sense_alone_is_an_error() {
    let password = format!("{SECRET} password");
    let mut fixture = fixture().var("SEARCH_PASSWORD", &password);
    for command in [&["migrate"][..], &["status"], &["migrate", "--store", "searchdb"]] {
        fixture
            .run(command)
            .exits(2)
            .says("error: store searchdb: SEARCH_PASSWORD is set, and SEARCH_HOST is not")
            .says("hint: set `SEARCH_HOST` and `SEARCH_NAME`, or `SEARCH_URL`");
    }
    assert!(fixture.home.is_untouched());
    // It is nothing to those who do not go there.
    fixture.run(&["migrate", "--store", "orders"]).exits(0).says("2 migrations applied");
    fixture.set("SEARCH_HOST", "db.example.com");
    fixture.set("SEARCH_USER", "app");
    fixture.run(&["status"]).exits(2).says("SEARCH_HOST is set, and SEARCH_NAME is not");
    fixture.set("SEARCH_NAME", "shop");
    fixture.set("SEARCH_PORT", "no port");
    fixture.run(&["status"]).exits(2).says("SEARCH_PORT=no port is not a port");
    // A host that is elsewhere is no development.
    fixture.set("SEARCH_PORT", "");
    fixture.set("ENV", "");
    fixture.run(&["rollback", "--store", "orders"]).exits(5).says("would change production");
    fixture.set("SEARCH_HOST", "");
    fixture.set("SEARCH_URL", &format!("sqlite://{}", fixture.path("search.db").display()));
    fixture.run(&["migrate"]).exits(0).says("4 migrations applied");
}

#[test]
fn a_url_goes_over_its_parts_and_says_so_where_they_differ() {
    let fixture = fixture()
        .var("AUDIT_HOST", "127.0.0.1")
        .var("AUDIT_NAME", "audit")
        .var("AUDIT_USER", "app")
        .var("AUDIT_PASSWORD", &format!("{SECRET}@/:%"));
    let said = "postgres://app:***@127.0.0.1/audit: the URL is used";
    let ran = fixture.run(&["migrate"]).exits(0).says("4 migrations applied");
    assert!(ran.stderr.contains("warning: AUDIT_URL says sqlite:") && ran.stderr.contains(said), "{ran:#?}");
    let ran = fixture.run(&["status"]).exits(0).says(said);
    assert_eq!(ran.stderr.matches("warning").count(), 1, "{ran:#?}");
    let lines = fixture.run(&["rollback", "--json"]).exits(0).json_lines();
    assert_eq!(lines[0]["event"], "warning");
    let ran = fixture.run(&["migrate", "--store", "orders"]).exits(0);
    assert!(!ran.stderr.contains("warning"), "{ran:#?}");
}

#[cfg(all(feature = "postgres", feature = "scylla"))]
#[test]
fn three_stores_in_parts() {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    use crate::support::cassandra::keyspace_or_skip;
    use crate::support::postgres::{Cluster, Options};

    let options =
        Options::default().listening(&["127.0.0.1"]).rule("host all all 127.0.0.1/32 scram-sha-256");
    let Some(server) = Cluster::start(&options) else { return };
    let keyspace = keyspace_or_skip!();
    let password = format!("{SECRET}@b/c:d%e?f#g h'i\"j$k\\l&m=n+ä");
    let mut owner = PgConnection::establish(&server.url("postgres")).unwrap();
    let literal = format!("E'{}'", password.replace('\\', "\\\\").replace('\'', "''"));
    owner.batch_execute(&format!("CREATE ROLE \"a:b@c\" LOGIN PASSWORD {literal}")).unwrap();
    for database in ["main db", "other?"] {
        owner.batch_execute(&format!("CREATE DATABASE \"{database}\" OWNER \"a:b@c\"")).unwrap();
    }
    let hosts = updown::scylla::ScyllaUrl::parse(&keyspace.url).unwrap();
    let (host, port) = hosts.hosts[0].rsplit_once(':').unwrap();
    let mut fixture = Fixture::new("example")
        .var("DATABASE_URL", "")
        .var("SCYLLA_HOST", host)
        .var("SCYLLA_PORT", port)
        .var("SCYLLA_NAME", &hosts.keyspace);
    for (prefix, database) in [("DB", "main db"), ("COCKROACH", "other?")] {
        for (part, value) in [
            ("HOST", "127.0.0.1"),
            ("PORT", &server.port().to_string()),
            ("USER", "a:b@c"),
            ("PASSWORD", &password),
            ("NAME", database),
            ("SSLMODE", "disable"),
        ] {
            fixture.set(&format!("{prefix}_{part}"), value);
        }
    }
    fixture.run(&["migrate", "-v"]).exits(0).says("17 migrations applied in batch 1");
    fixture.run(&["status"]).exits(0).says("m0005_add_session_last_seen_at").says_nothing_of("skipped");
    fixture.run(&["history"]).exits(0);
    // The process goes over the file, and a part of it over that of the file.
    let file = format!("COCKROACH_USER=nobody\nCOCKROACH_HOST=nowhere\nCOCKROACH_PASSWORD={SECRET}\n");
    std::fs::write(fixture.path(".env"), file).unwrap();
    fixture.run(&["status"]).exits(0);
    fixture.set("COCKROACH_PASSWORD", "");
    let ran = fixture.run(&["status"]).exits(1);
    assert!(
        ran.stdout.contains("cockroachdb not reached: cannot open postgres://a%3Ab%40c:***@127.0.0.1:"),
        "{ran:#?}"
    );
    fixture.set("COCKROACH_PASSWORD", &password);
    fixture.run(&["rollback", "--json"]).exits(0);
}
