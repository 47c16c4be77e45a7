//! Schemas of SQLite, with little said of how they are printed.

use super::case::Case;

pub const CASES: &[Case] = &[
    Case::new("nothing", "CREATE TABLE t (a INT); DROP TABLE t"),
    Case::new("one table", "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, bio TEXT)"),
    Case::new(
        "integers and booleans",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TINYINT, c SMALLINT, d INT2, e BIGINT, f INT8, g MEDIUMINT,
         h UNSIGNED BIG INT, i BOOL, j BOOLEAN, k TINY INT(1), l POINT, m INTERVAL, n BIGINTEGER, o INT4)",
    ),
    Case::new(
        "texts and bytes",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a CHAR(20), b VARCHAR(255), c \"varying character\", d NCHAR, e TEXT,
         f CLOB, g BLOB, h BINARY(4), i VARBINARY, j, k LONGTEXT, l \"character varying (3)\")",
    ),
    Case::new(
        "numbers and times",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a FLOAT, b REAL, c DOUBLE, d DOUBLE PRECISION, e NUMERIC(10,2),
         f DECIMAL(3), g DATETIME, h TIMESTAMP, i DATE, j TIME, k dec, l Number)",
    ),
    Case::new("nullable or not", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a TEXT NULL, b TEXT NOT NULL DEFAULT '')"),
    Case::new("a key that is nullable", "CREATE TABLE t (code TEXT PRIMARY KEY, a INT)"),
    Case::new("a key of two in another order", "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c INT, PRIMARY KEY (b, a))"),
    Case::new("no key", "CREATE TABLE t (a TEXT, b INT)"),
    Case::new("no key, and a column rowid", "CREATE TABLE t (rowid TEXT, b INT)"),
    Case::new("no key, and a column ROWID", "CREATE TABLE t (ROWID TEXT, oid INT)"),
    Case::new("no key and no name for it", "CREATE TABLE t (rowid TEXT, oid TEXT, _rowid_ TEXT)").refused(),
    Case::new("without rowid", "CREATE TABLE t (id INTEGER NOT NULL, a TEXT, PRIMARY KEY (id)) WITHOUT ROWID"),
    Case::new("autoincrement", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t (a) VALUES ('x')"),
    Case::new(
        "names that Rust has",
        "CREATE TABLE type (id INTEGER PRIMARY KEY, \"table\" INT, columns INT, is_nullable INT, self INT, crate INT,
         async INT, dyn INT, \"match\" INT, gen INT, \"union\" INT, _ INT, star INT);
         CREATE TABLE \"table\" (id INTEGER PRIMARY KEY); CREATE TABLE \"Self\" (id INTEGER PRIMARY KEY)",
    ),
    Case::new(
        "names that are none in Rust",
        "CREATE TABLE \"my table\" (id INTEGER PRIMARY KEY, \"a b\" INT, \"a - c\" INT, \"1st\" INT, \"größe\" INT,
         \"é\" INT, \"it's\" INT, \"say \"\"hi\"\"\" INT, \"#\"\"#\" INT, \"$\" INT, \"a.b\" INT, \"-x\" INT, \"9-9\" INT);
         CREATE TABLE \"3d\" (id INTEGER PRIMARY KEY); CREATE TABLE \"a.b\" (id INTEGER PRIMARY KEY);
         CREATE TABLE \"o'clock\" (id INTEGER PRIMARY KEY, a INT NOT NULL)",
    ),
    Case::new(
        "a column called like its table",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, users TEXT);
         CREATE TABLE \"my posts\" (id INTEGER PRIMARY KEY, my_posts TEXT, \"my-posts\" TEXT)",
    ),
    Case::new("two names that become one", "CREATE TABLE \"a-b\" (id INTEGER PRIMARY KEY, \"x-y\" INT, x_y INT); CREATE TABLE a_b (id INTEGER PRIMARY KEY)"),
    Case::new(
        "hidden tables and columns",
        "CREATE TABLE __hidden (id INTEGER PRIMARY KEY); CREATE TABLE _shown (id INTEGER PRIMARY KEY, __a INT, __b_ INT);
         CREATE TABLE SQLiteful (id INTEGER PRIMARY KEY); CREATE TABLE my_sqlite (id INTEGER PRIMARY KEY)",
    ),
    Case::new("capitals", "CREATE TABLE \"Users\" (\"Id\" INTEGER PRIMARY KEY, \"userName\" TEXT); CREATE TABLE accounts (id INTEGER PRIMARY KEY)"),
    Case::new(
        "a foreign key",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id))",
    ),
    Case::new(
        "a foreign key to whatever is the key",
        "CREATE TABLE users (code TEXT PRIMARY KEY); CREATE TABLE bare (a TEXT);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, \"user\" TEXT REFERENCES users, b INT REFERENCES bare)",
    ),
    Case::new("a foreign key to itself", "CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES nodes (id)); CREATE TABLE o (id INTEGER PRIMARY KEY)"),
    Case::new(
        "two foreign keys to one table",
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE tags (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, a INTEGER REFERENCES users (id), b INTEGER REFERENCES users (id),
         c INTEGER REFERENCES tags (id))",
    ),
    Case::new(
        "foreign keys both ways",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id));
         CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), c INTEGER REFERENCES c (id));
         CREATE TABLE c (id INTEGER PRIMARY KEY)",
    ),
    Case::new(
        "foreign keys of two columns, and not to the key",
        "CREATE TABLE p (a INT, b INT, c INT UNIQUE, PRIMARY KEY (a, b)); CREATE TABLE q (id INTEGER PRIMARY KEY, u INT UNIQUE);
         CREATE TABLE r (id INTEGER PRIMARY KEY, a INT, b INT, FOREIGN KEY (a, b) REFERENCES p (a, b));
         CREATE TABLE s (id INTEGER PRIMARY KEY, c INT REFERENCES p (c), u INT REFERENCES q (u));
         CREATE TABLE v (id INTEGER PRIMARY KEY, a INT, b INT, FOREIGN KEY (a, b) REFERENCES p)",
    ),
    Case::new(
        "foreign keys to nothing, and in other letters",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, a INTEGER REFERENCES Users (id), b INTEGER REFERENCES gone (id));
         CREATE TABLE others (id INTEGER PRIMARY KEY, a INTEGER REFERENCES users (ID))",
    ),
    Case::new(
        "foreign keys with odd names",
        "CREATE TABLE type (\"self\" INTEGER PRIMARY KEY); CREATE TABLE \"x y\" (\"é\" INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, \"type\" INTEGER REFERENCES type (\"self\"),
         \"é\" INTEGER REFERENCES \"x y\" (\"é\"));
         CREATE TABLE links (id INTEGER PRIMARY KEY, links INTEGER REFERENCES posts (id))",
    ),
    Case::new(
        "views, indexes and triggers",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT); CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t (a);
         CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    ),
    Case::new("a virtual table", "CREATE VIRTUAL TABLE words USING fts5(title, body); CREATE TABLE t (id INTEGER PRIMARY KEY)"),
    Case::new(
        "generated columns",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (a * 2) VIRTUAL,
         c TEXT GENERATED ALWAYS AS (a || '') STORED, d AS (a + 1), e GENERATED ALWAYS AS (a + 2) NOT NULL)",
    ),
    Case::new("strict", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT NOT NULL, c REAL, d BLOB) STRICT"),
    Case::new("any type", "CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY) STRICT").refused(),
    Case::new("a type that there is not", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc JSON)").refused(),
    Case::new("the ledger's tables", "CREATE TABLE schema_migrations (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE schema_migrations_lease (id INTEGER PRIMARY KEY)"),
    Case::new(
        "many columns",
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, c01 INT, c02 INT, c03 INT, c04 INT, c05 INT, c06 INT, c07 INT, c08 INT,
         c09 INT, c10 INT, c11 INT, c12 INT, c13 INT, c14 INT, c15 INT, c16 INT, c17 INT, c18 INT, c19 INT, c20 INT,
         c21 INT, c22 INT, c23 INT, c24 INT, c25 INT, c26 INT, c27 INT, c28 INT, c29 INT, c30 INT, c31 INT, c32 INT, c33 INT)",
    ),
    Case::new(
        "many tables with long names",
        "CREATE TABLE accounts_of_customers (id INTEGER PRIMARY KEY); CREATE TABLE addresses_of_customers (id INTEGER PRIMARY KEY);
         CREATE TABLE orders_of_customers (id INTEGER PRIMARY KEY, account INT REFERENCES accounts_of_customers);
         CREATE TABLE a (a_rather_long_name_of_a_column_in_the_key INT, another_rather_long_name_of_a_column_in_the_key INT,
         a_third_long_name INT, PRIMARY KEY (a_rather_long_name_of_a_column_in_the_key,
         another_rather_long_name_of_a_column_in_the_key, a_third_long_name));
         CREATE TABLE payments_of_customers (id INTEGER PRIMARY KEY, an_order INT REFERENCES orders_of_customers)",
    ),
];
