//! What must not leak, be followed, or be trusted.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::Fixture;

#[test]
fn the_database_is_made_for_its_owner_alone() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    fixture.run(&["migrate"]).exits(0);
    let mode = std::fs::metadata(fixture.path("x.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_file_is_made_through_a_symbolic_link() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    symlink(fixture.path("elsewhere.db"), fixture.path("x.db")).unwrap();
    fixture.run(&["migrate"]).exits(1).says("a symbolic link to nothing");
    assert!(!fixture.path("elsewhere.db").exists());
}

#[test]
fn the_env_file_of_a_parent_is_not_read() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("DATABASE_URL", "").var("ENV", "");
    std::fs::write(fixture.path(".env"), "DATABASE_URL=sqlite:parent.db\nENV=development\n").unwrap();
    let child = fixture.path("child");
    std::fs::create_dir(&child).unwrap();
    let ran = fixture.command(&["migrate"]).current_dir(&child).output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(!fixture.path("parent.db").exists() && !child.join("parent.db").exists());
    fixture.run(&["migrate"]).exits(0);
    assert!(fixture.path("parent.db").exists(), "where it runs, it is read");
}

#[test]
fn the_process_environment_is_over_the_env_file() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    std::fs::write(fixture.path(".env"), "DATABASE_URL=sqlite:other.db\n").unwrap();
    fixture.run(&["migrate"]).exits(0);
    assert!(fixture.path("x.db").exists() && !fixture.path("other.db").exists());
}

#[test]
fn a_broken_env_file_shows_no_line_of_itself() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    std::fs::write(fixture.path(".env"), "PASSWORD='s3cret\n").unwrap();
    fixture.run(&["migrate"]).exits(2).says(".env cannot be read").says_nothing_of("s3cret");
}

#[test]
fn values_and_passwords_are_not_shown_or_kept() {
    for (bad, statement) in [
        ("bind", "INSERT INTO nowhere VALUES (?)"),
        ("CREATE ROLE app PASSWORD 's3cret-value'", "CREATE ROLE app PASSWORD '***'"),
        ("says no: CREATE ROLE app PASSWORD 's3cret-value'", "no: CREATE ROLE app PASSWORD '***'"),
    ] {
        let fixture = Fixture::new("bad").var("BAD", bad);
        fixture.run(&["migrate"]).exits(1).says(statement).says_nothing_of("s3cret");
        fixture.run(&["history"]).exits(0).says_nothing_of("s3cret");
        fixture.run(&["history", "--json"]).exits(0).says_nothing_of("s3cret");
        fixture.run(&["status"]).exits(0).says_nothing_of("s3cret");
        fixture.run(&["migrate", "--json"]).exits(1).says_nothing_of("s3cret");
    }
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let fixture = Fixture::new("tables").var("VERSIONS", "m1_a");
    for url in ["postgrs://app:s3cret@db/x", "mysql://app:s3cret@db/x", "app:s3cret@db/x"] {
        let fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("DATABASE_URL", url);
        fixture.run(&["migrate"]).says("error: ").says_nothing_of("s3cret");
        fixture.run(&["migrate", "--json"]).says_nothing_of("s3cret");
    }
    drop(fixture);
}

#[test]
fn nothing_from_a_database_moves_the_cursor() {
    let mut fixture = Fixture::new("tables").var("VERSIONS", "m1_a").var("UPDOWN_ACTOR", "me\u{1b}[2J");
    fixture.run(&["migrate"]).exits(0);
    fixture.run(&["history"]).exits(0).says("me\\u{1b}[2J").says_nothing_of("\u{1b}");
    fixture.database().execute("UPDATE schema_migrations SET name = 'm9_x' || char(27) || '[2J'");
    fixture.set("VERSIONS", "");
    fixture.run(&["status"]).exits(0).says_nothing_of("\u{1b}");
    fixture.run(&["migrate"]).says_nothing_of("\u{1b}");
    fixture.run(&["rollback"]).exits(5).says_nothing_of("\u{1b}");
}

#[test]
fn a_service_name_cannot_leave_its_literal() {
    let fixture =
        Fixture::new("tables").var("VERSIONS", "m1_a").var("SERVICE", "a'; DROP TABLE schema_migrations; --");
    fixture.run(&["migrate"]).exits(2).says("is not the name of a service");
}

/// What a licence expression asks for, at the least: a choice that is allowed in each part.
fn is_allowed(expression: &str) -> bool {
    const ALLOWED: [&str; 8] = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-3-Clause",
        "ISC",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    ];
    let expression = expression.replace('/', " OR ");
    expression
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|one| ALLOWED.contains(&one.trim_matches([' ', '(', ')']))))
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    // Of this platform: what others need is not downloaded.
    let rustc = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--filter-platform",
            host,
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    for package in packages {
        let (name, licence) =
            (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or_default());
        assert!(is_allowed(licence), "{name}: {licence:?}");
    }
    assert!(!is_allowed("GPL-2.0-only") && !is_allowed("MIT AND GPL-3.0") && !is_allowed(""));
}
