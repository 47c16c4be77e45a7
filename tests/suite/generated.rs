//! `new --diff` and `baseline`: what they write is built and run as its author would.

#[cfg(feature = "scylla")]
mod cql;
mod pairs;

use std::fs;
use std::path::Path;

use crate::scaffold::{UPDOWN, is_clean, lock, ok, on, says};
use crate::support::Home;
use crate::support::Store;

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in\n{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// `tried` is what else is to be seen where something differs.
fn what_is_declared_becomes_a_migration(option: &str, url: &str, tried: impl FnOnce(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init", option]);
    lock(dir);
    // A baseline is for what has no migrations yet.
    says(&on(url, dir, &["baseline", "too_late"], 5), "begins with m0001_create_users, which is not applied");
    says(&on(url, dir, &["migrate"], 0), "refreshed schema.rs");
    says(&on(url, dir, &["new", "nothing", "--diff"], 0), "nothing was written");

    let schema = dir.join("schema.rs");
    let text = fs::read_to_string(&schema).unwrap();
    let posts = "\ndiesel::table! {\n    posts (id) {\n        id -> BigInt,\n        user_id -> BigInt,\n        \
                 title -> Text,\n        body -> Nullable<Text>,\n    }\n}\n\ndiesel::joinable!(posts -> users (user_id));\n";
    fs::write(&schema, format!("{text}{posts}")).unwrap();
    replace(&schema, "        email -> Text,\n", "        email -> Text,\n        nick -> Nullable<Text>,\n");
    let said = on(url, dir, &["new", "add_posts", "--diff"], 0);
    says(&said, "wrote migrations/main/m0002_add_posts.rs");
    on(url, dir, &["schema", "diff"], 3);
    on(url, dir, &["migrate"], 0);
    on(url, dir, &["schema", "diff"], 0);

    // One that is called otherwise now, and one that is gone: neither is guessed, and nothing is lost unasked.
    replace(&schema, "        title -> Text,\n", "        headline -> Text,\n");
    replace(&schema, "        body -> Nullable<Text>,\n", "");
    let said = on(url, dir, &["new", "tidy", "--diff"], 5);
    says(&said, "--rename posts.title=headline");
    let said = on(url, dir, &["new", "tidy", "--diff", "--rename", "posts.title=headline"], 5);
    says(&said, "the column posts.body is dropped with its values");
    // What is to be lost is said in words of its own.
    on(url, dir, &["new", "tidy", "--diff", "--rename", "posts.title=headline", "--yes"], 5);
    tried(dir);
    assert!(!dir.join("migrations/main/m0003_tidy.rs").exists());
    assert!(!fs::read_to_string(dir.join("migrations/main/mod.rs")).unwrap().contains("m0003"));
    let all = ["new", "tidy", "--diff", "--rename", "posts.title=headline", "--allow-loss"];
    on(url, dir, &all, 0);
    let source = fs::read_to_string(dir.join("migrations/main/m0003_tidy.rs")).unwrap();
    says(&source, "schema.rename_column(\"posts\", \"title\", \"headline\");");
    says(&source, "// loses: the column posts.body is dropped with its values\n");
    is_clean(dir, "migrations");
    on(url, dir, &["migrate"], 0);
    on(url, dir, &["schema", "diff"], 0);
    on(url, dir, &["verify", "--schema"], 0);
    on(url, dir, &["check"], 0);
    says(&on(url, dir, &["rollback", "--step", "1"], 0), "refreshed schema.rs");
    says(&fs::read_to_string(&schema).unwrap(), "title -> Text");
}

#[test]
fn what_is_declared_becomes_a_migration_on_sqlite() {
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", home.path().display());
    what_is_declared_becomes_a_migration("--sqlite", &url, |_| {});
}

#[cfg(feature = "postgres")]
#[test]
fn what_is_declared_becomes_a_migration_on_postgres() {
    if crate::support::postgres::is_there() {
        let home = Home::new(Store::Postgres, Path::new("unused"));
        what_is_declared_becomes_a_migration("--postgres", home.url(), |dir| without_databases(&home, dir));
    }
}

/// A role that may not create databases is told what it needs.
#[cfg(feature = "postgres")]
fn without_databases(home: &std::sync::Arc<Home>, dir: &Path) {
    let mut database = home.database();
    database.execute("CREATE ROLE updown_new_without_databases LOGIN PASSWORD 'x'");
    let (scheme, rest) = home.url().split_once("://").expect("a URL");
    let at = rest.find('@').map_or(0, |at| at + 1);
    let url = format!("{scheme}://updown_new_without_databases:x@{}", &rest[at..]);
    let arguments = ["new", "tidy", "--diff", "--rename", "posts.title=headline", "--allow-loss"];
    let ended = crate::scaffold::command(UPDOWN, dir)
        .env("DATABASE_URL", url)
        .env("ENV", "development")
        .args(arguments)
        .output();
    database.execute("DROP ROLE updown_new_without_databases");
    let std::process::Output { status, stderr, .. } = ended.unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(1), "{said}");
    says(&said, "no scratch database could be made: permission denied to create database");
    says(&said, "ALTER ROLE … CREATEDB");
}

/// Takes `grown` over, and builds the same on `empty`. Ends with what it said of each.
fn taken_over(option: &str, grown: &std::sync::Arc<Home>, empty: &std::sync::Arc<Home>) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init", "--empty", option]);
    lock(dir);
    says(&on(empty.url(), dir, &["baseline", "of_nothing"], 5), "nothing is in the database");
    let before = grown.database().dump();
    let said = on(grown.url(), dir, &["baseline", "initial_schema"], 0);
    says(&said, "m0001_initial_schema is recorded as applied in store main; it was not run");
    is_clean(dir, "migrations");
    assert_eq!(
        grown.database().schema(),
        before.iter().filter(|line| grown.database().schema().contains(line)).cloned().collect::<Vec<_>>(),
        "nothing was touched"
    );
    says(&on(grown.url(), dir, &["migrate"], 0), "nothing to do");
    on(grown.url(), dir, &["verify"], 0);
    on(grown.url(), dir, &["verify", "--schema"], 0);
    says(&on(grown.url(), dir, &["history"], 0), "baseline");
    says(&on(grown.url(), dir, &["baseline", "again"], 5), "its database has a beginning");

    // On an empty database it builds the same.
    on(empty.url(), dir, &["migrate"], 0);
    assert_eq!(sorted(empty), sorted(grown), "`verify --schema` has compared what they are");
    on(empty.url(), dir, &["verify", "--schema"], 0);
    // The next one is a module like any other.
    on(grown.url(), dir, &["schema", "print", "--write"], 0);
    on(grown.url(), dir, &["schema", "diff"], 0);
    on(empty.url(), dir, &["schema", "diff"], 0);
    // To undo it would drop every table with its rows.
    says(&on(empty.url(), dir, &["rollback", "--all"], 5), "would drop every table with its rows");
    on(empty.url(), dir, &["check"], 0);
}

