//! What is repeatable: run again when it has changed, behind all others, on every store.

mod killed;

use std::path::Path;
use std::sync::{Arc, Mutex};

use updown::{
    AnyConnection, Config, Error, Event, Migration, Migrator, Project, Registry, Reporter, Request,
    Resolution, Selection, State, StoreConnection,
};

use crate::support::{Home, Store};

crate::support::for_each_store! {
    what_has_changed_runs_again_and_its_row_is_replaced,
    a_rollback_leaves_what_has_no_way_back_and_undoes_what_has_one,
    one_that_is_not_in_the_list_any_more_stops_nothing,
    one_that_was_interrupted_goes_on,
    it_is_settled_and_done_anew_by_hand,
    each_service_has_its_own;
    sql: a_failed_one_leaves_the_row_that_was_there,
        a_check_runs_it_over_itself,
}

/// The migrations of a project: name, up, down, whether it is repeatable.
type List<'a> = Vec<(&'a str, String, Option<&'a str>, bool)>;

const SETTINGS: &str = "CREATE TABLE settings (id bigint PRIMARY KEY, n bigint)";

fn settings<'a>() -> (&'a str, String, Option<&'a str>, bool) {
    ("0001_settings", SETTINGS.to_owned(), Some("DROP TABLE settings"), false)
}

/// Writes this number.
fn says(number: u32) -> String {
    format!(
        "DELETE FROM settings WHERE id = 1;\nINSERT INTO settings (id, n) VALUES (1, {number}); -- number {number}"
    )
}

fn with(number: u32) -> List<'static> {
    vec![settings(), ("R__number", says(number), None, true)]
}

fn project(store: Store, list: &List<'_>) -> Project {
    match store {
        #[cfg(feature = "scylla")]
        Store::Cassandra => project_on::<updown::scylla::ScyllaConnection>(list),
        _ => project_on::<AnyConnection>(list),
    }
}

fn project_on<C: StoreConnection>(list: &List<'_>) -> Project {
    let migration = |(name, up, down, is_repeatable): &(&str, String, Option<&str>, bool)| {
        let migration = Migration::sql((*name).to_owned(), up.clone(), *down);
        if *is_repeatable { migration.runs_again() } else { migration }
    };
    Project::of(Registry::<C>::from_migrations(list.iter().map(migration).collect()))
}

/// A database, and who is told of warnings.
struct On {
    home: Arc<Home>,
    warnings: Warnings,
    _directory: tempfile::TempDir,
}

#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Reporter for Warnings {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Warning { message } = event {
            self.0.lock().unwrap().push((*message).to_owned());
        }
    }
}

impl On {
    fn new(store: Store) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::new(store, &Path::new(directory.path()).join("x.db"));
        Self { home, warnings: Warnings::default(), _directory: directory }
    }

    fn migrator(&self, list: &List<'_>) -> Migrator {
        self.migrator_of(project(self.home.store(), list))
    }

    fn migrator_of(&self, project: Project) -> Migrator {
        let config = Config::empty().url("main", self.home.url());
        Migrator::new(project).with_config(config).with_reporter(self.warnings.clone())
    }

    fn migrate(&self, list: &List<'_>) -> Vec<String> {
        let report = self.migrator(list).run(&Request::migrate()).unwrap();
        report.applied.into_iter().map(|done| done.name).collect()
    }

    fn number(&self) -> i64 {
        self.home.database().number("SELECT n AS number FROM settings WHERE id = 1")
    }

    fn state(&self, list: &List<'_>, name: &str) -> State {
        let status = self.migrator(list).status().unwrap();
        status.stores[0].migrations.iter().find(|entry| entry.name == name).unwrap().state
    }

    /// What was warned of since the last time.
    fn warned(&self) -> String {
        std::mem::take(&mut *self.warnings.0.lock().unwrap()).join("\n")
    }
}

