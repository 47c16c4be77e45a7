//! `init`, `new` and `renumber`: what they write is built, checked and run as its author would.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A command in `dir`. What the generated projects depend on is taken from where this test was built
/// (cargo before 1.91 builds it anew); their programs, which have one name, stay apart for each test: between the
/// moment in which one is built and that in which it is run, another test would put its own there.
pub fn command(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().nth(3).unwrap();
    command
        .current_dir(dir)
        .env(
            "CARGO_TARGET_DIR",
            built.join("scaffold").join(std::thread::current().name().unwrap_or("alone").replace("::", "-")),
        )
        .env("CARGO_BUILD_BUILD_DIR", built);
    command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    for variable in ["DATABASE_URL", "ENV", "SERVICE", "NAME", "TO", "ALL"] {
        command.env_remove(variable);
    }
    // What cargo tells the tests is not meant for the cargo that they start.
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR")
    {
        command.env_remove(name);
    }
    command
}

pub fn run(program: &str, dir: &Path, arguments: &[&str]) -> Output {
    command(program, dir).args(arguments).output().unwrap()
}

/// Runs something that has to succeed, and returns what it printed.
pub fn ok(program: &str, dir: &Path, arguments: &[&str]) -> String {
    let output = run(program, dir, arguments);
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}\n{out}\n{error}");
    out.into_owned()
}

/// A command on a database, and how it has to end.
#[track_caller]
pub fn on(url: &str, dir: &Path, arguments: &[&str], code: i32) -> String {
    let Output { status, stdout, stderr } = command(UPDOWN, dir)
        .env("DATABASE_URL", url)
        .env("ENV", "development")
        .args(arguments)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(code), "{arguments:?}\n{said}");
    said
}

#[track_caller]
pub fn says(said: &str, text: &str) {
    assert!(said.contains(text), "{text:?} is not in\n{said}");
}

