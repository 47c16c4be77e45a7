use std::fs;

use super::*;

fn in_dir(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    init(dir, &Init::default())
}

fn package(dir: &Path, name: &str) {
    fs::create_dir_all(dir.join("src")).unwrap();
    fs::write(dir.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n")).unwrap();
    fs::write(dir.join("src/lib.rs"), "").unwrap();
}

#[test]
fn a_fresh_project_is_whole_and_written_once() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let written = in_dir(dir.path()).unwrap();
    assert_eq!(written.len(), 12, "{written:?}");
    for path in &written {
        let text = fs::read_to_string(dir.path().join(path)).unwrap();
        assert!(!text.contains("{{"), "{}: {text}", path.display());
    }
    let again = in_dir(dir.path()).unwrap_err();
    assert_eq!(again.exit_code(), 2);
    assert!(again.to_string().contains("in the package migrations"), "{again}");
}

#[test]
fn what_is_there_stands_against_it_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Makefile"), "all:\n").unwrap();
    let error = in_dir(dir.path()).unwrap_err();
    assert!(error.to_string().contains("Makefile exists already"), "{error}");
    assert_eq!(files::names_in(dir.path()).unwrap(), ["Makefile"]);
}

#[test]
fn another_tools_migrations_stay_where_they_are() {
    let dir = tempfile::tempdir().unwrap();
    package(dir.path(), "app");
    fs::create_dir_all(dir.path().join("migrations/2024-01-01_x")).unwrap();
    let written = in_dir(dir.path()).unwrap();
    assert!(written.contains(&"db/main/mod.rs".into()), "{written:?}");
    assert_eq!(files::names_in(&dir.path().join("migrations")).unwrap(), ["2024-01-01_x"]);
    let program = fs::read_to_string(dir.path().join("db/migrate.rs")).unwrap();
    assert!(program.contains("updown::cli(db::project())"), "{program}");
}

#[test]
fn a_package_of_that_name_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    package(dir.path(), "migrations");
    assert!(in_dir(dir.path()).unwrap().contains(&"db/lib.rs".into()));
}

#[test]
fn the_workspaces_root_is_the_place_for_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n").unwrap();
    package(&dir.path().join("app"), "app");
    for inner in ["app", "app/src"] {
        let error = in_dir(&dir.path().join(inner)).unwrap_err();
        assert!(error.to_string().contains("is inside the workspace at"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("migrations")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("db")).unwrap();
    let error = in_dir(dir.path()).unwrap_err();
    assert!(error.to_string().contains("db is not a directory"), "{error}");
    assert!(files::is_vacant(elsewhere.path()).unwrap());
}
