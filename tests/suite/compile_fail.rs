//! What does not compile says why in one line, and at which list. The cases stand in
//! `tests/compile_fail/`, a directory with a `main.rs` each. Only the message is compared: what rustc
//! writes around it changes from one release to the next.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A package with every case as a program. It has this workspace's lock file and build directory, so
/// that nothing but the cases themselves is built.
fn package() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
    let mut manifest = format!(
        "[package]\nname = \"cases\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = false\n\n\
         [workspace]\n\n[dependencies]\nupdown = {{ path = {root:?}, features = [\"include_dir\"] }}\n\
         include_dir = \"0.7\"\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.sha2]\nopt-level = 3\n"
    );
    for case in cases() {
        let main = root.join("tests/compile_fail").join(&case).join("main.rs");
        manifest.push_str(&format!("\n[[bin]]\nname = {case:?}\npath = {main:?}\n"));
    }
    std::fs::create_dir_all(&package).expect("a directory for the cases");
    std::fs::write(package.join("Cargo.toml"), manifest).expect("their manifest");
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).expect("their lock file");
    package
}

fn cases() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let entries = std::fs::read_dir(directory).expect("the cases");
    let mut cases: Vec<String> =
        entries.map(|entry| entry.expect("a case").file_name().into_string().expect("text")).collect();
    cases.sort();
    cases
}

/// Builds one case, and returns whether it compiled and what was said.
fn build(package: &Path, case: &str) -> (bool, String) {
    let deps = std::env::current_exe().expect("this test has a path");
    let target = deps.ancestors().nth(3).expect("target/debug/deps/suite");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--bin", case, "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        // What a build script of its own would say.
        .env("EVERY_SOURCE", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail/every_source"))
        .env("RUSTFLAGS", std::env::var("RUSTFLAGS").unwrap_or_default())
        .output()
        .expect("cargo runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const CHANGE_AND_BODIES: &str = "migration `m0001_a` has `Change` beside `Up` or `Down`: a `Change` is both ways; keep it, or write `Up` and `Down` by hand";

#[test]
fn wrong_migrations_do_not_compile() {
    let package = package();
    let expected = [
        (
            "both_down_and_irreversible",
            "migration `m0001_a` has both `Down` and `Irreversible`: keep one of them",
        ),
        ("change_and_down", CHANGE_AND_BODIES),
        (
            "change_and_irreversible",
            "migration `m0001_a` has `Change` beside `Irreversible`: say `.irreversible(\"because\")` of what cannot be undone in it",
        ),
        ("change_and_up_in_steps", CHANGE_AND_BODIES),
        ("concurrently_in_a_transaction", "no method named `concurrently` found for struct"),
        (
            "dropped_without_a_word",
            "say what it was with `.was(|c| c.text())`, or `.irreversible(\"because\")`",
        ),
        ("enum_on_sqlite", "SqliteConnection: SqlTypes`"),
        ("every_form", ""),
        ("every_source", ""),
        (
            "neither_down_nor_irreversible",
            "migration `m0001_a` has neither `Down` nor `Irreversible`: write `impl Down<updown::prelude::SqliteConnection>`, or `impl Irreversible` with the reason",
        ),
        ("no_down_file", "0001_a.down.sql"),
        ("no_number", "migration `first` has no number: name it `m0001_what_it_does`"),
        ("no_such_file", "view.sql"),
        (
            "no_up",
            "migration `m0001_a` has no `Up` for this registry: write `impl Up<updown::prelude::SqliteConnection>`",
        ),
        ("out_of_order", "migration `m0001_a` is out of order: a higher number stands before it in the list"),
        (
            "repeatable_and_irreversible",
            "migration `view` is repeatable, and has `Irreversible`: leave it away; what is repeatable needs no way back",
        ),
        ("repeatable_before_others", "migration `view` is repeatable: it belongs to the end of the list"),
        (
            "repeatable_change",
            "migration `view` is repeatable, and has `Change`, which can be made only once: write `impl Up<updown::prelude::SqliteConnection>`",
        ),
        (
            "same_number",
            "migration `m0001_b` has the number of the one before it: run `updown renumber m0001_b`",
        ),
        (
            "two_changes",
            "migration `m0001_a` has two `Change`: keep `impl Change<updown::prelude::SqliteConnection>` (in a transaction)",
        ),
        (
            "two_ups",
            "migration `m0001_a` has two `Up`: keep `impl Up<updown::prelude::SqliteConnection>` (in a transaction)",
        ),
        (
            "unknown_word",
            "`instead_of` says nothing behind an entry: write `formerly \"…\"` or `replaces \"…\"`",
        ),
        (
            "wrong_connection",
            "migration `m0001_a` has no `Up` for this registry: write `impl Up<updown::prelude::SqliteConnection>`",
        ),
        ("wrong_kind_of_file", "`json \"0001_a\"` is no entry: write `sql \"0001_a\"` or `cql \"0001_a\"`"),
        ("wrong_mark", "`=> again` says nothing: an entry may be `=> repeatable`"),
    ];
    assert_eq!(cases(), expected.map(|(case, _)| case), "each case has its message here");
    for (case, message) in expected {
        let (compiled, said) = build(&package, case);
        assert_eq!(compiled, message.is_empty(), "{case}: {said}");
        assert!(said.contains(message), "{case}: {message:?} is not in {said}");
        assert_eq!(
            said.matches("error[").count() + said.matches("error:").count() > 1,
            !compiled,
            "{case}: {said}"
        );
        assert!(compiled || said.contains(&format!("{case}/main.rs")), "{case}: {said}");
    }
    let deps = std::env::current_exe().expect("this test has a path");
    let program = deps.ancestors().nth(2).expect("target/debug/deps/suite").join("every_source");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail/every_source/directory");
    let ran = Command::new(program).env("DIRECTORY", directory).output().expect("it was built");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "0001_a m0020_module 0030_sql 0040_cql R__b view stepwise file rows",
            "0001_a",
            "0001_a m0020_module R__b",
        ],
        "{ran:?}"
    );
}