/// Runs something that has to be refused as a usage error, and returns what it said.
fn refused(dir: &Path, arguments: &[&str]) -> String {
    let output = run(UPDOWN, dir, arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{error}");
    error
}

pub const UPDOWN: &str = env!("CARGO_BIN_EXE_updown");

pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Formatted by rustfmt without a configuration, and without a warning of clippy's.
pub fn is_clean(dir: &Path, package: &str) {
    ok(&cargo(), dir, &["fmt", "--package", package, "--check"]);
    ok(
        &cargo(),
        dir,
        &["clippy", "--quiet", "--offline", "--package", package, "--all-targets", "--", "-D", "warnings"],
    );
}

/// Takes the versions that this repository is locked to: no test asks a registry for newer ones. And
/// gives the crate a version for each test, since cargo tells workspaces in one build directory apart
/// by name and version alone.
pub fn lock(dir: &Path) {
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
    let test = std::thread::current()
        .name()
        .unwrap()
        .bytes()
        .fold(7u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
    for manifest in ["migrations/Cargo.toml", "db/Cargo.toml"].map(|manifest| dir.join(manifest)) {
        if let Ok(text) = fs::read_to_string(&manifest) {
            let versioned = text.replacen("version = \"0.1.0\"", &format!("version = \"0.1.{test}\""), 1);
            assert_ne!(versioned, text);
            fs::write(&manifest, versioned).unwrap();
        }
    }
}

/// Every file below `dir` with its bytes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_fresh_project_migrates_and_rolls_back_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    is_clean(dir, "migrations");
    ok("make", dir, &["migrate"]);
    assert!(dir.join("dev.db").is_file());
    assert!(ok("make", dir, &["status"]).contains("m0001_create_users"));

    for (name, file) in [
        ("CreateVideos", "m0002_create_videos.rs"),
        ("add title to videos", "m0003_add_title_to_videos.rs"),
        (&format!("create_{}", "x".repeat(50)), &format!("m0004_create_{}.rs", "x".repeat(50))),
        (&format!("create_{}", "y".repeat(51)), &format!("m0005_create_{}.rs", "y".repeat(51))),
        ("create_order", "m0006_create_order.rs"),
        ("add_unique_index_to_videos_on_title_and_id", "m0007_add_unique_index_to_videos_on_title_and_id.rs"),
        ("rename_title_to_headline_in_videos", "m0008_rename_title_to_headline_in_videos.rs"),
        ("rename_videos_to_films", "m0009_rename_videos_to_films.rs"),
        ("add_count_to_films", "m0010_add_count_to_films.rs"),
        ("drop_count_from_films", "m0011_drop_count_from_films.rs"),
    ] {
        ok("make", dir, &["new", &format!("NAME={name}")]);
        assert!(dir.join("migrations/main").join(file).is_file(), "{file}");
    }
    ok(UPDOWN, dir, &["new", "--raw", "create_notes"]);
    ok(UPDOWN, dir, &["new", "--raw", "add_seen_at_to_notes"]);
    ok(UPDOWN, dir, &["new", "--repeatable", "LatestVideos"]);
    let view = dir.join("migrations/main/latest_videos.rs");
    let list = fs::read_to_string(dir.join("migrations/main/mod.rs")).unwrap();
    assert!(list.contains("mod latest_videos;") && list.contains("latest_videos => repeatable"), "{list}");
    is_clean(dir, "migrations");
    let unwritten = run("make", dir, &["migrate"]);
    assert!(
        String::from_utf8_lossy(&unwritten.stderr).contains("its way up is not written yet"),
        "{unwritten:?}"
    );
    let text = fs::read_to_string(&view).unwrap();
    let body = text.lines().position(|line| line.contains("// In its place")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.splice(
        body..body + 2,
        [
            r#"        conn.batch_execute("DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT 1 AS one")?;"#,
            "        Ok(())",
        ],
    );
    fs::write(&view, (lines.join("\n") + "\n").replace("_conn", "conn")).unwrap();
    is_clean(dir, "migrations");
    ok("make", dir, &["migrate"]);
    ok("make", dir, &["rollback", "STEP=2"]);
    // A variable of the process is no argument.
    let output = command("make", dir).arg("rollback").env("ALL", "1").env("NAME", "host").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(ok("make", dir, &["status"]).contains("batch 1"), "the first batch stands");
    ok("make", dir, &["rollback", "ALL=1"]);

    // One that nobody has written is refused, or fails, and is not entered as applied.
    ok(UPDOWN, dir, &["new", "add-user-avatar"]);
    is_clean(dir, "migrations");
    let output = run("make", dir, &["migrate"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("m0014_add_user_avatar.rs:8\n"), "{error}");
    assert!(error.contains("caused by: the change is not written yet"), "{error}");
    assert!(!ok("make", dir, &["status"]).contains(" applied "), "it is known before anything runs");

    ok(UPDOWN, dir, &["new", "--raw", "--timestamp", "split-names"]);
    is_clean(dir, "migrations");
    let list = dir.join("migrations/main/mod.rs");
    let text = fs::read_to_string(&list).unwrap();
    let text =
        text.replace("mod m0014_add_user_avatar;\n", "").replace("        m0014_add_user_avatar,\n", "");
    fs::write(&list, text).unwrap();
    let output = run("make", dir, &["migrate"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("its way up is not written yet"), "{error}");
    assert!(refused(dir, &["init"]).contains("has its migrations already"));
}

/// What rustfmt would break is broken, whatever the names are.
#[test]
fn long_names_are_written_as_rustfmt_would() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    let names = (1..=26).flat_map(|length| {
        let (x, y) = ("x".repeat(length), "y".repeat(length));
        [
            format!("create_{x}{y}"),
            format!("add_{x}_to_{y}"),
            format!("add_{x}_at_to_{y}"),
            format!("drop_{x}_from_{y}"),
            format!("rename_{x}_to_{y}"),
            format!("rename_{x}_to_{}_in_{}", &y[..length.min(12)], &y[..length.min(11)]),
            format!("add_index_to_{}_on_{}", &x[..length.min(20)], &y[..length.min(20)]),
            format!("add_unique_index_to_{}_on_{}", &x[..length.min(17)], &y[..length.min(17)]),
        ]
    });
    let names: BTreeSet<String> = names.filter(|name| name.len() <= 60).collect();
    for name in names {
        ok(UPDOWN, dir, &["new", &name]);
    }
    ok(&cargo(), dir, &["fmt", "--package", "migrations", "--check"]);
}

#[test]
fn an_existing_project_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("src")).unwrap();
    let manifest = "# Mine.\n[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"  # as ever\n";
    fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.join("src/main.rs"), "fn  main( ) { }").unwrap();
    fs::write(dir.join("Makefile"), "all:\n\tcargo build\n").unwrap();
    fs::write(dir.join("README.md"), "# App\r\n").unwrap();
    fs::write(dir.join(".gitignore"), "/target").unwrap();
    fs::create_dir(dir.join("migrations")).unwrap();
    fs::create_dir(dir.join("migrations/2024-01-01-000000_users")).unwrap();
    fs::write(dir.join("migrations/2024-01-01-000000_users/up.sql"), "CREATE TABLE users (id)").unwrap();
    let before = files(dir);

    ok(UPDOWN, dir, &["init"]);
    for (path, bytes) in before {
        let now = fs::read(&path).unwrap();
        let name = path.strip_prefix(dir).unwrap().to_str().unwrap();
        match name {
            "Cargo.toml" => {
                assert_eq!(
                    String::from_utf8(now).unwrap(),
                    format!("{manifest}\n[workspace]\nmembers = [\"db\"]\n")
                );
            }
            ".gitignore" => assert_eq!(now, b"/target\ndev.db*\n.env\n.env.*\n!.env.example\n/backups\n"),
            _ => assert_eq!(now, bytes, "{name}"),
        }
    }
    lock(dir);
    is_clean(dir, "db");

    ok(UPDOWN, dir, &["new", "create_videos"]);
    is_clean(dir, "db");
    ok(UPDOWN, &dir.join("src"), &["migrate"]);
    // Named on from those that are there.
    let status = ok(UPDOWN, dir, &["status"]);
    assert!(status.contains("2024-01-01-000000_users") && status.contains("_create_videos"), "{status}");
}

