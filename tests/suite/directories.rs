//! Directories of SQL, in the format of each tool, run by the installed `updown` without a project.

use crate::support::{Fixture, Store, for_each_store};

for_each_store!(
    a_directory_runs_up_and_down,
    a_plan_shows_what_the_files_say,
    a_new_migration_is_named_as_the_others_are,
    nothing_is_changed_without_being_noticed;
    sql: every_format_runs,
    an_error_has_the_line_of_its_file,
    a_file_with_its_own_transaction_runs_in_the_engines,
    what_fails_in_the_middle_leaves_nothing,
    without_transactions_it_goes_on_behind_what_was_done,
);

const FILES: [(&str, &str); 4] = [
    ("000001_create_users.up.sql", "CREATE TABLE users (id INT PRIMARY KEY, name TEXT);\n"),
    ("000001_create_users.down.sql", "DROP TABLE users;\n"),
    ("000002_add_avatar.up.sql", "-- Their faces; as URLs.\nALTER TABLE users ADD avatar TEXT;\n"),
    ("000002_add_avatar.down.sql", "ALTER TABLE users DROP avatar;\n"),
];

fn a_directory_runs_up_and_down(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    fixture.run(&["status", "--check"]).exits(3).says("000002_add_avatar");
    assert!(fixture.home.is_untouched());
    fixture.run(&["up", "1"]).exits(0).says("000001_create_users").says_nothing_of("000002");
    fixture.run(&["version"]).exits(0).says("000001_create_users");
    fixture.run(&["goto", "2"]).exits(0).says("000002_add_avatar");
    fixture.run(&["status", "--check"]).exits(0);
    fixture.run(&["verify"]).exits(0).says("as it was");
    fixture.run(&["up"]).exits(0);
    fixture.run(&["down", "1"]).exits(0).says("000002_add_avatar").says_nothing_of("000001");
    fixture.run(&["down", "1"]).exits(0).says("000001_create_users");
    assert!(!fixture.database().has("users"));
    fixture.run(&["up"]).exits(0);
    assert!(fixture.database().has("users"));
}

fn a_plan_shows_what_the_files_say(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    fixture.write("migrations/000003_role.up.sql", "\r\nCREATE ROLE me\r\n  PASSWORD 'secret';\r\n");
    fixture.run(&["plan"]).exits(0).says("--sql shows what").says_nothing_of("hand-written");
    let plan = fixture.run(&["plan", "--sql"]).exits(0);
    plan.says("  -- Their faces; as URLs.\n  ALTER TABLE users ADD avatar TEXT;\n  undone by\n    ALTER TABLE users DROP")
        .says("  CREATE ROLE me\n    PASSWORD '***';\n  irreversible: ");
    let json = fixture.run(&["plan", "--sql", "--json"]).exits(0).says_nothing_of("secret").json();
    assert_eq!(json["migrations"][0]["text"]["text"], FILES[0].1.trim());
    assert_eq!(json["migrations"][0]["text"]["reverse"], FILES[1].1.trim());
    fixture.run(&["up", "1"]).exits(0);
    let back = fixture.run(&["plan", "--rollback", "--sql"]).exits(0);
    back.says("  DROP TABLE users;\n  applied again by\n    CREATE TABLE users");
}

fn a_new_migration_is_named_as_the_others_are(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    fixture.run(&["new", "AddEmail", "--sql"]).exits(0).says("migrations/000003_add_email.up.sql");
    // Nobody has written it yet.
    fixture.run(&["up"]).exits(2).says("000003_add_email.up.sql is empty");
    fixture.run(&["create", "add_phone"]).exits(0).says("migrations/000004_add_phone.down.sql");
    let words = ["ALTER TABLE users ADD email TEXT", "ALTER TABLE users ADD phone TEXT"];
    for (name, up) in ["000003_add_email", "000004_add_phone"].iter().zip(words) {
        fixture.write(&format!("migrations/{name}.up.sql"), up);
        fixture
            .write(&format!("migrations/{name}.down.sql"), &up.replace("ADD", "DROP").replace(" TEXT", ""));
    }
    fixture.run(&["up"]).exits(0).says("000004_add_phone");
    fixture.run(&["down"]).exits(0).says("000001_create_users");
}

