//! All that is in a database, but for the ledgers of the tools, as text.

use crate::support::Store;

pub fn dump(store: Store, url: &str) -> String {
    match store {
        #[cfg(feature = "postgres")]
        Store::Postgres => postgres(url),
        _ => sqlite(url),
    }
}

/// By PostgreSQL's own program: schema, rows, rights, comments.
#[cfg(feature = "postgres")]
fn postgres(url: &str) -> String {
    let mut command = std::process::Command::new("pg_dump");
    command.args(["--inserts", "--exclude-table=*schema_migrations*", "--dbname", url]);
    let said = command.output().expect("pg_dump runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).expect("text");
    // Keys that are new each time.
    let is_kept = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
    text.split_inclusive('\n').filter(is_kept).collect()
}

/// Every object as SQLite keeps it, and every row.
fn sqlite(url: &str) -> String {
    use diesel::prelude::*;
    use diesel::sql_types::{Nullable, Text};
    use std::fmt::Write as _;

    #[derive(QueryableByName)]
    struct Object {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Nullable<Text>)]
        sql: Option<String>,
    }
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let file = url.strip_prefix("sqlite://").expect("a file");
    let mut conn = SqliteConnection::establish(file).expect("it opens");
    let objects: Vec<Object> = diesel::sql_query(
        "SELECT type AS kind, name, sql FROM sqlite_schema
         WHERE tbl_name NOT LIKE '%schema_migrations%' AND name <> 'sqlite_sequence' ORDER BY type, name",
    )
    .load(&mut conn)
    .expect("the schema");
    let mut text = String::new();
    for Object { kind, name, sql } in &objects {
        writeln!(text, "{kind} {name}: {}", sql.as_deref().unwrap_or("of its table")).expect("a text");
    }
    for table in objects.iter().filter(|object| object.kind == "table") {
        let name = table.name.replace('\'', "''");
        let columns: Vec<Line> = diesel::sql_query(format!(
            "SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_xinfo('{name}') ORDER BY cid"
        ))
        .load(&mut conn)
        .expect("its columns");
        let columns: Vec<&str> = columns.iter().map(|column| column.line.as_str()).collect();
        let rows: Vec<Line> = diesel::sql_query(format!(
            "SELECT {} AS line FROM \"{}\" ORDER BY 1",
            columns.join(" || ', ' || "),
            table.name
        ))
        .load(&mut conn)
        .expect("its rows");
        for row in rows {
            writeln!(text, "{}: {}", table.name, row.line).expect("a text");
        }
    }
    text
}

/// The first place where two differ, which is all that anybody wants to read.
#[track_caller]
pub fn same(one: &str, other: &str, what: &str) {
    let mut lines = one.lines().zip(other.lines()).enumerate();
    let differs = lines.find(|(_, (one, other))| one != other).map(|(at, _)| at);
    let Some(at) = differs.or_else(|| (one != other).then(|| one.lines().count().min(other.lines().count())))
    else {
        return;
    };
    let around = |text: &str| text.lines().skip(at.saturating_sub(5)).take(12).collect::<Vec<_>>().join("\n");
    panic!("{what}: they differ in line {}\n{}\n--- and\n{}", at + 1, around(one), around(other));
}