#[test]
fn two_migrations_of_one_number_are_parted() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    ok(UPDOWN, dir, &["new", "create_videos"]);
    // What a merge of two branches leaves: both lines, one number.
    let main = dir.join("migrations/main");
    fs::copy(main.join("m0002_create_videos.rs"), main.join("m0002_create_pictures.rs")).unwrap();
    let list = fs::read_to_string(main.join("mod.rs")).unwrap();
    let list = list
        .replace("mod m0002_create_videos;", "mod m0002_create_pictures;\nmod m0002_create_videos;")
        .replace(
            "        m0002_create_videos,",
            "        m0002_create_pictures,\n        m0002_create_videos,",
        );
    fs::write(main.join("mod.rs"), list).unwrap();
    assert!(!run(&cargo(), dir, &["check", "--quiet", "--offline"]).status.success());

    assert!(
        refused(dir, &["renumber", "m0002_create_picture"]).contains("did you mean `m0002_create_pictures`?")
    );
    ok(UPDOWN, dir, &["renumber", "m0002_create_pictures"]);
    assert!(
        main.join("m0003_create_pictures.rs").is_file() && !main.join("m0002_create_pictures.rs").exists()
    );
    is_clean(dir, "migrations");
    ok(UPDOWN, dir, &["migrate", "--to", "m0002_create_videos"]);
    let applied = refused(dir, &["renumber", "m0002_create_videos"]);
    assert!(applied.contains("is applied already"), "{applied}");
}

#[test]
fn bad_names_write_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    let before = files(dir);
    for name in ["../x", "", "a/b", "a;b", "ä", "m0007_x", "create_users", &"x".repeat(61)] {
        refused(dir, &["new", "--", name]);
    }
    for store in ["../main", "nowhere"] {
        refused(dir, &["new", "x", "--store", store]);
    }
    assert_eq!(files(dir), before);
    assert!(refused(&dir.join("migrations"), &["init"]).contains("has its migrations already"));
}

