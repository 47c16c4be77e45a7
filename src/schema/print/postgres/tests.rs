//! On a real PostgreSQL. The suite compares whole texts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Connection, InstrumentationEvent};

use super::super::config::{Docs, PrintConfig};
use super::super::print_postgres;
use crate::schema::inspect::postgres::tests::Scratch;

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
    let Some(mut scratch) = Scratch::with(TABLES) else { return };
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    scratch.conn().set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let config = PrintConfig { with_docs: Docs::Comments, ..PrintConfig::default() };
    let printed = print_postgres(scratch.conn(), &config, false).expect("a schema");
    assert_eq!(count.load(Ordering::Relaxed), 5);
    assert!(printed.text.contains("/// Who.") && printed.text.contains("t_50 (id)"), "{}", printed.text);
    assert!(printed.text.contains("use super::sql_types::Mood;"), "{}", printed.text);
    let of_array = "the column users.names is a varchar[], which Diesel cannot read as text: text[] would do";
    assert!(printed.warnings.iter().any(|warning| warning == of_array), "{:?}", printed.warnings);

    scratch.execute("CREATE TABLE bare (a INT)");
    let error = print_postgres(scratch.conn(), &config, false).expect_err("no key").to_string();
    assert_eq!(error, "the table bare has no primary key, and Diesel has no tables without one");
}
