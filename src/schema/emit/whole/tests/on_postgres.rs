mod schemas;

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::*;
use crate::schema::NoCatalog;
use crate::schema::inspect::postgres::tests::cluster;
use crate::schema::model::differences;
use crate::schema::{beyond_postgres, inspect_postgres};

/// A database for one test, gone behind it.
struct Scratch {
    url: String,
    server: PgConnection,
    name: String,
    conn: Option<PgConnection>,
}

impl Scratch {
    fn new() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        // Never dropped: the server ends with this process.
        static CLUSTER: Mutex<Option<cluster::Cluster>> = Mutex::new(None);
        let mut started = CLUSTER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if started.is_none() {
            *started = cluster::Cluster::start(&cluster::Options::default());
        }
        let url = started.as_ref()?.url("{}");
        drop(started);
        let connect =
            |name: &str| PgConnection::establish(&url.replace("{}", name)).expect("the server answers");
        let name = format!("updown_whole_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut server = connect("postgres");
        server.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        let mut conn = connect(&name);
        conn.batch_execute("SET client_min_messages = error").expect("a setting");
        Some(Self { url: url.replace("{}", &name), server, name, conn: Some(conn) })
    }

    fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("a connection")
    }

    fn model(&mut self) -> Model {
        inspect_postgres(self.conn(), false).expect("a schema")
    }

    /// What `pg_dump` says of it, without what differs from run to run.
    fn dump(&self) -> String {
        let output = Command::new("pg_dump")
            .args(["--schema-only", "--no-owner", "--no-privileges", &self.url])
            .output()
            .expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_meant =
            |line: &&str| !line.trim().is_empty() && !line.starts_with("--") && !line.starts_with('\\');
        text.lines().filter(is_meant).map(|line| format!("{line}\n")).collect()
    }

    fn run(&mut self, recorded: &[Recorded]) {
        self.conn().batch_execute("BEGIN").expect("a transaction");
        for one in recorded {
            for statement in one.statements(Database::Postgres, &mut NoCatalog).expect("SQL") {
                let done = self.conn().batch_execute(&statement);
                done.unwrap_or_else(|error| panic!("{statement}: {error}"));
            }
        }
        self.conn().batch_execute("COMMIT").expect("a commit");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.conn = None;
        let _ = self.server.batch_execute(&format!("DROP DATABASE {}", self.name));
    }
}

/// What is made of it, and how much of that is SQL; none where there is no PostgreSQL.
fn again(name: &str, sql: &str) -> Option<Vec<String>> {
    let mut first = Scratch::new()?;
    first.conn().batch_execute(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
    let model = first.model();
    let beyond = beyond_postgres(first.conn()).expect("the rest");
    let needed = whole(Database::Postgres, &model, &beyond);
    let up = recorded(&needed);
    is_accepted(&up, &needed, Database::Postgres, "PgConnection");
    let mut second = Scratch::new()?;
    second.run(&up);
    assert_eq!(differences(&model.facts(), &second.model().facts()), [], "{name}");
    let (one, other) = (first.dump(), second.dump());
    assert!(one == other, "{name}:\n{}", diffy::create_patch(&one, &other));
    second.run(&reversed(&up));
    assert_eq!(second.model().facts().len(), 0, "{name}");
    Some(raw_ones(&up))
}

#[test]
fn a_copy_is_the_same() {
    let mut failed = Vec::new();
    for (name, sql) in schemas::ALL {
        match std::panic::catch_unwind(|| again(name, sql)) {
            Ok(None) => return,
            Ok(Some(_)) => {}
            Err(_) => failed.push(name),
        }
    }
    assert_eq!(failed, Vec::<&str>::new());
}

#[test]
fn what_gorm_makes_is_typed() {
    for (name, sql) in schemas::ALL.into_iter().filter(|(name, _)| name.starts_with("gorm")) {
        let Some(raw) = again(name, sql) else { return };
        assert_eq!(raw, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_left_out_is_told() {
    let Some(mut scratch) = Scratch::new() else { return };
    let sql = "CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer); CREATE TYPE span AS RANGE (subtype = date); \
               CREATE COLLATION odd (locale = 'C'); CREATE PUBLICATION p; CREATE EXTENSION citext; CREATE TABLE t (id serial)";
    scratch.conn().batch_execute(sql).expect(sql);
    let left_out = beyond_postgres(scratch.conn()).expect("the rest").left_out;
    assert_eq!(left_out, ["the aggregate total", "the collation odd", "the publication p", "the type span"]);
}