fn nothing_is_changed_without_being_noticed(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    fixture.run(&["up"]).exits(0);
    let (path, text) = FILES[2];
    // Comments, white space and the case of words are nothing.
    fixture.write(&format!("migrations/{path}"), "/* faces */ alter  TABLE users\r\n\tADD avatar text");
    fixture.run(&["verify"]).exits(0);
    fixture.write(&format!("migrations/{path}"), &text.replace("avatar", "face"));
    fixture.run(&["verify"]).exits(3).says("000002_add_avatar");
    fixture.run(&["up"]).exits(5).says("000002_add_avatar changed after it was applied");
    fixture.run(&["down", "1"]).says("changed after it was applied");
}

/// The same two migrations, as each tool has them.
fn each_format() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let up =
        ["CREATE TABLE users (id INT PRIMARY KEY);", "CREATE TABLE posts (id INT, body TEXT DEFAULT 'a;b');"];
    let down = ["DROP TABLE users;", "DROP TABLE posts;"];
    let wrapped = |text: &str| format!("-- of a script\nBEGIN;\n\n{text}\n\nCOMMIT;\n");
    let goose = |at: usize| {
        format!(
            "-- +goose Up\n-- +goose StatementBegin\n{}\n-- +goose StatementEnd\n\n-- +goose Down\n{}\n",
            up[at], down[at]
        )
    };
    let own = |text: &str| text.to_owned();
    vec![
        (
            "diesel",
            vec![
                ("2024-01-01-000000_users/up.sql", own(up[0])),
                ("2024-01-01-000000_users/down.sql", own(down[0])),
                ("2024-01-01-000001_posts/up.sql", own(up[1])),
                ("2024-01-01-000001_posts/down.sql", own(down[1])),
                ("2024-01-01-000001_posts/metadata.toml", "run_in_transaction = false\n".to_owned()),
                ("README.md", "# Ours\n".to_owned()),
            ],
        ),
        (
            "link",
            vec![
                ("001_users_up.sql", own(up[0])),
                ("001_users_down.sql", own(down[0])),
                ("002_posts.up.sql", own(up[1])),
                ("002_posts.down.sql", own(down[1])),
            ],
        ),
        (
            "rollback",
            vec![
                ("20240101_000000_users.sql", wrapped(up[0])),
                ("20240101_000000_users_rollback.sql", wrapped(down[0])),
                ("20240101_000001_posts.sql", wrapped(up[1])),
                ("20240101_000001_posts_rollback.sql", wrapped(down[1])),
            ],
        ),
        (
            "goose",
            vec![
                ("00001_users.sql", goose(0)),
                ("00002_posts.sql", format!("-- +goose NO TRANSACTION\n{}", goose(1))),
            ],
        ),
        (
            "sqlx",
            vec![
                ("20240101000000_users.sql", own(up[0])),
                ("20240101000001_posts.sql", format!("-- no-transaction\n{}", up[1])),
            ],
        ),
        ("refinery", vec![("V1__users.sql", own(up[0])), ("V2__posts.sql", own(up[1]))]),
    ]
}

fn every_format_runs(store: Store) {
    for (format, files) in each_format() {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let fixture = Fixture::of_files(store, &files);
        fixture.run(&["up"]).exits(0).says("2 migrations applied");
        for table in ["users", "posts"] {
            assert!(fixture.database().has(table), "{format}: {table}");
        }
        fixture.run(&["up", "--format", format]).exits(0);
        fixture.run(&["verify", "--offline"]).exits(0).says("is sound");
        let down = fixture.run(&["down"]);
        if ["sqlx", "refinery"].contains(&format) {
            down.exits(5).says("is of a format without ways back");
            assert!(fixture.database().has("users"), "{format}");
        } else {
            down.exits(0).says("2 migrations rolled back");
            assert!(!fixture.database().has("users") && !fixture.database().has("posts"), "{format}");
        }
    }
}

