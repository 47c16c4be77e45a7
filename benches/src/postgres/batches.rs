//! A million rows changed in chunks by primary key, each of which commits, beside one statement that
//! changes them all and keeps every one of them locked.

use std::path::Path;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use updown::{Config, Down, Migration, Migrator, Project, Registry, Request, Steps, Up};

use super::server::Server;
use crate::Result;
use crate::compare::{Times, in_turn, load, row};
use crate::measure::{self, timed};

const ROWS: usize = 1_000_000;
const CHUNK: usize = 10_000;
const REPETITIONS: usize = 3;
const TOOLS: [&str; 2] = ["updown", "statement"];
const FULL: &str = "updown_bench_rows";
const FILLED: &str = "updown_bench_filled";

pub fn compare(server: &Server) -> Result {
    let chunks = ROWS / CHUNK;
    println!("\na column filled for {ROWS} rows, in {chunks} chunks by primary key; load {}", load());
    println!("{:<21}{:>22}{:>22}{:>8}{:>11}", "", "updown, batches", "one UPDATE", "ratio", "(fastest)");
    server.create(FULL, None)?;
    let fill = format!(
        "CREATE TABLE items (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, label TEXT);
         INSERT INTO items (id, owner_id) SELECT i, i % 1000 FROM generate_series(1, {ROWS}) i"
    );
    server.execute(FULL, &fill)?;
    server.execute(FULL, "VACUUM ANALYZE items")?;
    let mut ms: [Vec<f64>; 2] = Default::default();
    for repetition in 0..REPETITIONS {
        for side in in_turn(repetition, 2) {
            server.create(FILLED, Some(FULL))?;
            let url = server.url(FILLED);
            ms[side].push(measure::once(TOOLS[side], "fill", Path::new(&url), ROWS)?.ms);
        }
    }
    let [updown, statement] = ms.map(Times::of);
    row("fill", &updown, &statement, None);
    let per_second = |times: &Times| format!("{:.0}", ROWS as f64 / times.median * 1000.0);
    println!("{:<21}{:>22}{:>22}", "  rows per second", per_second(&updown), per_second(&statement));
    server.remove(FULL)?;
    server.remove(FILLED)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

/// In the child.
pub fn child(tool: &str, url: &str, count: usize) -> Result<(Duration, usize)> {
    let (took, _) = match tool {
        "updown" => {
            let migration = Migration::in_steps("m0001_fill_label", "fill label", Fill);
            let project = Project::of(Registry::<PgConnection>::from_migrations(vec![migration]));
            timed(|| {
                let mut migrator = Migrator::new(project).with_config(Config::empty().url("main", url));
                Ok(migrator.run(&Request::migrate())?.applied.len())
            })?
        }
        "statement" => timed(|| {
            let mut conn = PgConnection::establish(url)?;
            Ok(diesel::sql_query(format!("UPDATE items SET {LABEL}")).execute(&mut conn)?)
        })?,
        other => return Err(format!("there is no tool {other}").into()),
    };
    let mut conn = PgConnection::establish(url)?;
    let filled: Number =
        diesel::sql_query("SELECT count(label) AS number FROM items").get_result(&mut conn)?;
    let filled = usize::try_from(filled.number.unwrap_or_default())?;
    if filled != count {
        return Err(format!("{tool} filled {filled} rows").into());
    }
    Ok((took, filled))
}

const LABEL: &str = "label = 'item ' || id || ' of ' || owner_id";

struct Fill;

impl Up<Steps<'_, PgConnection>> for Fill {
    fn up(&self, steps: &mut Steps<'_, PgConnection>) -> updown::Result {
        // As the guide has it: where the chunk ends, and then the chunk.
        steps.batches("fill label", |conn, after: Option<i64>| {
            let after = after.unwrap_or_default();
            let last: Number = diesel::sql_query(format!(
                "SELECT max(id) AS number FROM (SELECT id FROM items WHERE id > $1 ORDER BY id LIMIT {CHUNK}) chunk"
            ))
            .bind::<BigInt, _>(after)
            .get_result(conn)?;
            if let Some(last) = last.number {
                diesel::sql_query(format!("UPDATE items SET {LABEL} WHERE id > $1 AND id <= $2"))
                    .bind::<BigInt, _>(after)
                    .bind::<BigInt, _>(last)
                    .execute(conn)?;
            }
            Ok(last.number)
        })
    }
}

impl Down<Steps<'_, PgConnection>> for Fill {
    fn down(&self, steps: &mut Steps<'_, PgConnection>) -> updown::Result {
        steps.run("UPDATE items SET label = NULL")
    }
}
