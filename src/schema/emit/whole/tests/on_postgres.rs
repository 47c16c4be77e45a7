mod schemas;

use std::process::Command;

use diesel::connection::SimpleConnection;

use super::*;
use crate::schema::NoCatalog;
use crate::schema::beyond_postgres;
use crate::schema::inspect::postgres::tests::Scratch;
use crate::schema::model::differences;

/// What `pg_dump` says of it, without what differs from run to run.
fn dump(scratch: &Scratch) -> String {
    let output = Command::new("pg_dump")
        .args(["--schema-only", "--no-owner", "--no-privileges", &scratch.url])
        .output()
        .expect("pg_dump");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_meant =
        |line: &&str| !line.trim().is_empty() && !line.starts_with("--") && !line.starts_with('\\');
    text.lines().filter(is_meant).map(|line| format!("{line}\n")).collect()
}

fn run(scratch: &mut Scratch, recorded: &[Recorded]) {
    scratch.execute("BEGIN");
    for one in recorded {
        for statement in one.statements(Database::Postgres, &mut NoCatalog).expect("SQL") {
            scratch.execute(&statement);
        }
    }
    scratch.execute("COMMIT");
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
    run(&mut second, &up);
    assert_eq!(differences(&model.facts(), &second.model().facts()), [], "{name}");
    let (one, other) = (dump(&first), dump(&second));
    assert!(one == other, "{name}:\n{}", diffy::create_patch(&one, &other));
    run(&mut second, &reversed(&up));
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
    let sql = "CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer); CREATE TYPE span AS RANGE (subtype = date); \
               CREATE COLLATION odd (locale = 'C'); CREATE PUBLICATION p; CREATE EXTENSION citext; CREATE TABLE t (id serial)";
    let Some(mut scratch) = Scratch::with(sql) else { return };
    let left_out = beyond_postgres(scratch.conn()).expect("the rest").left_out;
    assert_eq!(left_out, ["the aggregate total", "the collation odd", "the publication p", "the type span"]);
}