#[test]
fn a_change_that_had_to_be_made_is_accepted_once_in_the_code() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    ok(UPDOWN, dir, &["migrate"]);
    let module = dir.join("migrations/main/m0001_create_users.rs");
    let text = fs::read_to_string(&module).unwrap();

    // A comment and another line are no change; another token is.
    fs::write(&module, format!("// Said later.\n\n{text}")).unwrap();
    ok(UPDOWN, dir, &["verify"]);
    fs::write(&module, format!("{text}\nconst _: u8 = 0;\n")).unwrap();
    assert_eq!(run(UPDOWN, dir, &["verify"]).status.code(), Some(3));
    assert_eq!(run(UPDOWN, dir, &["migrate"]).status.code(), Some(5));

    ok(UPDOWN, dir, &["verify", "--accept"]);
    let list = fs::read_to_string(dir.join("migrations/main/mod.rs")).unwrap();
    assert!(list.contains("m0001_create_users formerly \"sha256-rust-v1:"), "{list}");
    ok(UPDOWN, dir, &["verify"]);
    ok(UPDOWN, dir, &["migrate"]);
    is_clean(dir, "migrations");
}

#[test]
fn only_the_marked_package_is_run_and_what_is_run_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    let output = run(UPDOWN, dir, &["status"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("running `cargo run --quiet --package migrations --bin migrate`"), "{said}");

    let manifest = dir.join("migrations/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(text.contains("[package.metadata.updown]"));
    fs::write(&manifest, text.replace("[package.metadata.updown]", "[package.metadata.other]")).unwrap();
    let said = refused(dir, &["status"]);
    assert!(
        said.contains("there is neither a migrations crate nor a directory of SQL")
            && !said.contains("running"),
        "{said}"
    );
}

#[test]
fn a_module_beside_the_list_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    let main = dir.join("migrations/main");
    fs::copy(main.join("m0001_create_users.rs"), main.join("m0002_forgotten.rs")).unwrap();
    let output = run(UPDOWN, dir, &["status"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("m0002_forgotten.rs stands beside the list of store main, but is not in it"),
        "{said}"
    );
    // In the `mod` lines, but not in the list: the compiler says so.
    let list = fs::read_to_string(main.join("mod.rs")).unwrap();
    fs::write(
        main.join("mod.rs"),
        list.replace("mod m0001_create_users;", "mod m0001_create_users;\nmod m0002_forgotten;"),
    )
    .unwrap();
    let output = run(&cargo(), dir, &["build", "--offline"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("struct `Migration` is never constructed"), "{said}");
}

#[cfg(feature = "postgres")]
#[test]
fn projects_for_postgres_and_for_both_are_built_and_run() {
    for (option, url) in [("--both", ""), ("--postgres", "postgres://nobody@%2Fnowhere/x")] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        ok(UPDOWN, dir, &["init", option]);
        lock(dir);
        for name in ["create_videos", "add_series_id_to_videos", "add_index_on_series_id_to_videos"] {
            ok(UPDOWN, dir, &["new", name]);
        }
        is_clean(dir, "migrations");
        if url.is_empty() {
            ok("make", dir, &["migrate"]);
            assert!(ok("make", dir, &["status"]).contains("m0002_create_videos"));
            ok("make", dir, &["rollback"]);
            continue;
        }
        // It has no default: a PostgreSQL is not made by itself.
        let said = run("make", dir, &["migrate"]);
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("DATABASE_URL is not set"), "{said}");
        let said = command("make", dir).arg("migrate").env("DATABASE_URL", url).output().unwrap();
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("cannot open postgres://nobody@%2Fnowhere/x"), "{said}");
        let Some((fixture, mut database)) = crate::support::postgres::fixture("empty") else { continue };
        for target in ["migrate", "rollback", "migrate"] {
            let mut make = command("make", dir);
            let ran = make.arg(target).env("DATABASE_URL", fixture.get("DATABASE_URL")).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
        assert_eq!(database.batches().len(), 4);
    }
}

