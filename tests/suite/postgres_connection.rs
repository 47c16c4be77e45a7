//! How a run gets to its PostgreSQL server: whom it trusts, what it shows itself with, and what it never
//! says. That no password is ever shown, `Ran::of` checks of everything that the tests run.

use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::postgres::{Authority, Cluster, Options, on};
use crate::support::{Database, Fixture, SECRET};

/// Everything that means something in a URL, in SQL or in a file of libpq's, around the secret word.
fn password() -> String {
    format!("{SECRET}@{SECRET}:{SECRET}/w{SECRET}?#%&'\"\\ {SECRET}")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A role `app` with that password, to which the fixture's database belongs.
fn app(cluster: &Cluster, project: &str) -> (Fixture, Database, String) {
    let (fixture, mut database) = on(&cluster.url("{}"), project);
    let name = fixture.get("DATABASE_URL").rsplit_once('/').expect("a name").1.to_owned();
    let quoted = password().replace('\'', "''");
    database
        .execute(&format!("CREATE ROLE app LOGIN PASSWORD '{quoted}'; ALTER DATABASE {name} OWNER TO app"));
    (fixture, database, name)
}

/// A server that lets `app` in by its password alone.
fn asking_for_passwords() -> Option<Cluster> {
    let options = Options::default()
        .listening(&["127.0.0.1"])
        .setting("password_encryption", "scram-sha-256")
        .rule("host all all 127.0.0.1/32 scram-sha-256");
    Cluster::start(&options)
}

fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

/// A server with a certificate for `localhost`, that speaks TLS alone, and a URL that leads there.
struct Certified {
    cluster: Cluster,
    authority: Authority,
    fixture: Fixture,
    database: Database,
}

impl Certified {
    fn start() -> Option<Self> {
        let authority = Authority::new()?;
        let (certificate, key) = authority.certificate("localhost");
        let options = Options::default()
            .listening(&["127.0.0.1"])
            .setting("ssl", "on")
            .file("server.crt", &certificate)
            .file("server.key", &key)
            .rule("hostssl all all 127.0.0.1/32 trust");
        let cluster = Cluster::start(&options)?;
        let (fixture, database) = on(&cluster.url("{}"), "pg bad");
        Some(Self { cluster, authority, fixture: fixture.var("ENV", "production"), database })
    }

    fn url(&self, host: &str, parameters: &str) -> String {
        let name = self.fixture.get("DATABASE_URL").rsplit_once('/').expect("a name").1.to_owned();
        format!("postgres://postgres@{host}:{}/{name}?{parameters}", self.cluster.port())
    }

    /// URLs that must not work, and what is said of each.
    fn refused(&self, other: &Authority) -> Vec<(String, &'static str)> {
        let from = |authority: &Authority| format!("sslrootcert={}", authority.path().display());
        let (ours, others) = (from(&self.authority), from(other));
        vec![
            (self.url("localhost", &format!("sslmode=verify-full&{others}")), "certificate verify failed"),
            (self.url("localhost", &format!("sslmode=verify-ca&{others}")), "certificate verify failed"),
            (
                self.url("127.0.0.1", &format!("sslmode=verify-full&{ours}")),
                "does not match host name \"127.0.0.1\"",
            ),
            (
                self.url("db.example.com", &format!("hostaddr=127.0.0.1&sslmode=verify-full&{ours}")),
                "does not match host name \"db.example.com\"",
            ),
            (self.url("localhost", "sslmode=verify-full&sslrootcert=/nowhere/ca.crt"), "does not exist"),
            (self.url("localhost", "sslmode=disable"), "no encryption"),
        ]
    }
}

#[test]
fn a_certificate_has_to_be_the_hosts_and_from_the_authority() {
    let (Some(mut server), Some(other)) = (Certified::start(), Authority::new()) else { return };
    for (url, why) in server.refused(&other) {
        let fixture = server.fixture.clone_at(&url);
        fixture.run(&["migrate", "--yes"]).exits(1).says("error: store main: cannot open").says(why);
        assert_eq!(fixture.run(&["migrate", "--yes", "--json"]).exits(1).json()["exit_code"], 1);
        assert!(!server.database.has("good") && !server.database.has("schema_migrations"), "{url}");
    }
    let root = server.authority.path().display().to_string();
    let url = server.url("localhost", &format!("sslmode=verify-full&sslrootcert={root}"));
    server.fixture.clone_at(&url).run(&["migrate", "--yes"]).exits(0).says("2 migrations applied");
    assert_eq!(server.database.batches().len(), 2);
}

#[test]
fn the_hint_about_a_certificate_is_not_about_something_else() {
    let (Some(server), Some(other)) = (Certified::start(), Authority::new()) else { return };
    for (url, _) in server.refused(&other) {
        let ran = server.fixture.clone_at(&url).run(&["migrate", "--yes"]).exits(1).says("hint: ");
        ran.says_nothing_of("check host and port").says_nothing_of("create the database first");
    }
}

#[test]
fn a_password_comes_from_the_url_the_environment_or_a_file() {
    let Some(cluster) = asking_for_passwords() else { return };
    let (fixture, mut database, name) = app(&cluster, "pg bad");
    let port = cluster.port();
    let without = format!("postgres://app@127.0.0.1:{port}/{name}");
    let mut fixture = fixture.var("DATABASE_URL", &without);
    let file = |user: &str| {
        format!("127.0.0.1:{port}:*:{user}:{}\n", password().replace('\\', "\\\\").replace(':', "\\:"))
    };
    write_private(&fixture.path("passwords"), &file("app"));
    write_private(&fixture.path(".pgpass"), &file("app"));
    let service =
        format!("[shop]\nhost=127.0.0.1\nport={port}\ndbname={name}\nuser=app\npassword={}\n", password());
    write_private(&fixture.path("services"), &service);
    let in_fixture = |fixture: &Fixture, name: &str| fixture.path(name).display().to_string();
    let services = in_fixture(&fixture, "services");
    for set in [
        vec![("DATABASE_URL", without.replace("app@", &format!("app:{}@", encoded(&password()))))],
        vec![("DATABASE_URL", format!("{without}?password={}", encoded(&password())))],
        vec![("PGPASSWORD", password())],
        vec![("PGPASSFILE", in_fixture(&fixture, "passwords"))],
        vec![("HOME", in_fixture(&fixture, "."))],
        vec![("DATABASE_URL", "postgres://?service=shop".to_owned()), ("PGSERVICEFILE", services.clone())],
        vec![("DATABASE_URL", "postgresql:///?service=shop".to_owned()), ("PGSERVICEFILE", services.clone())],
        vec![
            ("DATABASE_URL", "postgres://".to_owned()),
            ("PGSERVICE", "shop".to_owned()),
            ("PGSERVICEFILE", services.clone()),
        ],
    ] {
        for (name, value) in &set {
            fixture.set(name, value);
        }
        fixture.run(&["migrate", "--verbose"]).exits(0).says("2 migrations applied");
        for shown in ["status", "history", "lock", "plan", "verify", "version"] {
            fixture.run(&[shown, "--verbose"]).exits(0);
            fixture.run(&[shown, "--json"]).exits(0);
        }
        fixture.run(&["rollback", "--all", "--json"]).exits(0);
        for (name, _) in &set {
            fixture.set(name, if *name == "DATABASE_URL" { &without } else { "" });
        }
    }
    assert!(!database.has("good"));
    // None of them is left over: without a password nobody gets in.
    let home = in_fixture(&fixture, "nowhere");
    fixture.set("HOME", &home);
    fixture.run(&["migrate"]).exits(1).says("no password supplied");
}

#[test]
fn a_password_that_is_refused_is_not_repeated() {
    let Some(cluster) = asking_for_passwords() else { return };
    let (fixture, mut database, name) = app(&cluster, "pg bad");
    let host = format!("127.0.0.1:{}/{name}", cluster.port());
    let wrong = format!("{SECRET}%40{SECRET}");
    for url in [
        format!("postgres://app:{wrong}@{host}"),
        format!("postgres://app@{host}?password={wrong}"),
        format!("postgres://nobody:{wrong}@{host}"),
    ] {
        let fixture = fixture.clone_at(&url);
        let ran = fixture.run(&["migrate"]).exits(1).says("password authentication failed for user");
        ran.says("hint: check user and password (the URL, PGPASSWORD, or ~/.pgpass)");
        fixture.run(&["migrate", "--json"]).exits(1);
        fixture.run(&["status", "--verbose"]).exits(1);
    }
    // What is no URL to libpq, it would repeat: the password is not percent-encoded.
    let raw = password();
    for url in [
        format!("postgres://app:{raw}@{host}"),
        format!("postgres://app:{SECRET}/{SECRET}@{host}"),
        format!("postgres://app:{SECRET}%{SECRET}@{host}"),
        format!("postgres://app:{SECRET}@{SECRET}@{host}"),
        format!("postgres://app:12@{SECRET}:{SECRET}@{host}"),
        format!("postgres:app:{SECRET}@{host}"),
        format!("Postgres://app:{SECRET}@{host}"),
        format!("host=127.0.0.1 password={SECRET} dbname=x"),
        format!("host=127.0.0.1 password='{SECRET}:{SECRET}' dbname=x"),
        format!("app:{SECRET}@{host}"),
    ] {
        let fixture = fixture.clone_at(&url);
        fixture.run(&["migrate"]).exits(2).says("hint: ");
        fixture.run(&["status", "--json"]).exits(2);
    }
    assert!(!database.has("good"));
}

/// An address of this machine that is not a loopback one. Nothing is sent to find it.
fn outer_address() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}

