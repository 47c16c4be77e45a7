//! Schemas of PostgreSQL, with little said of how they are printed.

use super::case::Case;

pub const CASES: &[Case] = &[
    Case::new("nothing", "SELECT 1"),
    Case::new("one table", "CREATE TABLE users (id SERIAL PRIMARY KEY, name TEXT NOT NULL, bio TEXT)"),
    Case::new(
        "numbers",
        "CREATE TABLE t (id BIGSERIAL PRIMARY KEY, a SMALLSERIAL, b INT2, c INT4 NOT NULL, d INT8, e NUMERIC(10, 2), f REAL,
         g DOUBLE PRECISION, h MONEY, i OID, j BOOLEAN NOT NULL, k DECIMAL, l XID, m BIT(3), n VARBIT)",
    ),
    Case::new(
        "texts, bytes and times",
        "CREATE TABLE t (id UUID PRIMARY KEY, a TEXT, b VARCHAR(255), c VARCHAR, d CHAR(3), e \"char\", f NAME, g BYTEA,
         h DATE, i TIME, j TIMETZ, k TIMESTAMP, l TIMESTAMPTZ NOT NULL, m INTERVAL, n CHAR)",
    ),
    Case::new(
        "what PostgreSQL alone has",
        "CREATE TABLE t (id UUID PRIMARY KEY, a JSON, b JSONB, c INET, d CIDR, e MACADDR, f MACADDR8, g POINT, h XML,
         i TSVECTOR, j TSQUERY, k PG_LSN, l REGCLASS, m INT4RANGE, n INT8RANGE, o NUMRANGE, p TSRANGE, q TSTZRANGE,
         r DATERANGE, s INT4MULTIRANGE, t2 INT8MULTIRANGE, u NUMMULTIRANGE, v TSMULTIRANGE, w TSTZMULTIRANGE,
         x DATEMULTIRANGE, y JSONPATH, z POLYGON)",
    ),
    Case::new(
        "arrays",
        "CREATE TABLE t (id INT[] PRIMARY KEY, a TEXT[] NOT NULL, b VARCHAR(5)[], c INT[][], d JSONB[], e TSVECTOR[],
         f CHAR(2)[] NOT NULL, g TIMESTAMPTZ[])",
    ),
    Case::new(
        "enums",
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE \"Colour\" AS ENUM ('red'); CREATE TYPE my_kind AS ENUM ('a');
         CREATE TABLE t (id SERIAL PRIMARY KEY, a mood, b \"Colour\" NOT NULL, c mood[], d my_kind);
         CREATE TABLE u (id SERIAL PRIMARY KEY, a mood NOT NULL); CREATE TABLE v (id SERIAL PRIMARY KEY)",
    ),
    Case::new(
        "types of another schema",
        "CREATE SCHEMA kinds; CREATE TYPE kinds.mood AS ENUM ('sad'); CREATE TYPE kinds.\"the kind\" AS ENUM ('a');
         CREATE TABLE t (id SERIAL PRIMARY KEY, a kinds.mood, b kinds.\"the kind\"[], c TSVECTOR)",
    ),
    Case::new(
        "types of one name",
        "CREATE SCHEMA kinds; CREATE TYPE kinds.mood AS ENUM ('sad'); CREATE TYPE mood AS ENUM ('sad');
         CREATE TYPE \"MOOD\" AS ENUM ('x'); CREATE TYPE \"Mood\" AS ENUM ('x');
         CREATE TABLE t (id SERIAL PRIMARY KEY, a mood, b kinds.mood, c \"MOOD\", d \"Mood\");
         CREATE TABLE s (id SERIAL PRIMARY KEY, a kinds.mood)",
    ),
    Case::new(
        "more types of one name than a small sort takes",
        "CREATE SCHEMA k; CREATE TYPE t_a AS ENUM ('a'); CREATE TYPE k.t_a AS ENUM ('a'); CREATE TYPE \"tA\" AS ENUM ('a');
         CREATE TYPE t_b AS ENUM ('a'); CREATE TYPE k.t_b AS ENUM ('a'); CREATE TYPE t_c AS ENUM ('a'); CREATE TYPE \"tC\" AS ENUM ('a');
         CREATE TABLE x (id SERIAL PRIMARY KEY, a t_a, b k.t_a, c \"tA\", d t_b, e k.t_b, f t_c, g \"tC\", h t_a, i k.t_a, j t_c,
         k \"tC\", l t_b, m k.t_b);
         CREATE TABLE a (id SERIAL PRIMARY KEY, m k.t_b, l t_b, k \"tC\", j t_c, i k.t_a, h t_a, g \"tC\", f t_c, e k.t_b, d t_b,
         c \"tA\", b k.t_a, a t_a);
         CREATE TABLE z (id SERIAL PRIMARY KEY, a \"tA\", b t_a, c k.t_a, d \"tC\", e t_c, f k.t_b, g t_b)",
    ),
    Case::new(
        "types with odd names",
        "CREATE TYPE \"my type\" AS ENUM ('a'); CREATE TYPE \"videoURLList\" AS ENUM ('a'); CREATE TYPE \"say\"\"hi\" AS ENUM ('a');
         CREATE TYPE \"XMLHttp2x\" AS ENUM ('a'); CREATE TYPE \"größe_é\" AS ENUM ('a'); CREATE TYPE \"new
line\" AS ENUM ('a');
         CREATE TABLE t (id SERIAL PRIMARY KEY, a \"my type\", b \"videoURLList\", c \"say\"\"hi\", d \"XMLHttp2x\", e \"größe_é\", f \"new
line\")",
    ),
    Case::new(
        "a type whose name is none, so that nothing is formatted",
        "CREATE TYPE \"2d\" AS ENUM ('a'); CREATE TABLE t (id SERIAL PRIMARY KEY, a \"2d\"); CREATE TABLE u (id SERIAL PRIMARY KEY)",
    ),
    Case::new("a type that looks like an array", "CREATE TYPE _odd AS ENUM ('a'); CREATE TABLE t (id SERIAL PRIMARY KEY, a _odd, b _odd[])"),
    Case::new(
        "composite types and ranges",
        "CREATE TYPE address AS (street TEXT, city TEXT); CREATE TYPE spans AS RANGE (subtype = float8);
         CREATE TABLE t (id SERIAL PRIMARY KEY, a address, b address[], c spans); CREATE TABLE u (id SERIAL PRIMARY KEY, a t)",
    ),
    Case::new(
        "domains",
        "CREATE DOMAIN email AS VARCHAR(20); CREATE DOMAIN work_email AS email NOT NULL; CREATE DOMAIN tags AS TEXT[];
         CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN bad_mood AS mood;
         CREATE TABLE t (id SERIAL PRIMARY KEY, a email, b work_email, c tags, d email[], e bad_mood)",
    ),
    Case::new(
        "an extension's type",
        "DO $$ BEGIN CREATE EXTENSION citext; EXCEPTION WHEN OTHERS THEN CREATE DOMAIN citext AS TEXT; END $$;
         CREATE TABLE t (id SERIAL PRIMARY KEY, a citext NOT NULL, b citext[])",
    ),
    Case::new("a key of two in another order", "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (c, a))"),
    Case::new("no key", "CREATE TABLE a (id SERIAL PRIMARY KEY); CREATE TABLE t (a INT)").refused(),
    Case::new(
        "what is no table",
        "CREATE TABLE t (id SERIAL PRIMARY KEY, a INT); CREATE VIEW v AS SELECT a FROM t;
         CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE SEQUENCE s; CREATE UNLOGGED TABLE u (id SERIAL PRIMARY KEY)",
    ),
    Case::new(
        "partitions and children",
        "CREATE TABLE parts (id INT, at DATE, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
         CREATE TABLE base (id SERIAL PRIMARY KEY, a INT); CREATE TABLE child (b INT, PRIMARY KEY (id)) INHERITS (base)",
    ),
    Case::new(
        "a foreign key between partitioned tables",
        "CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9);
         CREATE TABLE c (id INT PRIMARY KEY, p INT REFERENCES p (id)) PARTITION BY RANGE (id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (1) TO (9); CREATE TABLE d (id INT PRIMARY KEY, p INT REFERENCES p (id))",
    ),
    Case::new(
        "identities and generated columns",
        "CREATE TABLE t (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a BIGINT GENERATED BY DEFAULT AS IDENTITY,
         b INT DEFAULT 3, c INT GENERATED ALWAYS AS (b * 2) STORED, d TEXT COLLATE \"C\" NOT NULL DEFAULT '')",
    ),
    Case::new(
        "foreign keys",
        "CREATE TABLE users (id SERIAL PRIMARY KEY, code TEXT UNIQUE); CREATE TABLE tags (a INT, b INT, PRIMARY KEY (a, b));
         CREATE TABLE posts (id SERIAL PRIMARY KEY, \"user\" INT REFERENCES users ON DELETE CASCADE DEFERRABLE);
         CREATE TABLE two (id SERIAL PRIMARY KEY, a INT REFERENCES users, b INT REFERENCES users, p INT REFERENCES posts);
         CREATE TABLE three (id SERIAL PRIMARY KEY, code TEXT REFERENCES users (code), a INT, b INT,
         FOREIGN KEY (a, b) REFERENCES tags, self INT REFERENCES three)",
    ),
    Case::new(
        "foreign keys both ways, one twice",
        "CREATE TABLE a (id SERIAL PRIMARY KEY, b INT); CREATE TABLE b (id SERIAL PRIMARY KEY, a INT REFERENCES a, c INT);
         ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; CREATE TABLE c (id SERIAL PRIMARY KEY);
         ALTER TABLE b ADD CONSTRAINT x FOREIGN KEY (c) REFERENCES c, ADD CONSTRAINT y FOREIGN KEY (c) REFERENCES c;
         CREATE TABLE d (id SERIAL PRIMARY KEY, c INT); ALTER TABLE d ADD FOREIGN KEY (c) REFERENCES c NOT VALID",
    ),
    Case::new(
        "foreign keys of one name, and to another schema",
        "CREATE SCHEMA s; CREATE TABLE s.far (id SERIAL PRIMARY KEY); CREATE TABLE near (id SERIAL PRIMARY KEY);
         CREATE TABLE a (id SERIAL PRIMARY KEY, x INT CONSTRAINT fk REFERENCES near, y INT REFERENCES s.far);
         CREATE TABLE b (id SERIAL PRIMARY KEY, x INT CONSTRAINT fk REFERENCES near)",
    ),
    Case::new(
        "a key by the name of another one",
        "CREATE TABLE a (id SERIAL PRIMARY KEY, n INT);
         CREATE TABLE b (id INT, x INT CONSTRAINT a_pkey REFERENCES a, y INT, PRIMARY KEY (y));
         CREATE SCHEMA s; CREATE TABLE s.c (id INT, CONSTRAINT c_id_key PRIMARY KEY (id));
         CREATE TABLE c (no INT UNIQUE, id INT, CONSTRAINT c_id_key UNIQUE (id))",
    ),
    Case::new(
        "names that Rust has",
        "CREATE TABLE type (id SERIAL PRIMARY KEY, \"table\" INT, columns INT, is_nullable INT, self INT, async INT, gen INT);
         CREATE TABLE \"table\" (id SERIAL PRIMARY KEY, \"type\" INT REFERENCES type); CREATE TABLE \"Self\" (\"self\" SERIAL PRIMARY KEY)",
    ),
    Case::new(
        "names that are none in Rust",
        "CREATE TABLE \"my table\" (id SERIAL PRIMARY KEY, \"a b\" INT, \"1st\" INT, \"größe\" INT, \"é\" INT, \"it's\" INT,
         \"say \"\"hi\"\"\" INT, \"#\"\"#\" INT, \"a.b\" INT, \"my_table\" INT);
         CREATE TABLE \"3d\" (id SERIAL PRIMARY KEY); CREATE TABLE \"a.b\" (id SERIAL PRIMARY KEY, x INT REFERENCES \"my table\");
         CREATE TABLE \"Users\" (\"Id\" SERIAL PRIMARY KEY, \"userName\" TEXT)",
    ),
    Case::new(
        "hidden tables and the order of others",
        "CREATE TABLE __hidden (id SERIAL PRIMARY KEY); CREATE TABLE _b (id SERIAL PRIMARY KEY, __a INT);
         CREATE TABLE a (id SERIAL PRIMARY KEY); CREATE TABLE \"B\" (id SERIAL PRIMARY KEY); CREATE TABLE \"ä\" (id SERIAL PRIMARY KEY);
         CREATE TABLE z (id SERIAL PRIMARY KEY)",
    ),
    Case::new(
        "constraints of all kinds",
        "CREATE TABLE t (id INT PRIMARY KEY CHECK (id > 0), a INT NOT NULL UNIQUE, b INT4RANGE, EXCLUDE USING gist (b WITH &&));
         CREATE TABLE u (id INT REFERENCES t PRIMARY KEY, t INT UNIQUE)",
    ),
    Case::new("a column that was dropped", "CREATE TABLE t (a INT, id SERIAL PRIMARY KEY, b INT); ALTER TABLE t DROP a; ALTER TABLE t ADD a TEXT"),
    Case::new("the ledger's tables", "CREATE TABLE schema_migrations (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY)"),
    Case::new(
        "many tables with long names",
        "CREATE TABLE accounts_of_customers (id INT PRIMARY KEY); CREATE TABLE addresses_of_customers (id INT PRIMARY KEY);
         CREATE TABLE orders_of_customers (id INT PRIMARY KEY, account INT REFERENCES accounts_of_customers);
         CREATE TABLE a (a_rather_long_name_of_a_column_in_the_key INT, another_rather_long_name_of_a_column_in_the_key INT,
         a_third_long_name INT, PRIMARY KEY (a_rather_long_name_of_a_column_in_the_key,
         another_rather_long_name_of_a_column_in_the_key, a_third_long_name));
         CREATE TABLE payments_of_customers (id INT PRIMARY KEY, an_order INT REFERENCES orders_of_customers)",
    ),
    Case::new(
        "eighty tables",
        "DO $$ BEGIN FOR i IN 1..80 LOOP
         EXECUTE format('CREATE TABLE t_%s (id SERIAL PRIMARY KEY, a VARCHAR(%s) NOT NULL, b INT%s, c TEXT[], d JSONB)', i, i,
         CASE WHEN i > 1 THEN format(' REFERENCES t_%s', i / 2 + 1) ELSE '' END);
         END LOOP; END $$",
    ),
];
