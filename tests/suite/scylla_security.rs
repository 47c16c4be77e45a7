//! Users, passwords, roles and TLS on a server that wants them; and what nodes that do not answer mean.

#[cfg(feature = "scylla-tls")]
use std::path::Path;
#[cfg(feature = "scylla-tls")]
use std::process::Command;
use std::time::{Duration, Instant};

use updown::StoreError;
use updown::scylla::{Effect, ScyllaConnection};

use crate::support::cassandra::{Cassandra, Options, keyspace_on};
use crate::support::cql_proxy::{CqlProxy, Fault};
use crate::support::cql_state::{assert_state, state};
use crate::support::{Fixture, Ran, SECRET, full};

/// A connection as soon as there is one: the first user is made after the server has begun to answer.
fn patiently(url: &str) -> ScyllaConnection {
    let began = Instant::now();
    loop {
        match ScyllaConnection::open(url) {
            Ok(connection) => return connection,
            Err(error) if began.elapsed() > Duration::from_secs(60) => panic!("{error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

#[track_caller]
fn refused(url: &str, why: &str, hint: Option<&str>) {
    let error = ScyllaConnection::open(url).unwrap_err();
    let StoreError::Open { why: said, hint: hinted, .. } = &error else { panic!("{error:?}") };
    assert!(said.contains(why), "{error:?}");
    assert!(hint.is_none_or(|hint| hinted.as_deref().unwrap_or_default().contains(hint)), "{error:?}");
    assert!(!format!("{error:?}{error}").contains(SECRET), "{error:?}");
}

#[test]
fn a_server_that_wants_a_password() {
    let options = Options::default().settings(
        "authenticator: PasswordAuthenticator\nauthorizer: CassandraAuthorizer\nrole_manager: CassandraRoleManager\n",
    );
    let Some(server) = Cassandra::start(&options) else { return };
    let at = |login: &str| keyspace_on(&server.url().replace("://", &format!("://{login}@")));
    let connection = patiently(&at("cassandra:cassandra"));
    connection
        .execute(&format!("CREATE ROLE app WITH PASSWORD = '{SECRET} @/%' AND LOGIN = true"), ())
        .unwrap();
    connection.execute("GRANT CREATE ON ALL KEYSPACES TO app", ()).unwrap();
    patiently(&at(&format!("app:{SECRET}%20%40%2F%25"))).create_keyspace("").unwrap();
    refused(&at(&format!("app:{SECRET}")), "password are incorrect", None);
    refused(&keyspace_on(&server.url()), "wants a user and a password", Some("scylla://user:password@"));
    a_role_that_may_only_read(&connection, &at("cassandra:cassandra"));
    let url = at("cassandra:cassandra");
    a_scratch_keyspace_goes(&connection, &url);
    a_server_that_goes_away(server, &url);
}

fn a_role_that_may_only_read(admin: &ScyllaConnection, url: &str) {
    let fixture = Fixture::new("cql").var("DATABASE_URL", url);
    fixture.run(&["migrate", "--step", "1"]).exits(0);
    let keyspace = ScyllaConnection::open(url).unwrap().url().keyspace.clone();
    admin.execute(&format!("CREATE ROLE reader WITH PASSWORD = '{SECRET}' AND LOGIN = true"), ()).unwrap();
    admin.execute(&format!("GRANT SELECT ON KEYSPACE {keyspace} TO reader"), ()).unwrap();
    let before = state(url);
    let as_reader = |password: &str| {
        let url = url.replace("cassandra:cassandra@", &format!("reader:{password}@"));
        Fixture::new("cql").var("DATABASE_URL", &url)
    };
    as_reader(SECRET).run(&["status"]).exits(0).says("m1_notes").says("pending");
    let ran = as_reader(SECRET).run(&["migrate"]).exits(1);
    ran.says("error: ").says("hint: ").says("permission").says("reader").says_nothing_of("applied");
    as_reader(&format!("{SECRET}x")).run(&["status"]).exits(1).says("password are incorrect");
    assert_state(url, &before, "who may only read changes nothing");
}

/// Whatever became of the check. On a server of its own: others check at the same time.
fn a_scratch_keyspace_goes(admin: &ScyllaConnection, url: &str) {
    let fixture = Fixture::new("cql").var("DATABASE_URL", url);
    fixture.run(&["check"]).exits(0);
    let fixture = fixture.var("FIXTURE", "bad").var("BAD", "no cql");
    fixture.run(&["check"]).exits(1).says("m2_bad");
    let all: Vec<(String,)> = admin.query("SELECT keyspace_name FROM system_schema.keyspaces", ()).unwrap();
    let left: Vec<_> = all.into_iter().filter(|(name,)| name.starts_with("updown_check_")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// In the middle of a run, and for good.
fn a_server_that_goes_away(mut server: Cassandra, url: &str) {
    let proxy = CqlProxy::before(url).once("ALTER TABLE notes", Fault::Stop);
    let fixture = Fixture::new("cql").var("DATABASE_URL", proxy.url());
    let mut run = fixture.start(&["migrate"]);
    proxy.kills(&run);
    assert!(proxy.is_stopped(&mut run));
    server.kill(0);
    proxy.go_on();
    let ran = Ran::within(Duration::from_secs(90), run).exits(1).says("error: ").says("hint: ");
    ran.says_nothing_of("panicked").says_nothing_of("--step");
    let fixture = fixture.var("DATABASE_URL", url);
    let ran = Ran::within(Duration::from_secs(90), fixture.start(&["migrate"])).exits(1);
    ran.says("does it run").says_nothing_of("panicked");
}

#[cfg(feature = "scylla-tls")]
#[test]
fn a_server_that_wants_tls() {
    let directory = tempfile::tempdir().unwrap();
    let certificate = |name: &str, address: &str| {
        let (keys, pem) =
            (directory.path().join(format!("{name}.p12")), directory.path().join(format!("{name}.pem")));
        let keys_ = keys.to_str().unwrap();
        let of = ["-alias", "node", "-keystore", keys_, "-storepass", "changeit", "-storetype", "PKCS12"];
        let made =
            ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=node", "-ext", address];
        keytool(&[&made[..], &of].concat());
        keytool(&[&["-exportcert", "-rfc", "-file", pem.to_str().unwrap()][..], &of].concat());
        (keys, pem)
    };
    let (keys, pem) = certificate("node", "SAN=IP:127.0.0.1");
    let (_, another) = certificate("another", "SAN=IP:127.0.0.1");
    let options = Options::default().file("keys", &keys).settings(
        "client_encryption_options:\n  enabled: true\n  optional: false\n  keystore: keys\n  \
             keystore_password: changeit\n  store_type: PKCS12\n",
    );
    let Some(server) = Cassandra::start(&options) else { return };
    let with = |more: &str| keyspace_on(&format!("{}{more}", server.url()));
    let file = |file: &Path| format!("&tls_ca={}", file.display());
    ScyllaConnection::open(&with(&file(&pem))).unwrap().create_keyspace("").unwrap();
    refused(&with(&file(&another)), "certificate", None);
    refused(&with("&tls_ca=/nowhere"), "/nowhere", Some("is `tls_ca` right?"));
    refused(&with(""), "closed", Some("`tls=true`"));
    // By its name it is the same address, and that is not what the certificate says.
    refused(&with("&tls=true"), "certificate", None);
}

#[cfg(feature = "scylla-tls")]
fn keytool(args: &[&str]) {
    let ran = Command::new("keytool").args(args).output().expect("keytool, which comes with Java");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[cfg(not(feature = "scylla-tls"))]
#[test]
fn without_the_feature_tls_is_refused() {
    let error = ScyllaConnection::open("scylla://app:unsaid@127.0.0.1:1/x?tls=true").unwrap_err();
    let StoreError::Url { hint, .. } = &error else { panic!("{error:?}") };
    assert_eq!(hint, "build the migrations crate with it: `features = [\"scylla-tls\"]`");
}

/// Nothing is changed while a node hangs: it could not hear of it.
#[test]
fn three_nodes_of_which_one_hangs() {
    if !full() {
        return;
    }
    let Some(mut server) = Cassandra::start(&Options::default().nodes(3)) else { return };
    let mut connection = ScyllaConnection::open(&keyspace_on(&server.url())).unwrap();
    connection.create_keyspace("").unwrap();
    connection.execute("CREATE TABLE users (id bigint PRIMARY KEY)", ()).unwrap();
    assert_eq!(connection.unreachable_nodes(), [""; 0]);
    connection.set_agreement_limit(Duration::from_secs(2));
    server.stop(2);
    let error = connection.execute("CREATE TABLE others (id bigint PRIMARY KEY)", ()).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied, "{error}");
    // Two of three are a majority.
    connection.execute("INSERT INTO users (id) VALUES (?)", (1_i64,)).unwrap();
    server.go_on(2);
    connection.set_agreement_limit(Duration::from_secs(120));
    connection.await_agreement().unwrap();
    let error = connection.query::<(i64,)>("SELECT id FROM others", ()).unwrap_err();
    assert_eq!(error.effect(), Effect::NotApplied, "{error}");
}