fn an_error_has_the_line_of_its_file(store: Store) {
    let fixture = Fixture::of_files(store, &FILES);
    fixture.write(
        "migrations/000003_bad.up.sql",
        "\u{feff}-- Müll\r\nCREATE TABLE fine (id INT);\r\n\r\nINSERT INTO fine (id)\r\n  VALUES (1), (missing);\r\nSELECT 1;",
    );
    fixture.write("migrations/000003_bad.down.sql", "DROP TABLE fine");
    let ran = fixture.run(&["up"]).exits(1).says("migration 000003_bad failed in store main");
    ran.says("migrations/000003_bad.up.sql:5:16").says("VALUES (1), (missing)").says("hint: ");
    assert!(!fixture.database().has("fine"));
    // Where the database gives no place, the statement's is said.
    fixture.write(
        "migrations/000003_bad.up.sql",
        "CREATE TABLE fine (id INT);\n\n  CREATE TABLE users (id INT);\n",
    );
    let ran = fixture.run(&["up", "--json"]).exits(1);
    let failed = ran.json_lines().pop().expect("the error");
    assert_eq!(
        (failed["line"].as_u64(), failed["file"].as_str()),
        (Some(3), Some("migrations/000003_bad.up.sql"))
    );
    assert_eq!(failed["statement"], "CREATE TABLE users (id INT)");
    fixture.run(&["history"]).says("migrations/000003_bad.up.sql:3:3");
    // What no server would take is not sent.
    for (text, message) in [
        ("SELECT 1;\nSELECT 'open", "000003_bad.up.sql:2:8"),
        ("BEGIN;\nSELECT 1;\nROLLBACK;", "the file undoes its own transaction"),
    ] {
        fixture.write("migrations/000003_bad.up.sql", text);
        fixture.run(&["verify", "--offline"]).exits(3).says(message);
        fixture.run(&["up"]).exits(1).says(message);
    }
}

fn a_file_with_its_own_transaction_runs_in_the_engines(store: Store) {
    let script = "BEGIN;\nCREATE TABLE a (id INT);\nINSERT INTO missing VALUES (1);\nCOMMIT;\n";
    let fixture = Fixture::of_files(store, &[("20240101_000000_a.sql", script)]);
    fixture.run(&["up"]).exits(1).says("migrations/20240101_000000_a.sql:3:");
    assert!(!fixture.database().has("a"), "its own BEGIN and COMMIT are not sent");
    // Several of them: each is a step.
    let several = "BEGIN;\nCREATE TABLE a (id INT);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (id INT);\nINSERT INTO missing VALUES (1);\nCOMMIT;\n";
    fixture.write("migrations/20240101_000000_a.sql", several);
    fixture.run(&["up"]).exits(1).says("its finished steps stay");
    assert!(fixture.database().has("a") && !fixture.database().has("b"));
    fixture.database().execute("CREATE TABLE missing (id INT)");
    fixture.run(&["up"]).exits(0);
    assert!(fixture.database().has("b"));
}

fn what_fails_in_the_middle_leaves_nothing(store: Store) {
    let fixture =
        Fixture::of_files(store, &[("1_a.up.sql", "CREATE TABLE a (id INT); CREATE TABLE a (id INT)")]);
    fixture.run(&["up"]).exits(1).says("already exists");
    assert!(!fixture.database().has("a"));
    fixture.run(&["up", "--dry-run"]).exits(1);
    fixture.write("migrations/1_a.up.sql", "CREATE TABLE a (id INT)");
    fixture.run(&["up", "--dry-run"]).exits(0).says("CREATE TABLE a");
    assert!(!fixture.database().has("a"));
    fixture.run(&["up"]).exits(0);
}

fn without_transactions_it_goes_on_behind_what_was_done(store: Store) {
    let text = "CREATE TABLE a (id INT); INSERT INTO missing VALUES (1)";
    let fixture = Fixture::of_files(store, &[("1_a.up.sql", text)]).var("UPDOWN_USE_TRANSACTIONS", "false");
    fixture.run(&["up"]).exits(1).says("its finished steps stay");
    assert!(fixture.database().has("a"));
    fixture.database().execute("CREATE TABLE missing (id INT)");
    fixture.run(&["up"]).exits(0);
}

