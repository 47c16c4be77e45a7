//! The modules of a project: what is written is built and run as its author would.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scaffold::{UPDOWN, is_clean, lock, ok, on, says};
use crate::support::{Home, Store};

fn commit(dir: &Path) {
    for arguments in
        [&["init", "--quiet"] as &[&str], &["add", "--all"], &["commit", "--quiet", "--message", "x"]]
    {
        let mut git = Command::new("git");
        git.current_dir(dir).args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(arguments);
        assert!(git.output().unwrap().status.success(), "{arguments:?}");
    }
}

fn a_list_is_squashed(store: Store, option: &str, connection: &str) {
    let directory = tempfile::tempdir().unwrap();
    let dir = &directory.path().join("shop");
    fs::create_dir(dir).unwrap();
    let [all, part, none] =
        ["all", "part", "none"].map(|name| Home::new(store, &directory.path().join(format!("{name}.db"))));
    ok(UPDOWN, dir, &["init", option]);
    lock(dir);
    for (name, body) in [
        ("create_posts", "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL)"),
        ("fill_posts", "INSERT INTO posts (id, title) VALUES (1, 'first')"),
        ("create_tags", "CREATE TABLE tags (name TEXT PRIMARY KEY)"),
    ] {
        let said = ok(UPDOWN, dir, &["new", name, "--raw"]);
        let file = said.lines().find_map(|line| line.trim().strip_prefix("wrote ")).unwrap().to_owned();
        let text = format!(
            "use updown::prelude::*;\n\npub struct Migration;\n\nimpl Up<{connection}> for Migration {{\n    fn up(&self, conn: &mut \
             {connection}) -> Result {{\n        Ok(conn.batch_execute(\"{body}\")?)\n    }}\n}}\n\nimpl Irreversible for Migration \
             {{\n    const BECAUSE: &str = \"it is an example\";\n}}\n"
        );
        fs::write(dir.join(file), text).unwrap();
    }
    says(&on(all.url(), dir, &["migrate"], 0), "4 migrations applied");
    on(part.url(), dir, &["migrate", "--step", "2"], 0);
    let before = all.database().schema();
    let to = ["squash", "--to", "m0003_fill_posts"];
    says(&on(all.url(), dir, &to, 5), "no version control");
    commit(dir);
    says(&on(all.url(), dir, &to, 5), "write rows into posts");
    let with = [&to[..], &["--with-data"]].concat();
    let shown = on(all.url(), dir, &[&with[..], &["--dry-run"]].concat(), 0);
    says(&shown, "pub struct Migration;");
    assert!(dir.join("migrations/main/m0001_create_users.rs").exists(), "nothing was touched");
    says(&on(all.url(), dir, &with, 0), "wrote migrations/main/m0003_squashed.rs");

    let list = fs::read_to_string(dir.join("migrations/main/mod.rs")).unwrap();
    says(&list, "mod m0003_squashed;\nmod m0004_create_tags;\n");
    let entry = "m0003_squashed replaces \"m0001_create_users\" \"m0002_create_posts\" \"m0003_fill_posts\"";
    says(&list, entry);
    for gone in ["m0001_create_users", "m0002_create_posts", "m0003_fill_posts"] {
        assert!(!dir.join(format!("migrations/main/{gone}.rs")).exists(), "{gone}");
    }
    is_clean(dir, "migrations");
    says(&on(all.url(), dir, &["status", "--check"], 0), "replaces 3 applied");
    says(&on(all.url(), dir, &["migrate"], 0), "m0003_squashed entered in the place of 3");
    says(
        &on(part.url(), dir, &["migrate"], 5),
        "m0003_squashed replaces 3 migrations, of which 2 are applied",
    );
    says(&on(none.url(), dir, &["migrate"], 0), "2 migrations applied");
    for home in [&all, &none] {
        on(home.url(), dir, &["verify", "--schema"], 0);
        assert_eq!(sorted(home.database().schema()), sorted(before.clone()));
        assert_eq!(home.database().lines("SELECT title AS line FROM posts"), ["first"]);
    }
    assert_eq!(all.database().batches(), ["m0003_squashed@1", "m0004_create_tags@1"]);
    on(none.url(), dir, &["check"], 0);

    // What it was before may be said on either side of what it replaces.
    let file = dir.join("migrations/main/m0003_squashed.rs");
    let text = fs::read_to_string(&file).unwrap().replace("In the place of", "Instead of");
    fs::write(&file, text.replace("SELECT 1", "SELECT 2")).unwrap();
    on(all.url(), dir, &["migrate"], 5);
    on(all.url(), dir, &["verify", "--accept"], 0);
    let list = fs::read_to_string(dir.join("migrations/main/mod.rs")).unwrap();
    says(&list, &format!("{entry} formerly \"sha256-rust-v1:"));
    says(&on(all.url(), dir, &["migrate"], 0), "nothing to do");
    let (first, rest) = list.split_once(&format!("{entry} ")).unwrap();
    let (former, rest) = rest.split_once(',').unwrap();
    let replaces = entry.trim_start_matches("m0003_squashed ");
    fs::write(
        dir.join("migrations/main/mod.rs"),
        format!("{first}m0003_squashed {former} {replaces},{rest}"),
    )
    .unwrap();
    says(&on(all.url(), dir, &["migrate"], 0), "nothing to do");
    says(&on(part.url(), dir, &["migrate"], 5), "m0003_squashed replaces 3 migrations");
    // And the list can be edited as before.
    says(&ok(UPDOWN, dir, &["new", "add_more"]), "m0005_add_more");
}

/// SQLite keeps the words of a statement as they were written; and the key that numbers its rows is never NULL.
fn sorted(schema: Vec<String>) -> Vec<String> {
    let mut lines: Vec<String> = schema
        .into_iter()
        .map(|line| line.replace(['"', '`', '\n', ' '], "").to_lowercase())
        .map(|line| line.replace("integernotnullprimarykey", "integerprimarykey"))
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_list_is_squashed_on_sqlite() {
    a_list_is_squashed(Store::Sqlite, "--sqlite", "SqliteConnection");
}

#[cfg(feature = "postgres")]
#[test]
fn a_list_is_squashed_on_postgres() {
    if crate::support::postgres::is_there() {
        a_list_is_squashed(Store::Postgres, "--postgres", "PgConnection");
    }
}
