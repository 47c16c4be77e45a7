//! A directory of another tool, and behind it what came later, in every form: one list.

mod m20260101000000_slug;
mod view;

use updown::{AnyConnection, Config, Migrator, Project, Request, Selection, SqlDirectory};

use crate::support::{Home, Store};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sql/diesel");

updown::registry! {
    static MAIN: AnyConnection = SqlDirectory::at(DIRECTORY), then [
        m20260101000000_slug,
        sql "20260102000000_notes",
        view => repeatable,
        sql "notes" => repeatable,
    ]
}

crate::support::for_each_store! {
    ;
    sql: a_mixed_list_runs_up_and_down,
}

fn a_mixed_list_runs_up_and_down(store: Store) {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::new(store, &directory.path().join("x.db"));
    let config = Config::empty().url("main", home.url());
    let mut migrator = Migrator::new(Project::of(&MAIN)).with_config(config);
    let applied: Vec<String> =
        migrator.run(&Request::migrate()).unwrap().applied.into_iter().map(|done| done.name).collect();
    assert_eq!(
        applied,
        [
            "2024-01-01-000000_users",
            "2024-01-02-000000_users_name",
            "m20260101000000_slug",
            "20260102000000_notes",
            "view",
            "notes",
        ]
    );
    let mut database = home.database();
    assert_eq!(database.columns("users"), ["id", "name", "slug"]);
    assert_eq!(database.number("SELECT count(*) AS number FROM latest"), 1);
    assert_eq!(database.number("SELECT count(*) AS number FROM notes"), 1);
    let status = migrator.status().unwrap();
    assert!(status.stores[0].unlisted_files.is_empty(), "{:?}", status.stores[0].unlisted_files);
    migrator.run(&Request::Rollback(Selection::All)).unwrap();
    assert!(!database.has("users") && !database.has("notes") && database.batches().is_empty());
}

#[test]
fn a_number_of_the_directory_and_of_a_module_is_said() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("20260101000000_other.sql"), "SELECT 1").unwrap();
    CLASHING.set(directory.path().to_path_buf()).unwrap();
    let url = format!("sqlite://{}/x.db", directory.path().display());
    let config = Config::empty().url("main", &url);
    let error = Migrator::new(Project::of(&CLASH)).with_config(config).status().unwrap_err();
    let said = error.to_string();
    assert!(said.contains("have the same number, 20260101000000"), "{said}");
    assert!(said.contains("20260101000000_other.sql") && said.contains("m20260101000000_slug.rs"), "{said}");
    assert_eq!(error.exit_code(), 2);
}

static CLASHING: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();

updown::registry! {
    static CLASH: AnyConnection = SqlDirectory::at(CLASHING.get().unwrap()), then [m20260101000000_slug]
}