#[test]
fn nothing_but_a_directory_and_a_url_is_needed() {
    let fixture = Fixture::of_files(Store::Sqlite, &FILES);
    let url = fixture.home.url().to_owned();
    let fixture = fixture.var("DATABASE_URL", "").var("PATH", "/nonexistent");
    fixture.run(&["up"]).exits(2).says("DATABASE_URL is not set");
    for args in [&["up"][..], &["status", "--check"], &["verify"], &["down", "2"], &["new", "add_x"]] {
        let with_url: Vec<&str> = args.iter().copied().chain(["--database-url", &url]).collect();
        fixture.run(&with_url).exits(0);
    }
    std::fs::rename(fixture.path("migrations"), fixture.path("elsewhere")).unwrap();
    let nowhere = fixture.run(&["status"]).exits(2);
    nowhere.says("neither a migrations crate nor a directory of SQL").says("--dir DIR");
    fixture.run(&["verify", "--offline", "--dir", "elsewhere"]).exits(2).says("000003_add_x.up.sql is empty");
    let fixture = fixture.var("MIGRATIONS_DIR", "elsewhere");
    fixture.write("elsewhere/000003_add_x.up.sql", "SELECT 1");
    fixture.run(&["verify", "--offline"]).exits(2).says("000003_add_x.down.sql is empty");
    fixture.write("elsewhere/000003_add_x.down.sql", "SELECT 1");
    fixture.run(&["verify", "--offline"]).exits(0);
    fixture.run(&["verify", "--offline", "--dir", "nowhere"]).exits(2).says("cannot read nowhere");
    fixture
        .run(&["new", "first", "--dir", "fresh", "--format", "goose"])
        .exits(0)
        .says("fresh/00001_first.sql");
}

#[test]
fn a_hook_finds_what_is_wrong_without_a_database() {
    let fixture = Fixture::of_files(Store::Sqlite, &FILES).var("DATABASE_URL", "");
    fixture.run(&["verify", "--offline"]).exits(0).says("every list and every file of it is sound");
    for (path, text, message, code) in [
        ("000002_other.up.sql", "SELECT 1", "have the same number, 2", 2),
        ("add_email.up.sql", "SELECT 1", "add_email.up.sql is not named as golang-migrate", 2),
        ("000009_x.down.sql", "SELECT 1", "is a way back without a way forward", 2),
        ("000009_x.up.sql", "SELECT 1", "it has no way back", 3),
        ("000009_x y.up.sql", "-- updown: irreversible: no\nSELECT 1", "there is ' ' in its name", 3),
        ("000009_x.up.sql", "-- updown: irreversible: no\n\\connect other\n", "000009_x.up.sql:2:1", 3),
        ("000009_x.up.sql", "-- updown: irreversible: no\nSELECT '", "000009_x.up.sql:2:8", 3),
    ] {
        let file = format!("migrations/{path}");
        fixture.write(&file, text);
        fixture.run(&["verify", "--offline"]).exits(code).says(message);
        std::fs::remove_file(fixture.path(&file)).unwrap();
    }
    fixture.write("migrations/000003_x.up.sql", "SELECT 1");
    let flaws = fixture.run(&["verify", "--offline", "--json"]).exits(3).json();
    assert_eq!(flaws[0]["file"], "migrations/000003_x.up.sql");
}

#[cfg(feature = "scylla")]
mod cql {
    use super::*;
    use crate::support::cassandra;

    /// As gocqlx has them, and golang-migrate's driver for Cassandra.
    #[test]
    fn files_of_cql_run() {
        if !cassandra::is_there() {
            return;
        }
        let users = "CREATE TABLE users (id int PRIMARY KEY, name text); // why; not\nINSERT INTO users (id, name) VALUES (1, 'a;b');\n\
                     BEGIN BATCH INSERT INTO users (id) VALUES (2); INSERT INTO users (id) VALUES (3); APPLY BATCH;\n";
        let bare = Fixture::of_files(
            Store::Cassandra,
            &[("a.cql", users), ("b.cql", "ALTER TABLE users ADD age int;")],
        );
        bare.run(&["up"]).exits(0).says("2 migrations applied");
        assert!(bare.database().has("users"));
        bare.run(&["down"]).exits(5).says("without ways back");
        let pairs = [("1_a.up.cql", users), ("1_a.down.cql", "DROP TABLE users;")];
        let pairs = Fixture::of_files(Store::Cassandra, &pairs);
        pairs.run(&["up"]).exits(0).says("1_a");
        pairs.write(
            "migrations/2_b.up.cql",
            "ALTER TABLE users ADD age int;\nALTER TABLE missing ADD age int;",
        );
        pairs.run(&["up"]).exits(1).says("migrations/2_b.up.cql:2:1");
        pairs.write(
            "migrations/2_b.up.cql",
            "ALTER TABLE users ADD age int;\nALTER TABLE users ADD face text;",
        );
        pairs.write("migrations/2_b.down.cql", "ALTER TABLE users DROP age;\nALTER TABLE users DROP face;");
        pairs.run(&["up"]).exits(0);
        pairs.run(&["down", "2"]).exits(0);
        assert!(!pairs.database().has("users"));
    }
}