fn what_has_changed_runs_again_and_its_row_is_replaced(store: Store) {
    let on = On::new(store);
    assert_eq!(on.migrate(&with(1)), ["0001_settings", "R__number"]);
    assert!(on.migrate(&with(1)).is_empty());
    assert_eq!((on.number(), on.state(&with(1), "R__number")), (1, State::Applied));

    let mut changed = on.migrator(&with(2));
    assert_eq!(on.state(&with(2), "R__number"), State::RunsAgain);
    assert_eq!(changed.status().unwrap().pending(), 1);
    assert!(changed.verify().unwrap().differences.is_empty(), "it may change");
    let health = changed.health().unwrap();
    assert!(!health.ready && health.stores[0].pending == ["R__number"], "{health:?}");
    changed.dry_run(&Request::migrate()).unwrap();
    if store.has_transactions() {
        assert_eq!(on.number(), 1, "a dry run leaves nothing");
    }
    assert_eq!(on.migrate(&with(2)), ["R__number"]);
    assert_eq!(on.number(), 2);
    assert!(on.migrator(&with(2)).is_ready().unwrap());
    let mut database = on.home.database();
    assert_eq!(database.batches(), ["0001_settings@1", "R__number@2"]);
    assert_eq!(database.history(), ["0001_settings applied", "R__number applied", "R__number applied"]);

    // A comment is no change.
    let mut commented = with(2);
    commented[1].1 = format!("-- why\n{}", commented[1].1);
    assert!(on.migrate(&commented).is_empty());

    // Behind what is new, though it was applied before that.
    let mut more = with(3);
    more.insert(1, ("0002_more", "CREATE TABLE more (id bigint PRIMARY KEY)".to_owned(), None, false));
    assert_eq!(on.migrate(&more), ["0002_more", "R__number"]);
    assert_eq!(database.batches(), ["0001_settings@1", "0002_more@3", "R__number@3"]);
    assert_eq!(on.warned(), "");
}

fn a_rollback_leaves_what_has_no_way_back_and_undoes_what_has_one(store: Store) {
    let on = On::new(store);
    let mut list = with(1);
    list.push(("with_a_way_back", says(7), Some("DELETE FROM settings WHERE id = 1"), true));
    list[1].1 = "INSERT INTO settings (id, n) VALUES (2, 2)".to_owned();
    on.migrate(&list[..1].to_vec());
    on.migrate(&list);
    let report = on.migrator(&list).run(&Request::rollback()).unwrap();
    let names: Vec<&str> = report.rolled_back.iter().map(|done| done.name.as_str()).collect();
    assert_eq!(names, ["with_a_way_back", "R__number"]);
    let warned = on.warned();
    assert!(warned.contains("R__number is repeatable, and has no way back"), "{warned}");
    assert!(!warned.contains("with_a_way_back"), "{warned}");
    let mut database = on.home.database();
    assert_eq!(database.batches(), ["0001_settings@1"]);
    assert_eq!(database.number("SELECT n AS number FROM settings WHERE id = 2"), 2, "it stays");
    assert_eq!(database.rows().len(), 1, "{:?}", database.rows());
    list[1].1 = "DELETE FROM settings WHERE id = 2".to_owned();
    assert_eq!(on.migrate(&list), ["R__number", "with_a_way_back"], "they run again");
    assert_eq!(database.rows().len(), 1);
    on.migrator(&list).run(&Request::Rollback(Selection::All)).unwrap();
    assert!(database.batches().is_empty() && !database.has("settings"));
}

fn one_that_is_not_in_the_list_any_more_stops_nothing(store: Store) {
    let on = On::new(store);
    on.migrate(&with(1));
    on.warned();
    let without = vec![settings()];
    assert!(on.migrate(&without).is_empty());
    let warned = on.warned();
    assert!(warned.contains("R__number is repeatable, and not in the list any more"), "{warned}");
    assert_eq!(on.state(&without, "R__number"), State::Missing);
    assert!(on.migrator(&without).verify().unwrap().differences.is_empty());
    assert!(on.migrator(&without).is_ready().unwrap());
    on.migrator(&without).resolve("R__number", Resolution::RolledBack, "it is gone").unwrap();
    assert!(on.migrate(&without).is_empty());
    assert_eq!(on.warned(), "");
    // Whatever its name is: one that is not repeatable is missing.
    let mut versioned = with(1);
    versioned[1] = ("0002_number", says(1), None, false);
    on.migrate(&versioned);
    let mut migrator = on.migrator(&without);
    migrator.run(&Request::migrate()).unwrap();
    let warned = on.warned();
    assert!(warned.contains("0002_number is applied, and not in the list"), "{warned}");
    assert_eq!(migrator.verify().unwrap().differences.len(), 1);
}

