//! What `diesel.toml` says, on PostgreSQL.

use super::case::Case;

/// With all that an option may be about.
const SHOP: &str = "
    CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN email AS TEXT; CREATE DOMAIN positive AS INT CHECK (VALUE > 0);
    CREATE TABLE users (id SERIAL PRIMARY KEY, name VARCHAR(20) NOT NULL, mail email, mood mood);
    CREATE TABLE posts (id SERIAL PRIMARY KEY, title TEXT, words TSVECTOR, author INT REFERENCES users (id));
    CREATE TABLE comments (id SERIAL PRIMARY KEY, body TEXT, stars positive, post INT REFERENCES posts (id));
    CREATE TABLE tags (id SERIAL PRIMARY KEY, \"type\" TEXT);
    CREATE TABLE labels (id SERIAL PRIMARY KEY, tag INT REFERENCES tags (id));
    CREATE TABLE settings (key TEXT PRIMARY KEY, value BYTEA, mails email[]);
    COMMENT ON TABLE users IS 'Who may come in.'; COMMENT ON COLUMN users.name IS E'As said.\\n\\n  Not checked.\\t';
    COMMENT ON COLUMN posts.words IS ''; COMMENT ON COLUMN tags.\"type\" IS 'It\"s `code` */ ///'; COMMENT ON TABLE tags IS E'\\n\\nLate';
    COMMENT ON TYPE mood IS 'unsaid'; COMMENT ON SCHEMA public IS 'unsaid';
";

const SCHEMAS: &str = "
    CREATE SCHEMA app; CREATE SCHEMA \"my app\"; CREATE TYPE app.mood AS ENUM ('sad'); CREATE TYPE mood AS ENUM ('sad');
    CREATE TABLE app.users (id SERIAL PRIMARY KEY, a app.mood, b mood, users INT); COMMENT ON TABLE app.users IS 'of the app';
    CREATE TABLE app.posts (id SERIAL PRIMARY KEY, author INT REFERENCES app.users, \"type\" TEXT);
    CREATE TABLE app.\"odd one\" (id SERIAL PRIMARY KEY, far INT);
    CREATE TABLE users (id SERIAL PRIMARY KEY, far INT REFERENCES app.users); COMMENT ON TABLE users IS 'of public';
    CREATE TABLE near (id SERIAL PRIMARY KEY, u INT REFERENCES users);
    ALTER TABLE app.\"odd one\" ADD FOREIGN KEY (far) REFERENCES users;
    CREATE TABLE \"my app\".t (id SERIAL PRIMARY KEY, a VARCHAR(3)); COMMENT ON COLUMN \"my app\".t.a IS 'odd';
";

/// What the search path finds first is another table of the name.
const PATH: &str = "
    CREATE SCHEMA first; CREATE TABLE first.t (id INT PRIMARY KEY, x TEXT); CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT);
    COMMENT ON TABLE first.t IS 'the first'; COMMENT ON TABLE t IS 'of public'; COMMENT ON COLUMN first.t.x IS 'x';
    COMMENT ON COLUMN t.b IS 'b';
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = first, public', current_database()); END $$;
";

pub const CASES: &[Case] = &[
    Case::new("only", SHOP).toml("[print_schema]\nfilter = { only_tables = [\"users\", \"^post\"] }"),
    Case::new("except", SHOP).toml("[print_schema.filter]\nexcept_tables = [\"(?i)^USERS$\", \"s[et]t\"]"),
    Case::new("except one without a key", "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (x INT)")
        .toml("[print_schema]\nfilter = { except_tables = [\"^b$\"] }"),
    Case::new("sorted by name", SHOP).toml("[print_schema]\ncolumn_sorting = \"name\"\nwith_docs = true"),
    Case::new("sorted by name, not by a language", "CREATE TABLE t (id INT PRIMARY KEY, \"B\" INT, a INT, \"ä\" INT, _c INT)")
        .toml("[print_schema]\ncolumn_sorting = \"name\""),
    Case::new("documented", SHOP).toml("[print_schema]\nwith_docs = true"),
    Case::new("documented by the database alone", SHOP).toml("[print_schema]\nwith_docs = \"only-database-comments\""),
    Case::new("documented where a column was dropped", "CREATE TABLE t (x INT, id INT PRIMARY KEY, y INT, z INT);
         COMMENT ON COLUMN t.x IS 'x'; COMMENT ON COLUMN t.z IS 'z'; ALTER TABLE t DROP x, DROP y")
        .toml("[print_schema]\nwith_docs = \"only-database-comments\""),
    Case::new("documented as the search path finds it", PATH).toml("[print_schema]\nwith_docs = true"),
    Case::new("documented in a schema that the search path hides", PATH)
        .toml("[print_schema]\nschema = \"first\"\nwith_docs = true"),
    Case::new("types imported", SHOP).toml("[print_schema]\nimport_types = [\"diesel::sql_types::*\", \"crate::types::Money\"]"),
    Case::new("no types defined", SHOP).toml("[print_schema]\ngenerate_missing_sql_type_definitions = false"),
    Case::new("some types not defined", SHOP).toml("[print_schema]\nexcept_custom_type_definitions = [\"^Mood$\", \"x\"]"),
    Case::new("types derive", SHOP)
        .toml("[print_schema]\ncustom_type_derives = [\"diesel::query_builder::QueryId\", \"Clone\"]"),
    Case::new("types derive what they always do", SHOP)
        .toml("[print_schema]\ncustom_type_derives = [\"diesel::sql_types::SqlType\", \"std::fmt::Debug\"]\nwith_docs = true"),
    Case::new("types derive nothing that there is", SHOP).toml("[print_schema]\ncustom_type_derives = [\"not a path\"]"),
    Case::new("domains as types", SHOP).toml("[print_schema]\npg_domains_as_custom_types = [\"mail\"]\nwith_docs = true"),
    Case::new("all domains as types", SHOP).toml("[print_schema]\npg_domains_as_custom_types = [\"\"]"),
    Case::new("groups by foreign keys", SHOP)
        .toml("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\""),
    Case::new("no groups", SHOP).toml("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"none\""),
    Case::new("a schema", SCHEMAS).toml("[print_schema]\nschema = \"app\""),
    Case::new("a schema, documented", SCHEMAS).toml("[print_schema]\nschema = \"app\"\nwith_docs = true"),
    Case::new("a schema with an odd name", SCHEMAS).toml("[print_schema]\nschema = \"my app\"\nwith_docs = true"),
    Case::new("the schema that needs no mention", SCHEMAS).toml("[print_schema]\nschema = \"public\""),
    Case::new("a schema that there is not", SCHEMAS).toml("[print_schema]\nschema = \"gone\""),
    Case::new("several schemas", SCHEMAS).toml(
        "[print_schema]\nfile = \"schema.rs\"\n[print_schema.app]\nschema = \"app\"\nfile = \"app.rs\"\n\
         [print_schema.Zed]\nschema = \"my app\"",
    ),
    Case::new("several schemas and no other", SCHEMAS).toml(
        "[print_schema.default]\nschema = \"app\"\nfilter = { only_tables = [\"posts\"] }\n[print_schema.b]\nschema = \"public\"",
    ),
    Case::new("the system's schema", "SELECT 1").toml("[print_schema]\nschema = \"pg_catalog\"\nfilter = { only_tables = [\"^pg_(class|type)$\"] }"),
    Case::new("schemas with one type", "CREATE SCHEMA s; CREATE TYPE s.k AS ENUM ('a');
         CREATE TABLE s.a (id INT PRIMARY KEY, k s.k); CREATE TABLE s.b (id INT PRIMARY KEY, a INT REFERENCES s.a, k s.k NOT NULL)")
        .toml("[print_schema]\nschema = \"s\"\nwith_docs = true\ncustom_type_derives = [\"Debug\"]"),
    Case::new("patched", "CREATE TYPE k AS ENUM ('a'); CREATE TABLE t (id INT PRIMARY KEY, k k)")
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch(
            "--- a/schema.rs\n+++ b/schema.rs\n@@ -12,6 +12,6 @@\n \n     t (id) {\n         id -> Int4,\n\
             -        k -> Nullable<K>,\n+        k -> K,\n     }\n }\n",
        ),
    Case::new("a patch of something else", SHOP)
        .toml("[print_schema]\npatch_file = \"schema.patch\"")
        .patch("--- a\n+++ b\n@@ -1,1 +1,1 @@\n-not there\n+there\n")
        .refused(),
    Case::new("what is of SQLite", SHOP).toml("[print_schema]\nsqlite_integer_primary_key_is_bigint = true"),
    Case::new("narrow", SHOP).toml("[print_schema]\nwith_docs = true").rustfmt("max_width = 50\nhard_tabs = true"),
];