fn sorted(home: &std::sync::Arc<Home>) -> Vec<String> {
    let lines = home.database().schema();
    // SQLite has what was written, and not what it says.
    let name = |line: String| match home.store() {
        Store::Sqlite => line.split(':').next().unwrap_or_default().to_owned(),
        _ => line,
    };
    let mut schema: Vec<String> = lines.into_iter().map(name).collect();
    schema.sort();
    schema
}

/// As an ORM leaves it that migrates by itself.
#[test]
fn a_database_that_grew_is_taken_over_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let [grown, empty] =
        ["grown", "empty"].map(|name| Home::new(Store::Sqlite, &dir.path().join(format!("{name}.db"))));
    let made = dir.path().join("grown.db");
    fs::write(&made, "").unwrap();
    grown.database().execute(
        "CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT, `created_at` datetime, `deleted_at` datetime, \
         `email` text NOT NULL, `age` integer DEFAULT 18, CONSTRAINT `uni_users_email` UNIQUE (`email`)); \
         CREATE INDEX `idx_users_deleted_at` ON `users`(`deleted_at`); \
         CREATE TABLE `posts` (`id` integer PRIMARY KEY AUTOINCREMENT, `user_id` integer, `title` varchar(200), \
         CONSTRAINT `fk_users_posts` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE CASCADE); \
         CREATE TABLE `post_tags` (`post_id` integer, `tag` text, PRIMARY KEY (`post_id`,`tag`)); \
         CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18; \
         CREATE TRIGGER touched AFTER UPDATE ON posts BEGIN UPDATE users SET age = age WHERE id = NEW.user_id; END; \
         INSERT INTO users (email) VALUES ('a@example.org')",
    );
    taken_over("--sqlite", &grown, &empty);
    assert_eq!(grown.database().number("SELECT count(*) AS number FROM users"), 1);
}

#[cfg(feature = "postgres")]
#[test]
fn a_database_that_grew_is_taken_over_on_postgres() {
    if !crate::support::postgres::is_there() {
        return;
    }
    let [grown, empty] = [(); 2].map(|()| Home::new(Store::Postgres, Path::new("unused")));
    grown.database().execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
         CREATE TABLE users (id bigserial PRIMARY KEY, created_at timestamptz, updated_at timestamptz, deleted_at \
         timestamptz, email text NOT NULL, name varchar(100) DEFAULT 'nobody', mood mood DEFAULT 'ok', score numeric(10,2), \
         CONSTRAINT uni_users_email UNIQUE (email), CONSTRAINT chk_users_score CHECK (score >= 0));
         CREATE INDEX idx_users_deleted_at ON users (deleted_at);
         CREATE UNIQUE INDEX idx_users_name ON users (lower(name)) WHERE deleted_at IS NULL;
         CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint, \"Title\" text, tags text[], meta jsonb DEFAULT '{}', \
         CONSTRAINT fk_users_posts FOREIGN KEY (user_id) REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL);
         CREATE TABLE post_tags (post_id bigint, tag_id bigint, PRIMARY KEY (post_id, tag_id));
         COMMENT ON TABLE posts IS 'What people write';
         CREATE VIEW writers AS SELECT u.id, count(p.id) AS posts FROM users u JOIN posts p ON p.user_id = u.id GROUP BY u.id;
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
         CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
         INSERT INTO users (email) VALUES ('a@example.org')",
    );
    taken_over("--postgres", &grown, &empty);
    assert_eq!(grown.database().number("SELECT count(*) AS number FROM users"), 1);
}
