//! Directories of the size that grown projects have: what updown makes of them is what the tool makes that they were
//! written for.

mod directory;
mod dump;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::support::{Home, Store, for_each_store, full};
use directory::{ALL, Change, FEW, Format, changes, write};
use dump::{dump, same};
use tools::{diesel, golang_migrate, updown};

// What is in the directories is written for these two.
for_each_store! {
    ; sql: what_diesel_makes_of_a_directory_updown_makes_of_it,
    what_golang_migrate_makes_of_a_directory_updown_makes_of_it,
    a_directory_makes_the_same_in_every_format,
    all_the_way_back_nothing_is_left_and_the_way_forward_leads_to_the_same,
    a_dry_run_and_a_look_take_a_directory_as_it_is,
    taken_over_in_the_middle_of_the_list_it_ends_as_with_its_own_tool,
}

const POSTGRES: &str = include_str!("real_size/postgres.sql");
const SQLITE: &str = include_str!("real_size/sqlite.sql");

/// A project's migrations, and a place for its files and databases.
struct Grown {
    store: Store,
    changes: Vec<Change>,
    place: TempDir,
}

impl Grown {
    fn on(store: Store) -> Self {
        let templates = store.either(SQLITE, POSTGRES);
        let changes = changes(templates, if full() { ALL } else { FEW });
        assert!(changes.len() >= if full() { 300 } else { 50 });
        Self { store, changes, place: tempfile::tempdir().expect("a directory") }
    }

    /// The directory of them in a format.
    fn written(&self, format: Format) -> PathBuf {
        let directory = self.place.path().join(format.name());
        write(&directory, format, &self.changes, 1);
        directory
    }

    /// A new database.
    fn database(&self, name: &str) -> Arc<Home> {
        Home::new(self.store, &self.place.path().join(format!("{name}.db")))
    }

    fn dump(&self, home: &Arc<Home>) -> String {
        dump(self.store, home.url())
    }

    /// What updown makes of a directory.
    fn migrated(&self, directory: &Path, name: &str) -> String {
        let home = self.database(name);
        updown(directory, home.url(), &["migrate"]).exits(0);
        self.dump(&home)
    }
}

/// Whether there is something in a dump that the last subject brought.
fn has_all(grown: &Grown, dumped: &str) -> bool {
    let last = if full() { "devices" } else { "products" };
    dumped.contains(&format!("CREATE VIEW {}open_{last}", grown.store.either("", "public.")))
}

fn what_diesel_makes_of_a_directory_updown_makes_of_it(store: Store) {
    let grown = Grown::on(store);
    let directory = grown.written(Format::Diesel);
    let theirs = grown.database("theirs");
    if diesel(&directory, theirs.url()) {
        let ours = grown.migrated(&directory, "ours");
        assert!(has_all(&grown, &ours), "{ours}");
        same(&grown.dump(&theirs), &ours, "diesel, and updown");
    }
}

fn what_golang_migrate_makes_of_a_directory_updown_makes_of_it(store: Store) {
    let grown = Grown::on(store);
    let directory = grown.written(Format::GolangMigrate);
    let theirs = grown.database("theirs");
    if golang_migrate(&directory, theirs.url(), None) {
        let ours = grown.migrated(&directory, "ours");
        assert!(has_all(&grown, &ours), "{ours}");
        same(&grown.dump(&theirs), &ours, "golang-migrate, and updown");
    }
}

fn a_directory_makes_the_same_in_every_format(store: Store) {
    let grown = Grown::on(store);
    let made = Format::ALL.map(|format| grown.migrated(&grown.written(format), format.name()));
    assert!(has_all(&grown, &made[0]), "{}", made[0]);
    for (format, other) in Format::ALL.iter().zip(&made).skip(1) {
        same(&made[0], other, &format!("diesel, and {}", format.name()));
    }
}

fn all_the_way_back_nothing_is_left_and_the_way_forward_leads_to_the_same(store: Store) {
    let grown = Grown::on(store);
    for format in Format::ALL {
        let directory = grown.written(format);
        let home = grown.database(&format!("{}-back", format.name()));
        // So that the ledger is there in what is compared, too, and SQLite's file.
        updown(&directory, home.url(), &["migrate", "--step", "1"]).exits(0);
        updown(&directory, home.url(), &["rollback"]).exits(0);
        let before = grown.dump(&home);
        updown(&directory, home.url(), &["migrate"]).exits(0);
        let there = grown.dump(&home);
        assert!(has_all(&grown, &there), "{there}");
        updown(&directory, home.url(), &["rollback", "--all", "--yes"]).exits(0);
        same(&before, &grown.dump(&home), &format!("an empty database, and one after {}", format.name()));
        updown(&directory, home.url(), &["migrate"]).exits(0);
        same(&there, &grown.dump(&home), &format!("there and there again, {}", format.name()));
    }
}

fn taken_over_in_the_middle_of_the_list_it_ends_as_with_its_own_tool(store: Store) {
    let grown = Grown::on(store);
    let half = grown.changes.len() / 2;
    let taken_over = |home: &Arc<Home>, directory: &Path| {
        updown(directory, home.url(), &["adopt", "--yes"]).exits(0);
        updown(directory, home.url(), &["status", "--check"]).exits(3);
        updown(directory, home.url(), &["migrate"])
            .exits(0)
            .says(&format!("{} migrations", grown.changes.len() - half));
        updown(directory, home.url(), &["status", "--check"]).exits(0);
        grown.dump(home)
    };

    let first_half = grown.place.path().join("first-half");
    write(&first_half, Format::Diesel, &grown.changes[..half], 1);
    let (directory, theirs, ours) =
        (grown.written(Format::Diesel), grown.database("diesel"), grown.database("after-diesel"));
    if diesel(&directory, theirs.url()) && diesel(&first_half, ours.url()) {
        let ours = taken_over(&ours, &directory);
        assert!(has_all(&grown, &ours), "{ours}");
        same(&grown.dump(&theirs), &ours, "diesel, and updown behind it");
    }

    let (directory, theirs, ours) =
        (grown.written(Format::GolangMigrate), grown.database("golang"), grown.database("after-golang"));
    if golang_migrate(&directory, theirs.url(), None) && golang_migrate(&directory, ours.url(), Some(half)) {
        same(&grown.dump(&theirs), &taken_over(&ours, &directory), "golang-migrate, and updown behind it");
    }
}

fn a_dry_run_and_a_look_take_a_directory_as_it_is(store: Store) {
    let grown = Grown::on(store);
    let directory = grown.written(Format::GolangMigrate);
    let home = grown.database("looked-at");
    updown(&directory, home.url(), &["migrate"]).exits(0);
    updown(&directory, home.url(), &["status", "--check"]).exits(0);
    updown(&directory, home.url(), &["verify"]).exits(0);
    let rehearsed = grown.database("rehearsed");
    // A dry run is one transaction, in which PostgreSQL lets nobody use a value that was added to an enum.
    let said = updown(&directory, rehearsed.url(), &["migrate", "--dry-run"]).exits(store.either(0, 1));
    if store == Store::Postgres {
        said.says("can be used once that is committed")
            .says("nothing of it stays")
            .says_nothing_of("stay applied");
    }
    assert!(!grown.dump(&rehearsed).contains("customers"), "a dry run leaves nothing");
}