fn one_that_was_interrupted_goes_on(store: Store) {
    let on = On::new(store);
    let marked = |second: &str| {
        let up = format!("-- updown: no-transaction\nDELETE FROM settings WHERE id = 1;\n{second}");
        vec![settings(), ("R__number", up, None, true)]
    };
    on.migrate(&with(1));
    assert!(on.migrator(&marked("INSERT INTO nowhere (id) VALUES (1)")).run(&Request::migrate()).is_err());
    let good = marked("INSERT INTO settings (id, n) VALUES (1, 5)");
    assert_eq!(on.state(&good, "R__number"), State::Interrupted);
    assert!(!on.migrator(&good).is_ready().unwrap());
    let mut database = on.home.database();
    assert_eq!(database.batches(), ["0001_settings@1", "R__number@1"], "as it was before");
    assert_eq!(on.migrate(&good), ["R__number"]);
    assert_eq!((on.number(), database.journal().len()), (5, 0));
    assert_eq!(database.batches().len(), 2);
}

fn it_is_settled_and_done_anew_by_hand(store: Store) {
    let on = On::new(store);
    on.migrate(&with(1));
    on.migrator(&with(2)).resolve("R__number", Resolution::Applied, "done by hand").unwrap();
    assert!(on.migrate(&with(2)).is_empty());
    assert_eq!(on.number(), 1, "nothing ran");
    let again = on.migrator(&with(2)).resolve("R__number", Resolution::Applied, "once more");
    assert!(matches!(again, Err(Error::Usage { .. })), "{again:?}");
    on.migrator(&with(2)).run(&Request::Redo(Selection::Name("R__number".to_owned()))).unwrap();
    assert_eq!(on.number(), 2);
    if store != Store::Cassandra {
        on.migrator(&with(4)).run(&Request::Fresh).unwrap();
        assert_eq!((on.number(), on.home.database().batches().len()), (4, 2));
    }
}

fn each_service_has_its_own(store: Store) {
    let on = On::new(store);
    let of = |service: &str, list: &List<'_>| {
        let mut migrator = on.migrator_of(project(store, list).service(service));
        migrator.run(&Request::migrate()).unwrap().applied.len()
    };
    assert_eq!(of("one", &with(1)), 2);
    let other = |number| vec![("R__number", says(number), None, true)];
    assert_eq!(of("two", &other(2)), 1);
    assert_eq!(of("two", &other(3)), 1);
    assert_eq!((of("one", &with(1)), of("two", &other(3))), (0, 0));
    assert_eq!(on.home.database().ledger().len(), 3);
}

fn a_failed_one_leaves_the_row_that_was_there(store: Store) {
    let on = On::new(store);
    on.migrate(&with(1));
    let before = on.home.database().ledger();
    let mut bad = with(2);
    bad[1].1.push_str("\n;INSERT INTO nowhere VALUES (1)");
    let failed = on.migrator(&bad).run(&Request::migrate());
    assert!(matches!(failed, Err(Error::Failed(_))), "{failed:?}");
    assert_eq!((on.home.database().ledger(), on.number()), (before, 1));
    assert_eq!(on.state(&bad, "R__number"), State::Failed);
    assert_eq!(on.state(&with(1), "R__number"), State::Applied, "as it was, it is applied");
}

fn a_check_runs_it_over_itself(store: Store) {
    let on = On::new(store);
    let check = |up: &str| {
        let list = vec![settings(), ("R__view", up.to_owned(), None, true)];
        on.migrator(&list).check().unwrap().migrations.pop().unwrap()
    };
    let once = check("CREATE VIEW latest AS SELECT max(n) AS n FROM settings");
    let failed = once.failed.unwrap();
    assert!(failed.contains("it cannot be applied again over what it has made"), "{failed}");
    let again = "DROP VIEW IF EXISTS latest; CREATE VIEW latest AS SELECT max(n) AS n FROM settings";
    assert!(check(again).is_fine());
}