/// Of golang-migrate, from where Rust modules go on.
#[test]
fn a_directory_of_sql_becomes_a_project() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("migrations")).unwrap();
    for (name, table) in [("000001_users", "users"), ("000002_posts", "posts")] {
        let file = |way: &str| dir.join(format!("migrations/{name}.{way}.sql"));
        fs::write(file("up"), format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY);")).unwrap();
        fs::write(file("down"), format!("DROP TABLE {table};")).unwrap();
    }
    let before = files(&dir.join("migrations"));
    ok(UPDOWN, dir, &["init"]);
    lock(dir);
    is_clean(dir, "db");
    assert_eq!(files(&dir.join("migrations")), before, "left as they are");
    let said = ok("make", dir, &["migrate"]);
    assert!(said.contains("000001_users") && said.contains("000002_posts"), "{said}");

    // The next one is a module; and the one after that SQL, beside it.
    ok(UPDOWN, dir, &["new", "--raw", "create_tags"]);
    ok(UPDOWN, dir, &["new", "--sql", "AddSlug"]);
    let file = |way: &str| dir.join(format!("db/main/0004_add_slug.{way}.sql"));
    fs::write(file("up"), "ALTER TABLE posts ADD slug TEXT;").unwrap();
    fs::write(file("down"), "ALTER TABLE posts DROP slug;").unwrap();
    is_clean(dir, "db");
    let said = ok(UPDOWN, dir, &["migrate"]);
    assert!(said.contains("m0003_create_tags") && said.contains("0004_add_slug"), "{said}");
    assert!(!said.contains("000002"), "{said}");

    // What is compiled in is compiled anew, where a file is new and where one has changed.
    let first = dir.join("migrations/000001_users.up.sql");
    fs::write(&first, "create table users (id integer primary key) -- The first of all.").unwrap();
    ok(UPDOWN, dir, &["verify"]);
    fs::write(&first, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);").unwrap();
    assert_eq!(run(UPDOWN, dir, &["verify"]).status.code(), Some(3));
    fs::write(&first, &before[1].1).unwrap();
    fs::write(dir.join("migrations/000009_late.up.sql"), "CREATE TABLE late (id INTEGER);").unwrap();
    let said = refused(dir, &["status"]);
    assert!(said.contains("`m0003_create_tags` is out of order: it stands behind `000009_late`"), "{said}");
    fs::remove_file(dir.join("migrations/000009_late.up.sql")).unwrap();
    ok(UPDOWN, dir, &["rollback", "--all"]);
    assert!(ok(UPDOWN, dir, &["status"]).contains("pending"));
}

#[test]
fn a_directory_of_sql_gets_a_repeatable_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("migrations")).unwrap();
    fs::write(dir.join("migrations/000001_a.up.sql"), "CREATE TABLE a (id INTEGER);").unwrap();
    fs::write(dir.join("migrations/000001_a.down.sql"), "DROP TABLE a;").unwrap();
    ok(UPDOWN, dir, &["new", "--repeatable", "latest"]);
    let migrate = ["migrate", "--database-url", "sqlite:x.db"];
    let error = refused(dir, &migrate);
    assert!(error.contains("R__latest.sql is empty"), "{error}");
    let file = dir.join("migrations/R__latest.sql");
    let view =
        |what: &str| format!("DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT {what} AS id FROM a;");
    fs::write(&file, view("max(id)")).unwrap();
    assert!(ok(UPDOWN, dir, &migrate).contains("R__latest"));
    fs::write(&file, view("min(id)")).unwrap();
    let status = ["status", "--check", "--database-url", "sqlite:x.db"];
    let asked = run(UPDOWN, dir, &status);
    assert_eq!(asked.status.code(), Some(3), "{asked:?}");
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(said.contains("runs again") && said.contains("changed since it was applied"), "{said}");
    assert!(ok(UPDOWN, dir, &migrate).contains("R__latest"));
    ok(UPDOWN, dir, &status);
    let error = refused(dir, &["new", "--repeatable", "latest"]);
    assert!(error.contains("R__latest.sql"), "{error}");
}
