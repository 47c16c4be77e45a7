//! On a PostgreSQL of the tests' own.

#[allow(dead_code, clippy::duplicate_mod)]
#[path = "../../../tests/suite/support/postgres/cluster.rs"]
mod cluster;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::*;

const FILE: &str = "-- it's; here\r\n\
    /* /* nested; */ ; */ CREATE TABLE told (id serial, told text);;\n\
    CREATE FUNCTION one() RETURNS text LANGUAGE plpgsql AS $body$\n\
      BEGIN -- don't;\n\
        RETURN $$Two  spaces; \\c$$;\n\
      END;\n\
    $body$;\n\
    CREATE OR REPLACE FUNCTION begin(a int) RETURNS text LANGUAGE sql BEGIN ATOMIC\n\
      INSERT INTO told (told) VALUES (CASE WHEN a > 1 THEN CASE a WHEN 2 THEN 'two' END END);\n\
      SELECT (CASE WHEN a > 1 THEN 'more' END) AS end; /* END; */\n\
    END;\n\
    SELECT begin(2);\
    CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO told (told) VALUES ('p'); END;\
    CREATE VIEW v AS SELECT 1 AS \"a;\"\"b\" WHERE 1=-1;\n\
    CREATE RULE r AS ON UPDATE TO told DO ALSO (SELECT 1; SELECT ';)';);\n\
    CREATE SCHEMA other CREATE TABLE t (a$b int) CREATE VIEW v AS SELECT 2;\n\
    INSERT INTO told (told) VALUES (one()), (E'it\\'s;'), (e'a'  -- ;\n  'b\\'c;'), (U&'\\0061;'), (B'01'), ('\\');\n\
    INSERT INTO TOLD(TOLD)SELECT x FROM unnest(ARRAY['a]  b', 'C', /* ] */ E'[;']) x;\n\
    INSERT INTO told (told) SELECT (ARRAY [1, 2 ]) [ 1 ]::text||';' -- no; end\n\
    ;CALL p();\n\
    INSERT INTO told (told) VALUES (5 - -3), ('{\"a\": [1,2]}'::jsonb->'a'->>-1), (@ -7), (2*-3), (1e+2);\
    DO $$ BEGIN PERFORM 1; END $$ -- the end";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Nullable<Text>)]
    told: Option<String>,
}

/// In a database of its own, which is gone with the server. As pieces, each has to be one statement: only one can be
/// prepared.
fn told(cluster: &cluster::Cluster, name: &str, send: impl Fn(&mut PgConnection)) -> Vec<Option<String>> {
    let connect = |name: &str| PgConnection::establish(&cluster.url(name)).expect("the server answers");
    connect("postgres").batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    let mut conn = connect(name);
    send(&mut conn);
    let rows: Vec<Told> = sql_query("SELECT told FROM told ORDER BY id").load(&mut conn).expect("rows");
    rows.into_iter().map(|row| row.told).collect()
}

#[test]
fn a_file_is_what_its_pieces_and_its_normal_form_are() {
    let Some(cluster) = cluster::Cluster::start(&cluster::Options::default()) else { return };
    let whole = told(&cluster, "whole", |conn| conn.batch_execute(FILE).expect("a file"));
    let expected = [
        "two",
        "Two  spaces; \\c",
        "it's;",
        "ab'c;",
        "a;",
        "01",
        "\\",
        "a]  b",
        "C",
        "[;",
        "1;",
        "p",
        "8",
        "2",
        "7",
        "-6",
        "100",
    ];
    assert_eq!(whole, expected.map(|told| Some(told.to_owned())));
    let pieces = statements(FILE, Dialect::Postgres);
    let in_pieces = told(&cluster, "pieces", |conn| {
        for piece in &pieces {
            sql_query(*piece).execute(conn).unwrap_or_else(|error| panic!("{piece}: {error}"));
        }
    });
    assert_eq!(in_pieces, whole);
    assert_eq!(pieces.len(), 14);
    let form = normal(FILE, Family::Sql);
    let in_normal_form = told(&cluster, "normal", |conn| conn.batch_execute(&form).expect(&form));
    assert_eq!(in_normal_form, whole);
}