#[test]
fn what_leaves_the_machine_is_not_in_plain_text() {
    // Nobody is there, and nobody is asked.
    let fixture = Fixture::new("pg bad").var("ENV", "production");
    for (url, set) in [
        ("postgres://app@db.invalid/x?sslmode=prefer", None),
        ("postgres://app@db.invalid/x?sslmode=require&sslmode=allow", None),
        ("postgres://app@/x?sslmode=prefer", Some(("PGHOST", "db.invalid"))),
        ("postgres://app@/x?service=shop", None),
        ("postgres://app@/x", Some(("PGSERVICE", "shop"))),
    ] {
        let mut fixture = fixture.clone_at(url);
        if let Some((name, value)) = set {
            fixture.set(name, value);
        }
        fixture.run(&["migrate", "--yes"]).exits(2).says("encrypt").says("hint: write `sslmode=verify-full`");
    }
    let Some(address) = outer_address() else {
        return eprintln!("SKIPPED: this machine has no address that leads out of it");
    };
    let options = Options::default()
        .listening(&["127.0.0.1", &address])
        .setting("password_encryption", "scram-sha-256")
        .rule("host all all all scram-sha-256");
    let Some(cluster) = Cluster::start(&options) else { return };
    let (fixture, mut database, name) = app(&cluster, "pg bad");
    let mut fixture = fixture.var("PGPASSWORD", &password()).var("ENV", "production");
    let port = cluster.port();
    for (host, variable) in [(address.as_str(), ""), ("", "PGHOST"), ("localhost", "PGHOSTADDR")] {
        fixture.set("DATABASE_URL", &format!("postgres://app@{host}:{port}/{name}"));
        if !variable.is_empty() {
            fixture.set(variable, &address);
        }
        let refused = fixture.run(&["migrate", "--yes"]).exits(1).says("server does not support SSL");
        refused.says(
            "hint: turn TLS on at the server; or, where it really has to be without, `sslmode=disable`",
        );
        assert!(!database.has("schema_migrations"), "{host} {variable}");
        if !variable.is_empty() {
            fixture.set(variable, "");
        }
    }
    let plain = format!("postgres://app@{address}:{port}/{name}");
    fixture.set("DATABASE_URL", &format!("{plain}?sslmode=disable"));
    fixture.run(&["migrate", "--yes", "--step", "1"]).exits(0);
    // The environment that a database was used in is remembered; a new one is for development.
    let (development, _) = on(&cluster.url("{}"), "pg bad");
    let name = development.get("DATABASE_URL").rsplit_once('/').unwrap().1.to_owned();
    database.execute(&format!("ALTER DATABASE {name} OWNER TO app"));
    let url = format!("postgres://app@{address}:{port}/{name}");
    development.var("PGPASSWORD", &password()).var("DATABASE_URL", &url).run(&["migrate"]).exits(0);
}
