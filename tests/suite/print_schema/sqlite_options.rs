//! What `diesel.toml` says, on SQLite.

use super::case::Case;

/// With all that an option may be about.
const SHOP: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, author INTEGER REFERENCES users (id));
    CREATE TABLE comments (id INTEGER PRIMARY KEY, body TEXT, post INTEGER REFERENCES posts (id));
    CREATE TABLE tags (id INTEGER PRIMARY KEY, \"type\" TEXT);
    CREATE TABLE labels (id INTEGER PRIMARY KEY, tag INTEGER REFERENCES tags (id));
    CREATE TABLE settings (key TEXT PRIMARY KEY, value BLOB);
";

const BIG: &str = "
    CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);
    CREATE TABLE b (id INT PRIMARY KEY, a INTEGER REFERENCES a (id), c INTEGER REFERENCES c (id));
    CREATE TABLE c (id INTEGER PRIMARY KEY, x TEXT) WITHOUT ROWID;
    CREATE TABLE d (x INTEGER, a INT REFERENCES A (id), b INTEGER REFERENCES b);
    CREATE TABLE e (id1 INTEGER, id2 INTEGER, d INTEGER REFERENCES d, PRIMARY KEY (id1, id2));
    CREATE TABLE f (id INTEGER PRIMARY KEY, e INTEGER REFERENCES e, g INTEGER REFERENCES gone, \"type\" INTEGER REFERENCES a);
    CREATE TABLE h (code TEXT PRIMARY KEY); CREATE TABLE i (id BIGINT PRIMARY KEY, h INTEGER REFERENCES h);
    CREATE VIEW v AS SELECT 1 AS one; CREATE TABLE j (id INTEGER, v INTEGER REFERENCES v, k SMALLINT, PRIMARY KEY (id));
";

pub const CASES: &[Case] = &[
    Case::new("only", SHOP).toml("[print_schema]\nfilter = { only_tables = [\"users\", \"^post\"] }"),
    Case::new("only, none of which is", SHOP).toml("[print_schema]\nfilter = { only_tables = [] }"),
    Case::new("except", SHOP).toml("[print_schema.filter]\nexcept_tables = [\"^users$\", \"s[et]t\"]"),
    Case::new("except in any letters", SHOP).toml("[print_schema]\nfilter = { except_tables = [\"(?i)^USERS\", \"\\\\d\"] }"),
    Case::new("a filter of nothing", SHOP).toml("[print_schema.filter]"),
    Case::new("except one that cannot be printed", "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (x JSON)")
        .toml("[print_schema]\nfilter = { except_tables = [\"b\"] }"),
    Case::new("sorted by name", SHOP).toml("[print_schema]\ncolumn_sorting = \"name\""),
    Case::new("sorted by name, with a rowid", "CREATE TABLE t (z INT, b INT, \"C\" INT, s INT)")
        .toml("[print_schema]\ncolumn_sorting = \"name\""),
    Case::new("documented", SHOP).toml("[print_schema]\nwith_docs = true"),
    Case::new("documented by the database alone", SHOP).toml("[print_schema]\nwith_docs = \"only-database-comments\""),
    Case::new("documented with odd names", "CREATE TABLE \"a ` b\" (id INTEGER PRIMARY KEY, \"x\ny\" TEXT, \"  z\" INT)")
        .toml("[print_schema]\nwith_docs = \"database-comments-fallback-to-auto-generated-doc-comment\""),
    Case::new("types imported", SHOP).toml("[print_schema]\nimport_types = [\"diesel::sql_types::*\", \"crate::types::Money\"]"),
    Case::new("groups by foreign keys", SHOP)
        .toml("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\""),
    Case::new("no groups", SHOP).toml("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"none\""),
    Case::new("groups of one", "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY)")
        .toml("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\""),
    Case::new("groups without what is filtered", SHOP).toml(
        "[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\"\n\
         filter = { except_tables = [\"posts\"] }",
    ),
    Case::new("keys are big", BIG).toml("[print_schema]\nsqlite_integer_primary_key_is_bigint = true"),
    Case::new("keys are not", BIG).toml("[print_schema]\nsqlite_integer_primary_key_is_bigint = false"),
    Case::new("keys are big, of some", BIG).toml(
        "[print_schema]\nsqlite_integer_primary_key_is_bigint = true\nfilter = { except_tables = [\"^a$\", \"d\"] }",
    ),
    Case::new("patched", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)")
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch(
            "--- a/schema.rs\n+++ b/schema.rs\n@@ -2,7 +2,7 @@\n \n diesel::table! {\n     t (id) {\n\
             -        id -> Nullable<Integer>,\n+        id -> Integer,\n         a -> Nullable<Integer>,\n     }\n }\n",
        ),
    Case::new("patched at another place", SHOP)
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch(
            "--- schema.rs\n+++ schema.rs\n@@ -5,3 +5,4 @@\n diesel::table! {\n     settings (key) {\n\
             +        /// Of what.\n         key -> Nullable<Text>,\n",
        ),
    Case::new("a patch of something else", SHOP)
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch("--- a\n+++ b\n@@ -1,1 +1,1 @@\n-not there\n+there\n")
        .refused(),
    Case::new("a patch that is none", SHOP)
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch("--- a\n+++ b\n@@ nothing @@\n")
        .refused(),
    Case::new("no patch", SHOP).toml("[print_schema]\npatch_file = \"schema.patch\"").refused(),
    Case::new("two files", SHOP).toml(
        "[print_schema.users]\nfile = \"users.rs\"\nfilter = { only_tables = [\"users\"] }\n\
         [print_schema.posts]\nwith_docs = true\nfilter = { only_tables = [\"posts\"] }",
    ),
    Case::new("two files and the rest", SHOP).toml(
        "[print_schema]\ncolumn_sorting = \"name\"\nfilter = { except_tables = [\"users\"] }\n\
         [print_schema.a]\nfilter = { only_tables = [\"users\"] }",
    ),
    Case::new("one that is called default", SHOP)
        .toml("[print_schema]\nwith_docs = true\n[print_schema.default]\nfilter = { only_tables = [\"users\"] }"),
    Case::new("what is of PostgreSQL", SHOP).toml(
        "[migrations_directory]\ndir = \"migrations\"\n[print_schema]\ncustom_type_derives = [\"Debug\"]\n\
         generate_missing_sql_type_definitions = false\nexcept_custom_type_definitions = [\"X\"]\n\
         pg_domains_as_custom_types = [\"x\"]",
    ),
    Case::new("narrow", SHOP).rustfmt("max_width = 40\ntab_spaces = 2"),
    Case::new("a schema", SHOP).toml("[print_schema]\nschema = \"main\"").refused(),
    Case::new("an unknown key", SHOP).toml("[print_schema]\nfiles = \"x\"").refused(),
    Case::new("an unknown key of a file", SHOP).toml("[print_schema.a]\nfiles = \"x\"").refused(),
    Case::new("an unknown table", SHOP).toml("[print]\nfile = \"x\"").refused(),
    Case::new("no expression", SHOP).toml("[print_schema]\nfilter = { only_tables = [\"(\"] }").refused(),
    Case::new("both filters", SHOP).toml("[print_schema.filter]\nonly_tables = []\nexcept_tables = []").refused(),
    Case::new("no documentation", SHOP).toml("[print_schema]\nwith_docs = \"all\"").refused(),
    Case::new("no number", SHOP).toml("[print_schema]\nfile = 1").refused(),
    Case::new("no TOML", SHOP).toml("[print_schema").refused(),
];
