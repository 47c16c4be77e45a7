//! What is read from `schema.cql`, and what is not.

use crate::schema::cql::declared::read;
use crate::schema::cql::print::print;

/// What `DESCRIBE KEYSPACE` gives: of Cassandra 5.0, as it was recorded, and as ScyllaDB's documentation has it.
const DESCRIBED: [&str; 2] =
    [include_str!("described/cassandra_5.0.cql"), include_str!("described/scylladb.cql")];

fn printed(text: &str) -> String {
    print(&read("schema.cql", text).unwrap_or_else(|error| panic!("{error}")).keyspace)
}

fn wrong(text: &str) -> String {
    let error = read("schema.cql", text).expect_err(text);
    format!("{error}\n{}", error.hint)
}

#[test]
fn what_a_server_describes_is_read_and_printed() {
    for (described, name) in DESCRIBED.into_iter().zip(["cassandra", "scylladb"]) {
        insta::assert_snapshot!(name, printed(described));
    }
}

#[test]
fn what_is_printed_is_read_as_the_same() {
    for described in DESCRIBED {
        let once = printed(described);
        assert_eq!(printed(&once), once);
    }
    assert_eq!(printed(""), "");
}

#[test]
fn it_does_not_matter_how_it_is_written() {
    let one = "
        CREATE TABLE t (a int, \"b\" text, c set<text>, d tuple<int, list<text>>, PRIMARY KEY ((a), b));
        CREATE INDEX ON t (c);
        CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL AND b IS NOT NULL AND b >= 'x'
            PRIMARY KEY (b, a)";
    let other = "
        -- a comment; with a semicolon
        USE ks;
        create keyspace if not exists ks with replication = {'class': 'x', 'y': 1} and durable_writes = true;
        create table KS.T ( /* the key ; */ A INT, B varchar, c SET<text>, d frozen<tuple<int, frozen<list<varchar>>>>,
            primary key (a, b)) with clustering order by (b asc) and id = 5eb8ad4c-7d0f-11ee-b962-0242ac120002
            and comment = '' and gc_grace_seconds = 864000 and extensions = {};
        CREATE INDEX IF NOT EXISTS t_c_idx ON ks.t (values(c)); // another one
        create materialized view \"ks\".v as select * from ks.t
            where b>='x' and \"a\" is not null and b is not null primary key (b, a) with clustering order by (a asc);;";
    let (one, other) = (read("a", one).expect("it is right"), read("b", other).expect("it is right"));
    assert_eq!(print(&one.keyspace), print(&other.keyspace));
    assert_eq!(one.at("column t.d").as_deref(), Some("a:2"));
    assert_eq!(other.at("column t.d").as_deref(), Some("b:5"));
    assert_eq!(other.at("materialized view v").as_deref(), Some("b:9"));
    assert_eq!(other.order("t"), ["a", "b", "c", "d"]);
}

#[test]
fn the_ledger_and_what_is_kept_for_a_table_are_no_part_of_it() {
    let text = "
        CREATE TABLE t (id int PRIMARY KEY);
        CREATE TABLE schema_migrations (service text PRIMARY KEY, name text);
        CREATE INDEX i ON schema_migrations (name);
        CREATE TABLE schema_migrations_history (service text PRIMARY KEY);
        CREATE TABLE schema_migrations_journal (service text PRIMARY KEY);
        CREATE TABLE t_scylla_cdc_log (id int PRIMARY KEY);
        CREATE TABLE u_scylla_cdc_log (id int PRIMARY KEY);";
    let keyspace = read("schema.cql", text).expect("it is right").keyspace;
    assert_eq!(keyspace.tables.keys().collect::<Vec<_>>(), ["t", "u_scylla_cdc_log"]);
    assert!(keyspace.indexes.is_empty());
}

#[test]
fn what_is_wrong_is_shown_where_it_stands() {
    insta::assert_snapshot!(wrong("CREATE TABLE t (\n\tid int,\n\tname txt,\n\tPRIMARY KEY (id)\n);"), @r"
    schema.cql:3:7: there is no type txt
       | 	name txt,
       | 	     ^
    perhaps `text` is meant; a type of your own is declared by `CREATE TYPE`
    ");
    insta::assert_snapshot!(wrong("CREATE TABLE t (id int PRIMARY KEY, ä int;"));
    insta::assert_snapshot!(wrong("CREATE TABLE t (id int PRIMARY KEY);\nDROP TABLE u;"));
    insta::assert_snapshot!(wrong("CREATE TABLE t (id int PRIMARY KEY, name 'text"));
}

#[test]
fn what_makes_no_sense_is_said() {
    let of = |text: &str| {
        let error = read("schema.cql", text).expect_err(text);
        format!("{}:{}: {}; {}", error.line, error.column, error.what, error.hint)
    };
    let all: Vec<String> = [
        "CREATE TABLE t (id int)",
        "CREATE TABLE t (id int, PRIMARY KEY (other))",
        "CREATE TABLE t (id int PRIMARY KEY, PRIMARY KEY (id))",
        "CREATE TABLE t (id int PRIMARY KEY, id text)",
        "CREATE TABLE t (id int PRIMARY KEY);\nCREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE t (id set<int> PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY, s text static)",
        "CREATE TABLE t (id int PRIMARY KEY, s text MASKED WITH DEFAULT)",
        "CREATE TABLE t (id int PRIMARY KEY, v vector<float, many>)",
        "CREATE TABLE t (id int PRIMARY KEY, l lst<text>)",
        "CREATE TABLE t (id int PRIMARY KEY, l list<text)",
        "CREATE TABLE t (id int PRIMARY KEY) WITH coment = 'x'",
        "CREATE TABLE t (id int PRIMARY KEY) WITH comment = 'x' AND comment = 'y'",
        "CREATE TABLE t (id int PRIMARY KEY) WITH COMPACT STORAGE",
        "CREATE TABLE t (id int PRIMARY KEY) WITH caching = {'keys': 'ALL', 'keys': 'NONE'}",
        "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (a DESC)",
        "CREATE TABLE t (a int, PRIMARY KEY (a)) WITH CLUSTERING ORDER BY (a DESC)",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX ON u (id)",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX ON t (nme)",
        "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)); CREATE INDEX ON t ((a), b)",
        "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX ON t (some(a))",
        "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE CUSTOM INDEX ON t (a) USING sai",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE MATERIALIZED VIEW v AS SELECT x FROM t WHERE id IS NOT NULL PRIMARY KEY (id)",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE PRIMARY KEY (id)",
        "CREATE TYPE p (city text, city int)",
        "CREATE TYPE p (city place)",
        "CREATE TABLE a.t (id int PRIMARY KEY);\nCREATE TABLE b.t (id int PRIMARY KEY)",
        "CREATE FUNCTION f (x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$ return x; $$",
        "CREATE OR REPLACE AGGREGATE f (int) SFUNC g STYPE int",
        "CREATE ROLE r",
        "CREATE SOMETHING",
        "INSERT INTO t (id) VALUES (1)",
        "CREATE TABLE t (id int PRIMARY KEY) /* open",
        "CREATE TABLE \"t (id int PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY) CREATE TABLE u (id int PRIMARY KEY)",
    ]
    .into_iter()
    .map(of)
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}
