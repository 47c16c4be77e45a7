//! On a real PostgreSQL, which is started as the suite starts its own. The suite compares whole texts.

#[allow(dead_code)]
#[path = "../../../../tests/suite/support/postgres/cluster.rs"]
mod cluster;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;

use super::super::config::{Docs, PrintConfig};
use super::super::print_postgres;

const TABLES: &str = "
    CREATE TYPE mood AS ENUM ('sad');
    CREATE TABLE users (id SERIAL PRIMARY KEY, names VARCHAR(3)[], mood mood);
    COMMENT ON TABLE users IS 'Who.';
    DO $$ BEGIN FOR i IN 1..50 LOOP
        EXECUTE format('CREATE TABLE t_%s (id INT PRIMARY KEY, u INT REFERENCES users)', i);
    END LOOP; END $$;
";

#[test]
fn five_queries_are_enough() {
    let Some(cluster) = cluster::Cluster::start(&cluster::Options::default()) else { return };
    let mut conn = PgConnection::establish(&cluster.url("postgres")).expect("the server answers");
    conn.batch_execute(TABLES).expect(TABLES);
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let config = PrintConfig { with_docs: Docs::Comments, ..PrintConfig::default() };
    let printed = print_postgres(&mut conn, &config, false).expect("a schema");
    assert_eq!(count.load(Ordering::Relaxed), 5);
    assert!(printed.text.contains("/// Who.") && printed.text.contains("t_50 (id)"), "{}", printed.text);
    assert!(printed.text.contains("use super::sql_types::Mood;"), "{}", printed.text);
    let of_array = "the column users.names is a varchar[], which Diesel cannot read as text: text[] would do";
    assert!(printed.warnings.iter().any(|warning| warning == of_array), "{:?}", printed.warnings);

    conn.batch_execute("CREATE TABLE bare (a INT)").expect("a table");
    let error = print_postgres(&mut conn, &config, false).expect_err("no key").to_string();
    assert_eq!(error, "the table bare has no primary key, and Diesel has no tables without one");
}
